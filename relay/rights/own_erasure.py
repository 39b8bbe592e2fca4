"""A registered person erases everything at once, on their own page, and is told what becomes of the three parts of it.

The registration goes now. What partners saved is asked back today, each partner with its contact; the record of the
application is the company's, with the day until which it is kept (A-33, A-35, A-44).
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.models import Candidate, RelayLink, scopes
from relay.models.locking import lock_profile
from relay.network import consents, next_openings, outcome_consents, related_consents
from relay.network.consents import StandingConsent
from relay.network.partner_options import sharing_company
from relay.rights import erasure
from relay.trust import privacy


@dataclass(frozen=True)
class KeptApplication:
    """The record that a company keeps of the person as an applicant, and until when; without a day, as it says."""

    company: str
    contact: str
    privacy_slug: str | None
    """Under which its 個人情報の取扱い is public, with the ways to ask for an erasure; None while none is."""
    until: date | None


@dataclass(frozen=True)
class ErasureOutlook:
    """The parts of an erasure that the page can name: partners asked to delete, and records that companies keep."""

    partners: tuple[StandingConsent, ...]
    applications: tuple[KeptApplication, ...]


def outlook(session: Session, profile_id: int) -> ErasureOutlook:
    """Return what an erasure would come to now, as far as the page shows it (C-25)."""
    companies = consents.companies_of(session, profile_id)
    kept = tuple(_kept(session, each, consents.links_of(session, profile_id, each)) for each in companies)
    return ErasureOutlook(tuple(consents.standing(session, profile_id)), kept)


def erase_now(session: Session, profile_id: int) -> ErasureOutlook:
    """Erase everything of the person at once and say so by mail; returns what it came to. Nothing brings it back."""
    next_openings.take_all_back(session, profile_id)
    related_consents.take_all_back(session, profile_id)
    outcome_consents.take_all_back(session, profile_id)
    lock_profile(session, profile_id)
    came_to = outlook(session, profile_id)
    erasure.erase_profile(session, profile_id)
    return came_to


def _kept(session: Session, company_id: int, link_ids: list[int]) -> KeptApplication:
    company = sharing_company(session, company_id)
    with scopes.company(session, company_id):
        until = session.scalar(
            select(func.max(Candidate.retain_until))
            .join(RelayLink, RelayLink.candidate_id == Candidate.id)
            .where(RelayLink.id.in_(link_ids))
        )
    return KeptApplication(company.name, company.contact, privacy.public_slug(session, company_id), until)
