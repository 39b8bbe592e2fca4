"""How far a partner is with a person: chosen on the person's page in the portal, kept here."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import agent
from relay.access.permissions import needs
from relay.account import my_account
from relay.account.shared_people import back_to, held_person
from relay.extensions import db
from relay.network import work_states
from relay.network.work_states import WorkStateChanged, WorkStateUnknown
from relay.web import page


@my_account.get("/people/<code>/state")
@needs("people:mark")
def person_state(code: str) -> AnyResponse:
    """Show the state with its last changes, to be changed."""
    return _shown(code, held_person(code))


@my_account.post("/people/<code>/state")
@needs("people:mark")
def person_state_save(code: str) -> AnyResponse:
    """Keep the chosen state; a colleague's change meanwhile is shown beside it first."""
    session, profile_id, here = db.session(), held_person(code), agent()
    state, seen = request.form.get("state", ""), request.form.get("seen", "")
    try:
        chosen = work_states.choose(session, here.partner_id, profile_id, state, seen=seen, by_user_id=here.user_id)
    except WorkStateUnknown as refused:
        return _shown(code, profile_id, status=422, refused=str(refused))
    except WorkStateChanged as refused:
        return _shown(code, profile_id, status=409, refused=str(refused), wanted=state)
    session.commit()
    if chosen is not None:
        flash(_("対応を「%(state)s」にしました", state=chosen.label))
    return redirect(back_to(code), 303)


def _shown(code: str, profile_id: int, *, status: int = 200, refused: str = "", wanted: str = "") -> AnyResponse:
    work = work_states.of_person(db.session(), agent().partner_id, profile_id)
    return page(
        "account/person_state.html",
        status=status,
        code=code,
        work=work,
        refused=refused,
        wanted=next((each for each in work.choices if each.value == wanted), None),
        here=url_for("my_account.person_state_save", code=code),
        back=back_to(code),
    )
