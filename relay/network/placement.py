"""The second purpose of a school that notified, introducing jobs (職安法33条の2, B-33): who has it, and when.

It is ticked beside the courses, and shown to the school while its number is looked up. A consent given before never
widens: on the own page the purpose is added, or taken back, by an act of its own, which is a new consent.
"""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from relay.models import Consent, Partner, PartnerKind, Partnership, Profile, scopes
from relay.models.locking import lock_companies, lock_profile
from relay.network import item_choices, new_contents, own_acts, renewals
from relay.network.consent_texts import RecipientPurpose, purposes_of
from relay.network.granting import Evidence, PartnerGone, WordingChanged, refuse_while_closed
from relay.network.own_acts import OwnAct
from relay.network.partner_options import PartnerOption
from relay.network.profiles import is_paused

PURPOSE_CHANGED = "purpose-changed"
"""How a consent ended whose person took the second purpose back, as its row of withdrawal says."""


def shown_purposes(session: Session, partner_id: int, kept: str) -> tuple[RecipientPurpose, ...]:
    """Return the purposes of a consent as its partner is shown them, in the partner's scope.

    A school's number that is not looked up shows no second one.
    """
    first, *further = purposes_of(kept)
    return (first, *further) if further and _is_open(session, partner_id) else (first,)


def _is_open(session: Session, partner_id: int) -> bool:
    looked_up = exists().where(
        Partnership.partner_id == Partner.id, Partnership.ended_at.is_(None), Partnership.checked_on.is_not(None)
    )
    school = select(Partner.id).where(
        Partner.id == partner_id, Partner.introduces_jobs, or_(Partner.checked_on.is_not(None), looked_up)
    )
    return session.scalar(school) is not None


def choices(session: Session, profile_id: int) -> dict[int, PartnerOption]:
    """Return the schools with a yes that offer the second purpose now, or that have it and can lose it.

    None while nothing new is told.
    """
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
        has = {
            each.partner_id
            for each in new_contents.shares(session, profile)
            if len(purposes_of(each.purpose)) > 1 and new_contents.introduces_jobs(each.purpose)
        }
    if profile.erase_at is not None or is_paused(profile.paused_until):
        return {}
    offered = new_contents.offered_again(session, profile)
    return {each: option for each, option in offered.items() if option.with_jobs is not None or each in has}


def choose(
    session: Session,
    profile_id: int,
    partner_id: int,
    *,
    jobs: bool,
    shown: str,
    token_id: int | None,
    evidence: Evidence,
) -> bool:
    """Agree once more with a school that has a yes, for its courses and introducing jobs, or for its courses alone.

    To what it has: for twelve months, or, where the second is taken back, until the day it had; that can be done though
    the school offers it no more. Returns whether that changed anything. Raises PartnerGone, WordingChanged,
    ErasurePlanned, SharingPaused.
    """
    with scopes.profile(session, profile_id):
        companies = session.scalars(select(Consent.via_company_id).where(Consent.partner_id == partner_id)).all()
    lock_companies(session, companies)
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile).execution_options(populate_existing=True)).one()
        refuse_while_closed(profile)
        before = [each for each in new_contents.shares(session, profile) if each.partner_id == partner_id]
    offered = new_contents.offered_again(session, profile).get(partner_id)
    if offered is None or offered.kind is not PartnerKind.SCHOOL or (jobs and offered.with_jobs is None):
        raise PartnerGone
    if all(new_contents.introduces_jobs(each.purpose) == jobs for each in before):
        return False
    option = offered.agreed_to(jobs=jobs)
    if shown != option.terms.hash:
        raise WordingChanged
    renewals.grant_again(session, profile, option, token_id=token_id, evidence=evidence, longer=jobs)
    item_choices.end_replaced(session, profile, partner_id, before, way=PURPOSE_CHANGED)
    own_acts.tell(session, profile_id, OwnAct.PURPOSE_ADDED if jobs else OwnAct.PURPOSE_TAKEN_BACK)
    return True
