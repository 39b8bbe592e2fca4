"""The mail of a day about what a member's alerts found: numbers and the names of searches and positions, no person's.

It leads to the page behind the login. Its own link stops one alert, or the mail of a day as a whole (RFC 8058).
"""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.identity.roles import PERMISSIONS
from relay.infra import jobs
from relay.infra.jobs import JobKind
from relay.insight.alerts import gets_mail, visible_to
from relay.mail import outbox, tokens
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.tokens import Link
from relay.models import (
    Alert,
    AlertHit,
    AlertReader,
    AlertSubscription,
    Candidate,
    Job,
    MailClass,
    Message,
    Position,
    SavedSearch,
    TokenPurpose,
    User,
    scopes,
)
from relay.models.company_locks import CompanyLock, wait_for
from relay.models.upsert import upsert
from relay.text import mailed_name

LETTER = "alert-digest"
KIND = "alert-digests"
PERMISSION = "alerts:use"
HOUR = timedelta(hours=8)
"""When in the Japanese day it is written."""
MAX_LINES = 10
"""So many searches and positions a mail names; of the others it says how many they are."""
PAGE = Link(TokenPurpose.ALERTS, lifetime=timedelta(days=365), path="/alerts-off/", key="off_url")
_ANYBODY = "worker: in which companies somebody follows an alert"


def write_to(session: Session, company_id: int) -> int:
    """Queue today's mail to each member of the company in scope whose alerts found people since; return how many.

    A member who left, or may not use alerts any more, gets none; what was found meanwhile is not mailed later.
    """
    wait_for(session, CompanyLock.ALERTS, company_id)
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    addresses: dict[int, str] = {}
    for user_id, address, alert_id, number in session.execute(_found()):
        found[user_id].append((alert_id, number))
        addresses[user_id] = address
    for user_id, lines in found.items():
        lines.sort(key=lambda line: (-line[1], line[0]))
        outbox.queue(
            session,
            LETTER,
            company_id=company_id,
            to=addresses[user_id],
            subject=("user", user_id),
            values={"found": [list(line) for line in lines[:MAX_LINES]], "further": len(lines[MAX_LINES:])},
        )
    _note(session, company_id, set(found))
    return len(found)


def _found() -> Select[int, str, int, int]:
    """Select how many people each alert of each member found since the last mail."""
    return (
        select(User.id, User.email, AlertHit.alert_id, func.count(AlertHit.candidate_id.distinct()))
        .select_from(AlertSubscription)
        .join(User, User.id == AlertSubscription.user_id)
        .join(Alert, Alert.id == AlertSubscription.alert_id)
        .outerjoin(SavedSearch, SavedSearch.id == Alert.search_id)
        .outerjoin(AlertReader, AlertReader.user_id == AlertSubscription.user_id)
        .join(
            AlertHit,
            and_(
                AlertHit.alert_id == AlertSubscription.alert_id,
                AlertHit.id > AlertSubscription.after_hit_id,
                AlertHit.id > func.coalesce(AlertReader.mailed_hit_id, 0),
            ),
        )
        .join(Candidate, Candidate.id == AlertHit.candidate_id)
        .where(AlertHit.announced_at.is_not(None), visible_to(AlertSubscription.user_id), *_may_be_mailed())
        .group_by(User.id, User.email, AlertHit.alert_id)
    )


def _may_be_mailed() -> tuple[ColumnElement[bool], ...]:
    return (
        User.disabled_at.is_(None),
        User.role.in_(PERMISSIONS[PERMISSION]),
        AlertReader.mail_off_at.is_(None),
        or_(AlertReader.mailed_on.is_(None), AlertReader.mailed_on < clock.today()),
    )


def _note(session: Session, company_id: int, mailed: set[int]) -> None:
    """Note how far everybody who follows anything has been told; a member who had today's waits for the next."""
    last = session.scalar(select(func.max(AlertHit.id))) or 0
    kept = dict(session.execute(select(AlertReader.user_id, AlertReader.mailed_on)).all())
    rows = [
        {
            "company_id": company_id,
            "user_id": user_id,
            "mailed_hit_id": last,
            "mailed_on": clock.today() if user_id in mailed else kept.get(user_id),
            "seen_hit_id": 0,
        }
        for user_id in session.scalars(select(AlertSubscription.user_id).distinct())
        if user_id in mailed or kept.get(user_id) != clock.today()
    ]
    if not rows:
        return
    put = upsert(session, AlertReader).values(rows)
    told = {"mailed_hit_id": put.excluded.mailed_hit_id, "mailed_on": put.excluded.mailed_on}
    session.execute(put.on_conflict_do_update(index_elements=[AlertReader.company_id, AlertReader.user_id], set_=told))


def _run(session: Session, job: Job) -> None:
    with scopes.everyone(session, _ANYBODY):
        company_ids = session.scalars(select(AlertSubscription.company_id).distinct()).all()
    for company_id in company_ids:
        with scopes.company(session, company_id):
            write_to(session, company_id)
            jobs.go_on(session, job)


def _reader(session: Session, message: Message) -> User | None:
    """Return the member, where the mail may still reach them."""
    mine = (User.id == message.subject_id, User.disabled_at.is_(None), User.role.in_(PERMISSIONS[PERMISSION]))
    return session.scalars(select(User).where(*mine)).one_or_none()


def _has_lapsed(session: Session, message: Message) -> bool:
    user = _reader(session, message)
    return user is None or not gets_mail(session, user.id)


def _mint(session: Session, message: Message) -> dict[str, str]:
    user_id = message.subject_id or 0
    token = tokens.mint(session, PAGE.purpose, user_id, company_id=message.company_id, message_id=message.id)
    return {PAGE.key: tokens.url_of(PAGE.purpose, token)}


def _context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    settings: Settings = current_app.config["RELAY"]
    numbers: dict[int, int] = dict(message.values.get("found", ()))
    named = session.execute(
        select(Alert.id, SavedSearch.name, Position.title)
        .outerjoin(SavedSearch, SavedSearch.id == Alert.search_id)
        .outerjoin(Position, Position.id == Alert.position_id)
        .where(Alert.id.in_(numbers))
    )
    names = {alert_id: (search is not None, mailed_name(search or title)) for alert_id, search, title in named}
    return {
        "lines": [(*names[alert_id], f"{number:,}") for alert_id, number in numbers.items() if alert_id in names],
        "further": message.values.get("further", 0),
        "page": f"{settings.base_url}/alerts",
        PAGE.key: link(PAGE.purpose),
    }


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
JOBS = (JobKind(KIND, _run),)
