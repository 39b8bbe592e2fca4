"""Incidents with personal data (事故): entered at once when one is noticed, written up and closed by the company.

An entry says when the clock began. Whether the authority has to be told, the company decides (A-37, A-38, A-41).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    EventTag,
    Incident,
    Message,
    MessageState,
    Mistake,
    MistakeKind,
    PartnerIncident,
    record,
    scopes,
)
from relay.models.keyset import Page, newest
from relay.models.prepared import read

FIRST_REPORT = timedelta(days=5)
"""The preliminary report is due 速やかに: three to five days, as the commission reads it (規則8条1項; A-37)."""
FULL_REPORT = timedelta(days=30)
FULL_REPORT_OF_HARM = timedelta(days=60)
"""The full report, and where somebody may have meant harm (規則8条2項)."""
MAX_WHAT = 100
ENOUGH = 10
"""From how many people on a company is told their number, and the step of it (A-45)."""
MAX_ACCOUNT = 10_000
PAGE = 50
_NEWEST = newest(Incident.id)


@scopes.in_company
def prepare(session: Session, company_id: int, batch_id: int | None, *, by_user_id: int | None) -> Incident:
    """Return the open incident of an act of writing, made now where there is none. The caller holds the company."""
    if batch_id is not None:
        of_act = select(Incident).where(Incident.batch_id == batch_id, Incident.closed_at.is_(None))
        if (known := session.scalars(of_act).one_or_none()) is not None:
            return known
    incident = Incident(company_id=company_id, batch_id=batch_id, noticed_at=clock.now(), by_user_id=by_user_id)
    session.add(incident)
    session.flush()
    return incident


@scopes.in_company
def enter(
    session: Session,
    company_id: int,
    what: str,
    *,
    noticed_at: datetime,
    people: int | None,
    malicious: bool,
    by_user_id: int | None,
) -> Incident:
    """Enter an incident that the company noticed itself: a lost computer, a file in wrong hands."""
    incident = Incident(
        company_id=company_id,
        what=what,
        people=people,
        malicious=malicious,
        noticed_at=noticed_at,
        by_user_id=by_user_id,
    )
    session.add(incident)
    _note(session, EventTag.INCIDENT_ENTERED, incident)
    return incident


@scopes.in_company
def enter_reported(session: Session, company_id: int, report: PartnerIncident, *, partner_name: str) -> Incident:
    """Enter what a partner reported, as the draft of an account, the same at each of its companies.

    It says neither who of the company's people is concerned nor whether anybody is, and the number of all people in
    full tens alone (A-45).
    """
    said = _("%(what)s（提携先の%(partner)sの報告）", what=report.what, partner=partner_name)
    headings = _headings(
        _said(report.noticed_at, said), _("（漏れた項目を書く）"), _in_tens(report.people), report.measures
    )
    incident = Incident(
        company_id=company_id,
        what=_("%(partner)sの報告：%(what)s", partner=partner_name, what=report.what)[:MAX_WHAT],
        malicious=report.malicious,
        noticed_at=report.noticed_at,
        account=_as_text(headings),
    )
    session.add(incident)
    _note(session, EventTag.INCIDENT_ENTERED, incident)
    return incident


def _in_tens(people: int | None) -> str:
    if people is None:
        return _("確認中")
    if people < ENOUGH:
        return _("%(n)s名未満（提携先全体で）", n=ENOUGH)
    return _("%(n)s名以上（提携先全体で、10名単位）", n=people // ENOUGH * ENOUGH)


def report_by(incident: Incident | PartnerIncident) -> tuple[date, date]:
    """Return the last days of the two reports, in Japan, should the incident be one that is reported."""
    noticed = incident.noticed_at
    full = FULL_REPORT_OF_HARM if incident.malicious else FULL_REPORT
    return _first_report(noticed), noticed.astimezone(clock.JAPAN).date() + full


def _first_report(noticed: datetime) -> date:
    return noticed.astimezone(clock.JAPAN).date() + FIRST_REPORT


@dataclass(frozen=True)
class ListedIncident:
    """An incident as the list shows it, with the number of mails that were sent by mistake."""

    incident: Incident
    mails: int

    @property
    def people(self) -> int | None:
        """Return how many people it concerns; None where nobody has said."""
        return self.incident.people if self.incident.what else self.mails

    @property
    def report_by(self) -> tuple[date, date]:
        """Return the last days of the two reports."""
        return report_by(self.incident)


_COUNTED = select(
    Incident,
    select(func.count()).where(Mistake.incident_id == Incident.id).correlate(Incident).scalar_subquery(),
)
_ONE = _COUNTED.where(Incident.id == bindparam("incident")).execution_options(populate_existing=True)


def listed(session: Session, *, after: str = "", before: str = "") -> Page[ListedIncident]:
    """Return a page of the company's incidents, the newest first."""
    return _NEWEST.page(session, _COUNTED, ListedIncident, after=after, before=before, limit=PAGE, values={})


