"""Why what is personal is kept, for how long, and what ends it: the one place that knows these terms (0.6, A-24).

A table names its terms in `__retention__`, beside `__erasure__`. The public pages print them (保管期間), and what
deletes reads the same numbers, so that page and program cannot differ. A company's own months are rows of
`retention_terms`; they stand in the place of CANDIDATE's.
"""

from dataclasses import dataclass
from enum import StrEnum

from dateutil.relativedelta import relativedelta
from flask_babel import lazy_gettext as _l

from relay.text.sentence import Sentence


class Audience(StrEnum):
    """The people whose data a term is about, and so the page that prints it."""

    COMPANY = "company"
    """What a company keeps of its candidates: `/careers/<slug>/privacy`."""
    OPERATOR = "operator"
    """What the operator keeps of registered people: `/about/privacy`."""
    STAFF = "staff"
    """What is kept of people who sign in: the settings alone."""


class Unit(StrEnum):
    """The unit in which a term is counted and printed; hours from the moment, all others by the calendar."""

    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, eq=False)
class Retention:
    """One term: what is kept, why, for how long from which moment, and the job that ends it.

    Without a `number` the moment `since` itself is the end, or the row holds nothing that points to a person.
    """

    audience: Audience
    what: Sentence
    basis: Sentence
    since: Sentence
    ended_by: str
    """The kind of the job that ends it; empty where the very act does that it was kept for."""
    number: int = 0
    unit: Unit = Unit.DAYS

    @property
    def length(self) -> relativedelta:
        """Return for how long, as what deletes reckons it."""
        return relativedelta(**{self.unit.value: self.number})  # type: ignore[arg-type]


