"""Mail templates: a company's own words for the result, with a preview that is the real mail."""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from relay.access.context import member, signed_in
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.forms import longest
from relay.identity.roles import may
from relay.mail import compose
from relay.models import MailTemplate, Message
from relay.outreach import placeholders, samples, wording
from relay.outreach import templates as texts
from relay.outreach.templates import TemplateText
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.portal.ui.navigation import tab
from relay.text import clean, clean_block, whole_number
from relay.web import done, mail_document, page, wants_fragment


class TemplateForm(FlaskForm):  # type: ignore[misc]
    """A name to choose it by, and the text."""

    name = StringField(
        _l("テンプレートの名前"),
        validators=[InputRequired(_l("テンプレートの名前を入力してください。")), longest(texts.MAX_NAME)],
    )
    subject = StringField(_l("件名"), validators=[InputRequired(_l("件名を入力してください。"))])
    body = TextAreaField(_l("本文"), validators=[InputRequired(_l("本文を入力してください。"))])
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    letter = StringField(widget=HiddenInput())


@portal.get("/templates")
@needs("templates:read")
@tab(5, _l("テンプレート"))
def templates() -> Response:
    """Show every template with its newest wording; those put away below."""
    every = texts.listed(db.session())
    return page(
        "portal/templates/index.html",
        used=[text for text in every if text.archived_at is None],
        archived=[text for text in every if text.archived_at is not None],
        rescout=texts.RESCOUT,
        **_frame(),
    )


@portal.get("/templates/new")
@needs("templates:write")
def template_new() -> Response:
    """Show an empty form, or one that begins with the text of another template."""
    of = whole_number(request.args.get("of", ""))
    copied = texts.current(db.session(), of) if of is not None else None
    which = copied.letter if copied else _letter(request.args.get("letter", ""))
    start = copied.body if copied else _START
    return _edit_page(TemplateForm(None, subject=copied.subject if copied else "", body=start, letter=which), None)


@portal.post("/templates/new")
@needs("templates:write")
def template_create() -> AnyResponse:
    """Make a template."""
    form = TemplateForm()
    doubts: list[Any] = []
    if form.validate():
        try:
            made = texts.create(db.session(), which=_letter(form.letter.data), **_typed(form))
        except DomainError as refused:
            doubts = _explain(form, refused)
        else:
            db.session.commit()
            flash(_("テンプレート「%(name)s」を作りました。", name=made.name))
            return done(None, go_to=url_for("portal.templates"))
    return _edit_page(form, None, doubts, status=422)


@portal.get("/templates/<int:template_id>")
@needs("templates:read")
def template(template_id: int) -> Response:
    """Show one template: to change for those who may, to read for the others."""
    text = _text_or_404(template_id)
    form = TemplateForm(
        None, name=text.name, subject=text.subject, body=text.body, version=text.version, letter=text.letter
    )
    return _edit_page(form, text)


@portal.post("/templates/<int:template_id>")
@needs("templates:write")
def template_save(template_id: int) -> AnyResponse:
    """Keep a change as a new version; mails already queued or sent keep theirs."""
    text, form = _text_or_404(template_id), TemplateForm()
    doubts: list[Any] = []
    if form.validate():
        try:
            texts.save(db.session(), _row(template_id), seen_version=form.version.data, **_typed(form))
        except DomainError as refused:
            doubts = _explain(form, refused)
            if isinstance(refused, texts.TemplateChangedMeanwhile):
                form.version.data = text.version
                form.version.raw_data = None
        else:
            db.session.commit()
            flash(_("テンプレートを保存しました。次に書くメールから使われます。"))
            return done(None, go_to=url_for("portal.templates"))
    return _edit_page(form, text, doubts, status=422)


@portal.post("/templates/<int:template_id>/archive")
@needs("templates:write")
def template_archive(template_id: int) -> AnyResponse:
    """Put a template away; mails that used it are untouched."""
    put_away = _row(template_id)
    texts.archive(db.session(), put_away)
    db.session.commit()
    flash(_("「%(name)s」の使用を終了しました。いつでも再開できます。", name=put_away.name))
    return done(None, go_to=url_for("portal.templates"))


@portal.post("/templates/<int:template_id>/restore")
@needs("templates:write")
def template_restore(template_id: int) -> AnyResponse:
    """Use a template again."""
    brought_back = _row(template_id)
    texts.restore(db.session(), brought_back)
    db.session.commit()
    flash(_("「%(name)s」の使用を再開しました。", name=brought_back.name))
    return done(None, go_to=url_for("portal.templates"))


