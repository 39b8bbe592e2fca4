"""The standing of a partner that introduces to a company, asked at each use and never remembered (invariant 4, B-25).

An expired licence, another legal person, an ended partnership, a suspended partner: each closes every link at once.
"""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.models import (
    IntroductionRequest,
    Partner,
    PartnerKind,
    Partnership,
    scopes,
)
from relay.network.honouring import agencies
from relay.network.partners import is_open, may_see_people


class PartnerMayNotIntroduce(DomainError):
    """Raise where licence, partnership or identity of the partner is not in order now."""

    code = "partner-may-not-introduce"
    message = _l(
        "この紹介会社の許可または提携が、いま有効でないため、紹介を進められません。何も変わっていません。"
        "提携先の画面で状態を確認してください。"
    )


class RequestOver(DomainError):
    """Raise where a request waits no longer for what is to be done: it was answered, ended or is gone."""

    code = "introduction-request-over"
    message = _l("この紹介の依頼は、すでに先へ進んだか、終わっています。今回の操作では何も変わっていません。")


@dataclass(frozen=True)
class HonouringPartner:
    """An agency that takes the company's credits: how many a year, and how many can still be asked for this year."""

    id: int
    name: str
    license_number: str
    a_year: int
    left: int


def may_introduce() -> ColumnElement[bool]:
    """Return the condition, on a partner joined with its partnership, that it may introduce people today."""
    return and_(
        Partnership.ended_at.is_(None),
        Partner.kind == PartnerKind.AGENCY,
        Partner.license_number.is_not(None),
        is_open(),
        may_see_people(),
    )


def introducing(session: Session, company_id: int, partner_id: int, *, since: datetime | None = None) -> Partner | None:
    """Return the partner where it may introduce to the company now.

    `since`: and where its partnership has lasted since then, for what was begun in an ended one stays closed.
    """
    with scopes.company(session, company_id):
        wanted = _partners(Partnership.partner_id == partner_id, may_introduce())
        if since is not None:
            wanted = wanted.where(Partnership.created_at <= since)
        return session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def identity(partner: Partner) -> str:
    """Return who the partner is by law: its 法人番号, else its licence number (A-43)."""
    return partner.corporate_number or partner.license_number or ""


def identity_column() -> ColumnElement[str]:
    """Return `identity` as a column of the partner."""
    return func.coalesce(Partner.corporate_number, Partner.license_number, "")


_LICENSED = (
    select(Partner.id, Partner.license_number)
    .join(Partnership, Partnership.partner_id == Partner.id)
    .where(Partner.id.in_(bindparam("partners", expanding=True)), may_introduce())
)


@scopes.in_company
def honouring(session: Session, company_id: int) -> list[HonouringPartner]:
    """Return the agencies that take the company's credits, by the day of the partnership and no one's choice (0.3)."""
    found = agencies(session, company_id)
    numbers = dict(session.execute(_LICENSED, {"partners": [each.partner_id for each in found]}).all())
    return [
        HonouringPartner(each.partner_id, each.name, numbers[each.partner_id] or "", each.year.per_year, each.year.left)
        for each in found
        if each.partner_id in numbers
    ]


def held(session: Session, company_id: int, request_id: int, *, partner_id: int | None = None) -> IntroductionRequest:
    """Return a request as it is now, held until the transaction ends; the caller holds the company.

    `partner_id`: only one to this partner. Raises RequestOver where there is none.
    """
    with scopes.company(session, company_id):
        wanted = select(IntroductionRequest).where(IntroductionRequest.id == request_id).with_for_update()
        if partner_id is not None:
            wanted = wanted.where(IntroductionRequest.partner_id == partner_id)
        found = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise RequestOver
    return found


def _partners(*which: ColumnElement[bool]) -> Select[Partner]:
    return select(Partner).join(Partnership, Partnership.partner_id == Partner.id).where(*which)
