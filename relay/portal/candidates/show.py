"""One person on one page (/pool/<id>): who they are, why and until when they are here, what happened, tags and memos.

People kept for the selection only have the same page; it says so (A-4).
"""

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import and_, bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.bulk import runs
from relay.bulk.actions import AddTag, BulkAction, RemoveTag, SetFollowUp
from relay.candidates import files, holds, notes, tags
from relay.candidates.duplicates import merging
from relay.candidates.files import kinds
from relay.candidates.sensitive import SensitiveWords
from relay.candidates.tags import Carried
from relay.errors import DomainError
from relay.extensions import db, short_write
from relay.hiring import interviews, progress, stays
from relay.hiring.appointments import day_words, hours_words
from relay.hiring.interviews import InterviewStanding
from relay.identity.roles import may
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    CandidateTag,
    ContactChannel,
    FileText,
    FollowUp,
    RetentionBasis,
    Tag,
    User,
)
from relay.models.names import names_by_id
from relay.network import links, next_openings, outcome_consents, related_consents
from relay.outreach import rescout_lists
from relay.portal import portal
from relay.portal.candidates import beside
from relay.portal.candidates import facts as person_facts
from relay.portal.candidates.contact_forms import ContactForm, ReplyForm
from relay.portal.candidates.hold_form import HoldForm
from relay.portal.candidates.timeline import EntryContext, told
from relay.portal.ui import conditions
from relay.portal.ui.labels import relay_steps, words
from relay.record import sidebar, timeline, viewing
from relay.record.timeline import ApplicationHistory, TimelineSection
from relay.rights import request_register
from relay.text import format_phone
from relay.web import done, page, wants_fragment


@portal.get("/pool/<int:candidate_id>")
@needs("pool:read")
def record(candidate_id: int) -> AnyResponse:
    """Show the record; that it was opened is logged after the page is made. A merged record's id leads to the one."""
    candidate, seen_just_now = viewing.opened(db.session(), candidate_id)
    if candidate is None:
        kept_id = merging.merged_into(db.session(), candidate_id) or abort(404)
        return redirect(url_for("portal.record", candidate_id=kept_id))
    company_id = candidate.company_id
    response = record_page(candidate)
    if not seen_just_now:
        with short_write() as session:
            viewing.note_view(session, company_id, candidate_id)
    return response


@portal.get("/pool/<int:candidate_id>/tags")
@needs("pool:write")
def record_tags(candidate_id: int) -> AnyResponse:
    """Show the tags alone, to be changed in place in a list; `shown` gives them back as the row shows them."""
    candidate = candidate_or_404(candidate_id)
    if wants_fragment() and "shown" in request.args:
        carried = tags.tags_of(db.session(), [candidate_id])[candidate_id]
        return page("portal/pool/_row_tags.html", candidate=candidate, carried=carried)
    return _tags(candidate, in_list=True)


@portal.post("/pool/<int:candidate_id>/tags")
@needs("pool:write")
def record_tag_create(candidate_id: int) -> AnyResponse:
    """Put a tag on the person."""
    candidate, session = candidate_or_404(candidate_id), db.session()
    in_list, name = "in_list" in request.form, request.form.get("name", "")
    try:
        tag = tags.find_or_make(session, name, confirmed="confirmed" in request.form)
        _do(candidate, AddTag(tag.id))
    except SensitiveWords as asked:
        return _tags(candidate, in_list=in_list, status=422, typed=name, asking=str(asked))
    except DomainError as refused:
        return _tags(candidate, in_list=in_list, status=422, typed=name, refused=str(refused))
    session.commit()
    return _tags_done(candidate, in_list)


@portal.post("/pool/<int:candidate_id>/tags/<int:tag_id>/removal")
@needs("pool:write")
def record_tag_remove(candidate_id: int, tag_id: int) -> AnyResponse:
    """Take a tag off the person; doing it twice changes nothing."""
    candidate, session = candidate_or_404(candidate_id), db.session()
    tag = session.scalars(select(Tag).where(Tag.id == tag_id)).one_or_none()
    if tag is not None:
        _do(candidate, RemoveTag(tag.id))
        session.commit()
    return _tags_done(candidate, "in_list" in request.form)


