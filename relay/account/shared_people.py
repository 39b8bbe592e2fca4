"""The way from the partners' portal to a form about people and what the partner keeps of them, and back."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.markers import SAFE
from relay.account import my_account
from relay.account.login import is_local
from relay.extensions import db
from relay.network import sharing
from relay.tokens import parse_code

PORTAL = "/agency"


class PersonOutOfSight(Exception):
    """Raise where the partner does not see the person now; the portal's page of the person says why."""


@my_account.errorhandler(PersonOutOfSight)
def person_out_of_sight(_error: PersonOutOfSight) -> AnyResponse:
    """Lead to the page of the person, which answers for people who are gone and people who were never there."""
    db.session.rollback()
    if request.method == "POST":
        flash(_("この方の情報は、いま表示できません。送られた内容は保存していません。"), "warning")
    return redirect(url_for("agency.people_show", code=(request.view_args or {})["code"]), 303)


def held_person(code: str) -> int:
    """Return the id of the person behind a reference, held until an act on them ends; 404 for what is no reference.

    Raises PersonOutOfSight.
    """
    if parse_code(code) is None:
        abort(404)
    try:
        return (sharing.seen if request.method in SAFE else sharing.hold)(db.session(), code)
    except sharing.Gone:
        raise PersonOutOfSight from None


def back_to(code: str = "") -> str:
    """Return the page of the portal that a form came from; where it names none, that of the person, else the list."""
    wanted = request.values.get("back", "")
    inside = wanted == PORTAL or wanted.startswith((f"{PORTAL}/", f"{PORTAL}?"))
    if inside and is_local(wanted):
        return wanted
    return url_for("agency.people_show", code=code) if code else url_for("agency.people_index")
