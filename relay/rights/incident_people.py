"""The people whom an incident concerns: drawn from the log of openings and of files, for the notice to them (A-40).

No list is kept beside the incident, only what was asked of the log. So the list is as the records are now: who was
erased since is in it no more, and who was merged into another record is named as that one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, false, func, or_, select, union
from sqlalchemy.orm import Session

from relay.models import Candidate, Company, Event, EventTag, Incident, Merge, Mistake
from relay.models.keyset import Keyset, Page, ascending
from relay.trust import incidents

PAGE = 50
CHUNK_SIZE = 500
COUNT_CAP = 10_000
_OPENED = (EventTag.CANDIDATE_VIEWED.value, EventTag.FILE_OPENED.value)
_BY_ID = Keyset(ascending(Candidate.id))


@dataclass(frozen=True)
class LogPeriod:
    """A question to the log: from when to when, whose acts (None: everybody's), and whether files count."""

    since: datetime
    until: datetime
    user_id: int | None = None
    exports: bool = False


@dataclass(frozen=True)
class ConcernedPerson:
    """One person whom an incident concerns; `opened_at` is when the record was opened last in that time."""

    candidate_id: int
    name: str
    email: str
    opened_at: datetime | None


def ask(session: Session, incident: Incident, period: LogPeriod) -> None:
    """Keep a question to the log with the incident; the list follows from it."""
    incident.log_since, incident.log_until = period.since, period.until
    incident.log_user_id, incident.log_exports = period.user_id, period.exports
    incidents.note_change(session, incident)


def listed(session: Session, incident: Incident, *, after: str = "", before: str = "") -> Page[ConcernedPerson]:
    """Return a page of the people concerned, of the company in scope."""
    return _BY_ID.page(session, _people(session, incident), ConcernedPerson, after=after, before=before, limit=PAGE)


def everybody(session: Session, incident: Incident) -> Iterator[ConcernedPerson]:
    """Yield all of them, chunk by chunk, read while they are taken."""
    after, people = 0, _people(session, incident).order_by(Candidate.id).limit(CHUNK_SIZE)
    while rows := session.execute(people.where(Candidate.id > after)).all():
        yield from (ConcernedPerson(*row) for row in rows)
        after = rows[-1].id


def count(session: Session, incident: Incident) -> int:
    """Return how many there are, counted up to COUNT_CAP + 1."""
    some = select(Candidate.id).where(_concerned(session, incident)).limit(COUNT_CAP + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def notice(session: Session, company: Company, incident: Incident) -> str:
    """Return the text of a notice to begin with: what the law has people told (APPI 26条2項; 規則10条).

    It is taken from the account and names nobody, so that it can be sent to each of them.
    """
    told = dict(line.partition("：")[::2] for line in incidents.account(session, incident).splitlines() if "：" in line)
    wanted = (_("概要"), _("個人データの項目"), _("原因"), _("二次被害またはそのおそれ"), _("その他"))
    return "\n\n".join(
        (
            _(
                "%(company)sの採用担当です。個人情報について、次の事故がありました。",
                company=company.name,
            ),
            "\n".join(f"{heading}：{told.get(heading) or _('確認中です')}" for heading in wanted),
            _(
                "ご心配をおかけし、申し訳ありません。お問い合わせは、%(contact)sへお願いします。",
                contact=company.contact,
            ),
        )
    )


def _people(session: Session, incident: Incident) -> Select[int, str, str, datetime | None]:
    opened = select(func.max(Event.at)).where(*_openings(incident), Event.subject_id == Candidate.id)
    columns = (Candidate.id, Candidate.name, Candidate.email, opened.correlate(Candidate).scalar_subquery())
    return select(*columns).where(_concerned(session, incident))


def _concerned(session: Session, incident: Incident) -> ColumnElement[bool]:
    """Select those whose mail was a mistake, whose record or file was opened, or who were there to be written out.

    Their ids are put together first: joined by OR, PostgreSQL looks at everybody of the company.
    """
    mailed = select(Mistake.candidate_id).where(Mistake.incident_id == incident.id, Mistake.candidate_id.is_not(None))
    opened = select(Event.subject_id).where(*_openings(incident))
    merged = select(Merge.candidate_id).where(Merge.merged_id.in_(opened))
    concerned = Candidate.id.in_(union(mailed, opened, merged))
    if incident.log_exports and (last := session.scalar(select(func.max(Event.at)).where(*_written_out(incident)))):
        return or_(concerned, Candidate.created_at <= last)
    return concerned


def _openings(incident: Incident) -> tuple[ColumnElement[bool], ...]:
    return *_in_log(incident), Event.tag.in_(_OPENED), Event.subject_kind == "candidate"


def _written_out(incident: Incident) -> tuple[ColumnElement[bool], ...]:
    """Select the beginnings of files: which people were in one the log does not say."""
    return *_in_log(incident), Event.tag == EventTag.POOL_EXPORT_BEGUN.value


def _in_log(incident: Incident) -> tuple[ColumnElement[bool], ...]:
    if incident.log_since is None:
        return (false(),)
    during = (Event.company_id == incident.company_id, Event.at.between(incident.log_since, incident.log_until))
    if incident.log_user_id is None:
        return during
    return *during, Event.actor_kind == "user", Event.actor_id == incident.log_user_id