@portal.post("/pool/<int:candidate_id>/notes")
@needs("pool:write")
def record_note_create(candidate_id: int) -> AnyResponse:
    """Keep a memo; words the law keeps out are asked about once (A-22)."""
    candidate, session = candidate_or_404(candidate_id), db.session()
    body, by = request.form.get("body", ""), member().user_id
    try:
        notes.add_note(session, candidate, body, by_user_id=by, confirmed="confirmed" in request.form)
    except SensitiveWords as asked:
        return record_page(candidate, status=422, typed_note=body, asking=str(asked))
    except DomainError as refused:
        return record_page(candidate, status=422, typed_note=body, refused=str(refused))
    session.commit()
    if wants_fragment():
        return record_page(candidate, told=_("メモを残しました"))
    flash(_("メモを残しました"))
    return redirect(url_for("portal.record", candidate_id=candidate_id), 303)


@portal.post("/pool/<int:candidate_id>/follow-up")
@needs("pool:write")
def record_follow_up(candidate_id: int) -> AnyResponse:
    """Note what the person is kept for."""
    candidate, session = candidate_or_404(candidate_id), db.session()
    chosen = request.form.get("follow_up", "")
    if chosen and chosen not in list(FollowUp):
        if wants_fragment():
            return page(
                "portal/candidates/_follow_up.html", status=422, candidate=candidate, follow_up_refused=True, **words()
            )
        return record_page(candidate, status=422, follow_up_refused=True)
    _do(candidate, SetFollowUp(FollowUp(chosen) if chosen else None))
    session.commit()
    here = url_for("portal.record", candidate_id=candidate_id)
    return done("portal/candidates/_follow_up.html", go_to=here, candidate=candidate, saved=True, **words())


def _do(candidate: Candidate, action: BulkAction) -> None:
    """Do it to this one person, so that it can be taken back like an act on many."""
    runs.do(db.session(), candidate.company_id, action, [candidate.id], by_user_id=member().user_id)


def record_page(candidate: Candidate, *, status: int = 200, **extra: Any) -> AnyResponse:
    """Show a record, or its timeline alone where htmx asks; `extra` is the message of an act on it."""
    session = db.session()
    applications = timeline.applications_of(session, candidate.id)
    show = request.args.get("show", "")
    section = TimelineSection(show) if show in list(TimelineSection) else TimelineSection.ALL
    before = request.args.get("before")
    happened = timeline.read(session, candidate, applications, show=section, after=before or "")
    beside_it = sidebar.read(session, candidate)
    there = beside.known(session, candidate.id)
    names = beside_it.names
    relay = links.statuses(session, [candidate.id]).get(candidate.id)
    positions = {each.application.id: each.position for each in applications}
    role = member().role
    known = EntryContext(positions, names, may(role, "import:run"), candidate.id if may(role, "pool:write") else 0)
    context = {
        "candidate": candidate,
        "about": person_facts.about(candidate),
        "phone": format_phone(candidate.phone),
        "pooled": candidate.basis is not RetentionBasis.SELECTION,
        "applications": applications,
        "meetings": _meetings(applications),
        "stays": stays.marks(session, [each.application for each in applications]),
        "day_words": day_words,
        "hours_words": hours_words,
        "running": any(each.application.status is ApplicationResult.OPEN for each in applications),
        "happened": [told(entry, known) for entry in happened.rows],
        "older": happened.next,
        "section": section,
        "paged": before is not None,
        "carried": beside_it.carried,
        "names": list(names.values()),
        "files": beside_it.files,
        "stopped": beside_it.stop,
        "may_erase": may(member().role, "people:erase"),
        "may_read_log": may(role, "log:read"),
        "open_requests": (
            request_register.open_of_record(session, candidate.id)
            if there.requested and may(role, "requests:write")
            else ()
        ),
        "is_asked_about": there.asked_about,
        "holds": (held := holds.in_force(session, [candidate.id]) if there.held else ()),
        "hold_owners": names_by_id(session, User.name, (each.owner_user_id for each in held)),
        "openings_asked_at": next_openings.given_at(session, candidate.id) if there.openings else None,
        "related": related_consents.standing(session, candidate.company_id, candidate.id) if there.related else [],
        "outcomes_read": outcome_consents.read(session, candidate.company_id, candidate.id) if there.outcomes else None,
        "results_only": beside_it.results_only,
        "recordable": progress.recordable,
        "again": rescout_lists.applied_again(session, list(positions)) if there.rescouts else {},
        "rescouts": rescout_lists.of_candidate(session, candidate.id) if there.rescouts else [],
        "steps": relay_steps(relay, awaiting=any(_awaits_result(each.application) for each in applications)),
        "relay": relay,
        "swapped": wants_fragment(),
    }
    given = words() | context | _forms(candidate) | extra
    return page("portal/candidates/show.html", "portal/candidates/_timeline.html", status=status, **given)