OPEN_ROWS = select(func.count(), func.min(Incident.noticed_at)).where(Incident.closed_at.is_(None))


def still_open(session: Session) -> tuple[int, date | None]:
    """Return how many incidents are open, and the last day of the earliest preliminary report; None without any."""
    [(count, noticed)] = read(session, OPEN_ROWS)
    return count, _first_report(noticed) if noticed is not None else None


def find(session: Session, incident_id: int, *, hold: bool = False) -> ListedIncident | None:
    """Return one incident of the company in scope; with `hold`, locked until the transaction ends."""
    if hold:
        session.scalars(select(Incident.id).where(Incident.id == incident_id).with_for_update()).all()
    row = session.execute(_ONE, {"incident": incident_id}).one_or_none()
    return ListedIncident(*row) if row is not None else None


def account(session: Session, incident: Incident) -> str:
    """Return what the company wrote; until it did, a draft under the nine headings of a report, which names nobody."""
    return incident.account or _drawn_up(session, incident)


def save(session: Session, incident: Incident, text: str, *, malicious: bool) -> None:
    """Keep the account as it was written, and the word on harm that was meant."""
    incident.account, incident.malicious = text, malicious
    note_change(session, incident)


def note_change(session: Session, incident: Incident) -> None:
    """Log that something about it was written down."""
    _note(session, EventTag.INCIDENT_CHANGED, incident)


def close(session: Session, incident: Incident, *, by_user_id: int | None) -> None:
    """Note that the incident is dealt with, and keep its account as it reads now; closing again changes nothing."""
    if incident.closed_at is not None:
        return
    incident.account = account(session, incident)
    incident.closed_at, incident.closed_by_user_id = clock.now(), by_user_id
    _note(session, EventTag.INCIDENT_CLOSED, incident)


def _note(session: Session, tag: EventTag, incident: Incident) -> None:
    session.flush()
    record(session, tag, company_id=incident.company_id, subject=("incident", incident.id))


_MISTAKES = (
    select(Mistake.kind, Mistake.at, Message.settled_at, Mistake.apology_id, Mistake.relay_link_id)
    .join(Message, Message.id == Mistake.message_id)
    .where(Mistake.incident_id == bindparam("incident"))
)
_APOLOGIES = select(func.count()).where(
    Message.id.in_(bindparam("apologies", expanding=True)), Message.state == MessageState.SENT
)


def _drawn_up(session: Session, incident: Incident) -> str:
    mails = session.execute(_MISTAKES, {"incident": incident.id}).all()
    if incident.what:
        said = _said(incident.noticed_at, incident.what)
        return _as_text(_headings(said, _("（漏れた項目を書く）"), _counted_people(incident.people), ""))
    frozen = sum(each.relay_link_id is not None for each in mails)
    sent = session.scalar(_APOLOGIES, {"apologies": [each.apology_id for each in mails if each.apology_id]}) or 0
    done = [_("リンクを%(count)s通で停止。", count=frozen)] if frozen else []
    done.append(
        _("お詫びのメールを%(count)s名に送信。", count=sent) if sent else _("お詫びのメールは、まだ送っていない。")
    )
    items = _("氏名、応募した求人、選考の結果など、メールの本文にあるもの")
    return _as_text(_headings(_summary(incident, mails), items, _counted_people(len(mails)), "".join(done)))


def _as_text(headings: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{heading}：{text}" for heading, text in headings)


def _counted_people(count: int | None) -> str:
    return _("%(count)s名", count=count) if count is not None else _("確認中")


def _headings(summary: str, items: str, people: str, done: str) -> list[tuple[str, str]]:
    """Return the nine headings of a report (規則8条1項) with what is known under each."""
    return [
        (_("概要"), summary),
        (_("個人データの項目"), items),
        (_("本人の数"), people),
        (_("原因"), ""),
        (_("二次被害またはそのおそれ"), ""),
        (_("本人への対応"), done),
        (_("公表の状況"), ""),
        (_("再発防止の措置"), ""),
        (_("その他"), ""),
    ]


def _said(noticed_at: datetime, what: str) -> str:
    when = format_datetime(noticed_at, _("y年M月d日"))
    return _("%(when)s、%(what)sに気づいた。", when=when, what=what)


def _summary(incident: Incident, mails: Sequence[Any]) -> str:
    kinds = Counter(each.kind for each in mails)
    words = {
        MistakeKind.ADDRESS: _("宛先"),
        MistakeKind.RESULT: _("選考の結果"),
        MistakeKind.TEXT: _("文面か送る時期"),
    }
    each_kind = "、".join(_("%(what)sの誤り%(n)s通", what=words[kind], n=n) for kind, n in kinds.items())
    return _(
        "%(when)s、選考結果のメール%(count)s通（%(kinds)s）を誤って送ったことに気づいた。",
        when=format_datetime(incident.noticed_at, _("y年M月d日 H:mm")),
        count=len(mails),
        kinds=each_kind,
    )
