"""Asking for an introduction: a position, the partner and the guarantee, a page to review, and one press."""

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.identity.roles import may
from relay.introductions import guarantees, lists, requests
from relay.introductions.standing import HonouringPartner, honouring
from relay.models import GuaranteeKind, MeetingForm, Position, PositionState
from relay.network import credits
from relay.portal import portal
from relay.portal.introductions.forms import RequestForm
from relay.portal.ui.labels import words
from relay.web import done, page

MAX_POSITIONS = 200


_HIRING = select(Position).where(Position.state == PositionState.OPEN).order_by(Position.id.desc()).limit(MAX_POSITIONS)


@portal.get("/introductions/new")
@needs("introductions:write")
def introduction_new() -> Response:
    """Ask for which position; those that lack something lead to what they lack."""
    return page(
        "portal/introductions/positions.html",
        positions=db.session.scalars(_HIRING).all(),
        free=credits.balance(db.session(), member().company_id),
    )


@portal.get("/introductions/new/<int:position_id>")
@needs("introductions:write")
def introduction_ask(position_id: int) -> Response:
    """Show the form, with the only partner and the usual guarantee filled in; or what is missing before."""
    position, company_id = position_or_404(position_id), member().company_id
    values = RequestForm.values_of(guarantees.usual(db.session(), company_id))
    partners = _left(company_id)
    chosen = request.args.get("partner", type=int) or (partners[0].id if len(partners) == 1 else None)
    return _form(position, RequestForm(None, data=values | {"partner": str(chosen or "")}), partners)


@portal.post("/introductions/new/<int:position_id>")
@needs("introductions:write")
def introduction_review(position_id: int) -> Response:
    """Show everything as the partner will read it, with the press that sets the credit aside."""
    position, partners = position_or_404(position_id), _left(member().company_id)
    form = RequestForm()
    form.partner.choices = [(str(each.id), each.name) for each in partners]
    if not form.validate():
        return _form(position, form, partners, status=422)
    try:
        guarantee = guarantees.checked(form.guarantee)
    except DomainError as refused:
        form.meets_with.errors = [str(refused)]
        return _form(position, form, partners, status=422)
    free = credits.balance(db.session(), member().company_id)
    if not free or requests.lacking(db.session(), position):
        return _form(position, form, partners, status=422)
    try:
        requests.check_times(db.session(), position.id, guarantee.minutes)
    except DomainError as refused:
        form.minutes.errors = [str(refused)]
        return _form(position, form, partners, status=422)
    return page(
        "portal/introductions/review.html",
        position=position,
        form=form,
        guarantee=guarantee,
        partner=next(each for each in partners if str(each.id) == form.partner.data),
        posting=requests.posted(position),
        free=free,
        last_id=lists.last_id(db.session()),
        turn_days=requests.TURN_DAYS,
        interview_days=requests.INTERVIEW_DAYS,
        kinds=GuaranteeKind.labels(),
        meeting_forms=MeetingForm.labels(),
        **words(),
    )


@portal.post("/introductions/requests")
@needs("introductions:write")
def introduction_make() -> AnyResponse:
    """Set a credit aside and ask the partner; pressing twice makes one request."""
    position_id = request.form.get("position_id", type=int) or 0
    position, session, person = position_or_404(position_id), db.session(), member()
    partners, form = _left(person.company_id), RequestForm()
    form.partner.choices = [(str(each.id), each.name) for each in partners]
    if not form.validate():
        return _form(position, form, partners, status=422)
    try:
        made = requests.request(
            session,
            person.company_id,
            position_id,
            int(form.partner.data),
            form.guarantee,
            by_user_id=person.user_id,
            after=request.form.get("after", type=int),
        )
    except DomainError as refused:
        session.rollback()
        return _form(position_or_404(position_id), form, partners, status=409, refused=str(refused))
    session.commit()
    flash(_("紹介を依頼しました。紹介枠を1件確保しています。"))
    return done(None, go_to=url_for("portal.introduction", introduction_request_id=made.id))


def _left(company_id: int) -> list[HonouringPartner]:
    """Return the agencies that can be asked now; one just asked stays, so that a second press finds its request."""
    return honouring(db.session(), company_id)


def _form(
    position: Position,
    form: RequestForm,
    partners: list[HonouringPartner],
    *,
    status: int = 200,
    refused: str = "",
) -> Response:
    form.partner.choices = [
        (
            str(each.id),
            _(
                "%(name)s（許可番号：%(number)s）、今年申し込める件数はあと%(left)s件",
                name=each.name,
                number=each.license_number,
                left=each.left,
            ),
        )
        for each in partners
    ]
    return page(
        "portal/introductions/ask.html",
        status=status,
        position=position,
        form=form,
        partners=partners,
        lacking=requests.lacking(db.session(), position),
        free=credits.balance(db.session(), member().company_id),
        refused=refused,
        may_see_partners=may(member().role, "settings:read"),
    )
