"""On a record: what arrived elsewhere is written down (返信を記録), and the person's wish to hear no more."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.candidates import contact, notes
from relay.candidates.sensitive import SensitiveWords
from relay.extensions import db
from relay.models import Candidate, ContactChannel
from relay.portal import portal
from relay.portal.candidates.contact_forms import ContactForm, ReplyForm
from relay.portal.candidates.show import record_page
from relay.web import wants_fragment


@portal.post("/pool/<int:candidate_id>/replies")
@needs("pool:write")
def record_reply_create(candidate_id: int) -> AnyResponse:
    """Write down what the person said by telephone, mail or face to face, under the day they said it."""
    candidate, form = candidate_or_404(candidate_id), ReplyForm()
    if not form.validate():
        return record_page(candidate, status=422, reply=form)
    try:
        notes.add_reply(
            db.session(),
            candidate,
            form.body.data,
            contact_channel=ContactChannel(form.contact_channel.data),
            day=form.heard_on,
            by_user_id=member().user_id,
            confirmed="confirmed" in request.form,
        )
    except SensitiveWords as asked:
        return record_page(candidate, status=422, reply=form, reply_asking=str(asked))
    db.session.commit()
    told = _("返信を記録しました")
    if wants_fragment():
        return record_page(candidate, told=told)
    flash(told)
    return redirect(url_for("portal.record", candidate_id=candidate_id), 303)


@portal.post("/pool/<int:candidate_id>/contact-stop")
@needs("pool:write")
def record_contact_stop(candidate_id: int) -> AnyResponse:
    """Write down that the person wants no more mail but a result."""
    candidate, form = candidate_or_404(candidate_id), ContactForm()
    if not form.validate():
        return record_page(candidate, status=422, contact_form=form)
    contact.stop(db.session(), candidate, ContactChannel(form.contact_channel.data))
    return _done(candidate, _("この方への連絡を停止しました。結果だけは、これからもお伝えできます。"))


@portal.post("/pool/<int:candidate_id>/contact-resume")
@needs("pool:write")
def record_contact_resume(candidate_id: int) -> AnyResponse:
    """Write down that the person wants to hear again, by their own word."""
    candidate, form = candidate_or_404(candidate_id), ContactForm()
    if not form.validate():
        return record_page(candidate, status=422, contact_form=form)
    contact.resume(db.session(), candidate, ContactChannel(form.contact_channel.data))
    return _done(candidate, _("この方への連絡を再開しました"))


def _done(candidate: Candidate, told: str) -> AnyResponse:
    db.session.commit()
    flash(told)
    return redirect(url_for("portal.record", candidate_id=candidate.id), 303)
