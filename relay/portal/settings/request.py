"""One request about personal data: whose record it is about, whether they asked themselves, and its answer."""

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.extensions import db
from relay.forms import longest, usable_address
from relay.identity.roles import may
from relay.models import Candidate, DataRequest, RequestKind, User
from relay.models.names import names_by_id
from relay.portal import portal
from relay.portal.settings.requests import is_overdue, tone
from relay.portal.ui.labels import words
from relay.rights import data_requests, disclosure, request_drafts, request_letters, request_register
from relay.text import clean_block, mail_key
from relay.web import done, page

_ANSWER = _l("回答の本文")


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The answer that is mailed."""

    answer = TextAreaField(
        _ANSWER,
        validators=[DataRequired(_l("回答の本文を書いてください。")), longest(data_requests.MAX_TEXT)],
    )


class DisclosureAnswerForm(AnswerForm):
    """The answer to a request for disclosure, and what its file shows."""

    evaluations = BooleanField(_l("選考の評価と所見、結果の理由、社内のメモとタグも開示する"))


class RefusalForm(FlaskForm):  # type: ignore[misc]
    """Why a request is not met."""

    reason = TextAreaField(
        _l("お断りする理由"),
        validators=[DataRequired(_l("お断りする理由を書いてください。")), longest(data_requests.MAX_TEXT)],
    )


class MatchForm(FlaskForm):  # type: ignore[misc]
    """The address under which the company has the person."""

    address = StringField(_l("記録のメールアドレス"), validators=[longest(254), usable_address])


class ErasureAnswerForm(AnswerForm):
    """The answer to a request for erasure, and the word that it is meant."""

    sure = BooleanField(
        _l("元に戻せないことを確認しました"),
        validators=[InputRequired(_l("元に戻せないことを確認し、チェックを入れてください。"))],
    )


@portal.get("/requests/<int:request_id>")
@needs("requests:write")
def request_show(request_id: int) -> Response:
    """Show the request, with the answer that is drafted for it."""
    return _page(_found(request_id))


@portal.post("/requests/<int:request_id>/record")
@needs("requests:write")
def request_match(request_id: int) -> AnyResponse:
    """Say whose record it is about, by the address of the record."""
    asked, form = _found(request_id, hold=True), MatchForm()
    if not form.validate():
        return _page(asked, match=form, status=422)
    found = request_register.records_of(db.session(), mail_key(form.address.data or ""))
    if len(found) != 1:
        missing = _("このアドレスの記録は見つかりませんでした。アドレスを確認してください。")
        several = _("このアドレスの記録が複数あります。先に、同じ方の記録を一つにまとめてください。")
        form.address.errors = [several if found else missing]
        return _page(asked, match=form, status=422)
    data_requests.match(db.session(), asked, found[0])
    return _done(asked, _("この方の記録についての請求として、対応を進めます。"))


@portal.post("/requests/<int:request_id>/proof")
@needs("requests:write")
def request_prove(request_id: int) -> AnyResponse:
    """Note that the member saw to it that the person, or a person who may act for them, asks."""
    asked = _found(request_id, hold=True)
    data_requests.prove(db.session(), asked, by_user_id=member().user_id)
    return _done(asked, _("ご本人の確認を記録しました。"))


@portal.post("/requests/<int:request_id>/answer")
@needs("requests:write")
def request_answer(request_id: int) -> AnyResponse:
    """Send the answer and close the request; one for erasure is met by `request_erase`."""
    asked = _found(request_id, hold=True)
    form = DisclosureAnswerForm() if asked.kind is RequestKind.DISCLOSURE else AnswerForm()
    if not form.validate():
        return _page(asked, form, status=422)
    if asked.kind is RequestKind.ERASURE and asked.candidate_id is not None:
        abort(404)
    text = clean_block(form.answer.data or "")
    evaluations = isinstance(form, DisclosureAnswerForm) and form.evaluations.data
    data_requests.answer(db.session(), asked, text, evaluations=evaluations, by_user_id=member().user_id)
    return _done(asked, _sent(asked))


@portal.get("/requests/<int:request_id>/file")
@needs("requests:write")
def request_file(request_id: int) -> AnyResponse:
    """Hand the file of a disclosure to HR: to look at before it is sent, and for people who have no mail."""
    asked = _found(request_id)
    candidate = _candidate(db.session(), asked)
    if candidate is None or asked.kind is not RequestKind.DISCLOSURE:
        abort(404)
    evaluations = asked.evaluations or request.args.get("evaluations") == "y"
    disclosed = disclosure.of_candidate(db.session(), candidate, evaluations=evaluations)
    return disclosure.disclosed_file(disclosed, request.args.get("format") == "json")


@portal.post("/requests/<int:request_id>/refusal")
@needs("requests:write")
def request_refuse(request_id: int) -> AnyResponse:
    """Close the request without meeting it; the person is told why (A-32)."""
    asked, form = _found(request_id, hold=True), RefusalForm()
    if not form.validate():
        return _page(asked, refusal=form, status=422)
    data_requests.refuse(db.session(), asked, clean_block(form.reason.data or ""), by_user_id=member().user_id)
    return _done(asked, _sent(asked))


@portal.post("/requests/<int:request_id>/erasure")
@needs("people:erase")
@fresh
def request_erase(request_id: int) -> AnyResponse:
    """Erase the record for good, and tell the person that it is done."""
    asked, form = _found(request_id, hold=True), ErasureAnswerForm()
    if asked.kind is not RequestKind.ERASURE:
        return _page(asked, status=422)
    if not form.validate():
        return _page(asked, form, status=422)
    text = clean_block(form.answer.data or "")
    data_requests.erase(db.session(), asked, text, by_user_id=member().user_id)
    return _done(asked, _("1名の記録を消去し、ご本人へのお知らせを用意しました。"))


def _found(request_id: int, *, hold: bool = False) -> DataRequest:
    return request_register.find(db.session(), request_id, hold=hold) or abort(404)


def _sent(asked: DataRequest) -> str:
    if asked.address:
        return _("回答のメールを用意しました。まもなく送られます。")
    return _("対応を終えました。メールアドレスがないため、回答は書面などでお伝えください。")


def _done(asked: DataRequest, told: str) -> AnyResponse:
    request_id = asked.id
    db.session.commit()
    flash(told)
    return done(None, go_to=url_for("portal.request_show", request_id=request_id))


_PERSON = select(Candidate).where(Candidate.id == bindparam("person"))


def _candidate(session: Session, asked: DataRequest) -> Candidate | None:
    return session.scalars(_PERSON, {"person": asked.candidate_id}).one_or_none()


def _page(
    asked: DataRequest,
    form: AnswerForm | None = None,
    *,
    match: MatchForm | None = None,
    refusal: RefusalForm | None = None,
    status: int = 200,
) -> Response:
    session = db.session()
    erases = asked.kind is RequestKind.ERASURE and asked.candidate_id is not None
    if form is None:
        shape = ErasureAnswerForm if erases else AnswerForm
        if asked.kind is RequestKind.DISCLOSURE:
            shape = DisclosureAnswerForm
        form = shape(None, data={"answer": request_drafts.draft(session, asked)})
    return page(
        "portal/settings/request.html",
        status=status,
        asked=asked,
        candidate=_candidate(session, asked),
        names=names_by_id(session, User.name, (asked.by_user_id, asked.proven_by_user_id, asked.closed_by_user_id)),
        form=form,
        match=match or MatchForm(None, data={"address": asked.address}),
        refusal=refusal or RefusalForm(None),
        erases=erases,
        may_erase=may(member().role, "people:erase"),
        tone=tone(asked),
        overdue=is_overdue(asked.due_on),
        did_not_arrive=bool(asked.address) and request_letters.did_not_arrive(session, asked),
        **words(),
    )
