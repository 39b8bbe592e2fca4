"""The list of codes, and one person whose opening is recorded (invariants 4 and 5)."""

from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent
from relay.access.markers import writes
from relay.access.permissions import needs
from relay.agency import agency
from relay.agency.copying import as_text
from relay.extensions import db
from relay.models import Partner, PartnerKind, ProvisionRecord
from relay.models.retention import PARTNER_RECORD
from relay.network import partner_notes, sharing
from relay.network.consent_texts import RecipientPurpose
from relay.network.sharing import PartnerState
from relay.text import format_phone
from relay.tokens import parse_code
from relay.web import page

PAGE = 50

_PURPOSES = {
    RecipientPurpose.INTRODUCE_JOBS.value: _l("ご本人に合う求人を探し、ご連絡するため"),
    RecipientPurpose.PRESENT_COURSES.value: _l("ご本人に合う講座やコースをご案内し、ご相談に答えるため"),
}


@agency.get("/people")
@needs("people:read")
def people_index() -> Response:
    """Show who agreed to be seen by this partner: code, role, place and date, newest first."""
    session = db.session()
    q = request.args.get("q", "").strip()[:100]
    found = sharing.people(
        session, q=q, after=request.args.get("after", ""), before=request.args.get("before", ""), limit=PAGE
    )
    return page(
        "agency/people.html",
        "agency/_people.html",
        state=_state(),
        count=sharing.count(session),
        most=sharing.COUNT_CAP,
        people=found,
        q=q,
        paged=bool(request.args.get("after") or request.args.get("before")),
        next_url=_page_url(q, after=found.next),
        previous_url=_page_url(q, before=found.previous),
    )


@agency.get("/people/<code>")
@needs("people:read")
@writes
def people_show(code: str) -> AnyResponse:
    """Show one person as far as they agreed; recorded before anything is shown. HEAD shows and records nothing."""
    canonical = parse_code(code)
    if canonical is None:
        abort(404)
    if canonical != code:
        return redirect(url_for(".people_show", code=canonical))
    session = db.session()
    try:
        person = sharing.open_person(session, canonical, agent().user_id)
    except sharing.Gone:
        session.rollback()
        if not _was_shared(canonical):
            abort(404)
        return page("agency/gone.html", status=410, state=_state())
    if request.method == "GET":
        session.commit()
    else:
        session.rollback()
    return page(
        "agency/person.html",
        person=person,
        phone=format_phone(person.phone),
        purpose=_PURPOSES.get(person.purpose, ""),
        is_agency=_is_agency(),
        copied=as_text(person),
        notes=partner_notes.of_person(session, agent().partner_id, person.id, reader_id=agent().user_id),
        note_length=partner_notes.MAX_LENGTH,
        kept_days=PARTNER_RECORD.number,
    )


def _is_agency() -> bool:
    kind = select(Partner.kind).where(Partner.id == agent().partner_id)
    return db.session.scalars(kind).one() is PartnerKind.AGENCY


def _state() -> PartnerState:
    return sharing.of_partner(db.session(), agent().partner_id)


def _was_shared(code: str) -> bool:
    """Return whether this partner was ever given the person of this code; to others it never existed."""
    given = select(ProvisionRecord.id).where(ProvisionRecord.person_code == code).limit(1)
    return db.session.scalar(given) is not None


def _page_url(q: str, **cursor: str) -> str:
    """Return the address of the neighbouring page, or nothing when there is none."""
    place: dict[str, Any] = {name: value for name, value in cursor.items() if value}
    return url_for(".people_index", q=q or None, **place) if place else ""
