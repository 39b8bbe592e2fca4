"""Recounting the ledger from its lines, the referrals and the log: what must hold, said in sentences where it does not.

Each line is checked against those before it, so that one that was changed past Relay is named itself: its place, its
balances, the credit it is about, the ten referrals behind it, and the event that was written with it. The tests recount
with a second program, which shares nothing with this one (tests/independent/recount.py).
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from relay.models import (
    AMOUNTS,
    SET_ASIDE,
    CreditEntry,
    CreditKind,
    CreditReferral,
    Event,
    EventTag,
    FreeCredit,
    Referral,
    scopes,
)
from relay.network.credits import REFERRALS_PER_CREDIT, TAGS

_MEANWHILE = timedelta(minutes=1)
"""How far the moment of a line and that of its event may be apart: they are written one after the other."""
_LINE = (
    CreditEntry.id,
    CreditEntry.sequence,
    CreditEntry.kind,
    CreditEntry.amount,
    CreditEntry.balance,
    CreditEntry.set_aside,
    CreditEntry.credit_id,
    CreditEntry.reservation_id,
    CreditEntry.reverses_id,
    CreditEntry.at,
)
Line = Row[*tuple[Any, ...]]
"""A row of any of the three tables, by the names of its columns."""
_REVERSED = {CreditKind.VOIDED: CreditKind.EARNED, CreditKind.RESTORED: CreditKind.SPENT}


def verify(session: Session, company_id: int) -> list[str]:
    """Return every way in which the company's ledger breaks invariants 1 to 3; an empty list is a sound ledger."""
    with scopes.company(session, company_id):
        lines: Sequence[Line] = session.execute(select(*_LINE).order_by(CreditEntry.sequence)).all()
        counted, found = _Counted.of(session), _Credits()
        return [
            *_running(lines),
            *found.read(lines),
            *_kept_free(session, found),
            *_behind(lines, counted),
            *_kept_behind(lines, counted),
            *_numbers(counted),
            *_earned(lines, counted),
            *_logged(session, company_id, lines),
            *_voidings(session, company_id, counted),
        ]


@dataclass(frozen=True)
class _Counted:
    """The referrals of the company by id, in the order of their numbers, and those behind each earned line."""

    referrals: dict[int, Line]
    behind: dict[int, list[int]]

    @classmethod
    def of(cls, session: Session) -> "_Counted":
        wanted = select(Referral.id, Referral.number, Referral.completed_at, Referral.voided_at, Referral.credit_id)
        referrals: dict[int, Line] = {row.id: row for row in session.execute(wanted.order_by(Referral.number))}
        behind: dict[int, list[int]] = {}
        for row in session.execute(
            select(CreditReferral.entry_id, CreditReferral.referral_id).order_by(CreditReferral.id)
        ):
            behind.setdefault(row.entry_id, []).append(row.referral_id)
        return cls(referrals, behind)


def _running(lines: Sequence[Line]) -> Iterator[str]:
    """Check numbers, moments and both balances; after a gap the count goes on from what the next line says."""
    place, free, held, at = 0, 0, 0, None
    for line in lines:
        skipped, place = line.sequence != place + 1, line.sequence
        free, held = free + AMOUNTS[line.kind], held + SET_ASIDE.get(line.kind, 0)
        if skipped:
            yield _("台帳の%(n)d行目の前で、行が抜けています。", n=place)
            free, held = line.balance, line.set_aside
        if line.amount != AMOUNTS[line.kind] or line.balance != free or free < 0:
            yield _("台帳の%(n)d行目の残高が合いません。", n=place)
        if line.set_aside != held or held < 0:
            yield _("台帳の%(n)d行目の確保中の件数が合いません。", n=place)
        if at is not None and line.at < at:
            yield _("台帳の%(n)d行目の日時が、前の行より前になっています。", n=place)
        at = line.at