@portal.post("/templates/preview")
@needs("templates:write")
def template_preview() -> Response:
    """Show the mail as typed so far. A text that cannot be sent says why, and the last good mail stays in sight."""
    form = TemplateForm()
    findings = _checked()
    sample = _keep_sample(findings)
    if wants_fragment():
        return page(
            "portal/templates/_preview.html",
            "portal/templates/_preview.html",
            findings=findings,
            sample=sample,
            sample_url=url_for("portal.template_sample"),
        )
    edited = whole_number(request.form.get("template_id", ""))
    return _edit_page(form, _text_or_404(edited) if edited is not None else None)


@portal.get("/templates/sample/mail")
@needs("templates:write")
def template_sample() -> Response:
    """Show what was typed last, as HTML, for the frame on the page."""
    sample = samples.latest(db.session(), member().user_id) or _sample(_("件名"), _START)
    return mail_document(compose.render(db.session(), sample, preview=True).html)


@portal.get("/templates/<int:template_id>/mail")
@needs("templates:read")
def template_document(template_id: int) -> Response:
    """Show a template as it was saved, as HTML, for the frame on the page."""
    text = _text_or_404(template_id)
    return mail_document(compose.render(db.session(), _sample(text.subject, text.body, text.letter), preview=True).html)


_START = "{{氏名}} 様\n\n{{会社名}}の{{担当者}}です。\n\n\n\n{{ひとこと}}\n\n{{会社名}} 採用担当\n{{担当者}}"


def _edit_page(
    form: TemplateForm, text: TemplateText | None, doubts: list[Any] | None = None, *, status: int = 200
) -> Response:
    findings, sample, url = wording.Findings(), None, None
    if request.method == "POST":
        findings = _checked()
        sample = _keep_sample(findings)
        url = url_for("portal.template_sample")
    elif text is not None:
        sample = compose.render(db.session(), _sample(text.subject, text.body, text.letter), preview=True)
        url = url_for("portal.template_document", template_id=text.id)
    return page(
        "portal/templates/edit.html",
        status=status,
        form=form,
        text=text,
        tells_result=_letter(form.letter.data) == texts.RESULT,
        doubts=doubts or [],
        findings=findings,
        sample=sample,
        sample_url=url,
        **_frame(),
    )


def _keep_sample(findings: wording.Findings) -> compose.Mail | None:
    """Store what was typed as this login's sample, unless it cannot be sent as it is."""
    if findings.refusals:
        return None
    person = signed_in()
    sample = samples.keep(db.session(), own_company(), person.user_id, person.name, *_text_typed(), _letter_typed())
    db.session.commit()
    return compose.render(db.session(), sample, preview=True)


def _explain(form: TemplateForm, refused: DomainError) -> list[Any]:
    """Put what the capability said where the person looks; returns what only needs a second thought."""
    db.session.rollback()
    if isinstance(refused, texts.TextRefused):
        for place, sentence in refused.findings.refusals:
            field = form[place]
            field.errors = [*field.errors, str(sentence)]
    elif isinstance(refused, texts.TextDoubted):
        return list(refused.findings.warnings)
    elif isinstance(refused, texts.NameTaken | texts.TemplateNameMissing):
        form.name.errors = [*form.name.errors, str(refused)]
    else:
        form.form_errors.append(str(refused))
    return []


def _typed(form: TemplateForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "subject": form.subject.data,
        "body": form.body.data,
        "by_user_id": member().user_id,
        "confirmed": request.form.get("confirmed") == "1",
    }


def _text_typed() -> tuple[str, str]:
    subject = placeholders.canonical(clean(request.form.get("subject", "")))
    return subject, placeholders.canonical(clean_block(request.form.get("body", "")))


def _checked() -> wording.Findings:
    """Return the findings in what was typed, by what its letter can be filled with."""
    return wording.check(*_text_typed(), texts.KNOWN[_letter_typed()])


def _letter_typed() -> str:
    return _letter(request.form.get("letter", ""))


def _letter(named: str | None) -> str:
    """Return the letter that is named, where it has templates; else the result mail."""
    return named if named in texts.KNOWN else texts.RESULT


def _sample(subject: str, body: str, letter: str = texts.RESULT) -> Message:
    """Return the mail a made-up person would get, through the very code that sends; not stored."""
    return samples.of_text(own_company(), member().user_id, signed_in().name, subject, body, letter)


def _text_or_404(template_id: int) -> TemplateText:
    return texts.current(db.session(), template_id) or abort(404)


def _row(template_id: int) -> MailTemplate:
    statement = select(MailTemplate).where(MailTemplate.id == template_id, MailTemplate.letter.in_(texts.KNOWN))
    return db.session.scalars(statement).one_or_none() or abort(404)


def _frame() -> dict[str, Any]:
    return {"may_write": may(member().role, "templates:write"), **words()}
