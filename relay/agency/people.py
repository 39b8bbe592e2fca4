"""The list of codes, and one person whose opening is recorded (invariants 4 and 5)."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent
from relay.access.markers import writes
from relay.access.permissions import needs
from relay.agency import agency, people_query, people_rows
from relay.agency.copying import as_text
from relay.agency.people_query import AskedPeople
from relay.extensions import begin_reading, db, short_write
from relay.identity.roles import may
from relay.models import PartnerKind, WorkState
from relay.models.retention import PARTNER_RECORD
from relay.network import finding, handing_over, partner_notes, placement, profiles, sharing, visits, work_states
from relay.network.consent_texts import RecipientPurpose
from relay.network.finding import PeopleOrder
from relay.network.sharing import PartnerState
from relay.text import format_phone
from relay.tokens import parse_code
from relay.web import page

PAGE = 50

_PURPOSES = {
    RecipientPurpose.INTRODUCE_JOBS: _l("ご本人に合う求人を探し、ご連絡するため"),
    RecipientPurpose.PRESENT_COURSES: _l("ご本人に合う講座やコースをご案内し、ご相談に答えるため"),
}


@agency.get("/people")
@needs("people:read")
def people_index() -> Response:
    """Show who agreed to be seen by this partner: reference, role, place and date, narrowed and sorted as asked.

    The first look of a visit moves the mark behind which people are 新着; a HEAD and a page fetched ahead do not.
    """
    session, person = db.session(), agent()
    companies, visit = finding.companies_of(session), visits.of(session, person.user_id)
    state = _state()
    asked = people_query.read(request.args, state.kind, companies, visit.news_since)
    cursor = _cursor()
    kept = asked.address | {name: value for name, value in cursor.items() if value}
    found = finding.find(session, asked.query, companies=companies, **cursor, limit=PAGE)
    response = page(
        "agency/people.html",
        "agency/_people.html",
        state=state,
        people=found,
        looked_at=finding.LOOKED_AT,
        asked=asked,
        news_since=visit.news_since,
        companies=companies,
        states=WorkState.of(state.kind),
        orders=PeopleOrder.labels(),
        reasons=handing_over.REASONS,
        rows=people_rows.shown(found.rows, visit.news_since, kept),
        paged=any(cursor.values()),
        next_url=_page_url(asked, after=found.next),
        previous_url=_page_url(asked, before=found.previous),
    )
    if request.method == "GET" and not visit.is_noted and not _fetched_ahead():
        with short_write() as writing:
            visits.note(writing, person.user_id)
    return response


@agency.get("/people/<code>")
@needs("people:read")
@writes
def people_show(code: str) -> AnyResponse:
    """Show one person as far as they agreed; recorded before anything is shown. HEAD shows and records nothing.

    A browser that fetches the page ahead is refused: nobody has looked yet.
    """
    if _fetched_ahead():
        abort(503)
    canonical = parse_code(code)
    if canonical is None:
        abort(404)
    if canonical != code:
        kept: dict[str, Any] = request.args.to_dict() | {"code": canonical}
        return redirect(url_for(".people_show", **kept))
    session = db.session()
    try:
        person = sharing.open_person(session, canonical, agent().user_id)
    except sharing.Gone:
        session.rollback()
        if not sharing.was_shared(session, canonical):
            abort(404)
        return page("agency/gone.html", status=410, state=_state())
    if request.method == "GET":
        session.commit()
    else:
        session.rollback()
    begin_reading()
    kind = sharing.kind_of(session, agent().partner_id)
    return page(
        "agency/person.html",
        person=person,
        phone=format_phone(person.phone),
        item_labels=profiles.item_labels(person.items),
        purposes=[_PURPOSES[each] for each in placement.shown_purposes(session, agent().partner_id, person.purpose)],
        is_agency=kind is PartnerKind.AGENCY,
        copied=as_text(person),
        reasons=handing_over.REASONS,
        work=work_states.of_person(session, agent().partner_id, person.id),
        notes=partner_notes.of_person(session, agent().partner_id, person.id, reader_id=agent().user_id),
        may_remove=may(agent().role, "organisation:write"),
        note_length=partner_notes.MAX_LENGTH,
        kept_days=PARTNER_RECORD.number,
        way=_way_around(canonical, kind),
    )


def _way_around(code: str, kind: PartnerKind) -> dict[str, str]:
    """Return the ways to the list as it was left, and to the people before and after in it."""
    session, person = db.session(), agent()
    news_since = visits.of(session, person.user_id).news_since
    companies = finding.companies_of(session)
    asked = people_query.read(request.args, kind, companies, news_since)
    near = finding.neighbours(session, asked.query, code, companies=companies)
    kept: dict[str, Any] = asked.address | {name: value for name, value in _cursor().items() if value}
    return {
        "list_url": url_for(".people_index", **kept, _anchor=f"p-{code}"),
        "next_person": url_for(".people_show", code=near.next, **kept) if near.next else "",
        "previous_person": url_for(".people_show", code=near.previous, **kept) if near.previous else "",
    }


def _cursor() -> dict[str, str]:
    return {name: request.args.get(name, "") for name in ("after", "before")}


def _fetched_ahead() -> bool:
    """Return whether the browser asks for a page that nobody has called for yet."""
    return "prefetch" in (request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")).lower()


def _state() -> PartnerState:
    return sharing.of_partner(db.session(), agent().partner_id)


def _page_url(asked: AskedPeople, **cursor: str) -> str:
    """Return the address of the neighbouring page, or nothing when there is none."""
    place: dict[str, Any] = {name: value for name, value in cursor.items() if value}
    return url_for(".people_index", **asked.address, **place) if place else ""
