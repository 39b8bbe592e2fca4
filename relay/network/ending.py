"""What the end of a tie ends: the consents given through it, for good, and the people concerned are told at once.

Referrals and credits stay (invariant 3), and so do the records of what was provided (A-19).
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


def end_sharing(session: Session, tie: Partnership) -> None:
    """Close what was shared through a tie that has just ended; each person gets one mail, the agents another.

    The caller holds the company, so nobody registers through it meanwhile.
    """
    company_id = tie.company_id
    with scopes.partner(session, tie.partner_id):
        people = _people(session, company_id)
        if not people:
            return
        _withdraw(session, tie)
        session.execute(delete(Share).where(Share.company_id == company_id, Share.until >= clock.now()))
        elsewhere = set(session.scalars(select(Share.profile_id).where(Share.until >= clock.now())))
    partner_letters.tell_of_the_end(
        session, tie, people, gone=[each.code for each in people if each.id not in elsewhere]
    )


def _people(session: Session, company_id: int) -> Sequence[Any]:
    """Who shares with the partner through this company now; their rows are held, so no consent slips in between."""
    return session.execute(
        select(Profile.id, Profile.code, Profile.email, Profile.name)
        .join(Share, Share.profile_id == Profile.id)
        .where(Share.company_id == company_id, Share.until >= clock.now())
        .order_by(Profile.id)
        .with_for_update(of=Profile, key_share=True)
    ).all()


def _withdraw(session: Session, tie: Partnership) -> None:
    sharing = select(Share.profile_id).where(Share.company_id == tie.company_id, Share.until >= clock.now())
    standing = session.execute(
        select(Consent.id, Consent.profile_id).where(
            Consent.via_company_id == tie.company_id,
            Consent.profile_id.in_(sharing),
            ~exists().where(ConsentWithdrawal.consent_id == Consent.id),
        )
    ).all()
    session.add_all(
        ConsentWithdrawal(
            profile_id=each.profile_id, partner_id=tie.partner_id, consent_id=each.id, at=clock.now(), way=WAY
        )
        for each in standing
    )
    session.flush()
