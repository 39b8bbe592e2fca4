"""The interview of an application: asking the person to pick a time, what they picked, calling it off."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import application_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import interview_letters, interviews, slots
from relay.hiring.appointments import day_words, hours_words
from relay.hiring.interviews import CalledOffBy, InvitationClosed
from relay.identity.roles import may
from relay.models import Application, ApplicationResult, Candidate, Position
from relay.portal import portal
from relay.portal.ui.labels import words
from relay.web import done, page


@portal.get("/applications/<int:application_id>/interview")
@needs("pool:read")
def application_interview(application_id: int) -> Response:
    """Show how far the interview is, and what can be done next."""
    return _page(application_or_404(application_id))


@portal.post("/applications/<int:application_id>/interview")
@needs("interviews:write")
def application_interview_ask(application_id: int) -> AnyResponse:
    """Write to the person, to pick one of the times of the position; a second press writes no second mail."""
    application, session = application_or_404(application_id), db.session()
    try:
        interviews.invite(session, application_id, by_user_id=member().user_id)
    except DomainError as refused:
        session.rollback()
        return _page(application_or_404(application_id), status=409, refused=str(refused))
    session.commit()
    flash(_("%(name)sさんに、面談の日時をご案内します", name=_name(application)))
    return done(None, go_to=_here(application_id))


@portal.post("/applications/<int:application_id>/interview/again")
@needs("interviews:write")
def application_interview_again(application_id: int) -> AnyResponse:
    """Mail the same invitation once more; a second press writes no second mail."""
    application, session = application_or_404(application_id), db.session()
    standing = interviews.of_applications(session, [application_id]).get(application_id)
    try:
        if standing is None:
            raise InvitationClosed
        interviews.invite_again(session, standing.id)
    except DomainError as refused:
        session.rollback()
        return _page(application_or_404(application_id), status=409, refused=str(refused))
    session.commit()
    flash(_("%(name)sさんに、面談の日時のご案内をもう一度送ります", name=_name(application)))
    return done(None, go_to=_here(application_id))


@portal.post("/applications/<int:application_id>/interview/call-off")
@needs("interviews:write")
def application_interview_call_off(application_id: int) -> AnyResponse:
    """Call the interview off and tell both sides; the person is offered what is left, unless HR says otherwise."""
    application, session = application_or_404(application_id), db.session()
    standing = interviews.of_applications(session, [application_id]).get(application_id)
    others = request.form.get("then") != "end"
    try:
        called_off = standing is not None and interviews.call_off(
            session, standing.id, CalledOffBy.COMPANY, offer_others=others
        )
    except DomainError as refused:
        session.rollback()
        return _page(application_or_404(application_id), status=409, refused=str(refused))
    session.commit()
    name = _name(application)
    told = _("%(name)sさんの面談を取り消しました。メールでお知らせします。", name=name)
    flash(told if called_off else _("%(name)sさんの面談は、すでに取り消されています", name=name))
    return done(None, go_to=_here(application_id))


@portal.post("/applications/<int:application_id>/interview/closing")
@needs("interviews:write")
def application_interview_close(application_id: int) -> AnyResponse:
    """End an invitation that was not answered; the person's page says so from then on."""
    application, session = application_or_404(application_id), db.session()
    standing = interviews.of_applications(session, [application_id]).get(application_id)
    if standing is not None:
        interviews.close(session, standing.id)
    session.commit()
    flash(_("%(name)sさんへの面談のご案内を終了しました", name=_name(application)))
    return done(None, go_to=_here(application_id))


def _here(application_id: int) -> str:
    return url_for("portal.application_interview", application_id=application_id)


_NAME = select(Candidate.name).where(Candidate.id == bindparam("person"))
_POSITION = select(Position).where(Position.id == bindparam("position"))


def _name(application: Application) -> str:
    return db.session.scalars(_NAME, {"person": application.candidate_id}).one()


def _page(application: Application, *, status: int = 200, refused: str = "") -> Response:
    session, position_id = db.session(), application.position_id
    position = session.scalars(_POSITION, {"position": position_id}).one_or_none()
    standing = interviews.of_applications(session, [application.id]).get(application.id)
    unasked = (
        standing is not None
        and standing.is_open
        and standing.starts_at is None
        and not interview_letters.was_asked(session, standing.candidate_id, standing.id)
    )
    context: dict[str, Any] = {
        "application": application,
        "unasked": unasked,
        "name": _name(application),
        "position": position,
        "again": standing is not None and interviews.may_be_asked_again(session, standing.candidate_id, standing.id),
        "running": application.status is ApplicationResult.OPEN,
        "standing": standing,
        "free": len(slots.free(session, position_id)) if position_id is not None else 0,
        "day_words": day_words,
        "hours_words": hours_words,
        "may_write": may(member().role, "interviews:write"),
        "refused": refused,
    }
    return page("portal/applications/interview.html", status=status, **(words() | context))
