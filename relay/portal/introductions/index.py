"""The list of requests for introductions, one request with the acts on it, and the company's usual guarantee."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.getters import application_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import progress
from relay.hiring.appointments import day_words, hours_words
from relay.identity.roles import may
from relay.introductions import endings, guarantees, lists, promises
from relay.introductions.endings import Fault
from relay.introductions.guarantees import Guarantee
from relay.introductions.lists import RequestStanding
from relay.introductions.standing import honouring
from relay.models import IntroductionState, RequestEnd
from relay.models.introductions import WAITING
from relay.network import credits
from relay.portal import portal
from relay.portal.introductions.forms import GuaranteeForm
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.web import done, page

TONES = {
    IntroductionState.OPEN: "info",
    IntroductionState.OFFERED: "info",
    IntroductionState.ACCEPTED: "baton",
    IntroductionState.HELD: "ok",
    IntroductionState.HIRED: "ok",
}


@portal.get("/introductions")
@needs("introductions:read")
@tab(2, _l("紹介の依頼"))
def introductions() -> AnyResponse:
    """Show the requests, the newest first, with whose turn each is."""
    session, person = db.session(), member()
    found = lists.page_of(session, after=request.args.get("before", ""))
    return page(
        "portal/introductions/index.html",
        rows=found.rows,
        credit_words={row.request.id: _credit(row) for row in found.rows},
        tones=TONES,
        meter=credits.meter(session, person.company_id),
        partners=honouring(session, person.company_id),
        older_url=url_for("portal.introductions", before=found.next) if found.next else "",
        newest_url="" if found.at_top else url_for("portal.introductions"),
        may_write=may(person.role, "introductions:write"),
        may_see_partners=may(person.role, "settings:read"),
        **words(),
    )


@portal.get("/introductions/requests/<int:introduction_request_id>")
@needs("introductions:read")
def introduction(introduction_request_id: int) -> Response:
    """Show one request."""
    return _show(_found(introduction_request_id))


@portal.post("/introductions/requests/<int:introduction_request_id>/cancellation")
@needs("introductions:write")
def introduction_cancel(introduction_request_id: int) -> AnyResponse:
    """Take a request back that nobody said yes to; the credit is free again."""
    _found(introduction_request_id)
    try:
        endings.cancel(db.session(), member().company_id, introduction_request_id)
    except DomainError as refused:
        return _refused(introduction_request_id, refused)
    return _told(introduction_request_id, _("依頼を取り消しました。紹介枠は返却されました。"))


@portal.post("/introductions/requests/<int:introduction_request_id>/interview")
@needs("introductions:write")
def introduction_interview(introduction_request_id: int) -> AnyResponse:
    """Record that the interview was held, or through whose fault it was not."""
    row = _found(introduction_request_id)
    session, company_id, what = db.session(), member().company_id, request.form.get("what", "")
    try:
        if what == "held":
            endings.interview_held(session, company_id, introduction_request_id)
            return _told(introduction_request_id, _("面談が行われたことを記録しました"))
        if what not in list(Fault):
            flash(_("記録する内容を選んでください。まだ何も記録していません。"), "warning")
            return done(None, go_to=url_for("portal.introduction", introduction_request_id=introduction_request_id))
        counted = endings.interview_failed(session, company_id, introduction_request_id, by=Fault(what))
    except DomainError as refused:
        return _refused(introduction_request_id, refused)
    if row.request.reapplied:
        return _told(
            introduction_request_id,
            _("面談がなかったことを記録しました。再応募のため、紹介枠は使われていません。"),
        )
    if counted is not Fault(what):
        return _told(
            introduction_request_id,
            _(
                "面談がなかったことを記録しました。面談の日時を取り消したのは自社であるか、選考が終わっていたため、"
                "紹介枠は使用したままです。"
            ),
        )
    if counted is Fault.COMPANY:
        return _told(
            introduction_request_id, _("面談がなかったことを記録しました。自社の都合のため、紹介枠は使用したままです。")
        )
    return _told(introduction_request_id, _("面談がなかったことを記録しました。紹介枠は返却されました。"))


@portal.post("/introductions/requests/<int:introduction_request_id>/hire")
@needs("pool:write")
def introduction_hire(introduction_request_id: int) -> AnyResponse:
    """Record that the person was hired, to be taken back by one click; a form sent twice records once."""
    _found(introduction_request_id)
    session, person = db.session(), member()
    try:
        made = endings.hire(
            session,
            person.company_id,
            introduction_request_id,
            seen=request.form.get("seen", ""),
            by_user_id=person.user_id,
        )
    except DomainError as refused:
        return _refused(introduction_request_id, refused)
    return _told(introduction_request_id, _("入社を記録しました"), f"undo:{made.id}" if made else "message")


@portal.post("/introductions/requests/<int:introduction_request_id>/answer")
@needs("introductions:write")
def introduction_answer(introduction_request_id: int) -> AnyResponse:
    """Answer the person's word that the interview was not as promised."""
    _found(introduction_request_id)
    try:
        promises.company_answers(
            db.session(), member().company_id, introduction_request_id, request.form.get("answer", "")
        )
    except DomainError as refused:
        return _refused(introduction_request_id, refused)
    return _told(introduction_request_id, _("説明を保存しました"))


