"""Erasing one person's record before their day: what goes, what stays and for how long, then the act itself.

The page is the same for everybody: whether the person looked at an invitation, declined or registered cannot be read
from it (B-6).
"""

from flask import Response, flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, Field, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.candidates.holds import ErasureHeld
from relay.extensions import db
from relay.forms import past_day
from relay.models import Candidate
from relay.portal import portal
from relay.rights.requests import BACKUP_DAYS, ErasureReason, erase_on_request, goes_now, was_erased
from relay.trust import provisions
from relay.web import done, page

ERASURE_REASON_WORDS = {
    ErasureReason.ASKED: _l("ご本人の希望"),
    ErasureReason.MISTAKEN: _l("誤って登録した、または取り込んだ"),
    ErasureReason.OTHER: _l("その他"),
}


class ErasureForm(FlaskForm):  # type: ignore[misc]
    """Why, since when it is wanted, and the word that it is meant."""

    reason = RadioField(
        _l("消去する理由"),
        choices=[SelectChoice(reason.value, word) for reason, word in ERASURE_REASON_WORDS.items()],
        validators=[InputRequired(_l("消去する理由を選んでください。"))],
    )
    day = StringField(_l("申し出のあった日"))
    sure = BooleanField(
        _l("元に戻せないことを確認しました"),
        validators=[InputRequired(_l("元に戻せないことを確認し、チェックを入れてください。"))],
    )

    def validate_day(self, field: Field) -> None:
        """Refuse a day that cannot be read, and one to come; today is taken where none was typed."""
        self.asked_on = past_day(field, _l("これからの日は記録できません。申し出のあった日を入力してください。"))


@portal.get("/pool/<int:candidate_id>/erasure")
@needs("people:erase")
def record_erasure(candidate_id: int) -> Response:
    """Show what would go and what would stay, before anything is asked."""
    return _ask(candidate_or_404(candidate_id), ErasureForm(None))


@portal.post("/pool/<int:candidate_id>/erasure")
@needs("people:erase")
@fresh
def record_erase(candidate_id: int) -> AnyResponse:
    """Erase the record for good; the log keeps the reason and the day of the request, and nothing of the person.

    A form sent twice is told that it is done.
    """
    if was_erased(db.session(), member().company_id, candidate_id):
        flash(_("この記録は、すでに消去しています。"))
        return done(None, go_to=url_for("portal.pool"))
    candidate, form = candidate_or_404(candidate_id), ErasureForm()
    if not form.validate():
        return _ask(candidate, form, status=422)
    reason = ErasureReason(form.reason.data)
    try:
        erase_on_request(db.session(), candidate.company_id, candidate.id, reason=reason, asked_on=form.asked_on)
    except ErasureHeld as refused:
        form.form_errors.append(str(refused))
        return _ask(candidate, form, status=422)
    db.session.commit()
    flash(_("1名の記録を消去しました。まだ送っていなかったメールは取り消しました。"))
    return done(None, go_to=url_for("portal.pool"))


def _ask(candidate: Candidate, form: ErasureForm, *, status: int = 200) -> Response:
    return page(
        "portal/candidates/erasure.html",
        status=status,
        candidate=candidate,
        form=form,
        goes=goes_now(),
        provision_years=provisions.TERM.years,
        backup_days=BACKUP_DAYS,
    )
