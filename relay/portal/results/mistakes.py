"""誤って送った: one page per mail, which asks first, then does it, then says what is left to do.

Nothing on it depends on whether the person opened the link or registered (A-45).
"""

from typing import Any

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member, signed_in
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.mail import batches
from relay.models import (
    Application,
    Candidate,
    Incident,
    MailClass,
    Message,
    MessageState,
    Mistake,
    MistakeKind,
    Position,
    RelayLink,
)
from relay.network.mistaken import Contact
from relay.outreach import apology, mailings, mistakes
from relay.outreach.apology import ApologyText
from relay.portal import portal
from relay.portal.results.messages import STATE_WORDS, message_or_404
from relay.portal.results.mistake_forms import ApologyForm, MistakeForm
from relay.portal.ui.company import own_company
from relay.portal.ui.labels import words
from relay.text import format_phone, normalise_phone, whole_number
from relay.trust import incidents
from relay.web import done, page

LISTED = 20
"""How many of the mails that left beside it are listed at first."""
MAX_AT_ONCE = 50
"""How many mails one press declares: each holds the company for a while."""
_BACK = {
    MistakeKind.RESULT: _l("選考中に戻ります。見送りは取り消されます。"),
    MistakeKind.ADDRESS: _l("見送り（未連絡）に戻ります。宛先を修正してから、もう一度送れます。"),
    MistakeKind.TEXT: _l("見送り（未連絡）に戻ります。書き直して、もう一度送れます。"),
}
_WAS_REJECTED = _l("見送り（未連絡）に戻ります。見送りはこのメールより前に決まっていたため、そのまま残ります。")


@portal.get("/results/messages/<int:message_id>/mistake")
@needs("results:tell")
def message_mistake(message_id: int) -> Response:
    """Ask before it is declared; afterwards show what was done and what is left to do."""
    mail = message_or_404(message_id)
    mistake = mistakes.of_message(db.session(), mail.id)
    if mistake is not None:
        return _declared(mail, mistake)
    if not mistakes.can_be_declared(mail):
        abort(404)
    return _ask(mail, MistakeForm(None, data=_colleague()))


@portal.post("/results/messages/<int:message_id>/mistake")
@needs("results:tell")
def message_mistake_declare(message_id: int) -> AnyResponse:
    """Declare it. Pressed twice, or in two tabs, it is declared once."""
    mail, form = message_or_404(message_id), MistakeForm()
    if not form.validate():
        return _ask(mail, form, status=422)
    declared = _declare(mail.id, MistakeKind(form.kind.data), form.contact)
    db.session.commit()
    if declared:
        flash(_("リンクを止め、応募を元に戻しました。"))
    else:
        flash(_("このメールは、すでに誤って送ったものと記録されています。何も変わっていません。"), "warning")
    return done(None, go_to=url_for("portal.message_mistake", message_id=mail.id))


@portal.post("/results/messages/<int:message_id>/mistake/others")
@needs("results:tell")
def message_mistake_others(message_id: int) -> AnyResponse:
    """Declare the same of the mails ticked among those of the same act, so many at once."""
    mail = message_or_404(message_id)
    mistake = mistakes.of_message(db.session(), mail.id) or abort(404)
    ticked = {number for each in request.form.getlist("id") if (number := whole_number(each)) is not None}
    of_act = select(Message).where(Message.id.in_(ticked), Message.batch_id == mail.batch_id).order_by(Message.id)
    others = [each.id for each in db.session.scalars(of_act) if mistakes.can_be_declared(each)]
    contact = Contact(mistake.contact_name, mistake.contact_phone)
    count = sum(_declare(each, mistake.kind, contact) for each in others[:MAX_AT_ONCE])
    db.session.commit()
    if left := max(len(others) - MAX_AT_ONCE, 0):
        said = _("%(n)s名に同じことを行いました。残りの%(left)s名は、もう一度押してください。", n=count, left=left)
        flash(said, "warning")
    elif count:
        flash(ngettext("%(num)s名にも、同じことを行いました。", "%(num)s名にも、同じことを行いました。", count))
    else:
        flash(_("誤って送った方に、チェックを入れてから押してください。"), "warning")
    return done(None, go_to=url_for("portal.message_mistake", message_id=mail.id))


@portal.get("/results/messages/<int:message_id>/apology")
@needs("results:tell")
def message_apology(message_id: int) -> Response:
    """Show the apology as it was drawn up, to be read and changed."""
    mail, mistake = _of(message_id)
    text = apology.draw_up(db.session(), own_company(), mistake)
    known = {"contact_name": mistake.contact_name, "contact_phone": mistake.contact_phone, **text.__dict__}
    people = apology.recipients(db.session(), mistake)
    return _apology(mail, mistake, ApologyForm(None, data=known | {"to": [each.mistake.id for each in people]}))


