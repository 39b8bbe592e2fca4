"""Sentences for a test mail that did not leave: what happened, and what to do about it."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from relay.mail.direct import SendFailure
from relay.models import MailTls

ENCRYPTION: dict[MailTls, LazyString | str] = {
    MailTls.STARTTLS: "STARTTLS",
    MailTls.TLS: "TLS",
    MailTls.NONE: _l("暗号化しない"),
}

TROUBLES: dict[SendFailure, tuple[LazyString, LazyString]] = {
    SendFailure.UNKNOWN_HOST: (
        _l("送信サーバーが見つかりません"),
        _l(
            "サーバーの名前のつづりを確認してください。名前が正しければ、Relayのサーバーから外のネットワークにつながっているか、運営者に確認してください。"
        ),
    ),
    SendFailure.UNREACHABLE: (
        _l("送信サーバーにつながりません"),
        _l("サーバーの名前とポート番号を確認してください。ふつうは587（STARTTLS）か465（TLS）です。"),
    ),
    SendFailure.INSIDE: (
        _l("社内のネットワークにある送信サーバーは使えません"),
        _l(
            "Relayと同じネットワークのサーバーを使えるのは、Relayを運営している会社だけです。外から使えるサーバーの名前を入力してください。メールもパスワードも送っていません。"
        ),
    ),
    SendFailure.SILENT: (
        _l("送信サーバーから返事がありません"),
        _l(
            "ポート番号と暗号化の組み合わせ（587とSTARTTLS、465とTLS）を確認してください。合っていれば、途中の回線が通信を止めているかもしれません。25番はよく止められます。"
        ),
    ),
    SendFailure.HUNG_UP: (
        _l("送信サーバーが接続を切りました"),
        _l(
            "ポート番号と暗号化の組み合わせを確認してください。国外からの接続を断る設定や、接続元を限る設定があれば、それも確認してください。"
        ),
    ),
    SendFailure.NO_TLS: (
        _l("暗号化した接続ができません"),
        _l("ポート番号と暗号化の組み合わせ（587とSTARTTLS、465とTLS）を確認してください。パスワードは送っていません。"),
    ),
    SendFailure.CERTIFICATE: (
        _l("送信サーバーの証明書を確認できません"),
        _l(
            "サーバーの名前が証明書と違うか、期限が切れています。自社のドメインの名前ではなく、サービスが案内しているサーバーの名前を使ってください。パスワードは送っていません。"
        ),
    ),
    SendFailure.LOGIN: (
        _l("ユーザー名かパスワードが違います"),
        _l(
            "サービスの画面で確認して、パスワードを入力し直してください。アプリ用のパスワードが要るサービスや、外部からの送信を管理者が許す必要のあるサービスもあります。"
        ),
    ),
    SendFailure.LOGIN_NEEDED: (
        _l("送信サーバーがログインを求めています"),
        _l("ユーザー名とパスワードを設定してください。"),
    ),
    SendFailure.NO_LOGIN: (
        _l("この送信サーバーでは、ログインを使えません"),
        _l(
            "暗号化とポート番号を確認してください。ログインの要らない社内のサーバーなら、ユーザー名を空にしてください。"
        ),
    ),
    SendFailure.SENDER: (
        _l("差出人のアドレスが断られました"),
        _l(
            "このサーバーから送ってよいアドレスか確認してください。多くのサービスでは、ログインしたアカウントのアドレスか、そこに登録した別名だけが使えます。"
        ),
    ),
    SendFailure.RECIPIENT: (
        _l("宛先のアドレスが断られました"),
        _l("あなたのアドレスに届かないか、このサーバーから社外へ送れません。詳しい内容を確認してください。"),
    ),
    SendFailure.CONTENT: (
        _l("メールの内容が断られました"),
        _l("送信サーバーの迷惑メール対策にかかったようです。下の詳しい内容を、サービスの窓口に伝えてください。"),
    ),
    SendFailure.UNSURE: (
        _l("渡したあと、送信サーバーの返事が途切れました"),
        _l("届いているかもしれません。数分待って、届いたらコードを入力してください。"),
    ),
}
"""A headline and what to do, for each trouble."""
