"""The sharing rules (共有のルール): what a company and a partner promise each other and the candidates, in versions.

By inviting, the company accepts the version in force; by joining, the partner accepts the same one.
A change of any sentence is a new version; earlier ones stay, for partnerships made under them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

VERSION = "2026-11-28"
"""The version in force."""


@dataclass(frozen=True)
class Rules:
    """One version of the rules, and the day it came into force."""

    version: str
    since: date
    points: tuple[str, ...]


def of(version: str) -> Rules:
    """Return the rules of this version; those in force where the version is not known."""
    since, points = _VERSIONS.get(version, _VERSIONS[VERSION])
    return Rules(version if version in _VERSIONS else VERSION, since, points())


def _november_1st() -> tuple[str, ...]:
    return (
        _("提携先に見えるのは、候補者ご本人が、その提携先を選んで同意した範囲だけです。"),
        _("企業は、選考の評価や見送りの理由を提携先に伝えません。提携先も、企業やご本人に尋ねません。"),
        _("提携先は、ご本人に示した目的（紹介会社は求人の紹介、学校は講座の案内）のほかには使わず、ほかへ渡しません。"),
        _("同意の取り消しや期限、提携の終わりを知ったら、提携先は控えた情報の利用をやめ、すみやかに消去します。"),
        _("企業も提携先も、登録のお礼に金品やポイントを渡しません。登録するかどうかは、選考に影響しません。"),
        _(
            "紹介会社は、有効な許可を保ち、許可番号・名称・住所が変わったらRelayの内容も直します。企業は公的な登録を確かめてから案内します。"
        ),
        _("漏えいなどの事故に気づいたら、互いにすぐ知らせ、ご本人への連絡と法律上の報告に協力します。"),
        _("どちらからでも、いつでも提携を終えられます。終わると提供はその場で止まり、登録した方にお知らせします。"),
    )


def _november_28th() -> tuple[str, ...]:
    return (
        _(
            "提携先に見えるのは、候補者ご本人が、その提携先を選んで同意した範囲だけです。内容は同意の時点のもので、あとの変更は、ご本人があらためて同意したときだけ伝わります。"
        ),
        _("企業は、選考の評価や見送りの理由を提携先に伝えません。提携先も、企業やご本人に尋ねません。"),
        _("提携先は、ご本人に示した目的（紹介会社は求人の紹介、学校は講座の案内）のほかには使わず、ほかへ渡しません。"),
        _("同意の取り消しや期限、提携の終了を知ったら、提携先は保存した情報の利用を停止し、遅滞なく消去します。"),
        _("企業も提携先も、登録のお礼に金品やポイントを渡しません。登録するかどうかは、選考に影響しません。"),
        _(
            "紹介会社は、有効な許可を保ちます。許可番号・名称・住所に変更があったときは、Relayの登録内容も更新します。企業は公的な登録を確認してから案内し、変更のあとは14日以内にあらためて確認します。"
        ),
        _("同意は一つの法人に対するものです。提携先が別の法人に変わったときは、それまでの同意による提供を終えます。"),
        _("漏えいなどの事故に気づいたら、互いにすぐ知らせ、ご本人への連絡と法律上の報告に協力します。"),
        _(
            "どちらからの申し出でも、いつでも提携を終了できます。終了すると提供はその場で止まり、登録した方にお知らせします。"
        ),
    )


_VERSIONS: dict[str, tuple[date, Callable[[], tuple[str, ...]]]] = {
    "2026-11": (date(2026, 11, 1), _november_1st),
    "2026-11-28": (date(2026, 11, 28), _november_28th),
}