CANDIDATE = Retention(
    Audience.COMPANY,
    _l("応募の記録（氏名、連絡先、選考の記録、書類、メモ、お送りしたメール）"),
    _l("採用選考と、その後のご連絡のため"),
    _l("最後の結果が決まった日（結果が記録されていない応募は、最後の段階の日。段階の記録もなければ応募の日）"),
    "retention",
)
"""The months are the company's (`relay.trust.terms`), by the basis on which the person is kept."""
PAST_DATE = Retention(
    Audience.COMPANY,
    _l("保管期間を過ぎたあとで取り込まれた、応募の記録"),
    _l("保管してよいかどうかを確認するため"),
    _l("取り込んだ日"),
    "retention",
    30,
    Unit.DAYS,
)
UNFINISHED = Retention(
    Audience.COMPANY,
    _l(
        "選考の結果が記録されないまま、保管期間の終わりに近づいた応募の記録（次の段階や結果を記録すると、その日から数えます）"
    ),
    _l("選考が続いているかどうかを確認するため"),
    _l("採用担当者に知らせた日"),
    "retention",
    30,
    Unit.DAYS,
)
UNDO = Retention(
    Audience.COMPANY,
    _l("操作を元に戻すための写し（取り込みと統合のほかは1日）"),
    _l("取り込みや統合の誤りを元に戻すため"),
    _l("操作をした日"),
    "sweep",
    30,
    Unit.DAYS,
)
UNAPPLIED_FILE = Retention(
    Audience.COMPANY,
    _l("内容を確認している途中の、取り込み用のファイル"),
    _l("取り込む前に内容を確認するため"),
    _l("ファイルを受け取ったとき"),
    "sweep",
    1,
    Unit.DAYS,
)
MAIL_DRAFT = Retention(
    Audience.COMPANY,
    _l("書きかけのメール"),
    _l("選考の結果をご連絡するため"),
    _l("書きはじめた日"),
    "sweep",
    7,
    Unit.DAYS,
)
DATA_REQUEST = Retention(
    Audience.COMPANY,
    _l("個人情報についてのご請求と、その回答"),
    _l("ご請求への回答と、回答したことの確認のため"),
    _l("回答した日"),
    "sweep",
    1,
    Unit.YEARS,
)
BULK_SEARCH = Retention(
    Audience.COMPANY,
    _l("一括操作の対象を決める検索条件"),
    _l("操作を最後まで行うため"),
    _l("操作が終わるまで"),
    "",
)
UNPLACED_MAIL = Retention(
    Audience.COMPANY,
    _l("どなた宛てのものか分からずに戻ってきたメール"),
    _l("届かなかったメールを見つけるため"),
    _l("戻ってきた日"),
    "sweep",
    30,
    Unit.DAYS,
)
BACKUP = Retention(
    Audience.COMPANY,
    _l("故障に備えたバックアップ（復元したときは、消去した方をもう一度消去します）"),
    _l("データの消失を防ぐため"),
    _l("バックアップを取った日"),
    "",
    35,
    Unit.DAYS,
)
OPT_OUT = Retention(
    Audience.COMPANY,
    _l("配信停止のご希望（メールアドレスは、元に戻せない形のもの）"),
    _l("停止された方に、ふたたびメールを送らないため"),
    _l("停止を続けるあいだ"),
    "",
)
RELATED_PROVISION = Retention(
    Audience.COMPANY,
    _l("関連会社に伝えたときの、提供の記録（氏名、関連会社、項目、日付）"),
    _l("個人情報保護法29条により、作成と保存が義務づけられているため"),
    _l("提供した日"),
    "sweep",
    3,
    Unit.YEARS,
)
PROFILE = Retention(
    Audience.OPERATOR,
    _l("登録された内容と、同意の記録"),
    _l("お選びの登録先に伝えるため"),
    _l("すべての同意が終わった日"),
    "retention",
    30,
    Unit.DAYS,
)
PENDING = Retention(
    Audience.OPERATOR,
    _l("メールアドレスの確認を待つ内容"),
    _l("ご本人の登録であることを確認するため"),
    _l("登録を始めたとき"),
    "sweep",
    24,
    Unit.HOURS,
)
ASKED_LINK = Retention(
    Audience.OPERATOR,
    _l("企業のページで入力され、登録に至らなかったメールアドレス"),
    _l("登録のご案内を送るため"),
    _l("ご案内を送った日"),
    "sweep",
    60,
    Unit.DAYS,
)
PROVISION = Retention(
    Audience.OPERATOR,
    _l("提供の記録（氏名、登録先、項目、日付）"),
    _l("個人情報保護法29条により、作成と保存が義務づけられているため"),
    _l("提供した日"),
    "sweep",
    3,
    Unit.YEARS,
)
PARTNER_RECORD = Retention(
    Audience.OPERATOR,
    _l("登録先が書いた、対応とメモ"),
    _l("登録先がご本人への対応を進めるため"),
    _l("その登録先に伝えることが終わった日"),
    "sweep",
    30,
    Unit.DAYS,
)
REFERRAL_HASH = Retention(
    Audience.OPERATOR,
    _l("登録を数えた印（メールアドレスは、元に戻せない形のもの）"),
    _l("お一人の登録を二度数えないため"),
    _l("仕組みを運営しているあいだ"),
    "",
)
LOGIN = Retention(
    Audience.STAFF,
    _l("担当者の氏名とメールアドレス"),
    _l("ログインと、誰が操作したかの記録のため"),
    _l("ログインを停止した日"),
    "sweep",
    3,
    Unit.YEARS,
)
SESSION = Retention(
    Audience.STAFF,
    _l("ログイン中の端末の記録"),
    _l("不正なログインを見つけるため"),
    _l("ログアウトするか、ログインの期限が切れるまで"),
    "sweep",
)
INVITATION = Retention(
    Audience.STAFF,
    _l("担当者への招待"),
    _l("招待された方がログインを作るため"),
    _l("招待が終わった日"),
    "sweep",
    30,
    Unit.DAYS,
)
STAFF_MAIL = Retention(
    Audience.STAFF,
    _l("担当者に送ったメールの宛先と内容"),
    _l("届いたかどうかを確認するため"),
    _l("メールを用意した日"),
    "sweep",
    1,
    Unit.YEARS,
)
SAVED_SEARCH = Retention(
    Audience.STAFF,
    _l("担当者が名前を付けた検索（消去した方の名前があるものは、その方とともに消去します）"),
    _l("同じ検索を続けて使うため"),
    _l("担当者が削除するまで"),
    "",
)
PRACTICE = Retention(
    Audience.STAFF,
    _l("練習で送ったメールと、練習で入力した内容"),
    _l("本番の前に試すため"),
    _l("練習した日"),
    "sweep",
    30,
    Unit.DAYS,
)

RETENTIONS = (
    *(
        CANDIDATE,
        PAST_DATE,
        UNFINISHED,
        DATA_REQUEST,
        OPT_OUT,
        BACKUP,
        UNDO,
        UNAPPLIED_FILE,
        MAIL_DRAFT,
        BULK_SEARCH,
        UNPLACED_MAIL,
        RELATED_PROVISION,
    ),
    *(PROFILE, PENDING, ASKED_LINK, PARTNER_RECORD, PROVISION, REFERRAL_HASH),
    *(LOGIN, SESSION, INVITATION, STAFF_MAIL, SAVED_SEARCH, PRACTICE),
)
"""All of them, in the order in which the pages print them."""
FILES = (UNPLACED_MAIL, BACKUP)
"""What no table holds."""
