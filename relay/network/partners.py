"""Partners (提携先) and their ties with companies: who they are, whether their licence stands, who may be shown.

A candidate is shown a partner only when the law's particulars are there and someone looked the licence up
(A-9, A-14, A-18, B-10…B-13).
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import EventTag, Partner, PartnerKind, Partnership, record, scopes
from relay.text import plain_ascii

RULES_VERSION = "2026-11"
LICENCE = re.compile(r"(0[1-9]|[1-3]\d|4[0-7])-([ユム特])-\d{6}")


class LicenceUnreadable(DomainError):
    """The text is no licence number of a 職業紹介事業者 (B-11)."""


class LicenceTaken(DomainError):
    """Another partner is registered under this licence number."""


class SlugTaken(DomainError):
    """Another partner has this short name."""


@dataclass(frozen=True)
class PartnerCard:
    """A partner as it must be named to the candidate (A-9, B-13)."""

    id: int
    kind: PartnerKind
    name: str
    address: str
    representative: str
    contact: str
    about: str
    license_number: str | None
    since: date


def create_partner(
    session: Session,
    *,
    slug: str,
    kind: PartnerKind,
    name: str,
    address: str = "",
    representative: str = "",
    contact: str = "",
    about: str = "",
    license_number: str = "",
    license_until: date | None = None,
    checked_by: str = "",
) -> Partner:
    """Register an agency or a school. `checked_by` says who looked it up (B-11); without it nobody is shown it.

    Raises LicenceUnreadable (an agency needs a licence), LicenceTaken, SlugTaken.
    """
    if session.scalar(select(Partner.id).where(Partner.slug == slug)) is not None:
        raise SlugTaken(_l("この短い名前の提携先はすでにあります。別の名前を付けてください。"))
    partner = Partner(
        slug=slug,
        kind=kind,
        name=name,
        address=address,
        representative=representative,
        contact=contact,
        about=about,
        license_number=_licence(session, kind, license_number),
        license_until=license_until,
        checked_on=clock.today() if checked_by else None,
        checked_by=checked_by,
        created_at=clock.now(),
    )
    session.add(partner)
    session.flush()
    record(session, EventTag.PARTNER_CREATED, partner_id=partner.id, subject=("partner", partner.id))
    return partner


def change_partner(session: Session, partner: Partner, **given: Any) -> None:
    """Correct a partner's particulars: address, representative, contact, about, license_number, license_until.

    `checked_by` records a new look-up of the licence. Raises LicenceUnreadable, LicenceTaken.
    """
    if "license_number" in given:
        given["license_number"] = _licence(session, partner.kind, given["license_number"], but=partner.id)
    if given.get("checked_by"):
        given["checked_on"] = clock.today()
    for name, value in given.items():
        setattr(partner, name, value)
    session.flush()
    record(
        session,
        EventTag.PARTNER_CHANGED,
        partner_id=partner.id,
        subject=("partner", partner.id),
        data={"fields": sorted(given)},
    )


def suspend(session: Session, partner: Partner) -> None:
    """Close the partner's view and take it off every page at once; `resume` opens it again."""
    if partner.suspended_at is None:
        change_partner(session, partner, suspended_at=clock.now())


def resume(session: Session, partner: Partner) -> None:
    """Open a suspended partner again."""
    if partner.suspended_at is not None:
        change_partner(session, partner, suspended_at=None)


def read_licence(text: str) -> str:
    """The canonical form 13-ユ-123456, whatever the width and hyphens typed (B-11). Raises LicenceUnreadable.

    The shape alone proves nothing: someone has to look it up on 人材サービス総合サイト.
    """
    number = plain_ascii(text).replace(" ", "")
    if not LICENCE.fullmatch(number):
        raise LicenceUnreadable(
            _l(
                "許可番号を読み取れませんでした。「13-ユ-123456」のように、都道府県の番号・ユまたはム・6桁の数字で書いてください。"
            )
        )
    return number


def missing(partner: Partner) -> list[str]:
    """What is still needed before candidates can be shown the partner, in Japanese words."""
    wanted = [
        (partner.name, _l("名称")),
        (partner.address, _l("住所")),
        (partner.representative, _l("代表者の氏名")),
        (partner.checked_on, _l("許可の確認") if partner.kind is PartnerKind.AGENCY else _l("内容の確認")),
    ]
    return [str(word) for value, word in wanted if not value]


def start_partnership(
    session: Session, company_id: int, partner_id: int, *, free_introductions_per_year: int | None = None
) -> Partnership:
    """Tie a company to a partner under today's sharing rules; a tie that stands is returned as it is."""
    with scopes.company(session, company_id):
        if (standing := _standing_tie(session, partner_id)) is not None:
            return standing
        tie = Partnership(
            company_id=company_id,
            partner_id=partner_id,
            rules_version=RULES_VERSION,
            accepted_on=clock.today(),
            free_introductions_per_year=free_introductions_per_year,
            created_at=clock.now(),
        )
        session.add(tie)
        session.flush()
        record(
            session,
            EventTag.PARTNERSHIP_STARTED,
            company_id=company_id,
            partner_id=partner_id,
            subject=("partnership", tie.id),
        )
        return tie


def end_partnership(session: Session, company_id: int, partner_id: int) -> None:
    """End the tie: nothing that came through this company is shown to the partner with the next request."""
    with scopes.company(session, company_id):
        if (tie := _standing_tie(session, partner_id)) is None:
            return
        tie.ended_at = clock.now()
        session.flush()
        record(
            session,
            EventTag.PARTNERSHIP_ENDED,
            company_id=company_id,
            partner_id=partner_id,
            subject=("partnership", tie.id),
        )


def in_good_standing() -> ColumnElement[bool]:
    """The condition under which a partner may be shown to candidates and may see people, on this day.

    An agency's licence must not have run out (B-12); a partner outside Japan needs more than we ask (A-14).
    """
    return and_(
        Partner.suspended_at.is_(None),
        Partner.checked_on.is_not(None),
        Partner.country == "JP",
        Partner.address != "",
        Partner.representative != "",
        or_(
            Partner.kind != PartnerKind.AGENCY,
            Partner.license_until.is_(None),
            Partner.license_until >= clock.today(),
        ),
    )


def active_partners(session: Session, company_id: int) -> list[PartnerCard]:
    """The partners a candidate of this company is shown, by date of the tie; never sorted by anyone's choice (0.3)."""
    with scopes.company(session, company_id):
        rows = session.execute(
            select(
                Partner.id,
                Partner.kind,
                Partner.name,
                Partner.address,
                Partner.representative,
                Partner.contact,
                Partner.about,
                Partner.license_number,
                Partnership.accepted_on,
            )
            .join(Partnership, Partnership.partner_id == Partner.id)
            .where(Partnership.ended_at.is_(None), in_good_standing())
            .order_by(Partnership.accepted_on, Partnership.id)
        )
        return [PartnerCard(*row) for row in rows]


def _standing_tie(session: Session, partner_id: int) -> Partnership | None:
    return session.scalars(
        select(Partnership).where(Partnership.partner_id == partner_id, Partnership.ended_at.is_(None))
    ).one_or_none()


def _licence(session: Session, kind: PartnerKind, text: str | None, *, but: int | None = None) -> str | None:
    if not text and kind is not PartnerKind.AGENCY:
        return None
    number = read_licence(text or "")
    holder = session.scalar(select(Partner.id).where(Partner.license_number == number))
    if holder not in {None, but}:
        raise LicenceTaken(_l("この許可番号は、すでに別の提携先に登録されています。"))
    return number