@portal.post("/results/messages/<int:message_id>/apology")
@needs("results:tell")
def message_apology_send(message_id: int) -> AnyResponse:
    """Queue it; it can be stopped until it leaves. Pressed twice, it is queued once."""
    mail, mistake = _of(message_id)
    form = _with_people(ApologyForm(), mistake)
    if not form.to.choices:
        flash(str(apology.NobodyToApologiseTo.message), "warning")
        return done(None, go_to=url_for("portal.message_mistake", message_id=mail.id))
    if not form.validate():
        return _apology(mail, mistake, form, status=422)
    text = ApologyText(form.subject.data, form.body.data)
    try:
        queued = apology.send(
            db.session(), own_company(), mistake, form.to.data, text, form.contact, by_user_id=member().user_id
        )
    except DomainError as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _apology(*_of(message_id), form, status=422)
    db.session.commit()
    flash(ngettext("%(num)s名へのお詫びを受け付けました。", "%(num)s名へのお詫びを受け付けました。", queued.count))
    return done(None, go_to=url_for("portal.message_mistake", message_id=mail.id))


def _declare(message_id: int, kind: MistakeKind, contact: Contact) -> bool:
    company_id, by = member().company_id, member().user_id
    return mistakes.declare(db.session(), company_id, message_id, kind, contact, by_user_id=by).new


def _of(message_id: int) -> tuple[Message, Mistake]:
    mail = message_or_404(message_id)
    return mail, mistakes.of_message(db.session(), mail.id) or abort(404)


def _colleague() -> dict[str, str]:
    """Return whom to call as far as it is known: who is signed in, and the first number in the company's contact."""
    number = format_phone(normalise_phone(own_company().contact).value)
    return {"contact_name": signed_in().name, "contact_phone": number}


_PERSON = (
    select(Candidate.id, Candidate.name, Application.id.label("application_id"), Application.notified_at)
    .add_columns(Position.title, Application.status)
    .join(Application, Application.candidate_id == Candidate.id)
    .outerjoin(Position, Position.id == Application.position_id)
    .where(Application.id == bindparam("application"))
)
_INCIDENT = select(Incident).where(Incident.id == bindparam("incident"))
_LINK = select(RelayLink.id).where(RelayLink.id == bindparam("link"))


def _person(mail: Message) -> Any:
    return db.session.execute(_PERSON, {"application": mail.subject_id}).one_or_none()


def _ask(mail: Message, form: MistakeForm, *, status: int = 200) -> Response:
    hints = {kind.value: str(sentence) for kind, sentence in _BACK.items()}
    if not mistakes.reopens(mail):
        hints[MistakeKind.RESULT.value] = str(_WAS_REJECTED)
    return page(
        "portal/results/mistake.html",
        status=status,
        message=mail,
        person=_person(mail) or abort(404),
        form=form,
        hints=hints,
        invited=mail.mail_class is MailClass.RELAY,
        **words(),
    )


def _declared(mail: Message, mistake: Mistake) -> Response:
    session, everybody = db.session(), "all" in request.args
    counts = mailings.of_batch(session, batches.code_of(session, mail))
    incident = session.scalars(_INCIDENT, {"incident": mistake.incident_id}).one()
    others = mailings.neighbours(session, mail, limit=sum(counts.values()) if everybody else LISTED)
    sent = apology.state(session, mistake)
    return page(
        "portal/results/mistaken.html",
        message=mail,
        mistake=mistake,
        person=_person(mail),
        kind=mistakes.KIND_WORDS[mistake.kind],
        others=others,
        left_out=max(sum(counts.values()) - 1 - len(others), 0),
        waiting=counts.get(MessageState.SCHEDULED, 0),
        batch=batches.code_of(session, mail),
        apology=STATE_WORDS[sent] if sent else None,
        can_apologise=any(each.mistake.id == mistake.id for each in apology.recipients(session, mistake)),
        incident=incident,
        report_by=incidents.report_by(incident),
        state_words=STATE_WORDS,
        MessageState=MessageState,
        **words(),
    )


def _with_people(form: ApologyForm, mistake: Mistake) -> ApologyForm:
    people = apology.recipients(db.session(), mistake)
    form.to.choices = [
        (each.mistake.id, _("%(name)sさん（%(to)s）", name=each.name, to=each.address)) for each in people
    ]
    return form


def _apology(mail: Message, mistake: Mistake, form: ApologyForm, *, status: int = 200) -> Response:
    return page(
        "portal/results/apology.html",
        status=status,
        message=mail,
        form=_with_people(form, mistake),
        invited=db.session.scalar(_LINK, {"link": mistake.relay_link_id}) is not None,
        delay=own_company().send_delay_minutes,
        takes=apology.TAKES,
    )
