"""The partnership (提携) of a company and a partner: begun under the sharing rules, looked up by the company, ended for
good.

Others reach these functions through relay.network.partners.
"""

from hashlib import sha256
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import EventTag, Partner, Partnership, record, scopes
from relay.network import ending, rules
from relay.network.locking import lock_company
from relay.text import clean

LOOKED_UP = frozenset({"name", "address", "corporate_number", "license_number", "license_until"})
"""What is compared with the public register: a change of these by the partner itself wants a new look-up (B-11)."""


class PartnershipGone(DomainError):
    """Raise where the partnership has ended meanwhile."""

    code = "partnership-ended"
    message = _l("この提携は、すでに終わっています。確認は記録していません。")


class PartnerChangedMeanwhile(DomainError):
    """Raise where the partner's details are no longer those that were checked."""

    code = "partner-changed"
    message = _l("提携先の情報が、たったいま変わりました。下の内容をもう一度確認してから、記録してください。")


def unchecked_count(session: Session) -> int:
    """Return how many standing partnerships nobody has looked up yet; candidates are not shown these partners
    (B-11)."""
    waiting = (
        select(func.count(Partnership.id))
        .join(Partner, Partner.id == Partnership.partner_id)
        .where(Partnership.ended_at.is_(None), Partnership.checked_on.is_(None), Partner.checked_on.is_(None))
    )
    return session.execute(waiting).scalar_one()


def start_partnership(
    session: Session,
    company_id: int,
    partner_id: int,
    *,
    free_introductions_per_year: int | None = None,
    rules_version: str = rules.VERSION,
    **accepted: Any,
) -> Partnership:
    """Start the partnership of a company to a partner under the sharing rules; an open partnership is returned as
    it is.

    `accepted` are the columns that say which side accepted the rules, on which day and by whom.
    """
    with scopes.company(session, company_id):
        if (standing := _standing_partnership(session, partner_id)) is not None:
            return standing
        partnership = Partnership(
            company_id=company_id,
            partner_id=partner_id,
            rules_version=rules_version,
            accepted_on=clock.today(),
            free_introductions_per_year=free_introductions_per_year,
            created_at=clock.now(),
            **accepted,
        )
        session.add(partnership)
        session.flush()
        _record_partnership(session, EventTag.PARTNERSHIP_STARTED, partnership)
        return partnership


def check_partnership(
    session: Session, company_id: int, partner_id: int, *, seen: str, note: str, by_user_id: int | None
) -> None:
    """Record that the company looked the partner up today, and found what `seen` (a fingerprint) says (B-11).

    Raises PartnershipGone, PartnerChangedMeanwhile.
    """
    with scopes.company(session, company_id):
        if (partnership := _standing_partnership(session, partner_id)) is None:
            raise PartnershipGone
        if fingerprint(held(session, partner_id)) != seen:
            raise PartnerChangedMeanwhile
        partnership.checked_on, partnership.checked_by_user_id, partnership.checked_note = (
            clock.today(),
            by_user_id,
            clean(note)[:200],
        )
        partnership.look_up_by = None
        session.flush()
        _record_partnership(session, EventTag.PARTNERSHIP_CHECKED, partnership)


def held(session: Session, partner_id: int) -> Partner:
    """Return the partner as it is now, kept from changing until this transaction ends.

    Else it could change between the comparing and the record of it, and stand as looked up.
    """
    wanted = select(Partner).where(Partner.id == partner_id).with_for_update(key_share=True)
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def fingerprint(partner: Partner) -> str:
    """Return a short mark of the particulars that are looked up: another mark means that they changed."""
    looked_up = "\n".join(f"{name}={getattr(partner, name)}" for name in sorted(LOOKED_UP))
    return sha256(looked_up.encode()).hexdigest()[:16]


def end_partnership(session: Session, company_id: int, partner_id: int) -> None:
    """End the partnership: nothing that came through this company is shown to the partner with the next request.

    The consents given through it end for good, and the people concerned are told by mail.
    """
    lock_company(session, company_id)
    with scopes.company(session, company_id):
        if (partnership := _standing_partnership(session, partner_id)) is None:
            return
        partnership.ended_at = clock.now()
        session.flush()
        _record_partnership(session, EventTag.PARTNERSHIP_ENDED, partnership)
        ending.end_sharing(session, partnership)


def end_all(session: Session, partner_id: int) -> None:
    """End every partnership of a partner that has become another legal person, which is invited again
    (A-43).

    The consents given to it end for good. The caller holds the companies.
    """
    with scopes.partner(session, partner_id):
        partnerships = session.scalars(select(Partnership).where(Partnership.ended_at.is_(None))).all()
        for partnership in partnerships:
            partnership.ended_at, partnership.look_up_by = clock.now(), None
        session.flush()
    for partnership in partnerships:
        _record_partnership(session, EventTag.PARTNERSHIP_ENDED, partnership)
    ending.end_for_another_person(session, partner_id, [partnership.company_id for partnership in partnerships])


def _standing_partnership(session: Session, partner_id: int) -> Partnership | None:
    return session.scalars(
        select(Partnership).where(Partnership.partner_id == partner_id, Partnership.ended_at.is_(None))
    ).one_or_none()


def _record_partnership(session: Session, tag: EventTag, partnership: Partnership) -> None:
    record(
        session,
        tag,
        company_id=partnership.company_id,
        partner_id=partnership.partner_id,
        subject=("partnership", partnership.id),
    )
