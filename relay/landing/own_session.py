"""How a browser stays inside an own page: after the right number it holds a random value for half an hour (C-25).

The cookie is bound to the path of the one mailed link, and the value is a hashed token row, so the mailed address
alone opens nothing, and a GET of it writes neither.
"""

from datetime import timedelta

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from relay.errors import DomainError
from relay.extensions import short_write
from relay.mail import tokens
from relay.mail.tokens import Link
from relay.models import TokenPurpose
from relay.network import pins

COOKIE = "own-page"
LIFETIME = timedelta(minutes=30)
SESSION_LINK = Link(TokenPurpose.OWN_PAGE_SESSION, lifetime=LIFETIME)


class NumberWanted(DomainError):
    """Raise where an act needs the number, and this browser has not given it within the last half hour."""

    code = "number-wanted"
    message = _l("30分たったため、ページを閉じました。いまの操作は、まだ行っていません。")


def try_number(profile_id: int, typed: str) -> str | None:
    """Count a try in a transaction of its own, then compare; return the hash by which `pins.accept` takes it back.

    None where the number is wrong or no try is allowed. Raises PinMalformed, and nothing is counted.
    """
    number = pins.read_any(typed)
    with short_write() as session:
        stored = pins.count_try(session, profile_id)
    return stored if stored is not None and pins.is_right(stored, number) else None


def enter(session: Session, response: Response, profile_id: int, token: str) -> Response:
    """Let this browser into the page behind `token`, in the caller's transaction."""
    value = tokens.mint(session, TokenPurpose.OWN_PAGE_SESSION, profile_id, profile_id=profile_id)
    response.set_cookie(
        COOKIE,
        value,
        max_age=LIFETIME,
        path=url_for("landing.own_page", token=token),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
    return response


def mint_way_in(session: Session, profile_id: int) -> str:
    """Make a link of the own page for the browser that has just registered or chosen a number."""
    return tokens.mint(session, TokenPurpose.OWN_PAGE, profile_id, profile_id=profile_id)


def is_inside(session: Session, profile_id: int) -> bool:
    """Return whether this browser gave the number, for this person, within the last half hour."""
    found = tokens.find(session, request.cookies.get(COOKIE, ""), TokenPurpose.OWN_PAGE_SESSION)
    return found is not None and found.subject_id == profile_id


def leave(session: Session, profile_id: int) -> None:
    """End every session of the page, on this browser and every other; what their cookies hold opens nothing more."""
    tokens.revoke(session, TokenPurpose.OWN_PAGE_SESSION, profile_id)
