"""The mail of the morning: how many people came to a partner, and how many took their yes back, since an agent's last.

It names nobody and brings no reference. Counted is from the end of the last mail that left, so what a failed mail, a
day off or a stopped worker kept back is in the next. Where it would pass a company's mailbox it has no number and asks
on every Monday and Thursday to look for news, whether there is any or not: few people come in a day, HR knows whom it
wrote to, and silence would tell it as much as a number (A-45).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import current_app
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.config import Settings
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.mail import outbox, tokens
from relay.mail.final_state import mark_final
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.outbox import StaffMail
from relay.mail.sending_hours import is_day_off
from relay.mail.tokens import Link
from relay.models import (
    Event,
    EventTag,
    Job,
    MailClass,
    Message,
    MessageState,
    MorningReader,
    Partner,
    Partnership,
    Profile,
    Share,
    TokenPurpose,
    User,
    scopes,
)
from relay.models.upsert import upsert
from relay.network import company_mailboxes
from relay.network.company_mailboxes import CompanyMailboxes
from relay.network.partners import is_open, may_see_people
from relay.network.profiles import out_of_sight

LETTER = "morning-mail"
KIND = "morning-mails"
BEGINS, ENDS = time(8), time(12)
"""The morning of a working day in Japan; what has not left by its end is in the next mail."""
NEWS_DAYS = frozenset({0, 3})
"""Monday and Thursday, as `date.weekday` numbers them."""
CHUNK_SIZE = 500
SETTLED = timedelta(minutes=1)
"""Whatever is younger is counted next time: its transaction may not have ended yet."""
PAGE = Link(TokenPurpose.MORNING, lifetime=timedelta(days=365), path="/morning-off/", key="stop_url")
AGENTS = "network: agents of every partner, who are told in the morning how many people came"


@dataclass(frozen=True)
class Told:
    """The numbers of a mail: people who came and yeses taken back, in the time after `since` until `until`."""

    people: int
    withdrawn: int
    since: datetime
    until: datetime


# who is written to, and how many it is


def is_morning(moment: datetime) -> bool:
    """Return whether these mails leave at this moment."""
    local = moment.astimezone(clock.JAPAN)
    return BEGINS <= local.time() < ENDS and not is_day_off(local.date())


def write_to(session: Session, companies: CompanyMailboxes, *, after: int = 0) -> Sequence[int]:
    """Queue this morning's mail to agents with news; returns at whom it looked (CHUNK_SIZE), by number of the login.

    Nobody gets a second one on a day, however many workers are at it: the row of the reader is claimed by one of them.
    Call it with `after` the last of them until none is left, each in a transaction of its own.
    """
    with scopes.everyone(session, AGENTS):
        agents = _agents(session, after)
        told = _counted(session, agents, clock.now() - SETTLED)
        wanted = {each.id: mail for each in agents if (mail := _values(each, told[each.id], companies)) is not None}
        claimed = _claim(session, [each for each in agents if each.id in wanted])
        mails = [StaffMail(each.id, each.email, wanted[each.id]) for each in agents if each.id in claimed]
        outbox.queue_to_logins(session, LETTER, mails)
    return [each.id for each in agents]


def _agents(session: Session, after: int) -> Sequence[Any]:
    """Return the next agents whom a mail may reach today, and until when each was told."""
    wanted = (
        select(User.id, User.partner_id, User.email, _told_until().label("since"))
        .join(Partner, Partner.id == User.partner_id)
        .outerjoin(MorningReader, MorningReader.user_id == User.id)
        .where(User.id > after, User.disabled_at.is_(None), may_see_people(), *_may_be_mailed())
    )
    return session.execute(wanted.order_by(User.id).limit(CHUNK_SIZE)).all()


def _may_be_mailed() -> tuple[ColumnElement[bool], ...]:
    return (
        MorningReader.off_at.is_(None),
        or_(MorningReader.mailed_on.is_(None), MorningReader.mailed_on < clock.today()),
    )


def _told_until() -> ColumnElement[datetime]:
    return func.coalesce(MorningReader.told_until, User.created_at)


def _counted(session: Session, agents: Sequence[Any], until: datetime) -> dict[int, Told]:
    """Return what there is to tell each of them: two questions for all."""
    ids = [each.id for each in agents]
    people, withdrawn = session.execute(_came(ids, until)).all(), session.execute(_withdrawn(ids, until)).all()
    came, gone = {each.id: each.number for each in people}, {each.id: each.number for each in withdrawn}
    return {each.id: Told(came.get(each.id, 0), gone.get(each.id, 0), each.since, until) for each in agents}


def _came(ids: Sequence[int], until: datetime) -> Any:
    """Select how many people each agent's partner sees now and did not see when the agent was told last."""
    other = aliased(Share)
    known = exists().where(
        other.profile_id == Share.profile_id,
        other.partner_id == Share.partner_id,
        other.since <= _told_until(),
        other.until >= clock.now(),
    )
    hidden = exists().where(Profile.id == Share.profile_id, out_of_sight(Profile))
    return (
        select(User.id, func.count(Share.profile_id.distinct()).label("number"))
        .select_from(User)
        .outerjoin(MorningReader, MorningReader.user_id == User.id)
        .join(
            Share,
            and_(Share.partner_id == User.partner_id, Share.since > _told_until(), Share.since <= until),
        )
        .join(
            Partnership,
            and_(
                Partnership.partner_id == Share.partner_id,
                Partnership.company_id == Share.company_id,
                Partnership.ended_at.is_(None),
            ),
        )
        .where(User.id.in_(ids), Share.until >= clock.now(), is_open(), ~hidden, ~known)
        .group_by(User.id)
    )


