"""The page behind the link of 再スカウト: what the position is, and four answers, each a button (C-16).

It shows the position and nothing of the record (C-19); a later answer takes the place of an earlier one.
"""

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import position_facts
from relay.landing import landing
from relay.landing.arrival import evidence, find, write_letterhead
from relay.landing.related import chosen
from relay.models import RelatedEnd, RescoutAnswer, Token, TokenPurpose, scopes
from relay.models.rescouts import MAX_LINE_TO_COMPANY
from relay.network import related_consents
from relay.network.links import LinkGone
from relay.outreach import rescout_answers, rescout_times
from relay.outreach.rescout_answers import OpenedRescout
from relay.outreach.rescout_times import NextTime
from relay.text import whole_number
from relay.web import page


@landing.get("/again/<token>")
def again_page(token: str) -> Response:
    """Show the position and the answers, or the answer that was given; nothing happens by looking."""
    return _show(token, _opened(db.session(), _find(token)))


@landing.post("/again/<token>/yes")
def again_yes(token: str) -> AnyResponse:
    """Apply. Twice changes nothing."""
    session, found = db.session(), _find(token)
    here = _opened(session, found)
    try:
        application = rescout_answers.say_yes(session, _company(found), found.subject_id, found.address_hash)
    except DomainError as refused:
        return _refused(token, here, refused)
    if application is None:
        raise LinkGone
    session.commit()
    return redirect(url_for(".again_page", token=token), 303)


@landing.post("/again/<token>/times")
def again_times(token: str) -> AnyResponse:
    """Lead a person who said yes on to the page on which they pick a time for the interview."""
    session, found = db.session(), _find(token)
    _opened(session, found)
    picks = rescout_times.lead_on(session, _company(found), found.subject_id, found.address_hash)
    if picks is None:
        return redirect(url_for(".again_page", token=token), 303)
    session.commit()
    return redirect(url_for(".interview_page", token=picks), 303)


@landing.post("/again/<token>/later")
def again_later(token: str) -> AnyResponse:
    """Put such mails off by the months of the button, with the words beside it."""
    session, found = db.session(), _find(token)
    here = _opened(session, found)
    months, shown = whole_number(request.form.get("months", "")) or 0, request.form.get("shown", "")
    mine = (_company(found), found.subject_id, found.address_hash)
    try:
        rescout_answers.wait(session, *mine, months, shown=shown, evidence=evidence())
    except DomainError as refused:
        return _refused(token, here, refused)
    session.commit()
    return redirect(url_for(".again_page", token=token), 303)


@landing.post("/again/<token>/placed")
def again_placed(token: str) -> AnyResponse:
    """Tell the company that a place was found; a line that is refused stays in the form."""
    session, found = db.session(), _find(token)
    here, line = _opened(session, found), request.form.get("line", "")
    mine = (_company(found), found.subject_id, found.address_hash)
    try:
        rescout_answers.say_placed(session, *mine, line, confirmed="confirmed" in request.form)
    except DomainError as refused:
        return _refused(token, here, refused, line=line)
    session.commit()
    return redirect(url_for(".again_page", token=token), 303)


@landing.post("/again/<token>/stop")
def again_stop(token: str) -> AnyResponse:
    """Stop the mails of the company that can be stopped, at once."""
    session, found = db.session(), _find(token)
    _opened(session, found)
    rescout_answers.stop(session, _company(found), found.subject_id, found.address_hash)
    session.commit()
    return redirect(url_for(".again_page", token=token), 303)


@landing.post("/again/<token>/related")
def again_related(token: str) -> AnyResponse:
    """Let the company tell the ticked related companies; without a tick nothing is given (A-10)."""
    session, found = db.session(), _find(token)
    here = _opened(session, found)
    if not (ticked := chosen()):
        return _show(token, here, trouble=_("同意されるときは、チェックを入れてから押してください。"), status=422)
    try:
        related_consents.give(session, _company(found), here.candidate.id, ticked, evidence())
    except DomainError as refused:
        return _refused(token, here, refused)
    session.commit()
    return redirect(url_for(".again_page", token=token, _anchor="related"), 303)


@landing.post("/again/<token>/related/withdrawal")
def again_related_withdrawal(token: str) -> AnyResponse:
    """Take one of those back, at once; asking again is harmless."""
    session, found = db.session(), _find(token)
    here = _opened(session, found)
    consent_id = request.form.get("consent", default=0, type=int)
    related_consents.end(session, _company(found), here.candidate.id, consent_id, RelatedEnd.TAKEN_BACK)
    session.commit()
    return redirect(url_for(".again_page", token=token, _anchor="related"), 303)


def _find(text: str) -> Token:
    return find(db.session(), text, TokenPurpose.RESCOUT)


def _company(token: Token) -> int:
    return scopes.required(token.company_id)


def _opened(session: Session, token: Token) -> OpenedRescout:
    """Return what the link opens. Raises LinkGone, also where the person was erased or has another address."""
    here = rescout_answers.opened(session, _company(token), token.subject_id, token.address_hash)
    if here is None:
        raise LinkGone
    write_letterhead(session, _company(token))
    return here


def _refused(token: str, here: OpenedRescout, refused: DomainError, *, line: str = "") -> Response:
    return _show(token, here, trouble=str(refused), trouble_code=refused.code, line=line, status=422)


def _show(
    token: str,
    here: OpenedRescout,
    *,
    trouble: str = "",
    trouble_code: str = "",
    line: str = "",
    status: int = 200,
) -> Response:
    contents = position_facts.contents(here.position)
    terms = position_facts.terms(here.position)
    return page(
        "landing/again.html",
        status=status,
        title=here.position.title,
        terms=terms,
        contents=[each for each in contents if each not in terms],
        can_apply=here.can_apply,
        answer=here.rescout.answer,
        answers=RescoutAnswer,
        answered_at=here.rescout.answered_at,
        waits_until=here.rescout.waits_until,
        kept_until=here.candidate.retain_until,
        wait_ended=rescout_answers.wait_has_ended(db.session(), here.rescout.company_id, here.candidate),
        moved_on=here.moved_on,
        times=NextTime,
        next_time=rescout_times.next_time(db.session(), here.rescout.company_id, here),
        waits=rescout_answers.waits(db.session(), here.rescout.company_id, here.candidate),
        related=related_consents.answers(db.session(), here.rescout.company_id, here.candidate.id),
        trouble=trouble,
        trouble_code=trouble_code,
        line=line,
        longest=MAX_LINE_TO_COMPANY,
        token=token,
    )
