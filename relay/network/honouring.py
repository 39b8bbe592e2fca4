"""Free introductions that agencies honour (B-17, B-18): the promise of each to each company, and what is left of it.

An agency says how many a year, that its 手数料表 allows them, and that a hire costs nothing; schools honour none. A
promise counts while its partnership is in force and the licence is, as it was looked up.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Company, EventTag, Partner, PartnerKind, Partnership, event_data, record, scopes
from relay.network.partners import PartnershipGone, is_open, may_be_offered


class FeeTableUnconfirmed(DomainError):
    """Raise where free introductions are promised without the word that the fee table allows them (B-18)."""

    code = "fee-table-unconfirmed"
    message = _l("受け入れるには、手数料表と手数料0円の両方を確認し、チェックを入れてください。保存していません。")


class SchoolsHonourNone(DomainError):
    """Raise where a school would promise introductions, for which it has no licence (B-10)."""

    code = "schools-honour-none"
    message = _l("無料紹介を受け入れられるのは、職業紹介の許可を持つ紹介会社だけです。保存していません。")


def honours() -> ColumnElement[bool]:
    """Return the condition, on a partner joined with its partnership, under which it takes the company's credits."""
    return and_(
        Partnership.ended_at.is_(None),
        Partnership.free_introductions_per_year > 0,
        Partnership.fee_table_allows_on.is_not(None),
        Partner.kind == PartnerKind.AGENCY,
        is_open(),
        may_be_offered(),
    )


def credits_honoured() -> ColumnElement[bool]:
    """Return the condition beside a company that one of its agencies takes its credits now."""
    return exists().where(Partnership.company_id == Company.id, Partnership.partner_id == Partner.id, honours())


def honoured_per_year(session: Session, company_id: int, partner_id: int) -> int:
    """Return how many credits of the company the partner takes a year; 0 where it takes none now."""
    with scopes.company(session, company_id):
        promised = (
            select(Partnership.free_introductions_per_year)
            .join(Partner, Partner.id == Partnership.partner_id)
            .where(Partnership.partner_id == partner_id, honours())
        )
        return session.scalar(promised) or 0


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
