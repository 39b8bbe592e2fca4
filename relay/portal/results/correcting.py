"""A mail that could not be delivered: put the address right, and write the same result again, in one step."""

from dataclasses import replace

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field
from wtforms.validators import ValidationError

from relay.access.context import member
from relay.access.permissions import needs
from relay.candidates import facts
from relay.candidates.addresses import AddressDoubtful, refuse_doubtful
from relay.extensions import db
from relay.mail import batches
from relay.models import ActionKind, Candidate, Message, journal
from relay.models.candidate_fields import CANDIDATE_FIELDS
from relay.outreach import cautions, drafts
from relay.outreach.mailings import UNDELIVERED
from relay.portal import portal
from relay.portal.candidates.facts import form_field
from relay.portal.results.messages import message_or_404, why_undelivered
from relay.portal.ui.company import own_company
from relay.text import normalise_mail
from relay.web import done, page

_MISSING = _l("メールアドレスを入力してください。")
_EMAIL = replace(next(field for field in CANDIDATE_FIELDS if field.name == "email"), required=_MISSING)


class AddressForm(FlaskForm):  # type: ignore[misc]
    """The address to which a result is written again."""

    def validate_email(self, field: Field) -> None:
        """Refuse one that mails came back from for good (C-7)."""
        address = normalise_mail(field.data or "").value
        if cautions.bounced(db.session(), [address]):
            raise ValidationError(_("このアドレスからはメールが戻ってきています。別のアドレスを入力してください。"))


AddressForm.email = form_field(_EMAIL)


@portal.get("/results/messages/<int:message_id>/address")
@needs("results:tell")
def message_address(message_id: int) -> Response:
    """Ask for the right address of a person whose mail did not arrive."""
    mail, person = _undelivered(message_id)
    return _ask(mail, person, AddressForm(None, email=person.email))


@portal.post("/results/messages/<int:message_id>/address")
@needs("results:tell")
def message_address_save(message_id: int) -> AnyResponse:
    """Put the address on record right, and begin to write to that person again."""
    mail, person = _undelivered(message_id)
    form, session, by = AddressForm(), db.session(), member().user_id
    if not form.validate():
        return _ask(mail, person, form, status=422)
    address = normalise_mail(form.email.data or "").value
    try:
        refuse_doubtful(session, address, "address_confirmed" in request.form, of=person)
    except AddressDoubtful as doubt:
        return _ask(mail, person, form, status=422, doubtful=str(doubt))
    session.refresh(person, with_for_update=True)
    with journal.kept(session, person.company_id, ActionKind.EDITED, by_user_id=by) as recorder:
        recorder.will_change(Candidate, [person.id])
        changed = facts.change(session, person, {"email": address})
    try:
        again = batches.code_of(session, mail)
        draft = drafts.start(session, own_company(), [mail.subject_id or 0], by_user_id=by, resume=again)
    except drafts.NobodyToNotify as refused:
        session.commit()
        flash(_("アドレスを修正しました。") + str(refused) if changed else str(refused), "warning")
        return done(None, go_to=url_for("portal.message", message_id=message_id))
    session.commit()
    if changed:
        flash(_("アドレスを修正しました。この結果連絡は、まだ送っていません。"))
    return done(None, go_to=url_for("portal.result_draft", batch=draft.batch))


_PERSON = select(Candidate).where(Candidate.id == bindparam("person"))


def _undelivered(message_id: int) -> tuple[Message, Candidate]:
    """Return a result that did not arrive, and the person on record; else 404."""
    mail = message_or_404(message_id)
    person = db.session.scalars(_PERSON, {"person": mail.candidate_id}).one_or_none()
    if mail.state not in UNDELIVERED or person is None:
        abort(404)
    return mail, person


def _ask(mail: Message, person: Candidate, form: AddressForm, *, status: int = 200, doubtful: str = "") -> Response:
    return page(
        "portal/results/address.html",
        status=status,
        message=mail,
        person=person,
        form=form,
        why=why_undelivered(mail),
        doubtful=doubtful,
    )
