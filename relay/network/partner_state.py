"""The state of a partner: what its portal says first when it may see no one (B-12, invariant 4)."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Partner, PartnerKind, Partnership
from relay.network.partners import is_open, may_see_people

REMINDER = timedelta(days=60)
MAX_NAMED = 20


@dataclass(frozen=True)
class PartnerState:
    """The partner's particulars; `blocked` says in a sentence why it may see no one, and is empty when it may."""

    name: str
    kind: PartnerKind
    address: str
    representative: str
    contact: str
    license_number: str | None
    license_until: date | None
    blocked: str
    unchecked_by: tuple[str, ...] = ()
    """The companies that have not looked the partner up yet: their candidates are not offered it (B-11)."""
    look_up_by: date | None = None
    """The first day after which people are closed unless their company looks the partner up (A-43)."""
    overdue_at: tuple[str, ...] = ()
    """The companies whose day is over: their people are closed until they have looked the partner up."""
    corporate_number: str | None = None

    @property
    def ends_soon(self) -> bool:
        """Return whether the licence runs out within 60 days (B-12): then the portal reminds of it."""
        return not self.blocked and self.license_until is not None and self.license_until <= clock.today() + REMINDER


def of_partner(session: Session, partner_id: int) -> PartnerState:
    """Return the partner's state at this very request; to be asked in the partner's scope."""
    partner, sees = session.execute(select(Partner, may_see_people()).where(Partner.id == partner_id)).one()
    return PartnerState(
        partner.name,
        partner.kind,
        partner.address,
        partner.representative,
        partner.contact,
        partner.license_number,
        partner.license_until,
        "" if sees else _why(partner),
        () if partner.checked_on else _partner_companies(session, Partnership.checked_on.is_(None)),
        session.scalar(select(func.min(Partnership.look_up_by)).where(Partnership.ended_at.is_(None), is_open())),
        _partner_companies(session, ~is_open()),
        partner.corporate_number,
    )


def _partner_companies(session: Session, which: ColumnElement[bool]) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(Company.name)
            .join(Partnership, Partnership.company_id == Company.id)
            .where(Partnership.ended_at.is_(None), which)
            .order_by(Partnership.id)
            .limit(MAX_NAMED)
        )
    )


def _why(partner: Partner) -> str:
    if partner.suspended_at is not None:
        return _("運営者が、貴社の表示を止めています。心当たりがないときは、提携している企業へお問い合わせください。")
    if partner.license_until is not None and partner.license_until < clock.today():
        return _(
            "許可の有効期限が過ぎています。更新した期限を「自社の情報」に登録し、提携している企業がそれを確認すると、"
            "同意が続いている方が、また表示されます。"
        )
    return _("貴社の情報の確認が済んでいません。提携している企業へお問い合わせください。")
