"""Free introductions that agencies honour (B-17, B-18): the promise of each to each company, and what is left of it.

An agency says how many a year, that its 手数料表 allows them, and that a hire costs nothing; schools honour none. A
promise counts while its partnership is in force and the licence is, as it was looked up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import (
    EventTag,
    IntroductionRequest,
    IntroductionState,
    Partner,
    PartnerKind,
    Partnership,
    RequestEnd,
    event_data,
    moments,
    record,
    scopes,
)
from relay.models.introductions import MET, WAITING
from relay.models.prepared import Prepared, numbered, one_of, rounded
from relay.network.partners import PartnershipGone, honours

MAX_SHOWN = 200
"""So many agencies of a company are listed, the earliest partnerships first."""
_OWED = (*WAITING, IntroductionState.ACCEPTED)


@dataclass(frozen=True)
class CreditYear:
    """The free introductions of one company and one agency in a calendar year, in the numbers both sides read."""

    per_year: int
    """How many the agency takes a year now."""
    owed: int = 0
    """Requests that wait for the agency, the person or the interview, those of earlier years among them."""
    given: int = 0
    """Requests of the year whose interview was held."""
    refused: int = 0
    """Requests of the year that the agency declined."""
    taken: int = 0
    """Requests of the year that wait, led to an interview, or failed by the company; a re-application counts alike."""

    @property
    def left(self) -> int:
        """Return how many more can be asked for until the year ends."""
        return max(self.per_year - self.taken, 0)


@dataclass(frozen=True)
class HonouringAgency:
    """An agency that takes the company's credits now, with the year between them."""

    partner_id: int
    name: str
    allowed_on: date | None
    """When it said that its fee table allows it."""
    year: CreditYear


class FeeTableUnconfirmed(DomainError):
    """Raise where free introductions are promised without the word that the fee table allows them (B-18)."""

    code = "fee-table-unconfirmed"
    message = _l("受け入れるには、手数料表と手数料0円の両方を確認し、チェックを入れてください。保存していません。")


class SchoolsHonourNone(DomainError):
    """Raise where a school would promise introductions, for which it has no licence (B-10)."""

    code = "schools-honour-none"
    message = _l("無料紹介を受け入れられるのは、職業紹介の許可を持つ紹介会社だけです。保存していません。")


def agencies(session: Session, company_id: int) -> list[HonouringAgency]:
    """Return the agencies that take the company's credits now, in the order of their partnerships."""
    with scopes.company(session, company_id):
        found = _TAKING.all(session)
        years = _years(session, "partner_id", {row[0]: row[3] or 0 for row in found})
    return [HonouringAgency(row[0], row[1], row[2], years[row[0]]) for row in found]


_TAKING = Prepared(
    select(Partner.id, Partner.name, Partnership.fee_table_allows_on, Partnership.free_introductions_per_year)
    .join(Partnership, Partnership.partner_id == Partner.id)
    .where(honours())
    .order_by(Partnership.accepted_on, Partnership.id)
    .limit(MAX_SHOWN),
    lambda *row: row,
)


def years_with(session: Session, partner_id: int, company_ids: Sequence[int]) -> dict[int, CreditYear]:
    """Return the year of the partner with each of these companies, as the company reads it."""
    if not (companies := rounded(company_ids)):
        return {}
    with scopes.partner(session, partner_id):
        promised = _promised(len(companies)).all(session, **numbered("company", companies))
        taking = {company_id: per_year or 0 for company_id, per_year in promised}
        return _years(session, "company_id", dict.fromkeys(company_ids, 0) | taking)


@lru_cache(maxsize=8)  # tricks: agency.companies
def _promised(companies: int) -> Prepared[tuple[int, int | None]]:
    promised = (
        select(Partnership.company_id, Partnership.free_introductions_per_year)
        .join(Partner, Partner.id == Partnership.partner_id)
        .where(one_of(Partnership.company_id, "company", companies), honours())
    )
    return Prepared(promised, lambda company_id, per_year: (company_id, per_year))


def _years(session: Session, other: str, per_year: Mapping[int, int]) -> dict[int, CreditYear]:
    """Return the year with each of the other side's ids, counted from the requests of the side in scope."""
    if not (ids := rounded([*per_year])):
        return {}
    found = _counted(other, len(ids)).all(session, **numbered("other", ids))
    years = {each: CreditYear(per_year[each], *numbers) for each, *numbers in found}
    return {each: CreditYear(n) for each, n in per_year.items()} | years


@lru_cache(maxsize=16)  # tricks: agency.companies
def _counted(other: str, many: int) -> Prepared[tuple[int, ...]]:
    """Return the read that counts by this column, of so many ids."""
    side, state = getattr(IntroductionRequest, other), IntroductionRequest.state
    recent = IntroductionRequest.made_at >= moments.year_begins()
    kept = (state == IntroductionState.FAILED) & (IntroductionRequest.end_reason == RequestEnd.COMPANY_FAULT)
    counted = (
        select(
            side,
            func.count().filter(state.in_(_OWED)),
            func.count().filter(recent & state.in_(MET)),
            func.count().filter(recent & (state == IntroductionState.DECLINED)),
            func.count().filter(recent & (state.in_((*_OWED, *MET)) | kept)),
        )
        .where(one_of(side, "other", many), recent | IntroductionRequest.due_on.is_not(None))
        .group_by(side)
    )
    return Prepared(counted, lambda *numbers: numbers)


def promise(
    session: Session, company_id: int, partner_id: int, per_year: int, *, fee_table_allows: bool, by_user_id: int
) -> None:
    """Record how many introductions a year the partner makes for the company without a fee, 0 for none.

    Day and user are those of the word on the fee table, given again with each number. What was asked for already
    stays. Raises PartnershipGone, SchoolsHonourNone, FeeTableUnconfirmed.
    """
    with scopes.company(session, company_id):
        standing = (
            select(Partnership, Partner.kind)
            .join(Partner, Partner.id == Partnership.partner_id)
            .where(Partnership.partner_id == partner_id, Partnership.ended_at.is_(None))
            .with_for_update(of=Partnership)
        )
        if (found := session.execute(standing).one_or_none()) is None:
            raise PartnershipGone
        partnership, kind = found
        if kind is not PartnerKind.AGENCY:
            raise SchoolsHonourNone
        if per_year and not fee_table_allows:
            raise FeeTableUnconfirmed
        partnership.free_introductions_per_year = per_year
        partnership.fee_table_allows_on = clock.today() if per_year else None
        partnership.fee_table_allows_by_user_id = by_user_id if per_year else None
        session.flush()
        record(
            session,
            EventTag.INTRODUCTIONS_PROMISED,
            company_id=company_id,
            partner_id=partner_id,
            subject=("partnership", partnership.id),
            data=event_data.IntroductionsPromised(per_year=per_year),
        )