_BLANK = {"hold": HoldForm, "reply": ReplyForm, "contact": ContactForm}
"""The forms that are folded away; until one is filled in, its fields are those of everybody."""


def _meetings(applications: Sequence[ApplicationHistory]) -> dict[int, InterviewStanding]:
    """Return the interviews of selections that run, or whose result the person does not know yet."""
    shown = [each.application for each in applications]
    running = [each.id for each in shown if each.status is ApplicationResult.OPEN or _awaits_result(each)]
    return interviews.of_applications(db.session(), running)


def _awaits_result(application: Application) -> bool:
    """Return whether a result mail, and with it an invitation to the relay, may still go out for it."""
    return application.status is ApplicationResult.REJECTED and application.notified_at is None


def _forms(candidate: Candidate) -> dict[str, Any]:
    """Return what can be typed beside memos, and the list the record was opened from."""
    query = conditions.top(conditions.read(request.args))
    return {
        **dict.fromkeys(("hold_form", "reply", "contact_form")),
        "blank": _BLANK,
        "contact_channel_words": ContactChannel.labels(),
        "text_words": FileText.labels(),
        "most_files": files.MAX_FILES,
        "accepted": kinds.ACCEPTED,
        "list_url": conditions.address("portal.pool", query),
        "trail": conditions.trail(query),
        "here": conditions.address("portal.record", query, candidate_id=candidate.id),
    }


_TAG_NAMES = (
    select(Tag.id, Tag.name, Tag.colour, CandidateTag.id)
    .outerjoin(CandidateTag, and_(CandidateTag.tag_id == Tag.id, CandidateTag.candidate_id == bindparam("person")))
    .order_by(CandidateTag.id, Tag.name_key)
)


def _tag_names(candidate_id: int) -> tuple[list[Carried], dict[int, str]]:
    """Return the person's tags, and the names of all the company's: for typing and for the timeline."""
    rows = db.session.execute(_TAG_NAMES, {"person": candidate_id}).all()
    return [Carried(*row[:3]) for row in rows if row[3] is not None], {row[0]: row[1] for row in rows}


def _tags(candidate: Candidate, *, in_list: bool, status: int = 200, **extra: Any) -> AnyResponse:
    carried, names = _tag_names(candidate.id)
    context = {"candidate": candidate, "carried": carried, "names": list(names.values()), "in_list": in_list}
    return page("portal/candidates/tags.html", "portal/candidates/_tags.html", status=status, **(context | extra))


def _tags_done(candidate: Candidate, in_list: bool) -> AnyResponse:
    if wants_fragment():
        return _tags(candidate, in_list=in_list)
    return redirect(url_for("portal.record", candidate_id=candidate.id, _anchor="tags"), 303)