def _withdrawn(ids: Sequence[int], until: datetime) -> Any:
    """Select how many yeses to each agent's partner were taken back since the agent was told last.

    A profile that ends after its last term takes back what is over: that is no withdrawal.
    """
    tag = literal(EventTag.CONSENT_WITHDRAWN.value, literal_execute=True)  # so that SQLite takes the index of this tag
    return (
        select(User.id, func.count(Event.id).label("number"))
        .select_from(User)
        .outerjoin(MorningReader, MorningReader.user_id == User.id)
        .join(
            Event,
            and_(Event.partner_id == User.partner_id, Event.tag == tag, Event.at > _told_until(), Event.at <= until),
        )
        .where(User.id.in_(ids), func.coalesce(Event.data["stood"].as_integer(), 1) > 0)
        .group_by(User.id)
    )


def _values(agent: Any, told: Told, companies: CompanyMailboxes) -> dict[str, Any] | None:
    """Return what the mail holds; None where there is nothing to say today."""
    period = {"since": told.since.isoformat(), "until": told.until.isoformat()}
    if companies.see(agent.email):
        return period if clock.today().weekday() in NEWS_DAYS else None
    if not (told.people or told.withdrawn):
        return None
    return period | {"people": told.people, "withdrawn": told.withdrawn}


def _claim(session: Session, agents: Iterable[Any]) -> set[int]:
    """Note today as the day of each agent's mail; returns those whose mail no other worker has written today."""
    rows = [{"partner_id": each.partner_id, "user_id": each.id, "mailed_on": clock.today()} for each in agents]
    if not rows:
        return set()
    put = upsert(session, MorningReader).values(rows)
    claimed = put.on_conflict_do_update(
        index_elements=[MorningReader.user_id],
        set_={"mailed_on": put.excluded.mailed_on},
        where=and_(*_may_be_mailed()),
    )
    return set(session.scalars(claimed.returning(MorningReader.user_id)))


# whether an agent wants it


def is_wanted(session: Session, user_id: int) -> bool:
    """Return whether this agent gets the mail of the morning; in the partner's scope."""
    off = select(MorningReader.id).where(MorningReader.user_id == user_id, MorningReader.off_at.is_not(None))
    return session.scalar(off) is None


