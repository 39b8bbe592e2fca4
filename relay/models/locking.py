"""The two rows that writers queue at: a company (numbers, ledger) and a profile (consents, shares).

Always the companies first, lowest id first, then the profile, so that two writers never wait for each
other. The lock lets rows that merely refer to the company be added meanwhile (an import does not hold a
registration up). On SQLite the transaction already holds the one write lock and these are plain reads.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Company, Profile, scopes


def lock_companies(session: Session, company_ids: Iterable[int]) -> None:
    """Hold these companies until the transaction ends: nobody else numbers referrals or writes their ledger."""
    wanted = sorted(set(company_ids))
    session.execute(
        select(Company.id).where(Company.id.in_(wanted)).order_by(Company.id).with_for_update(key_share=True)
    ).all()


@scopes.in_company
def lock_company(session: Session, company_id: int) -> None:
    """Hold one company until the transaction ends."""
    lock_companies(session, [company_id])


def lock_profiles(session: Session, profile_ids: Iterable[int]) -> None:
    """Hold the consents and shares of these people, lowest id first, in a scope that reaches them."""
    wanted = sorted(set(profile_ids))
    session.execute(
        select(Profile.id).where(Profile.id.in_(wanted)).order_by(Profile.id).with_for_update(key_share=True)
    ).all()


def lock_profile(session: Session, profile_id: int) -> None:
    """Hold one person's consents and shares until the transaction ends."""
    with scopes.profile(session, profile_id):
        session.execute(select(Profile.id).where(Profile.id == profile_id).with_for_update(key_share=True)).all()
