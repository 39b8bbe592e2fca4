"""When a profile ends: 30 days after the last consent ended, everything in it is erased (A-44, invariant 9).

The word that a company may tell of its next openings is a consent too: its own page is the way to take it back.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, ConsentWithdrawal, OpeningsConsent, Profile, scopes

KEPT_DAYS = 30
KEPT = timedelta(days=KEPT_DAYS)
ACROSS = "retention: registered people belong to no company"


def last_day(session: Session, profile_id: int) -> date | None:
    """Return the day the profile is erased, in Japan; None while a consent is in force, shown on the page or not."""
    with scopes.profile(session, profile_id):
        rows = session.execute(
            select(Consent.until, ConsentWithdrawal.at).outerjoin(
                ConsentWithdrawal, ConsentWithdrawal.consent_id == Consent.id
            )
        ).all()
    with scopes.everyone(session, ACROSS):
        words = session.scalars(select(OpeningsConsent.ended_at).where(OpeningsConsent.profile_id == profile_id)).all()
    ends: list[datetime] = [min(row.until, row.at or row.until) for row in rows]
    ends += [each for each in words if each is not None]
    if None in words or not ends or max(ends) >= clock.now():
        return None
    return max(ends).astimezone(clock.JAPAN).date() + KEPT


def ended(session: Session, *, after: int, limit: int) -> Sequence[int]:
    """Return the ids beyond `after` of profiles whose day has come, in order, at most `limit`; each is held.

    A person who registers or agrees meanwhile holds the profile: who waited for them is asked about again.
    """
    with scopes.everyone(session, ACROSS):
        first = select(Profile.id).where(_has_ended(), Profile.id > after).order_by(Profile.id).limit(limit)
        held = session.scalars(first.with_for_update(of=Profile, skip_locked=True)).all()
        return session.scalars(select(Profile.id).where(Profile.id.in_(held), _has_ended()).order_by(Profile.id)).all()


def count_ended(session: Session) -> int:
    """Return how many profiles the next run erases."""
    with scopes.everyone(session, ACROSS):
        return session.scalar(select(func.count()).select_from(Profile).where(_has_ended())) or 0


def _has_ended() -> ColumnElement[bool]:
    """Return the condition that every consent ended before the day 30 days ago; a profile has one since it was made."""
    start = _start_of(clock.today() - KEPT + timedelta(days=1))
    withdrawn = exists().where(ConsentWithdrawal.consent_id == Consent.id, ConsentWithdrawal.at < start)
    later = exists().where(Consent.profile_id == Profile.id, Consent.until >= start, ~withdrawn)
    told = exists().where(
        OpeningsConsent.profile_id == Profile.id,
        or_(OpeningsConsent.ended_at.is_(None), OpeningsConsent.ended_at >= start),
    )
    return and_(Profile.created_at < start, ~later, ~told)


def _start_of(day: date) -> datetime:
    return clock.end_of_day(day - timedelta(days=1)) + timedelta(seconds=1)
