"""How to send by the services that firms here use: what to fill in, and what to prepare there first.

Only what the services themselves publish; where the value differs by contract, where to look it up.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from relay.models import MailTls


@dataclass(frozen=True)
class Recipe:
    """One service. An empty host has to be looked up there."""

    key: str
    name: LazyString | str
    host: str
    port: int
    tls: MailTls
    steps: tuple[LazyString, ...]
    notes: tuple[LazyString, ...] = ()
    usable: bool = True
    """Whether it fits a firm's mails at all."""


_FROM_ABROAD = _l(
    "国外からの送信を断る設定がはじめから有効です。Relayを国外のサーバーで動かしているときは、サービスの画面で外してください。"
)
_ADDRESS_AS_NAME = _l(
    "ユーザー名は、差出人にするメールアドレスの全体です。パスワードは、そのメールアドレスのものです。"
)
_NO_TRACKING = _l(
    "開封の計測とリンクの計測は、必ず切ってください。リンクが書き換わると、候補者の操作が外部に伝わります。"
)

RECIPES = (
    Recipe(
        "google",
        "Google Workspace",
        "smtp.gmail.com",
        587,
        MailTls.STARTTLS,
        (
            _l("差出人にするアカウントで、2段階認証プロセスを有効にします。"),
            _l("そのアカウントの「アプリ パスワード」を作り、表示される16文字をここのパスワードに使います。"),
            _l("ユーザー名は、アカウントのメールアドレスの全体です。"),
        ),
        (
            _l(
                "アプリ パスワードを作れないときは、組織の設定で止められています。"
                "Google Workspaceの管理者に相談してください。"
            ),
            _l("1日に送れるのは、1アカウントあたり2,000通までです。"),
        ),
    ),
    Recipe(
        "microsoft",
        "Microsoft 365",
        "smtp.office365.com",
        587,
        MailTls.STARTTLS,
        (
            _l(
                "Microsoft 365 管理センターで、差出人のユーザーの「メール アプリの管理」を開き、"
                "「認証済みSMTP」を有効にします。"
            ),
            _l("ユーザー名は、サインインに使うアドレスです。差出人は、そのメールボックスのアドレスにします。"),
        ),
        (
            _l(
                "パスワードでの接続（基本認証）は、2026年12月末から、はじめの状態では使えなくなります。使い続けるには、管理者が有効に戻す必要があります。"
            ),
            _l("基本認証に代わるOAuth 2.0での接続には、Relayはまだ対応していません。"),
            _l(
                "「セキュリティの既定値」が有効な組織や、多要素認証を必ず求める組織では、パスワードでは接続できません。"
            ),
            _l("1分に送れるのは30通まで、1日に送れるのは宛先1万件までです。"),
        ),
    ),
    Recipe(
        "sakura",
        _l("さくらのレンタルサーバ"),
        "",
        587,
        MailTls.STARTTLS,
        (
            _l("送信サーバーは、契約したときの初期ドメイン（○○.sakura.ne.jp）です。独自ドメインのメールでも同じです。"),
            _ADDRESS_AS_NAME,
        ),
        (
            _l(
                "国外からの送信は制限されることがあります。コントロールパネルの「国外IPアドレスフィルタ」を確認してください。"
            ),
        ),
    ),
    Recipe(
        "xserver",
        _l("エックスサーバー"),
        "",
        465,
        MailTls.TLS,
        (
            _l("送信サーバーは、サーバーパネルの「サーバー情報」にあるホスト名（sv○○.xserver.jp）です。"),
            _ADDRESS_AS_NAME,
        ),
        (_FROM_ABROAD,),
    ),
    Recipe(
        "lolipop",
        _l("ロリポップ！"),
        "smtp.lolipop.jp",
        465,
        MailTls.TLS,
        (_ADDRESS_AS_NAME,),
    ),
    Recipe(
        "heteml",
        _l("ヘテムル"),
        "",
        465,
        MailTls.TLS,
        (_l("送信サーバーの名前は、コントロールパネルのメールの設定画面で確認してください。"), _ADDRESS_AS_NAME),
    ),
    Recipe(
        "onamae",
        _l("お名前.com"),
        "",
        465,
        MailTls.TLS,
        (
            _l("送信サーバーの名前は、コントロールパネルのメールの設定情報で確認してください。"),
            _ADDRESS_AS_NAME,
        ),
        (
            _l(
                "「smtp.（自社のドメイン）」という名前は証明書と合わないため、接続できません。サービス側の名前を使ってください。"
            ),
            _FROM_ABROAD,
        ),
    ),
    Recipe(
        "kagoya",
        _l("カゴヤ・ジャパン"),
        "",
        465,
        MailTls.TLS,
        (
            _l("送信サーバーの名前は、コントロールパネルのメールソフトの設定情報で確認してください。"),
            _l("ユーザー名は、メールアドレスではなく「メールアカウント名」です（例：kir000000.info）。"),
        ),
    ),
    Recipe(
        "ses",
        "Amazon SES",
        "email-smtp.ap-northeast-1.amazonaws.com",
        587,
        MailTls.STARTTLS,
        (
            _l(
                "差出人のドメインを確認済みにし、サンドボックスの解除を申請します。解除までは、確認済みの宛先にしか届きません。"
            ),
            _l(
                "SESの画面で「SMTP認証情報」を作り、そのユーザー名とパスワードを使います。IAMのアクセスキーとは別のものです。"
            ),
        ),
        (
            _l("東京以外のリージョンを使うときは、送信サーバーの名前の途中（ap-northeast-1）を変更してください。"),
            _NO_TRACKING,
        ),
    ),
    Recipe(
        "sendgrid",
        "SendGrid",
        "smtp.sendgrid.net",
        587,
        MailTls.STARTTLS,
        (
            _l("差出人のドメインの認証を済ませます。"),
            _l(
                "ユーザー名は「apikey」という文字そのもの、パスワードはAPIキーです。APIキーには、メール送信の権限だけを与えます。"
            ),
        ),
        (_NO_TRACKING,),
    ),
    Recipe(
        "own",
        _l("社内のサーバー・その他"),
        "",
        587,
        MailTls.STARTTLS,
        (
            _l(
                "送信サーバーの名前、ポート番号、暗号化の方式を、サービスの「メールソフトの設定」のページで確認します。"
            ),
            _l("ポート番号が465なら「TLS」、587なら「STARTTLS」を選びます。"),
        ),
    ),
    Recipe(
        "yahoo",
        _l("Yahoo!メールなど個人向け"),
        "",
        587,
        MailTls.STARTTLS,
        (
            _l(
                "個人向けのメールは、会社からのご連絡には使わないでください。差出人が会社に見えず、届きにくく、送れる数も限られます。"
            ),
            _l("会社のドメインのメールを、上のどれかのサービスで用意してください。"),
        ),
        usable=False,
    ),
)


def find(key: str) -> Recipe | None:
    """Return the recipe of this key."""
    return next((recipe for recipe in RECIPES if recipe.key == key), None)