@dataclass
class _Credits:
    """Where each credit is, line after line: free, held by a reservation, spent, or taken back."""

    free: set[int] = field(default_factory=set)
    oldest: list[tuple[int, int]] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)

    def read(self, lines: Sequence[Line]) -> Iterator[str]:
        """Yield a sentence for each line that does with a credit what it may not."""
        for line in lines:
            if line.kind is CreditKind.EXPIRED:
                yield _("台帳の%(n)d行目は失効ですが、紹介枠は失効しません。", n=line.sequence)
            elif line.kind is CreditKind.EARNED:
                self.place[line.id] = line.sequence
                self._gain(line.id)
            else:
                yield from self._move(line)
            self.lines[line.id] = line

    def _move(self, line: Line) -> Iterator[str]:
        named = line.reservation_id or line.reverses_id
        earlier = self.lines.get(named)
        wanted = _REVERSED.get(line.kind, CreditKind.RESERVED)
        if named is not None and (earlier is None or earlier.kind is not wanted):
            yield _("台帳の%(n)d行目は、対になる行がありません。", n=line.sequence)
        elif named in self.ended:
            yield _("台帳の%(n)d行目は、すでに終わった行をもう一度終わらせています。", n=line.sequence)
        elif line.credit_id != self._due(line, earlier):
            yield _("台帳の%(n)d行目は、対象の紹介枠が合いません。", n=line.sequence)
        elif line.kind is CreditKind.VOIDED and line.credit_id not in self.free:
            yield _("台帳の%(n)d行目は、空いていない紹介枠を取り消しています。", n=line.sequence)
        self.ended.update({named} - {None})
        if line.kind in (CreditKind.RELEASED, CreditKind.RESTORED):
            self._gain(line.credit_id)
        self.free -= {line.credit_id} if AMOUNTS[line.kind] < 0 else set()

    def _due(self, line: Line, earlier: Line | None) -> int | None:
        """Return the credit the line has to be about: that of the line it names, else the oldest free one."""
        if earlier is not None:
            credit_id: int = earlier.credit_id if earlier.credit_id is not None else earlier.id
            return credit_id
        while self.oldest and self.oldest[0][1] not in self.free:
            heapq.heappop(self.oldest)
        return self.oldest[0][1] if self.oldest else None

    def _gain(self, credit_id: int) -> None:
        self.free.add(credit_id)
        heapq.heappush(self.oldest, (self.place.get(credit_id, 0), credit_id))


def _kept_free(session: Session, found: _Credits) -> Iterator[str]:
    """Compare the credits that are kept as free with those that the lines leave free."""
    for credit_id in sorted(set(session.scalars(select(FreeCredit.credit_id))) ^ found.free):
        yield _(
            "台帳の%(n)d行目の紹介枠は、空いているかどうかの記録が台帳と合いません。", n=found.place.get(credit_id, 0)
        )


def _behind(lines: Sequence[Line], counted: _Counted) -> Iterator[str]:
    """Check the ten referrals of each earned line: each behind one credit in force, counted, and valid at the time."""
    used: set[int] = set()
    for line in lines:
        if line.kind is CreditKind.VOIDED:
            used -= set(counted.behind.get(line.reverses_id, ()))
        if line.kind is not CreditKind.EARNED:
            continue
        behind = counted.behind.get(line.id, [])
        if len(set(behind)) != REFERRALS_PER_CREDIT:
            yield _(
                "台帳の%(n)d行目の紹介枠は、もとになるリレー完了が%(ten)d件ではありません。",
                n=line.sequence,
                ten=REFERRALS_PER_CREDIT,
            )
        for referral in (counted.referrals[each] for each in behind if each in counted.referrals):
            if referral.id in used:
                yield _(
                    "リレー完了%(number)d番が、台帳の%(n)d行目とほかの紹介枠の両方のもとになっています。",
                    number=referral.number,
                    n=line.sequence,
                )
            if not _counts(referral, line.at):
                yield _(
                    "リレー完了%(number)d番は、台帳の%(n)d行目の時点では数えられません。",
                    number=referral.number,
                    n=line.sequence,
                )
        used |= set(behind)


