"""The second step of signing in: a code of the app, or one of the recovery codes (E-5)."""

from flask import g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from relay.account import account
from relay.account.forms import CodeForm
from relay.account.login import AWAITS, enter, held_back_sentence
from relay.extensions import db, settings, short_write
from relay.identity import second_factor, sessions, sign_in, users
from relay.models import Actor, UserSession, act_as
from relay.web import page


@account.get("/login/code")
def login_code() -> AnyResponse:
    """Ask for the code; a browser that has not shown a password a moment ago begins at the login page."""
    if _waiting() is None:
        return _from_the_start()
    return page("account/code.html", form=CodeForm(None, next=request.args.get("next", "")))


@account.post("/login/code")
def login_code_post() -> AnyResponse:
    """Compare, and open the session under a new id (E-7); a wrong, a late and a used code are answered alike."""
    form, waiting = CodeForm(), _waiting()
    if waiting is None:
        return _from_the_start()
    if not form.validate():
        return page("account/code.html", status=422, form=form)
    waiting_id, user_id = waiting.id, waiting.user_id
    with short_write() as writing:
        wait = sign_in.may_try_code(writing, user_id, hash_key=settings().hash_key)
    if wait:
        form.form_errors.append(held_back_sentence(wait))
        return page("account/code.html", status=429, form=form)
    ip = (request.remote_addr or "")[:45]
    act_as(db.session(), Actor("visitor", None, ip, g.request_id))
    user = users.by_id(db.session(), user_id)
    if not sign_in.try_code(db.session(), user, form.code.data, hash_key=settings().hash_key):
        db.session.commit()
        form.form_errors.append(str(second_factor.CodeRefused.message))
        return page("account/code.html", status=422, form=form)
    token = sign_in.finish_with_code(db.session(), waiting_id, user, ip=ip, agent=request.user_agent.string)
    if token is None:
        db.session.rollback()
        return _from_the_start()
    db.session.commit()
    return enter(token, form.next.data or "", form.deferred.data or "")


def _waiting() -> UserSession | None:
    return sessions.awaiting(db.session(), session.get(AWAITS, ""))


def _from_the_start() -> AnyResponse:
    return redirect(url_for("account.login", next=request.values.get("next") or None), 303)
