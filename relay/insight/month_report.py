"""The mail of a month (月次レポート): the first line and the numbers of the year, and nobody's name.

Administrators get it, and other members who wish for it (a president who only reads). It is written on the morning of
the first working day and tells what the page tells at that moment. Where a worker was stopped, or a large company was
not counted yet, the next three working days make up for it. Its link stops it (RFC 8058).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.identity.roles import ADMINS, PERMISSIONS
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.insight import year
from relay.insight.year import YearSheet
from relay.kpis.definitions import CASES
from relay.kpis.month_counts import Count
from relay.kpis.period import month_words
from relay.mail import outbox, tokens
from relay.mail.final_state import mark_final
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.sending_hours import is_day_off, working_day
from relay.mail.tokens import Link
from relay.models import Company, Job, MailClass, Message, MessageState, MonthReportReader, TokenPurpose, User, scopes
from relay.models.upsert import upsert
from relay.network import morning

LETTER = "month-report"
KIND = "month-reports"
READERS = PERMISSIONS["insights:report"] & PERMISSIONS["insights:read"]
MAKE_UP_DAYS = 3
"""Working days after the first on which a mail that was not written yet still is."""
PAGE = Link(TokenPurpose.MONTH_REPORT, lifetime=timedelta(days=365), path="/report-off/", key="report_url")
_ANYBODY = "worker: which companies have administrators, who are told once a month"


def is_due_on(day: date) -> bool:
    """Return whether the mail of the month is written on this day."""
    first = working_day(day.replace(day=1) - timedelta(days=1), 1)
    return first <= day <= working_day(first, MAKE_UP_DAYS) and not is_day_off(day)


def is_due(moment: datetime) -> bool:
    """Return whether it is written at this moment."""
    return morning.is_morning(moment) and is_due_on(moment.astimezone(clock.JAPAN).date())


def write_to(session: Session, company_id: int) -> int:
    """Queue this month's mail to each reader of the company in scope who has not had it; returns how many.

    Nobody gets a second one, however many workers are at it: the row of the reader is claimed by one of them, in the
    transaction that queues the mail. A company that is yet to be counted waits: no numbers would read as zeros.
    """
    readers = session.execute(_readers().where(_is_new(), _has_begun()).order_by(User.id)).all()
    if not readers or year.sheet(session, company_id).counts.awaited:
        return 0
    claimed = _claim(session, company_id, [each.id for each in readers])
    for each in readers:
        if each.id in claimed:
            outbox.queue(session, LETTER, company_id=company_id, to=each.email, subject=("user", each.id))
    return len(claimed)


@scopes.in_company
def is_wanted(session: Session, company_id: int, user_id: int) -> bool:
    """Return whether this member gets the mail of a month."""
    return session.scalar(_readers().where(User.id == user_id)) is not None


@scopes.in_company
def switch(session: Session, company_id: int, user_id: int, *, on: bool) -> None:
    """Send this member the mail of a month, or none; the next one is that of the next month."""
    if is_wanted(session, company_id, user_id) == on:
        return
    values: dict[str, Any] = {"wanted": True, "mailed_for": _this_month()} if on else {"wanted": False}
    put = upsert(session, MonthReportReader).values(company_id=company_id, user_id=user_id, **values)
    session.execute(put.on_conflict_do_update(index_elements=_KEY, set_=values))


def after_restore(session: Session) -> None:
    """Let no mail leave a second time that may have left after the backup was made.

    What waited is cancelled, and once the first morning of the month has begun nobody gets another one in it.
    """
    with scopes.everyone(session, _ANYBODY):
        under_way = Message.state.in_((MessageState.SCHEDULED, MessageState.SENDING))
        for message in session.scalars(select(Message).where(Message.letter == LETTER, under_way)):
            mark_final(session, message, MessageState.CANCELLED)
        first = working_day(_this_month() - timedelta(days=1), 1)
        if clock.now() >= morning.due_at(first):
            everybody = select(User.company_id, User.id, literal(_this_month())).where(_reads())
            put = upsert(session, MonthReportReader).from_select(["company_id", "user_id", "mailed_for"], everybody)
            told = {"mailed_for": put.excluded.mailed_for}
            session.execute(put.on_conflict_do_update(index_elements=_KEY, set_=told))


_KEY = [MonthReportReader.company_id, MonthReportReader.user_id]


def _this_month() -> date:
    return clock.today().replace(day=1)


def _reads() -> ColumnElement[bool]:
    return and_(User.company_id.is_not(None), User.disabled_at.is_(None), User.role.in_(READERS))


def _readers() -> Select[int, str]:
    """Select the members who get the mail: those who wish for it, and administrators who did not say."""
    by_role = and_(MonthReportReader.wanted.is_(None), User.role.in_(ADMINS))
    joined = select(User.id, User.email).outerjoin(MonthReportReader, MonthReportReader.user_id == User.id)
    return joined.where(_reads(), or_(MonthReportReader.wanted.is_(True), by_role))


def _is_new() -> ColumnElement[bool]:
    """Return the condition that the reader has not had the mail of this month."""
    return or_(MonthReportReader.mailed_for.is_(None), MonthReportReader.mailed_for < _this_month())


def _has_begun() -> ColumnElement[bool]:
    """Return the condition that the reader's company was live before this month: a first day has nothing to tell."""
    live = Company.live_since < clock.start_of_day(_this_month())
    return select(Company.id).where(Company.id == User.company_id, live).exists()


