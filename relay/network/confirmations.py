"""The day of a profile: asked about once at month 6, by one mail, and hidden from partners without an answer (B-22).

The answer is a form of the own page, behind the number, for it is about what is written there. Correcting something, a
new registration and a yes to a partner say the same (`profiles.confirm`). Silence ends nothing: the consents stay, and
partners see the person again with the answer.
"""

from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from flask_babel import format_date
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.mail import allowance
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import EventTag, Job, MailClass, Message, Profile, Share, TokenPurpose, record, scopes
from relay.models.keyset import Keyset, Page, ascending
from relay.models.locking import lock_profile
from relay.network import letters, own_acts, profiles
from relay.network.granting import ErasurePlanned
from relay.network.own_acts import OwnAct

LETTER = "profile-confirmation"
KIND = "profile-confirmation"
CHUNK_SIZE = 500
ASK_AFTER = relativedelta(months=6)
"""How long after its last confirmation a profile is asked about."""
ANSWER_WITHIN = relativedelta(months=1)
"""How long the answer is waited for before partners stop seeing the profile."""
_ORDER = Keyset(ascending(Profile.last_confirmed_at), ascending(Profile.id))
"""The order of the index of those who were not asked, so that nobody else is read."""
STALE = "letters: registered people whose profile is to be confirmed belong to no company"


def question(session: Session, profile_id: int) -> date | None:
    """Return the last day on which partners see the profile unless it is confirmed; None while nothing is asked."""
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
    return profile.confirm_by if profile.erase_at is None else None


def confirm(session: Session, profile_id: int) -> bool:
    """Note that all is right as it is written, and show it to partners again; returns whether that was asked.

    Raises ErasurePlanned.
    """
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile).execution_options(populate_existing=True)).one()
        if profile.erase_at is not None:
            raise ErasurePlanned
        if profile.confirm_by is None:
            return False
        profiles.confirm(profile)
        record(session, EventTag.PROFILE_CONFIRMED, profile_id=profile_id, subject=("profile", profile_id))
        session.flush()
    own_acts.tell(session, profile_id, OwnAct.FACTS_CONFIRMED)
    return True


def expected(session: Session, profile_id: int) -> list[date]:
    """Return the day on which the mail leaves if the person does nothing; empty where none does."""
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
        last = session.scalar(select(func.max(Share.until)))
    day = max(_ask_on(profile.last_confirmed_at), allowance.first_day(session, LETTER, None, profile.email))
    asked = profile.confirm_by is not None or profile.erase_at is not None
    return [] if asked or last is None or last <= clock.end_of_day(day + ANSWER_WITHIN) else [day]


def _ask_on(confirmed_at: datetime) -> date:
    """Return the first day that is six months after the day of a confirmation; months end on different days."""
    confirmed_on = confirmed_at.astimezone(clock.JAPAN).date()
    day = confirmed_on + ASK_AFTER
    while day - ASK_AFTER < confirmed_on:
        day += timedelta(days=1)
    return day


def write_to(session: Session, *, after: str = "") -> Page[Profile]:
    """Ask people whose profile was confirmed six months ago, once; returns at whom it looked, at most CHUNK_SIZE.

    Nobody is looked at of whom partners would see nothing anyway by the day of the answer; they are passed over who had
    four mails this year, and asked later. Call it again for the page that follows until there is none, each time in a
    transaction of its own.
    """
    by = clock.today() + ANSWER_WITHIN
    allowance.one_at_a_time(session)
    with scopes.everyone(session, STALE):
        due = _due(session, after)
        reached = allowance.may_be_written_to(session, LETTER, None, [each.email for each in due.rows])
        asked = [each for each in due.rows if each.email in reached]
        for profile in asked:
            profile.confirm_by = by
        session.flush()
    for profile in asked:
        letters.send(session, LETTER, profile, values={"by": by.isoformat()})
    return due


def _due(session: Session, after: str) -> Page[Profile]:
    confirmed_before = clock.start_of_day(clock.today() - ASK_AFTER + timedelta(days=1))
    shared = select(Share.profile_id).where(
        Share.profile_id == Profile.id, Share.until > clock.end_of_day(clock.today() + ANSWER_WITHIN)
    )
    due = select(Profile).where(
        Profile.confirm_by.is_(None),
        Profile.last_confirmed_at < confirmed_before,
        Profile.erase_at.is_(None),
        shared.exists(),
    )
    held = due.with_for_update(of=Profile, skip_locked=True).execution_options(populate_existing=True)
    return _ORDER.page(session, held, lambda profile: profile, after=after, limit=CHUNK_SIZE)


def _context(_session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    by = message.values.get("by", "")
    return {
        "by": format_date(date.fromisoformat(by), "long") if by else "",
        "months": ASK_AFTER.months,
        "own_url": link(TokenPurpose.OWN_PAGE),
    }


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=letters.mint_own_page,
        link=letters.OWN_PAGE_LINK,
        unasked=True,
    ),
)


def _run(session: Session, job: Job) -> None:
    after = write_to(session).next
    while after:
        jobs.go_on(session, job)
        after = write_to(session, after=after).next


JOBS = (JobKind(KIND, _run),)
