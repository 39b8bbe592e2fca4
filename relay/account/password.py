"""A forgotten password: asking for a link, and setting a new one behind it (C-23)."""

from datetime import timedelta

from flask import Response, abort, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.account import account, token_link
from relay.account.forms import AskForm, NewPasswordForm
from relay.account.token_links import TokenLinkGone, opened
from relay.errors import DomainError
from relay.extensions import db, settings, short_write
from relay.identity import recovery, throttle
from relay.identity.passwords import SHORTEST
from relay.identity.recovery import LinkUsed
from relay.models import Token, TokenPurpose
from relay.tokens import keyed_hash
from relay.web import page

ASKS_PER_ADDRESS = 20
"""Of one network address within an hour; an office shares one."""
HOUR = timedelta(hours=1)


@account.get("/password")
def password_ask() -> Response:
    """Ask for the address; the login page leads here."""
    return page("account/password_ask.html", form=AskForm(None), asked=request.args.get("asked") == "1")


@account.post("/password")
def password_ask_post() -> AnyResponse:
    """Mail a link to the login of this address; everybody gets the same answer (C-23)."""
    form = AskForm()
    if not form.validate():
        return page("account/password_ask.html", status=422, form=form, asked=False)
    key = keyed_hash(settings().hash_key, "password-origin", throttle.origin((request.remote_addr or "")[:45]))
    with short_write() as writing:
        often = throttle.hit(writing, key, window=HOUR) > ASKS_PER_ADDRESS
    if often:
        abort(429)
    recovery.ask(db.session(), form.email.data, hash_key=settings().hash_key)
    db.session.commit()
    return redirect(url_for("account.password_ask", asked=1), 303)


@token_link.get("/password/<token>")
def password_set(token: str) -> Response:
    """Show the form for a new password; looking at it uses nothing up (C-16)."""
    _owned(opened(token, TokenPurpose.PASSWORD))
    return page("account/password_set.html", form=NewPasswordForm(None), token=token, shortest=SHORTEST)


@token_link.post("/password/<token>")
def password_set_post(token: str) -> Response:
    """Set it, once; nobody is signed in by this, and the second factor is still asked for (C-23)."""
    form, found = NewPasswordForm(), opened(token, TokenPurpose.PASSWORD)
    _owned(found)
    if not form.validate():
        return page("account/password_set.html", status=422, form=form, token=token, shortest=SHORTEST)
    try:
        recovery.reset(db.session(), found, form.password.data)
    except LinkUsed as used:
        raise TokenLinkGone(used.message) from used
    except DomainError as refused:
        db.session.rollback()
        form.password.errors = [str(refused)]
        return page("account/password_set.html", status=422, form=form, token=token, shortest=SHORTEST)
    db.session.commit()
    return page("account/password_done.html", title=_("新しいパスワードになりました"))


def _owned(found: Token) -> None:
    try:
        recovery.owner(db.session(), found)
    except LinkUsed as used:
        raise TokenLinkGone(used.message) from used