def _kept_behind(lines: Sequence[Line], counted: _Counted) -> Iterator[str]:
    """Compare the credit that is kept with each referral with those in force that the lines put it behind."""
    taken_back = {line.reverses_id for line in lines if line.kind is CreditKind.VOIDED}
    behind = {each: entry for entry, ten in counted.behind.items() if entry not in taken_back for each in ten}
    for each in counted.referrals.values():
        if each.credit_id != behind.get(each.id):
            yield _("リレー完了%(number)d番は、もとになっている紹介枠の記録が台帳と合いません。", number=each.number)


def _counts(referral: Line, at: datetime) -> bool:
    """Return whether the referral was completed by then, and not voided before."""
    return referral.completed_at <= at and (referral.voided_at is None or referral.voided_at >= at)


def _numbers(counted: _Counted) -> Iterator[str]:
    place = 0
    for referral in counted.referrals.values():
        if referral.number != place + 1:
            yield _("リレー完了の番号が、%(number)d番の前で続いていません。", number=referral.number)
        place = referral.number


def _earned(lines: Sequence[Line], counted: _Counted) -> Iterator[str]:
    """Check that no credit was earned before its ten had registered, and that none is missing now."""
    completed = sorted(referral.completed_at for referral in counted.referrals.values())
    standing = by_then = 0
    for line in lines:
        standing -= line.kind is CreditKind.VOIDED
        if line.kind is not CreditKind.EARNED:
            continue
        standing += 1
        while by_then < len(completed) and completed[by_then] <= line.at:
            by_then += 1
        if standing > by_then // REFERRALS_PER_CREDIT:
            yield _("台帳の%(n)d行目は、リレー完了の数に対して早すぎる獲得です。", n=line.sequence)
    valid = sum(referral.voided_at is None for referral in counted.referrals.values())
    if standing < valid // REFERRALS_PER_CREDIT:
        yield _("リレー完了の数に対して、たまった紹介枠が足りません。")


def _logged(session: Session, company_id: int, lines: Sequence[Line]) -> Iterator[str]:
    """Compare each line with the event that was written with it; a line that is gone left its event."""
    events: dict[int | None, list[Line]] = {}
    wanted = select(Event.id, Event.tag, Event.at, Event.subject_id, Event.data)
    booked = wanted.where(Event.company_id == company_id, Event.tag.in_([tag.value for tag in TAGS.values()]))
    for event in session.execute(booked.order_by(Event.id)):
        events.setdefault(event.subject_id, []).append(event)
    before = None
    for line in lines:
        told = events.pop(line.id, [])
        if len(told) != 1 or line.kind not in TAGS or told[0].tag != TAGS[line.kind].value:
            yield _("台帳の%(n)d行目は、操作ログの記録と種類が合いません。", n=line.sequence)
        elif told[0].data.get("balance") != line.balance:
            yield _("台帳の%(n)d行目は、操作ログの記録と残高が合いません。", n=line.sequence)
        elif abs(told[0].at - line.at) > _MEANWHILE and line.at != before:
            yield _("台帳の%(n)d行目は、操作ログの記録と日時が合いません。", n=line.sequence)
        before = line.at
    for gone in (each for told in events.values() for each in told):
        yield _("操作ログの%(n)d番にある紹介枠の増減が、台帳にありません。", n=gone.id)


def _voidings(session: Session, company_id: int, counted: _Counted) -> Iterator[str]:
    """Compare what counts with what the log says was voided, and counted again, last."""
    tags = {EventTag.REFERRAL_VOIDED.value: True, EventTag.REFERRAL_COUNTED_AGAIN.value: False}
    wanted = select(Event.tag, Event.subject_id).where(Event.company_id == company_id, Event.tag.in_(tags))
    last = {row.subject_id: tags[row.tag] for row in session.execute(wanted.order_by(Event.id))}
    for referral in counted.referrals.values():
        if last.get(referral.id, False) != (referral.voided_at is not None):
            yield _("リレー完了%(number)d番は、取り消しの記録が操作ログと合いません。", number=referral.number)