def _claim(session: Session, company_id: int, user_ids: Sequence[int]) -> set[int]:
    """Note this month as that of each reader's mail; returns those whose mail no other worker has written."""
    rows = [{"company_id": company_id, "user_id": each, "mailed_for": _this_month()} for each in user_ids]
    put = upsert(session, MonthReportReader).values(rows)
    told = {"mailed_for": put.excluded.mailed_for}
    claimed = put.on_conflict_do_update(index_elements=_KEY, set_=told, where=_is_new())
    return set(session.scalars(claimed.returning(MonthReportReader.user_id)))


# the letter


def _has_lapsed(session: Session, message: Message) -> bool:
    """Return whether its month is over, or the reader left, reads no numbers any more or stopped it meanwhile."""
    if message.created_at.astimezone(clock.JAPAN).date().replace(day=1) != _this_month():
        return True
    return not is_wanted(session, scopes.required(message.company_id), message.subject_id or 0)


def _mint(session: Session, message: Message) -> dict[str, str]:
    user_id = message.subject_id or 0
    token = tokens.mint(session, PAGE.purpose, user_id, company_id=message.company_id, message_id=message.id)
    return {PAGE.key: tokens.url_of(PAGE.purpose, token)}


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    settings: Settings = current_app.config["RELAY"]
    sheet = year.sheet(session, scopes.required(message.company_id))
    written = message.created_at.astimezone(clock.JAPAN)
    return {
        "month": written.month,
        "headline": sheet.headline,
        "remarks": [words for words in (sheet.how_reckoned, sheet.left_out) if words],
        "period": month_words(sheet.months),
        "lines": _lines(sheet),
        "counted_at": format_datetime(sheet.counts.at, _("M月d日 H:mm")) if sheet.counts.at else "",
        "page": f"{settings.base_url}/insights",
        PAGE.key: link(PAGE.purpose),
    }


def _lines(sheet: YearSheet) -> list[str]:
    """Return the numbers of the page in words, each with that of the last whole month, and the credits set aside."""
    last = sheet.months.each[-2]
    lines = []
    for kind in year.SHOWN:
        whole, month = sheet.counts.total(kind), sheet.counts.by_month(kind).get(last, Count())
        lines.append(
            _(
                "%(label)s：%(n)s%(unit)s（うち%(month)s月は%(m)s%(unit)s）",
                label=kind.label,
                n=f"{whole.all:,}",
                m=f"{month.all:,}",
                month=last.month,
                unit=CASES[kind].unit,
            )
        )
    return [*lines, _("いま確保中の紹介枠：%(n)s件", n=f"{sheet.set_aside:,}")]


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_context,
        mint=_mint,
        audience="member",
        link=PAGE,
        has_lapsed=_has_lapsed,
        stops_by_one_click=True,
    ),
)


# the calendar


def _run(session: Session, job: Job) -> None:
    """Write to the readers of every company, one a transaction."""
    if not is_due(clock.now()):
        return
    with scopes.everyone(session, _ANYBODY):
        company_ids = session.scalars(select(User.company_id).where(_reads()).distinct()).all()
    for company_id in company_ids:
        with scopes.company(session, scopes.required(company_id)):
            write_to(session, scopes.required(company_id))
            jobs.go_on(session, job)


JOBS = (JobKind(KIND, _run),)