def switch(session: Session, partner_id: int, user_id: int, *, on: bool) -> None:
    """Send this agent the mail of the morning, or none; what came while there was none is not told afterwards."""
    if is_wanted(session, user_id) == on:
        return
    values: dict[str, Any] = {"off_at": None, "told_until": clock.now()} if on else {"off_at": clock.now()}
    put = upsert(session, MorningReader).values(partner_id=partner_id, user_id=user_id, **values)
    session.execute(put.on_conflict_do_update(index_elements=[MorningReader.user_id], set_=values))


# the letter


def _note(session: Session, message: Message, state: MessageState) -> None:
    """Note how far the agent has been told once the mail has left, and take that back where it came back."""
    since, until = (datetime.fromisoformat(message.values[each]) for each in ("since", "until"))
    mine = update(MorningReader).where(MorningReader.user_id == message.subject_id)
    if state is MessageState.SENT:
        session.execute(mine.values(told_until=until))
    elif state in {MessageState.FAILED, MessageState.BOUNCED}:
        session.execute(mine.where(MorningReader.told_until == until).values(told_until=since))


def _has_lapsed(session: Session, message: Message) -> bool:
    """Return whether its morning is over, or the agent left or stopped it meanwhile."""
    now = clock.now()
    if not is_morning(now) or message.created_at.astimezone(clock.JAPAN).date() != clock.today():
        return True
    works = select(User.id).where(User.id == message.subject_id, User.disabled_at.is_(None))
    return session.scalar(works) is None or not is_wanted(session, message.subject_id or 0)


def _mint(session: Session, message: Message) -> dict[str, str]:
    token = tokens.mint(session, PAGE.purpose, message.subject_id or 0, message_id=message.id)
    return {PAGE.key: tokens.url_of(PAGE.purpose, token)}


def _context(_session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    settings: Settings = current_app.config["RELAY"]
    values = message.values
    since = values.get("since", "")
    return {
        "news_only": "people" not in values,
        "people": f"{values.get('people', 0):,}",
        "withdrawn": f"{values.get('withdrawn', 0):,}",
        "since": format_datetime(datetime.fromisoformat(since), _("M月d日 H:mm")) if since else "",
        "ended_alone": values.get("people", 1) == 0,
        "page": f"{settings.base_url}/agency/{'ended' if values.get('people', 1) == 0 else 'people?new=1'}",
        PAGE.key: link(PAGE.purpose),
    }


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=_mint,
        on_final_state=_note,
        has_lapsed=_has_lapsed,
        audience="partner",
        link=PAGE,
        stops_by_one_click=True,
    ),
)


# the calendar


def due_at(day: date) -> datetime:
    """Return when the mails of a day are written."""
    return datetime.combine(day, BEGINS, tzinfo=clock.JAPAN)


def after_restore(session: Session) -> None:
    """Let no mail leave a second time that may have left after the backup was made: the next morning tells of it.

    What waited is cancelled, and once this morning has begun nobody gets another one today.
    """
    with scopes.everyone(session, AGENTS):
        under_way = Message.state.in_((MessageState.SCHEDULED, MessageState.SENDING))
        for message in session.scalars(select(Message).where(Message.letter == LETTER, under_way)):
            mark_final(session, message, MessageState.CANCELLED)
        if clock.now() >= due_at(clock.today()):
            _claim_all(session)


def _claim_all(session: Session) -> None:
    agents = select(User.partner_id, User.id, literal(clock.today()))
    columns = ["partner_id", "user_id", "mailed_on"]
    put = upsert(session, MorningReader).from_select(columns, agents.where(User.partner_id.is_not(None)))
    today = {"mailed_on": clock.today()}
    session.execute(put.on_conflict_do_update(index_elements=[MorningReader.user_id], set_=today))


def _run(session: Session, job: Job) -> None:
    if not is_morning(clock.now()):
        return
    companies, after = company_mailboxes.all_of_them(session), 0
    while looked_at := write_to(session, companies, after=after):
        after = looked_at[-1]
        jobs.go_on(session, job)


JOBS = (JobKind(KIND, _run),)
