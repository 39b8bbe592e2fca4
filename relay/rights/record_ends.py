"""The company's letter about a record that ends: one in its last month, to people in the pool, and no second (A-25).

Two weeks before the last day the worker writes to those who agreed to be kept. It asks for a consent to be told of
openings, so it is promotion by law: people who were merely informed get it where a member has seen it (C-2). What a
registered person gets about their consents is the operator's letter (relay.network.renewals), for it is another's data.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Date, Select, String, bindparam, cast, exists, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.age import is_under_age
from relay.errors import DomainError
from relay.hiring import unfinished
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.infra.keyed_hash import address_hash
from relay.mail import allowance, batches, optouts, outbox, tokens
from relay.mail.allowance import YEAR
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Application,
    ApplicationResult,
    BatchKind,
    Candidate,
    Company,
    Job,
    MailClass,
    Message,
    MessageState,
    RetentionBasis,
    TokenPurpose,
    moments,
    scopes,
)
from relay.models.keyset import Keyset, Start, ascending
from relay.network import next_openings
from relay.outreach import results
from relay.outreach.results import Queued
from relay.rights import keeping, retention
from relay.text import clean

LETTER = "record-ends"
KIND = "record-ends"
WRITTEN = timedelta(days=14)
"""How long before the last day the worker writes (A-25); until then HR may have done so."""
CHUNK_SIZE = 500
MAX_RECIPIENTS = 20
"""How many people a member writes to at once: as many mails as are read before they are sent."""
PAGE = Link(TokenPurpose.RECORD_ENDS, lifetime=keeping.LAST_MONTH, path="/keep/", key="keep_url")
_LIVE = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT)
_IN_POOL = (RetentionBasis.STATED, RetentionBasis.CONSENTED)
_SOONEST = Keyset(ascending(Candidate.retain_until), ascending(Candidate.id))
"""The order of the index on the last day; the basis is cast: else SQLite walks all of that basis, not the few days."""


class LetterStanding(StrEnum):
    """How far the letter to one person is."""

    POSSIBLE = "possible"
    WAITS = "waits"
    SENT = "sent"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True)
class EndingRecord:
    """A person to whom the letter may go, by the numbers of the record and of the last application."""

    candidate_id: int
    name: str
    email: str
    basis: RetentionBasis
    until: date
    application_id: int | None


class NobodyToWriteTo(DomainError):
    """Raise where none of the chosen may be written to, or all have their letter."""

    code = "nobody-to-write-to"
    message = _l(
        "選んだ方には、すでにメールを送ったか、いまは送れません。何も送っていません。"
        "「次回の消去」で、送れる方を選び直してください。"
    )


@scopes.in_company
def recipients(
    session: Session, company_id: int, candidate_ids: Collection[int] | None = None, *, limit: int = MAX_RECIPIENTS
) -> list[EndingRecord]:
    """Return those to whom a member may send the letter now, the nearest end first; of these people, or of all.

    Left out are people who stopped mail, have no address, are under age, held, not yet told a result or kept for a
    selection alone, and people who had the letter or four other mails this year.
    """
    chosen = [Candidate.id.in_(candidate_ids)] if candidate_ids is not None else []
    found = _ending(session, clock.today() + keeping.LAST_MONTH, *chosen, limit=limit)
    return _reached(session, company_id, found)


_NEWEST_OF = (
    select(Message.candidate_id, Message.state)
    .where(
        Message.candidate_id.in_(bindparam("people", expanding=True)),
        Message.letter == LETTER,
        Message.state.in_(_LIVE),
        Message.created_at > moments.now(-YEAR),
    )
    .order_by(Message.id)
)


@scopes.in_company
def standings(session: Session, company_id: int, candidate_ids: Collection[int]) -> dict[int, LetterStanding]:
    """Return how far the letter of the last year to each of these people is."""
    possible = {each.candidate_id for each in recipients(session, company_id, candidate_ids, limit=len(candidate_ids))}
    written = dict(session.execute(_NEWEST_OF, {"people": list(candidate_ids)}).all())
    found: dict[int, LetterStanding] = {}
    for each in candidate_ids:
        if each in written:
            found[each] = LetterStanding.SENT if written[each] is MessageState.SENT else LetterStanding.WAITS
        else:
            found[each] = LetterStanding.POSSIBLE if each in possible else LetterStanding.IMPOSSIBLE
    return found


@scopes.in_company
def send(session: Session, company_id: int, candidate_ids: Collection[int], *, by_user_id: int | None) -> Queued:
    """Queue the letter to those of these people who may have it, as one act that can be stopped.

    It leaves after the company's delay, in the hours of result mails. Raises NobodyToWriteTo, PracticeOnly.
    """
    allowance.one_at_a_time(session)
    found = recipients(session, company_id, candidate_ids)
    if not found:
        raise NobodyToWriteTo
    return _queue(session, company_id, found, by_user_id=by_user_id)


@scopes.in_company
def drafts(session: Session, company_id: int, found: Sequence[EndingRecord]) -> list[Message]:
    """Return the mails to these people as `send` would queue them, not stored."""
    months = keeping.consented_months(session, company_id)
    return [
        Message(
            company_id=company_id,
            letter=LETTER,
            mail_class=MailClass.PROMO,
            candidate_id=each.candidate_id,
            to_address=each.email,
            state=MessageState.DRAFT,
            values=_values(months, each),
        )
        for each in found
    ]


def write_to(session: Session, company_id: int, *, after: EndingRecord | None = None) -> Sequence[EndingRecord]:
    """Send the letter to people of a company who agreed to be kept and leave within two weeks, once.

    Returns at whom it looked, at most CHUNK_SIZE; call it with `after` the last of them until there is none, each in a
    transaction of its own. A letter that a member stopped is not written again.
    """
    with scopes.company(session, company_id):
        allowance.one_at_a_time(session)
        found = _unwritten(session, after)
        if reached := _reached(session, company_id, found):
            _queue(session, company_id, reached, by_user_id=None)
        return [each for each, _born in found]


@scopes.in_company
def due_by_itself(session: Session, company_id: int) -> int:
    """Return to how many people the worker writes at its next run; it looks at CHUNK_SIZE people at most."""
    return len(_reached(session, company_id, _unwritten(session)))


def _unwritten(session: Session, after: EndingRecord | None = None) -> list[tuple[EndingRecord, date | None]]:
    """Return people who agreed to be kept, leave within two weeks and had no letter in the last year."""
    had = exists().where(
        Message.company_id == Candidate.company_id,
        Message.candidate_id == Candidate.id,
        Message.letter == LETTER,
        Message.created_at > clock.now() - YEAR,
    )
    until, agreed = clock.today() + WRITTEN, (RetentionBasis.CONSENTED,)
    return _ending(session, until, ~had, bases=agreed, after=after, limit=CHUNK_SIZE)


def expected(session: Session, profile_id: int) -> list[date]:
    """Return the days on which companies that the person asked to keep a record send its letter, by themselves.

    The own page foresees them for its person; a member of the company may send one earlier. Nothing is written down,
    so no company learns of it (A-45).
    """
    kept = next_openings.kept_records(session, profile_id)
    live = set(session.scalars(select(Company.id).where(Company.id.in_(kept), Company.live_since.is_not(None))))
    days = [_expected(session, company_id, ids) for company_id, ids in kept.items() if company_id in live]
    return sorted(day for of_company in days for day in of_company)


def _expected(session: Session, company_id: int, candidate_ids: Collection[int]) -> list[date]:
    with scopes.company(session, company_id):
        theirs = Candidate.id.in_(candidate_ids)
        found = _ending(session, date.max, theirs, bases=(RetentionBasis.CONSENTED,), limit=MAX_RECIPIENTS)
        open_to_it = _open_to_it(session, company_id, found)
        had = select(Message.candidate_id, func.max(Message.created_at)).where(
            Message.candidate_id.in_(candidate_ids), Message.letter == LETTER
        )
        written = dict(session.execute(had.group_by(Message.candidate_id)).all())
    days = []
    for each in open_to_it:
        allowed = [allowance.first_day(session, LETTER, company_id, each.email)]
        allowed += [allowance.a_year_after(written[each.candidate_id])] if each.candidate_id in written else []
        days.append((max(each.until - WRITTEN, *allowed), each.until))
    return [day for day, until in days if day <= until]


def _ending(
    session: Session,
    until: date,
    *which: ColumnElement[bool],
    bases: tuple[RetentionBasis, ...] = _IN_POOL,
    after: EndingRecord | None = None,
    limit: int,
) -> list[tuple[EndingRecord, date | None]]:
    """Return the people of the pool who leave by then, as far as the database knows who may be written to."""
    start = None if after is None else Start((after.until, after.candidate_id))
    rows = session.execute(_SOONEST.slice(_people(bases).where(*which), start, limit), {"until": until})
    return [(EndingRecord(*row[:-1]), row[-1]) for row in rows]


@cache  # tricks: portal.leaving
def _people(bases: tuple[RetentionBasis, ...]) -> Select[*tuple[Any, ...]]:
    theirs = (Application.company_id == Candidate.company_id, Application.candidate_id == Candidate.id)
    untold = exists().where(
        *theirs, Application.status == ApplicationResult.REJECTED, Application.notified_at.is_(None)
    )
    last = select(func.max(Application.id)).where(*theirs).scalar_subquery()
    until = bindparam("until", type_=Date())
    return (
        select(
            *(Candidate.id, Candidate.name, Candidate.email, Candidate.basis, Candidate.retain_until),
            *(last, Candidate.birth_date),
        )
        .where(*retention.leaving(until), Candidate.retain_until >= moments.today())
        .where(cast(Candidate.basis, String).in_(bases))
        .where(Candidate.email_key != "", Candidate.contact_stopped_at.is_(None), ~untold, ~unfinished.runs())
    )


def _reached(
    session: Session, company_id: int, found: Sequence[tuple[EndingRecord, date | None]]
) -> list[EndingRecord]:
    """Leave out whom a mail must not reach; of several records with one address, the first alone is written to."""
    open_to_it = _open_to_it(session, company_id, found)
    reached = allowance.may_be_written_to(session, LETTER, company_id, {each.email for each in open_to_it})
    first = {each.email: each for each in reversed(open_to_it) if each.email in reached}
    return [each for each in open_to_it if first.get(each.email) is each]


def _open_to_it(
    session: Session, company_id: int, found: Sequence[tuple[EndingRecord, date | None]]
) -> list[EndingRecord]:
    """Leave out people under age, and addresses that stopped such mail of the company."""
    old_enough = [each for each, born in found if not is_under_age(born)]
    stopped = optouts.opted_out(session, company_id, {each.email for each in old_enough}, MailClass.PROMO)
    return [each for each in old_enough if each.email not in stopped]


def _queue(session: Session, company_id: int, found: Sequence[EndingRecord], *, by_user_id: int | None) -> Queued:
    company = session.scalars(select(Company).where(Company.id == company_id)).one()
    batch = batches.begin(session, company_id, by_user_id=by_user_id, kind=BatchKind.RECORD_ENDS)
    batches.mark_sent(batch)
    due, months = results.soonest(company), keeping.consented_months(session, company_id)
    for each in found:
        outbox.queue(
            session,
            LETTER,
            company_id=company_id,
            to=each.email,
            subject=("application", each.application_id),
            candidate_id=each.candidate_id,
            values=_values(months, each),
            due_at=due,
            batch_id=batch.id,
            by_user_id=by_user_id,
        )
    session.flush()
    return Queued(batch.code, len(found), due)


def _values(months: int, to: EndingRecord) -> dict[str, str]:
    longer = keeping.longer_until(months, to.until)
    return {"name": clean(to.name), "until": to.until.isoformat(), "longer": longer.isoformat()}


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {
        "name": message.values.get("name", ""),
        "until": _day(message.values.get("until")),
        "longer": _day(message.values.get("longer")),
        "keep_url": link(TokenPurpose.RECORD_ENDS),
    }


def _day(text: str | None) -> str:
    return format_date(date.fromisoformat(text), "long") if text else ""


def _mint(session: Session, message: Message) -> dict[str, str]:
    """Make the link while the mail is sent: good to the end of the last day it names."""
    candidate_id = scopes.required(message.candidate_id)
    last = clock.end_of_day(date.fromisoformat(str(message.values["until"])))
    token = tokens.mint(
        session,
        TokenPurpose.RECORD_ENDS,
        candidate_id,
        company_id=message.company_id,
        candidate_id=candidate_id,
        message_id=message.id,
        address_hash=address_hash(message.to_address),
        lifetime=max(last - clock.now(), timedelta(seconds=1)),
    )
    return {PAGE.key: tokens.url_of(TokenPurpose.RECORD_ENDS, token)}


def _has_lapsed(session: Session, message: Message) -> bool:
    """Return whether the day that the mail names is not, or no longer, the person's last one."""
    standing = select(Candidate.retain_until).where(
        Candidate.id == message.candidate_id, Candidate.contact_stopped_at.is_(None), ~retention.is_kept_back()
    )
    until = session.scalar(standing)
    return until is None or until < clock.today() or until.isoformat() != message.values.get("until")


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.PROMO,
        route=MailRoute.COMPANY,
        context=_context,
        mint=_mint,
        link=PAGE,
        has_lapsed=_has_lapsed,
        called=_l("保管期限"),
        shown_on_record=True,
        listed_in_outbox=True,
        spares_nights=True,
        unasked=True,
    ),
)


def _run(session: Session, job: Job) -> None:
    live = session.scalars(select(Company.id).where(Company.live_since.is_not(None)).order_by(Company.id)).all()
    for company_id in live:
        found = write_to(session, company_id)
        while found:
            jobs.go_on(session, job)
            found = write_to(session, company_id, after=found[-1])


JOBS = (JobKind(KIND, _run),)
