"""Entering a person by hand (/pool/new), and putting a record right (/pool/<id>/facts).

People who may be known already are shown before anything is saved; HR says whether it is the same person.
"""

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.getters import candidate_or_404
from relay.access.permissions import needs
from relay.candidates import facts
from relay.candidates.addresses import AddressDoubtful, refuse_doubtful
from relay.candidates.sensitive import SensitiveWords, refuse_sensitive
from relay.extensions import db
from relay.forms.stale import marks, staleness
from relay.hiring import passing_on
from relay.intake import by_hand
from relay.models import ActionKind, Candidate, Position, journal
from relay.portal import portal
from relay.portal.candidates import facts as person_facts
from relay.portal.candidates.forms import ChangeForm, FactsForm, NewPersonForm
from relay.portal.duplicates.reason_labels import MATCH_REASON_WORDS
from relay.portal.ui import conditions
from relay.portal.ui.labels import long_day, words
from relay.text import format_phone
from relay.trust import terms
from relay.web import done, page

NEW = "new"
MAX_OPTIONS = 200


@portal.get("/pool/new")
@needs("people:add")
def person_new() -> Response:
    """Show an empty form; only the day is filled in."""
    return _new(NewPersonForm(None, applied_on=long_day(clock.today())))


@portal.post("/pool/new")
@needs("people:add")
def person_create() -> AnyResponse:
    """Save the person; ask first where words the law keeps out were typed, or where the person may be known already."""
    form, who = NewPersonForm(), request.form.get("who", "")
    if not form.validate():
        return _new(form, status=422)
    if asked := _asked(form):
        return _new(form, status=422, **asked)
    if who == NEW:
        return _add(form)
    if chosen := conditions.ids([who]):
        return _apply_again(candidate_or_404(chosen[0]), form)
    if alike := by_hand.find_alike(db.session(), member().company_id, form.values):
        return _new(form, status=409, alike=alike, unanswered="asked" in request.form)
    return _add(form)


@portal.get("/pool/<int:candidate_id>/facts")
@needs("pool:write")
def person_change(candidate_id: int) -> Response:
    """Show the facts as they are, to be put right."""
    candidate = candidate_or_404(candidate_id)
    return _change(candidate, ChangeForm.of(candidate))


@portal.post("/pool/<int:candidate_id>/facts")
@needs("pool:write")
def person_save(candidate_id: int) -> AnyResponse:
    """Write down what was put right; the log keeps which fields, never their contents."""
    candidate = candidate_or_404(candidate_id)
    form = ChangeForm().without_unknown(candidate)
    if not form.validate():
        return _change(candidate, form, status=422)
    session, by = db.session(), member().user_id
    session.refresh(candidate, with_for_update=True)
    stale = staleness(person_facts.texts(facts.of(candidate)), person_facts.texts(form.values), person_facts.LABELS)
    if stale.unanswered:
        return _change(candidate, form, status=409, stale=stale.values)
    if asked := _asked(form, candidate):
        return _change(candidate, form, status=422, stale=stale.values, **asked)
    values = {name: value for name, value in form.values.items() if name not in stale.dropped}
    with journal.kept(session, candidate.company_id, ActionKind.EDITED, by_user_id=by) as recorder:
        recorder.will_change(Candidate, [candidate_id])
        changed = facts.change(session, candidate, values)
    session.commit()
    flash(_("変更を保存しました") if changed else _("変わったところはありませんでした"))
    return done(None, go_to=url_for("portal.record", candidate_id=candidate_id))


def _asked(form: FactsForm, of: Candidate | None = None) -> dict[str, str]:
    """Return what is asked before anything is saved: about words (A-22), and about an address that may be a mistake."""
    asked = {}
    try:
        refuse_sensitive(form.free_text, "confirmed" in request.form)
    except SensitiveWords as words_found:
        asked["asking"] = str(words_found)
    try:
        refuse_doubtful(db.session(), form.values.get("email", ""), "address_confirmed" in request.form, of=of)
    except AddressDoubtful as doubt:
        asked["doubtful"] = str(doubt)
    return asked


def _add(form: NewPersonForm) -> AnyResponse:
    session = db.session()
    candidate = by_hand.add(session, form.values, form.arrival)
    return _finish(candidate, form, _("%(name)sさんを登録しました", name=candidate.name))


def _apply_again(candidate: Candidate, form: NewPersonForm) -> AnyResponse:
    filled = by_hand.apply_again(db.session(), candidate, form.values, form.arrival)
    told = _("%(name)sさんの応募を追加しました", name=candidate.name)
    if filled:
        told += ngettext("（空いていた%(num)s項目を補いました）", "（空いていた%(num)s項目を補いました）", len(filled))
    return _finish(candidate, form, told)


def _finish(candidate: Candidate, form: NewPersonForm, told: str) -> AnyResponse:
    by = member().user_id
    by_hand.annotate(db.session(), candidate, form.note.data or "", form.tag_names, by_user_id=by)
    db.session.commit()
    flash(told)
    return done(None, go_to=url_for("portal.record", candidate_id=candidate.id))


_TITLES = select(Position.title).where(Position.closed_at.is_(None)).order_by(Position.title_key).limit(MAX_OPTIONS)


def _new(form: NewPersonForm, *, status: int = 200, **extra: Any) -> Response:
    in_force = terms.of_company(db.session(), member().company_id)
    context = {
        "form": form,
        "positions": db.session.scalars(_TITLES).all(),
        "referral_channel": passing_on.CHANNEL,
        "confirmed": "confirmed" in request.form,
        "address_confirmed": "address_confirmed" in request.form,
        "format_phone": format_phone,
        "likeness_words": MATCH_REASON_WORDS,
        "new": NEW,
        "months": {basis.value: number for basis, number in in_force.newest().items()},
    }
    return page("portal/candidates/new.html", status=status, **(words() | context | extra))


def _change(candidate: Candidate, form: ChangeForm, *, status: int = 200, **extra: Any) -> Response:
    opened_on = request.form.get("opened") or marks(person_facts.texts(facts.of(candidate)))
    return page(
        "portal/candidates/edit.html", status=status, candidate=candidate, form=form, opened_on=opened_on, **extra
    )