@portal.get("/introductions/guarantee")
@needs("introductions:write")
@tab(3, _l("面談確約の内容"))
def introduction_guarantee() -> Response:
    """Show the form of the company's usual guarantee."""
    usual = guarantees.usual(db.session(), member().company_id)
    return page("portal/introductions/guarantee.html", form=GuaranteeForm(None, data=GuaranteeForm.values_of(usual)))


@portal.post("/introductions/guarantee")
@needs("introductions:write")
def introduction_guarantee_save() -> AnyResponse:
    """Keep the usual guarantee; requests that are made stay as they are."""
    form, session, person = GuaranteeForm(), db.session(), member()
    if not form.validate():
        return page("portal/introductions/guarantee.html", status=422, form=form)
    try:
        guarantees.set_usual(session, person.company_id, form.guarantee, by_user_id=person.user_id)
    except DomainError as refused:
        session.rollback()
        form.meets_with.errors = [str(refused)]
        return page("portal/introductions/guarantee.html", status=422, form=form)
    session.commit()
    flash(_("いつもの面談確約の内容を保存しました。すでに依頼したものは変わりません。"))
    return done(None, go_to=url_for("portal.introduction_guarantee"))


def _found(introduction_request_id: int) -> RequestStanding:
    return lists.standing(db.session(), introduction_request_id) or abort(404)


def _show(row: RequestStanding) -> Response:
    session, person, asked = db.session(), member(), row.request
    others = [each for each in honouring(session, person.company_id) if each.left and each.id != asked.partner_id]
    came_back = asked.state in (IntroductionState.LAPSED, IntroductionState.DECLINED)
    return page(
        "portal/introductions/show.html",
        row=row,
        asked=asked,
        tone=TONES.get(asked.state, ""),
        credit=_credit(row),
        waiting=asked.state in WAITING,
        accepted=asked.state is IntroductionState.ACCEPTED,
        came_back=came_back,
        next_partner=others[0] if came_back and others else None,
        same_guarantee=GuaranteeForm.values_of(Guarantee.of(asked)),
        faults=[(each.value, each.label) for each in Fault],
        seen=_seen(row),
        answer_until=_answer_until(row),
        may_answer=row.introduction is not None and promises.may_answer(row.introduction),
        may_write=may(person.role, "introductions:write"),
        day_words=day_words,
        hours_words=hours_words,
        **words(),
    )


def _credit(row: RequestStanding) -> str:
    """Return where the credit of a request is."""
    if row.request.state in WAITING:
        return _("確保中")
    if row.request.spent_id is None or row.request.restored_id is not None:
        return _("返却")
    if row.request.end_reason is RequestEnd.COMPANY_FAULT:
        return _("使用（自社の都合）")
    return _("使用")


def _seen(row: RequestStanding) -> str:
    """Return the version of the application to which a hire can be recorded; empty where there is none."""
    application_id = row.introduction.application_id if row.introduction is not None else None
    if row.request.state is not IntroductionState.HELD or application_id is None:
        return ""
    return progress.version(db.session(), application_or_404(application_id))


def _answer_until(row: RequestStanding) -> str:
    """Return in words until when a no can be explained; empty where there is none."""
    until = promises.answer_by(row.introduction) if row.introduction is not None else None
    return f"{day_words(until)}{until.astimezone(clock.JAPAN):%H:%M}" if until is not None else ""


def _told(introduction_request_id: int, said: str, category: str = "message") -> AnyResponse:
    db.session.commit()
    flash(said, category)
    return done(None, go_to=url_for("portal.introduction", introduction_request_id=introduction_request_id))


def _refused(introduction_request_id: int, refused: DomainError) -> AnyResponse:
    db.session.rollback()
    flash(str(refused), "warning")
    return done(None, go_to=url_for("portal.introduction", introduction_request_id=introduction_request_id))
