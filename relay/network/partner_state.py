"""How a partner itself stands: what its portal says first when it may see no one (B-12, invariant 4)."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Partner, PartnerKind
from relay.network.partners import in_good_standing

REMINDER = timedelta(days=60)


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

    @property
    def ends_soon(self) -> bool:
        """Whether the licence runs out within 60 days (B-12): then the portal reminds of it."""
        return not self.blocked and self.license_until is not None and self.license_until <= clock.today() + REMINDER


def of_partner(session: Session, partner_id: int) -> PartnerState:
    """How the partner stands at this very request."""
    partner, stands = session.execute(select(Partner, in_good_standing()).where(Partner.id == partner_id)).one()
    return PartnerState(
        partner.name,
        partner.kind,
        partner.address,
        partner.representative,
        partner.contact,
        partner.license_number,
        partner.license_until,
        "" if stands else _why(partner),
    )


def _why(partner: Partner) -> str:
    if partner.suspended_at is not None:
        return _("運営者が、貴社の表示を止めています。心当たりがないときは、提携している企業へお問い合わせください。")
    if partner.license_until is not None and partner.license_until < clock.today():
        return _("許可の期限が過ぎています。更新の確認が済むと、同意が続いている方が、また表示されます。")
    return _("貴社の情報の確認が済んでいません。提携している企業へお問い合わせください。")
