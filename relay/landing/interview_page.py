"""Picking a time for an interview: the page behind the company's invitation, in one tap, without script.

GET shows, POST acts (C-16). It shows the appointment and the times that are free, nothing else of the application
(C-19). Two tabs, two presses and two people who want the same time all end on a page that says what is left.
After an interview that a partner introduced it asks once whether that was as promised (B-26).
"""

from itertools import groupby
from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import interview_letters, interviews, promised, slots
from relay.hiring.appointments import day_words, hours_words
from relay.hiring.interviews import CalledOffBy, ChangedTooOften, InterviewBegun, InvitationClosed, SlotGone
from relay.infra.keyed_hash import address_hash
from relay.introductions import promises
from relay.landing import landing
from relay.landing.arrival import find, write_letterhead
from relay.mail import tokens
from relay.mail.calendar_part import CALENDAR_FILE
from relay.models import InterviewInvitation, Slot, TokenPurpose, scopes
from relay.network.links import LinkGone
from relay.text import whole_number
from relay.web import page

_WORDS = {"yes": True, "no": False}
_REFUSED = (SlotGone, InterviewBegun, InvitationClosed, ChangedTooOften)


@landing.get("/interview/<token>")
def interview_page(token: str) -> Response:
    """Show the time that was picked, or those that are left."""
    return _page(token, _opened(token))


@landing.post("/interview/<token>")
def interview_pick(token: str) -> AnyResponse:
    """Pick a time, in place of the one before. Twice changes nothing."""
    invitation, typed = _opened(token), request.form.get("slot", "")
    with scopes.company(db.session(), invitation.company_id):
        return _act(token, invitation, lambda: interviews.pick(db.session(), invitation.id, whole_number(typed) or 0))


@landing.post("/interview/<token>/call-off")
def interview_call_off(token: str) -> AnyResponse:
    """Give the picked time up. Twice changes nothing."""
    invitation = _opened(token)
    with scopes.company(db.session(), invitation.company_id):
        return _act(token, invitation, lambda: interviews.call_off(db.session(), invitation.id, CalledOffBy.PERSON))


@landing.post("/interview/<token>/other-times")
def interview_other_times(token: str) -> AnyResponse:
    """Ask for other times: the person is written to once there are some."""
    invitation = _opened(token)
    with scopes.company(db.session(), invitation.company_id):
        return _act(token, invitation, lambda: interviews.want_times(db.session(), invitation.id))


@landing.post("/interview/<token>/promise")
def interview_promise(token: str) -> AnyResponse:
    """Say whether the interview was as promised; the first word counts, and another changes nothing."""
    invitation, session, said = _opened(token), db.session(), request.form.get("kept", "")
    with scopes.company(session, invitation.company_id):
        asked = promises.question(session, invitation.id)
    if asked is None:
        raise LinkGone
    if said not in _WORDS:
        trouble = _("「はい」か「いいえ」を押してください。まだ何も伝えていません。")
        return _page(token, invitation, trouble=trouble, status=422)
    try:
        news = promises.asked_of_candidate(session, invitation.company_id, asked.request_id, kept=_WORDS[said])
    except DomainError as refused:
        session.rollback()
        return _page(token, _opened(token), trouble=str(refused), status=409)
    session.commit()
    if not news and asked.kept is not _WORDS[said]:
        trouble = _("すでにお答えいただいています。先のお答えのままで、何も変わっていません。")
        return _page(token, _opened(token), trouble=trouble, status=409)
    return redirect(url_for(".interview_page", token=token), 303)


@landing.get("/interview/<token>/calendar")
def interview_calendar(token: str) -> AnyResponse:
    """Send the appointment for the person's calendar; without one, show the page."""
    invitation, session = _opened(token), db.session()
    with scopes.company(session, invitation.company_id):
        slot = session.scalars(select(Slot).where(Slot.id == invitation.slot_id)).one_or_none()
        if slot is None:
            return redirect(url_for(".interview_page", token=token))
        address = tokens.url_of(TokenPurpose.INTERVIEW, token)
        written = interview_letters.published(session, invitation, slot, address)
    response = Response(written, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{CALENDAR_FILE}"'
    return response


def _opened(text: str) -> InterviewInvitation:
    """Return the invitation that the mail brought. Raises LinkGone, also where the person was erased."""
    session = db.session()
    token = find(session, text, TokenPurpose.INTERVIEW)
    company_id = scopes.required(token.company_id)
    with scopes.company(session, company_id):
        wanted = select(InterviewInvitation).where(InterviewInvitation.id == token.subject_id)
        invitation = session.scalars(wanted).one_or_none()
        mailed_to = interview_letters.address_of(session, invitation) if invitation is not None else ""
    if invitation is None or not mailed_to or address_hash(mailed_to) != token.address_hash:
        raise LinkGone
    write_letterhead(session, company_id)
    return invitation


def _act(token: str, invitation: InterviewInvitation, act: Any) -> AnyResponse:
    """Act, and lead back to the page; what cannot be done any more is said there, with what is left."""
    session = db.session()
    try:
        act()
    except _REFUSED as refused:
        session.rollback()
        return _page(token, _opened(token), trouble=str(refused), status=409)
    session.commit()
    return redirect(url_for(".interview_page", token=token), 303)


def _page(token: str, invitation: InterviewInvitation, *, trouble: str = "", status: int = 200) -> Response:
    session = db.session()
    with scopes.company(session, invitation.company_id):
        standing = interviews.standing(session, invitation.id)
        if standing is None:
            raise LinkGone
        free = slots.free(session, standing.position_id) if standing.is_open else []
        promised_until = promised.until(session, standing.application_id) if standing.is_open else None
        asked = promises.question(session, invitation.id)
    days = [(day, list(times)) for day, times in groupby(free, key=lambda slot: day_words(slot.starts_at))]
    return page(
        "landing/interview.html",
        status=status,
        standing=standing,
        days=days,
        day_words=day_words,
        hours_words=hours_words,
        place_is_link=slots.is_link(standing.place),
        changing="change" in request.args and not standing.is_past,
        calling_off="call-off" in request.args and not standing.is_past,
        promised_until=promised_until,
        trouble=trouble,
        asked=asked,
        explainable=asked is not None and asked.answer_by is not None and asked.answer_by > clock.now(),
        here=url_for(".interview_page", token=token),
        token=token,
    )
