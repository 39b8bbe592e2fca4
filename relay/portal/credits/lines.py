"""The lines of the ledger as pages, paper and files say them: numbers and days, never names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay import clock
from relay.models import CreditKind
from relay.network.credits import CountedReferral, StatementLine

KIND_NAMES = {
    CreditKind.EARNED: _l("獲得"),
    CreditKind.RESERVED: _l("確保"),
    CreditKind.RELEASED: _l("返却"),
    CreditKind.SPENT: _l("使用"),
    CreditKind.RESTORED: _l("返却"),
    CreditKind.EXPIRED: _l("失効"),
    CreditKind.VOIDED: _l("取り消し"),
}
KIND_WORDS = {
    CreditKind.EARNED: _l("リレー完了が10名になりました"),
    CreditKind.RESERVED: _l("紹介枠を1件確保しました"),
    CreditKind.RELEASED: _l("確保していた紹介枠を返却しました"),
    CreditKind.SPENT: _l("紹介枠を使用しました"),
    CreditKind.RESTORED: _l("使用した紹介枠を返却しました"),
    CreditKind.EXPIRED: _l("紹介枠が1件失効しました"),
    CreditKind.VOIDED: _l("無効になった登録があり、紹介枠を1件取り消しました"),
}
"""What HR reads of each kind. Credits do not expire: no verb writes a line that says so, but the page shows one."""


@dataclass(frozen=True)
class PrintedLine:
    """One line in words. `credit` is the number of the line that earned what it is about, `credit_id` that line."""

    number: int
    day: date
    kind: CreditKind
    name: str
    words: str
    reason: str
    amount: int
    free: int
    set_aside: int
    credit: int
    credit_id: int
    referrals: tuple[CountedReferral, ...]


def printed(lines: Iterable[StatementLine]) -> list[PrintedLine]:
    """Return the lines in words, in their order."""
    said = {kind: (str(KIND_NAMES[kind]), str(KIND_WORDS[kind])) for kind in CreditKind}
    return [_printed(line, *said[line.kind]) for line in lines]


def _printed(line: StatementLine, name: str, words: str) -> PrintedLine:
    behind = _("%(no)s番の行について", no=line.ends or line.reverses) if line.ends or line.reverses else ""
    return PrintedLine(
        number=line.sequence,
        day=line.at.astimezone(clock.JAPAN).date(),
        kind=line.kind,
        name=name,
        words=words,
        reason=line.reason or behind,
        amount=line.amount,
        free=line.balance,
        set_aside=line.set_aside,
        credit=line.credit,
        credit_id=line.credit_id,
        referrals=line.referrals,
    )
