"""Ending the consents given to a partner for good: a partnership that ended, or another legal person in the
partner's place.

The people concerned are told at once. Referrals and credits stay (invariant 3), and so do the records of what was
provided (A-19).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, ConsentWithdrawal, Partnership, Profile, Share, scopes
from relay.network import partner_letters

WAY = "partnership-ended"
"""How a consent ended, as its row of withdrawal says."""
ANOTHER_PERSON = "another-person"
"""As WAY: the partner's 法人番号 became another (A-43)."""


def end_sharing(session: Session, partnership: Partnership) -> None:
    """Close what was shared through a partnership that has just ended; each person gets one mail, the agents another.

    The caller holds the company, so nobody registers through it meanwhile.
    """
    with scopes.partner(session, partnership.partner_id):
        people = _close(session, partnership.partner_id, [partnership.company_id], WAY)
        elsewhere = set(session.scalars(select(Share.profile_id).where(Share.until >= clock.now())))
    if people:
        gone = [each.code for each in people if each.id not in elsewhere]
        partner_letters.tell_of_the_end(session, partnership, people, gone=gone)


def end_for_another_person(session: Session, partner_id: int, company_ids: Sequence[int]) -> None:
    """Close everything a partner was given, through all of these companies: it is another legal person now (A-43).

    Each person gets one mail that asks them again. The caller holds the companies.
    """
    with scopes.partner(session, partner_id):
        people = _close(session, partner_id, company_ids, ANOTHER_PERSON)
    partner_letters.tell_of_another_person(session, partner_id, people, company_ids)


def _close(session: Session, partner_id: int, company_ids: Sequence[int], way: str) -> Sequence[Any]:
    """End the consents that stand through these companies; returns whose they were."""
    people = _people(session, company_ids)
    if people:
        _withdraw(session, partner_id, company_ids, way)
        session.execute(delete(Share).where(Share.company_id.in_(company_ids), Share.until >= clock.now()))
    return people


def _people(session: Session, company_ids: Sequence[int]) -> Sequence[Any]:
    """Return who shares with the partner through them now; their rows are held, so no consent slips in between."""
    sharing = select(Share.profile_id).where(Share.company_id.in_(company_ids), Share.until >= clock.now())
    return session.execute(
        select(Profile.id, Profile.code, Profile.email, Profile.name)
        .where(Profile.id.in_(sharing))
        .order_by(Profile.id)
        .with_for_update(of=Profile, key_share=True)
    ).all()


def _withdraw(session: Session, partner_id: int, company_ids: Sequence[int], way: str) -> None:
    sharing = select(Share.profile_id).where(Share.company_id.in_(company_ids), Share.until >= clock.now())
    standing = session.execute(
        select(Consent.id, Consent.profile_id).where(
            Consent.via_company_id.in_(company_ids),
            Consent.profile_id.in_(sharing),
            ~exists().where(ConsentWithdrawal.consent_id == Consent.id),
        )
    ).all()
    session.add_all(
        ConsentWithdrawal(
            profile_id=each.profile_id, partner_id=partner_id, consent_id=each.id, at=clock.now(), way=way
        )
        for each in standing
    )
    session.flush()
