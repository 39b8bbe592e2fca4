"""Acts that the link of an own page allows without its number: stop everything, have everything erased (C-25).

The erasure runs 72 hours later, so that a mere reader of the mail cannot destroy the registration at once.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.models import EventTag, Profile, record, scopes
from relay.network import consents, next_openings, own_page_letters
from relay.network.locking import lock_profile

GRACE = timedelta(hours=72)
ERASE_JOB = "erase-profile"
"""The kind of the job that erases; relay.rights does it."""


def stop_all(session: Session, profile_id: int) -> None:
    """End every consent of the person at once and tell them by mail; asking again changes nothing."""
    profile = _held(session, profile_id)
    if consents.withdraw_all(session, profile_id, way="stopped-all"):
        own_page_letters.send(session, own_page_letters.SHARING_STOPPED, profile)


def plan_erasure(session: Session, profile_id: int) -> None:
    """End every consent at once and put the erasure off by 72 hours; asking again keeps the first moment."""
    next_openings.take_all_back(session, profile_id)
    profile = _held(session, profile_id)
    consents.withdraw_all(session, profile_id, way="stopped-all")
    if profile.erase_at is not None:
        return
    profile.erase_at = clock.now() + GRACE
    session.flush()
    jobs.enqueue(
        session,
        ERASE_JOB,
        key=f"{ERASE_JOB}:{profile_id}:{profile.erase_at:%Y-%m-%dT%H:%M:%S.%f}",
        payload={"profile_id": profile_id},
        due_at=profile.erase_at,
    )
    record(session, EventTag.ERASURE_PLANNED, profile_id=profile_id, subject=("profile", profile_id))
    values = {"erase_at": profile.erase_at.isoformat()}
    own_page_letters.send(session, own_page_letters.ERASURE_PLANNED, profile, values=values)


def cancel_erasure(session: Session, profile_id: int) -> None:
    """Take a planned erasure back and say so by mail; what was stopped stays stopped."""
    profile = _held(session, profile_id)
    if profile.erase_at is None:
        return
    profile.erase_at = None
    session.flush()
    record(session, EventTag.ERASURE_CANCELLED, profile_id=profile.id, subject=("profile", profile.id))
    own_page_letters.send(session, own_page_letters.ERASURE_CANCELLED, profile)


def _held(session: Session, profile_id: int) -> Profile:
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        return session.scalars(select(Profile).execution_options(populate_existing=True)).one()
