"""Recording how an application goes on or ends: one small form, on its own page, in a record, or in a row of 選考.

Without script the same links lead to the page; afterwards one is where the form was opened.
"""

from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import application_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import progress
from relay.hiring.progress import Progress, ProgressEntry
from relay.insight.openings import FittingOpening, for_people
from relay.models import Application, Candidate, Position
from relay.portal import portal
from relay.portal.applications.progress_forms import PROGRESS_WORDS, ProgressForm
from relay.portal.ui import conditions
from relay.portal.ui.labels import long_day, words
from relay.search.application_search import SORTS
from relay.search.candidate_search import Query
from relay.web import done, page, wants_fragment

IN_LIST = "list"
"""What an address says that was opened in a row of 選考."""
MAX_STAGE = 100
_ANYONE = 2**63 - 1
"""Holds the place of a number in an address: no application has it."""


@portal.get("/applications/<int:application_id>/progress")
@needs("pool:write")
def application_progress(application_id: int) -> AnyResponse:
    """Show the form, with what can follow on how the application is now."""
    application = application_or_404(application_id)
    form = ProgressForm(None, prefix=_prefix(application_id))
    form.seen.data = progress.version(db.session(), application)
    return _form(application, form)


@portal.post("/applications/<int:application_id>/progress")
@needs("pool:write")
def application_progress_record(application_id: int) -> AnyResponse:
    """Record it, to be taken back by one click; a form sent twice records once."""
    application, session = application_or_404(application_id), db.session()
    form = ProgressForm(prefix=_prefix(application_id))
    if not form.validate():
        return _form(application, form, status=422)
    try:
        made = progress.enter(
            session, application_id, form.entry, seen=form.seen.data or "", by_user_id=member().user_id
        )
    except DomainError as refused:
        session.rollback()
        application = application_or_404(application_id)
        form.seen.data = progress.version(session, application)
        return _form(application, form, status=409, refused=str(refused))
    session.commit()
    flash(_told(application, form.entry, new=made is not None), f"undo:{made.id}" if made else "message")
    return done(None, go_to=_back(application))


def row_addresses(query: Query, stage: str) -> Callable[[int], str]:
    """Return what gives the address of the form as a row of 選考 opens it, under the conditions of the list.

    The address is made once and each row puts its number in.
    """
    opened = {"from": IN_LIST, "stage": stage or None}
    anyone = conditions.address("portal.application_progress", query, application_id=_ANYONE, **opened)
    before, _number, behind = anyone.partition(str(_ANYONE))
    return lambda application_id: f"{before}{application_id}{behind}"


def _prefix(application_id: int) -> str:
    """Several of a person's applications can be open on one page."""
    return f"application-{application_id}"


def _told(application: Application, entry: ProgressEntry, *, new: bool) -> str:
    name = db.session.scalars(select(Candidate.name).where(Candidate.id == application.candidate_id)).one()
    if not new:
        return _("%(name)sさんの記録は、すでにこの内容です", name=name)
    day = long_day(entry.on)
    if entry.what is Progress.STEP:
        return _("%(name)sさんを「%(stage)s」へ進めました（%(day)s）", name=name, stage=entry.stage, day=day)
    told = _("%(name)sさんの%(what)sを記録しました（%(day)s）", name=name, what=PROGRESS_WORDS[entry.what], day=day)
    return _("%(told)s。結果はまだ伝えていません。", told=told) if entry.what is Progress.REJECTED else told


_NAMED = (
    select(Candidate.name, Position.title)
    .select_from(Application)
    .join(Candidate, Candidate.id == Application.candidate_id)
    .outerjoin(Position, Position.id == Application.position_id)
    .where(Application.id == bindparam("application"))
)


def _form(application: Application, form: ProgressForm, *, status: int = 200, refused: str = "") -> AnyResponse:
    recordable = progress.recordable(application)
    form.offer(recordable)
    openings: list[FittingOpening] = []
    if Progress.REJECTED in recordable:
        found = for_people(db.session(), member().company_id, [application.candidate_id])
        openings = found.get(application.candidate_id, [])
    in_list = request.args.get("from") == IN_LIST
    name, title = db.session.execute(_NAMED, {"application": application.id}).one()
    context: dict[str, Any] = {
        "application": application,
        "form": form,
        "recordable": recordable,
        "openings": openings,
        "refused": refused,
        "name": name,
        "position": title or "",
        "posting": _here(application),
        "back": _back(application),
        "in_list": in_list,
        "swapped": wants_fragment(),
    }
    fragment = "portal/applications/_progress_row.html" if in_list else "portal/applications/_progress.html"
    return page("portal/applications/progress.html", fragment, status=status, **(words() | context))


def _here(application: Application) -> str:
    """Return the address of the form with where it was opened; nothing else of the address is kept."""
    query, stage = _conditions()
    if request.args.get("from") == IN_LIST:
        return row_addresses(query, stage)(application.id)
    return conditions.address("portal.application_progress", query, application_id=application.id)


def _back(application: Application) -> str:
    query, stage = _conditions()
    if request.args.get("from") == IN_LIST:
        return conditions.address("portal.applications", query, stage=stage or None)
    return url_for("portal.record", candidate_id=application.candidate_id) + conditions.trail(query)


def _conditions() -> tuple[Query, str]:
    return conditions.read(request.args, SORTS), request.args.get("stage", "")[:MAX_STAGE]
