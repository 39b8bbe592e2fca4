"""Erasing several people chosen in the pool: who they are, what goes and stays, their number typed, then the act.

People on whom a hold is in force are named with its reason and stay (A-28); the others go.
"""

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, StringField
from wtforms.validators import ValidationError

from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.candidates import holds
from relay.candidates.holds import ErasureHeld
from relay.extensions import db
from relay.models import Candidate, Hold
from relay.models.names import names_by_id
from relay.outreach.results import listed_names
from relay.portal import portal
from relay.portal.candidates.erasure import ErasureForm
from relay.portal.ui import conditions
from relay.portal.ui.labels import long_day
from relay.rights.requests import BACKUP_DAYS, ErasureReason, erase_people, goes_now
from relay.text import fold, whole_number
from relay.trust import provisions
from relay.web import done, page

MAX_ERASED = 200
"""So many people are erased at once."""


class PeopleErasureForm(ErasureForm):
    """The same as for one person, and how many they are, typed."""

    number = StringField(_l("消去する人数"))
    expected = 0

    def validate_number(self, field: Field) -> None:
        """Refuse another number than that of the people on the page."""
        if whole_number(fold(field.data or "").removesuffix(_("名"))) != self.expected:
            raise ValidationError(
                _("消去する人数（%(n)s）を数字で入力してください。まだ誰も消去していません。", n=self.expected)
            )


@portal.get("/pool/erasure")
@needs("people:erase")
def people_erasure() -> AnyResponse:
    """Show whose records would go, before anything is asked."""
    people = _people(conditions.ids(request.args.getlist("id")))
    if not people:
        flash(_("消去する方を、一覧から選んでください。"), "warning")
        return redirect(url_for("portal.pool"), 303)
    return _ask(people, PeopleErasureForm(None))


@portal.post("/pool/erasure")
@needs("people:erase")
@fresh
def people_erase() -> AnyResponse:
    """Erase the records for good; the log keeps the reason and the day. Sent twice, the second finds nobody."""
    people, form = _people(conditions.ids(request.form.getlist("id"))), PeopleErasureForm()
    if not people:
        flash(_("この方たちの記録は、すでに消去しています。"))
        return done(None, go_to=url_for("portal.pool"))
    held = _held(people)
    free = [id_ for id_ in people if id_ not in held]
    form.expected = len(free)
    if not free or not form.validate() or form.number.errors:
        return _ask(people, form, status=422)
    reason, company_id = ErasureReason(form.reason.data), member().company_id
    try:
        gone = erase_people(db.session(), company_id, free, reason=reason, asked_on=form.asked_on)
    except ErasureHeld as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
        return _ask(people, form, status=422)
    db.session.commit()
    flash(_("%(n)s名の記録を消去しました。まだ送っていなかったメールは取り消しました。", n=gone))
    if held:
        names = listed_names(people[id_] for id_ in held)
        flash(_("消去が保留されている%(names)sの記録は、消去していません。", names=names), "warning")
    return done(None, go_to=url_for("portal.pool"))


def _people(ids: list[int]) -> dict[int, str]:
    """Return the names by the ids of those who are there."""
    return names_by_id(db.session(), Candidate.name, ids[:MAX_ERASED])


def _held(people: dict[int, str]) -> dict[int, Hold]:
    """Return of those who must not be erased yet the hold that ends last."""
    standing = {hold.candidate_id: hold for hold in reversed(holds.in_force(db.session(), people))}
    return {id_: standing[id_] for id_ in people if id_ in standing}


def _ask(people: dict[int, str], form: PeopleErasureForm, *, status: int = 200) -> Response:
    held = _held(people)
    return page(
        "portal/pool/erasure.html",
        status=status,
        people=people,
        free=[id_ for id_ in people if id_ not in held],
        held=held,
        long_day=long_day,
        form=form,
        goes=goes_now(),
        provision_years=provisions.TERM.years,
        backup_days=BACKUP_DAYS,
    )
