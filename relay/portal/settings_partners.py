"""Settings: with whom the company relays, and whether candidates are shown them."""

from dataclasses import dataclass
from datetime import date

from flask import Response
from flask_babel import gettext as _
from sqlalchemy import select

from relay import clock
from relay.access import needs
from relay.extensions import db
from relay.models import Partner, PartnerKind, Partnership
from relay.network.partners import in_good_standing
from relay.portal import portal
from relay.portal.settings_tabs import long_date, tabs
from relay.web import page


@dataclass(frozen=True)
class Tie:
    """A partner as the settings show it; `troubles` say why candidates are not shown it."""

    name: str
    kind: PartnerKind
    license_number: str | None
    license_until: date | None
    checked_on: date | None
    since: date
    shown: bool
    troubles: list[str]


@portal.get("/settings/partners")
@needs("settings:read")
def settings_partners() -> Response:
    """With whom the company relays, and whether candidates are shown them."""
    return page(
        "portal/settings/partners.html",
        ties=_ties(),
        long_date=long_date,
        nav_active="settings",
        views=tabs("partners"),
    )


def _ties() -> list[Tie]:
    wanted = (
        select(Partner, Partnership.accepted_on, in_good_standing())
        .join(Partnership, Partnership.partner_id == Partner.id)
        .where(Partnership.ended_at.is_(None))
        .order_by(Partnership.accepted_on, Partnership.id)
    )
    return [
        Tie(
            name=partner.name,
            kind=partner.kind,
            license_number=partner.license_number,
            license_until=partner.license_until,
            checked_on=partner.checked_on,
            since=since,
            shown=bool(shown),
            troubles=[] if shown else _troubles(partner),
        )
        for partner, since, shown in db.session.execute(wanted)
    ]


def _troubles(partner: Partner) -> list[str]:
    agency = partner.kind is PartnerKind.AGENCY
    found = [
        (partner.suspended_at is not None, _("一時停止中です")),
        (agency and partner.checked_on is None, _("許可の確認が済んでいません（形式のみ確認）")),
        (not agency and partner.checked_on is None, _("内容の確認が済んでいません")),
        (agency and (partner.license_until or date.max) < clock.today(), _("許可の期限が切れています")),
        (not partner.address, _("住所が登録されていません")),
        (not partner.representative, _("代表者の氏名が登録されていません")),
    ]
    return [sentence for so, sentence in found if so]
