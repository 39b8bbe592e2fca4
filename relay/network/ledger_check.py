"""Recomputing the ledger from its lines and referrals: what must hold, said in sentences where it does not."""

from collections import Counter
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import AMOUNTS, CreditEntry, CreditKind, CreditReferral, Referral, scopes
from relay.network import credits
from relay.network.credits import REFERRALS_PER_CREDIT


def verify(session: Session, company_id: int) -> list[str]:
    """Return every way in which the company's ledger breaks invariants 1 to 3; an empty list is a sound ledger."""
    with scopes.company(session, company_id):
        entries = session.scalars(select(CreditEntry).order_by(CreditEntry.sequence)).all()
        return [*_lines(entries), *_ends(entries), *_numbers(session), *_credits(session)]


def _lines(entries: Sequence[CreditEntry]) -> list[str]:
    problems, total = [], 0
    for place, entry in enumerate(entries, start=1):
        total += AMOUNTS[entry.kind]
        if entry.sequence != place:
            problems.append(_("台帳の%(n)d行目が抜けています。", n=place))
        if entry.amount != AMOUNTS[entry.kind] or entry.balance != total or total < 0:
            problems.append(_("台帳の%(n)d行目の残高が合いません。", n=entry.sequence))
    return problems


def _ends(entries: Sequence[CreditEntry]) -> list[str]:
    kinds = {entry.id: entry.kind for entry in entries}
    wanted = {CreditKind.VOIDED: CreditKind.EARNED, CreditKind.RESTORED: CreditKind.SPENT}
    ended = Counter(entry.reservation_id for entry in entries if entry.reservation_id)
    reversed_ = Counter(entry.reverses_id for entry in entries if entry.reverses_id)
    problems = [
        _("台帳の%(n)d行目は、対になる行がありません。", n=entry.sequence)
        for entry in entries
        if (entry.reservation_id and kinds.get(entry.reservation_id) is not CreditKind.RESERVED)
        or (entry.reverses_id and kinds.get(entry.reverses_id) is not wanted.get(entry.kind))
    ]
    if any(times > 1 for times in (*ended.values(), *reversed_.values())):
        problems.append(_("同じ紹介枠が二度使用されているか、二度返却されています。"))
    return problems


def _numbers(session: Session) -> list[str]:
    numbers = session.scalars(select(Referral.number).order_by(Referral.number)).all()
    gapless = list(numbers) == list(range(1, len(numbers) + 1))
    return [] if gapless else [_("リレー完了の番号が続いていません。")]


def _credits(session: Session) -> list[str]:
    standing = credits.standing_earned(session)
    problems = []
    if len(standing) < credits.valid_referrals(session) // REFERRALS_PER_CREDIT:
        problems.append(_("リレー完了の数に対して、たまった紹介枠が足りません。"))
    behind = session.execute(
        select(CreditReferral.entry_id, CreditReferral.referral_id).where(CreditReferral.entry_id.in_(standing))
    ).all()
    sizes = Counter(row.entry_id for row in behind)
    if any(sizes[each] != REFERRALS_PER_CREDIT for each in standing):
        problems.append(_("紹介枠のもとになるリレー完了が%(n)d件ではない行があります。", n=REFERRALS_PER_CREDIT))
    if len({row.referral_id for row in behind}) != len(behind):
        problems.append(_("同じリレー完了が、二つの紹介枠のもとになっています。"))
    return problems
