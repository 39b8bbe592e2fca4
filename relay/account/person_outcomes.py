"""The outcomes of a person, told by the partner that sees them: added and taken back here, never changed."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent
from relay.access.permissions import needs
from relay.account import my_account
from relay.account.shared_people import back_to, held_person
from relay.extensions import db
from relay.network import outcomes
from relay.network.outcomes import OutcomeUnknown
from relay.web import page


@my_account.get("/people/<code>/outcomes")
@needs("people:mark")
def person_outcomes(code: str) -> AnyResponse:
    """Show what the partner has told of the person, and what it may tell."""
    return _shown(code, held_person(code))


@my_account.post("/people/<code>/outcomes")
@needs("people:mark")
def person_outcomes_save(code: str) -> AnyResponse:
    """Add the partner's word, or that it takes one back; a form that is sent twice is one word."""
    session, profile_id, here = db.session(), held_person(code), agent()
    kind, so = request.form.get("kind", ""), "taken-back" not in request.form
    try:
        new = outcomes.tell(session, here.partner_id, profile_id, kind, so=so, by_user_id=here.user_id)
    except OutcomeUnknown as refused:
        return _shown(code, profile_id, status=422, refused=str(refused))
    session.commit()
    if new:
        flash(_("その後を伝えました") if so else _("伝えたことを取り消しました"))
    return redirect(url_for("my_account.person_outcomes", code=code, back=request.form.get("back")), 303)


def _shown(code: str, profile_id: int, *, status: int = 200, refused: str = "") -> AnyResponse:
    return page(
        "account/person_outcomes.html",
        status=status,
        code=code,
        found=outcomes.of_partner(db.session(), agent().partner_id, profile_id),
        refused=refused,
        back=back_to(code),
    )
