"""The guides to other services: what to do in which order, with the values that a step needs.

A step that leads to a page of Relay quotes that page alone. Steps name things as the services do, whose pages change.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from relay.access.rate_limits import REQUESTS_PER_KEY
from relay.connect.webhooks import endpoints
from relay.models import WebhookType
from relay.portal.settings import mail_recipes
from relay.portal.settings.guide_script import FUNCTION, KEY_PROPERTY
from relay.portal.settings.mail_labels import ENCRYPTION
from relay.text import Sentence

API, HOME, COMPANY = "{api}", "{home}", "{company}"
"""Stand in a value for the address of the API, that of Relay, and the slug of the company."""


class GuideLink(NamedTuple):
    """A page of Relay that a step goes to."""

    label: Sentence
    endpoint: str
    values: Mapping[str, Any] = {}


class GuideValue(NamedTuple):
    """A value to be put into a field of the other service, or to be found there."""

    label: Sentence
    value: Sentence


class GuideStep(NamedTuple):
    """One thing to do."""

    does: Sentence
    goes_to: GuideLink | None = None
    values: tuple[GuideValue, ...] = ()
    has_program: bool = False


class ServiceGuide(NamedTuple):
    """How one service is used with Relay."""

    key: str
    name: Sentence
    serves: Sentence
    steps: tuple[GuideStep, ...]
    notes: tuple[Sentence, ...] = ()


_KEYS = GuideLink(_l("API連携を開く"), "portal.settings_api_keys")
_WEBHOOKS = GuideLink(_l("システムへの通知を開く"), "portal.settings_webhooks")
_SERVER = GuideLink(_l("SendGridの値で送信サーバーを開く"), "portal.settings_mail_server", {"recipe": "sendgrid"})
_SENDGRID = mail_recipes.find("sendgrid") or mail_recipes.RECIPES[0]
_READING_KEY = GuideStep(
    _l(
        "RelayでAPIキーを作成します。「このキーでできること」は、「候補者・応募・求人を読む」だけを選びます。"
        "作成したAPIキーは、一度だけ表示されます。"
    ),
    _KEYS,
)
_AUTHORIZATION = GuideValue("Headers: Authorization", _l("Bearer （作成したAPIキー）"))
_HAS_REASON = _l("APIで読む応募には、見送りの理由も入ります。ほかのサービスには、必要な項目だけを渡してください。")
_REACHED = _l(
    "社内のネットワークだけで使うRelayは、ほかのサービスからAPIで読めません。Relayから送る通知は、そのまま使えます。"
)
_STAYS = _l("渡した方の情報は、Relayで消去しても、渡した先に残ります。消去したときは、渡した先でも削除してください。")

ZAPIER = ServiceGuide(
    "zapier",
    "Zapier",
    _l("見送りやリレー完了などがあったときに、ほかのサービスの操作を自動で始める。"),
    (
        GuideStep(
            _l(
                "Zapierで新しいZapを作成し、トリガーに「Webhooks by Zapier」の「Catch Hook」を選びます。"
                "表示されたアドレスをコピーします。"
            )
        ),
        GuideStep(
            _l(
                "Relayの「送り先のURL」に、コピーしたアドレスを入力します。「知らせるできごと」を選び、"
                "「送り先を追加する」を押します。"
            ),
            _WEBHOOKS,
        ),
        GuideStep(_l("追加した送り先のページで、「テストを送る」を押します。"), _WEBHOOKS),
        GuideStep(
            _l("Zapierで「Test trigger」を押します。次の値が届いていれば、つながっています。"),
            values=(GuideValue("type", WebhookType.TEST.value),),
        ),
        GuideStep(
            _l("「Filter」を追加し、「type」が次のうち使う値と同じときだけ、先へ進むようにします。"),
            values=tuple(GuideValue(kind.label, kind.value) for kind in endpoints.CHOICES),
        ),
        GuideStep(_l("自動で始めたい操作を追加し、Zapを有効にします。応募の状況を使わないときは、ここまでです。")),
        _READING_KEY,
        GuideStep(
            _l(
                "「Filter」のすぐあとに、「Webhooks by Zapier」の「Custom Request」を追加し、次のとおり入力します。"
                "応募の番号は、見送りの知らせが一度届くと、「data application_id」として選べます。"
            ),
            values=(
                GuideValue("Method", "GET"),
                GuideValue("URL", _l("%(api)s/applications/（応募の番号）", api=API)),
                _AUTHORIZATION,
            ),
        ),
    ),
    (
        _l("通知に入るのは番号・人数・状態だけです。氏名・連絡先・評価・見送りの理由は入りません。"),
        _HAS_REASON,
        _REACHED,
        _l("「Webhooks by Zapier」は、Zapierの有料の契約で使えます。"),
    ),
)
MAKE = ServiceGuide(
    "make",
    "Make",
    _l("新しい応募を決まった間隔で読み、ほかのサービスに渡す。"),
    (
        _READING_KEY,
        GuideStep(_l("Makeで新しいシナリオを作成し、「HTTP」の「Make a request」を追加します。")),
        GuideStep(
            _l("次のとおり入力します。"),
            values=(
                GuideValue("URL", f"{API}/applications?limit=50"),
                GuideValue("Method", "GET"),
                _AUTHORIZATION,
                GuideValue("Parse response", "Yes"),
            ),
        ),
        GuideStep(_l("「Run once」を押します。「data」に、応募が新しい順に並びます。")),
        GuideStep(_l("「Iterator」を追加して「data」を選び、続けて、渡したいサービスの操作を追加します。")),
        GuideStep(
            _l("同じ応募を二度渡さないように、渡した応募の「id」を「Data store」に書き、すでにある値は飛ばします。")
        ),
        GuideStep(
            _l(
                "実行の間隔を決めて、シナリオを有効にします。一つのAPIキーで、1分に%(n)s回まで読めます。",
                n=REQUESTS_PER_KEY,
            )
        ),
        GuideStep(
            _l(
                "見送りなどのできごとをすぐに受け取るときは、MakeのCustom webhookのアドレスを、"
                "Relayの「送り先のURL」に入力します。"
            ),
            _WEBHOOKS,
        ),
    ),
    (
        _l("次の50件は、応答の「next_cursor」の値を、URLの最後に「&cursor=」と続けて付けると読めます。"),
        _HAS_REASON,
        _REACHED,
    ),
)
SHEETS = ServiceGuide(
    "sheets",
    _l("Googleスプレッドシート"),
    _l("応募の一覧を、氏名を含めずに、表に読み込む。"),
    (
        _READING_KEY,
        GuideStep(
            _l(
                "スプレッドシートで「拡張機能」の「Apps Script」を開きます。"
                "はじめからある文字を削除して、次のプログラムを貼り付け、保存します。"
            ),
            has_program=True,
        ),
        GuideStep(
            _l("「プロジェクトの設定」の「スクリプト プロパティ」に、次の値を追加します。"),
            values=(
                GuideValue(_l("プロパティ"), KEY_PROPERTY),
                GuideValue(_l("値"), _l("（作成したAPIキー）")),
            ),
        ),
        GuideStep(
            _l(
                "エディターに戻り、「%(function)s」を選んで「実行」を押します。許可を求められたら、許可します。",
                function=FUNCTION,
            )
        ),
        GuideStep(_l("「Relayの応募」というシートに、応募が新しい順に並びます。")),
        GuideStep(
            _l(
                "毎日読み直すときは、「トリガー」に「%(function)s」を追加し、「時間主導型」を選びます。",
                function=FUNCTION,
            )
        ),
        GuideStep(
            _l("月ごとの数だけを使うときは、プログラムの要らない「連携用データ」があります。"),
            GuideLink(_l("連携用データを開く"), "portal.feeds_index"),
        ),
    ),
    (
        _l("氏名と連絡先は、表に入りません。"),
        _l("表は読み直すたびに書き直すので、Relayで消去した方の応募は、次に読み直すと表から消えます。"),
        _l("スプレッドシートの変更履歴には、前の内容が残ります。"),
        _l("スプレッドシートを編集できる方は、APIキーも読めます。編集できる方を限ってください。"),
        _REACHED,
    ),
)
SLACK = ServiceGuide(
    "slack",
    "Slack",
    _l("リレー完了などがあったときに、チャンネルに投稿する。"),
    (
        GuideStep(
            _l("Zapierを間に使います。まず、Zapierの手順の1から5までを行います。"),
            GuideLink(_l("Zapierの手順を見る"), "portal.settings_guides", {"service": "zapier"}),
        ),
        GuideStep(_l("Zapierで、操作に「Slack」の「Send Channel Message」を追加し、投稿するチャンネルを選びます。")),
        GuideStep(
            _l("「Message Text」に、投稿する文を書きます。氏名や連絡先は書かないでください。"),
            values=(
                GuideValue(_l("文の例"), _l("リレーが完了しました。Relayで確認してください。%(home)s", home=HOME)),
            ),
        ),
        GuideStep(_l("Zapを有効にします。")),
        GuideStep(_l("投稿されないときは、送り先のページの「送信の記録」で、届いたかを確認します。"), _WEBHOOKS),
    ),
    (
        _l(
            "SlackのIncoming WebhookのアドレスをRelayの送り先にしても、投稿されません。"
            "Slackが求める「text」が、Relayの通知にはないためです。"
        ),
        _l("通知に入るのは番号・人数・状態だけです。氏名・連絡先・評価・見送りの理由は入りません。"),
    ),
)
HUBSPOT = ServiceGuide(
    "hubspot",
    "HubSpot",
    _l("候補者を、CSVのファイルで受け渡しする。"),
    (
        GuideStep(
            _l(
                "Relayの「一覧を書き出す」で、「CSVのファイル（UTF-8）」と「書き出す理由」を選び、ファイルに書き出します。"
            ),
            GuideLink(_l("一覧を書き出す"), "portal.export"),
        ),
        GuideStep(_l("HubSpotの「インポート」でそのファイルを選び、列を「コンタクト」のプロパティに対応させます。")),
        GuideStep(_l("HubSpotの方をRelayに登録するときは、HubSpotでコンタクトの一覧を、CSVで「エクスポート」します。")),
        GuideStep(
            _l("Relayの「ファイルを取り込む」でそのファイルを選び、「読み取って確認する」を押します。"),
            GuideLink(_l("ファイルを取り込む"), "portal.import_new"),
        ),
        GuideStep(
            _l(
                "毎日取り込むときは、Relayを動かしている方に、次のコマンドを頼みます。フォルダーに置いたファイルを取り込みます。"
                "「stated」の部分は、保管してよい理由に合わせます。"
            ),
            values=(
                GuideValue(
                    _l("コマンド"),
                    _l(
                        "relay import --watch （フォルダー） --company %(company)s --basis stated --told yes",
                        company=COMPANY,
                    ),
                ),
            ),
        ),
        GuideStep(
            _l(
                "プログラムで読むときは、「候補者・応募・求人を読む」だけを選んでAPIキーを作成します。次の一覧を、新しい順に読めます。"
            ),
            _KEYS,
            (GuideValue("URL", f"{API}/candidates?limit=200"), _AUTHORIZATION),
        ),
    ),
    (
        _l("RelayとHubSpotを直接つなぐ機能はありません。"),
        _STAYS,
        _l("候補者の情報は、応募のときに伝えた目的のほかには使わないでください。"),
    ),
)
SENDGRID = ServiceGuide(
    "sendgrid",
    "SendGrid",
    _l("結果連絡のメールを、SendGridから送る。"),
    (
        GuideStep(_l("SendGridで、差出人のドメインの認証を済ませます。")),
        GuideStep(_l("SendGridでAPIキーを作成します。権限は「Mail Send」だけにします。")),
        GuideStep(
            _l(
                "SendGridの「Tracking」で、開封とクリックの計測を切ります。"
                "リンクが書き換わると、候補者の操作が外部に伝わります。"
            )
        ),
        GuideStep(
            _l("Relayの送信サーバーのページを開きます。次の値は、はじめから入っています。"),
            _SERVER,
            (
                GuideValue(_l("送信サーバーの名前"), _SENDGRID.host),
                GuideValue(_l("ポート番号"), str(_SENDGRID.port)),
                GuideValue(_l("暗号化"), ENCRYPTION[_SENDGRID.tls]),
            ),
        ),
        GuideStep(
            _l("同じページに、次の値を入力し、「保存する」を押します。"),
            values=(
                GuideValue(_l("ユーザー名"), "apikey"),
                GuideValue(_l("パスワード"), _l("（SendGridで作成したAPIキー）")),
                GuideValue(_l("差出人のアドレス"), _l("（認証したドメインのアドレス）")),
            ),
        ),
        GuideStep(
            _l("「届くことを確認する」で、自分にメールを送り、届いた確認コードを入力します。"),
            GuideLink(_l("メールの送信を開く"), "portal.settings_mail"),
        ),
    ),
    (_l("この設定でSendGridから送るのは、結果連絡と候補者への連絡だけです。"),),
)
GUIDES = {each.key: each for each in (ZAPIER, MAKE, SHEETS, SLACK, HUBSPOT, SENDGRID)}
