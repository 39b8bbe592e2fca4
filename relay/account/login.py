"""The login page, and the way out."""

import math
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_user, logout_user
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.deferring import deferred_form, place_to_return
from relay.access.markers import GuardPage, guard_page
from relay.account import account
from relay.account.forms import CodeForm, LoginForm
from relay.extensions import begin_reading, db, settings, short_write
from relay.identity import first_start, sessions, sign_in, users
from relay.infra import deferred_forms
from relay.models import Actor, act_as
from relay.web import MAX_ADDRESS, page

AWAITS = "awaits"
"""Where the cookie keeps the session that awaits a code."""


@account.get("/login")
@guard_page(GuardPage.LOGIN)
def login() -> AnyResponse:
    """Show the form; people who are signed in are sent on. It answers a form, too, whose session has ended."""
    if request.method == "POST":
        return page("account/login.html", form=LoginForm(None, next=place_to_return(), deferred=deferred_form()))
    if current_user.is_authenticated:
        return redirect(landing_page(signed_in(), request.args.get("next", "")))
    form = LoginForm(None, next=request.args.get("next", ""))
    return page("account/login.html", form=form, is_empty=first_start.is_empty(db.session()))


@account.post("/login")
def login_post() -> AnyResponse:
    """Sign in, with a fresh session id (E-7); a refusal tells nothing about who exists (E-6)."""
    form = LoginForm()
    if not form.validate():
        return page("account/login.html", status=422, form=form)
    ip = (request.remote_addr or "")[:45]
    with short_write() as writing:
        attempt = sign_in.begin(writing, email=form.email.data, ip=ip, hash_key=settings().hash_key)
    if attempt.must_wait:
        return _held_back(form, attempt.wait)
    proof = sign_in.prove(attempt, form.password.data)
    act_as(db.session(), Actor("visitor", None, ip, g.request_id))
    if current_user.is_authenticated:
        sessions.end(db.session(), signed_in().session_id)
    entry = sign_in.finish(db.session(), attempt, proof, agent=request.user_agent.string)
    db.session.commit()
    if entry is None:
        form.form_errors.append(_("メールアドレスかパスワードが違います。どちらも、もう一度確認してください。"))
        return page("account/login.html", status=422, form=form)
    return _go_in(entry, form.next.data or "", form.deferred.data or "")


@account.post("/logout")
def logout() -> AnyResponse:
    """End this browser's session here and in the browser (E-12); without one, simply show the login page."""
    if current_user.is_authenticated:
        act_as(db.session(), Actor("user", signed_in().user_id, (request.remote_addr or "")[:45], g.request_id))
        sign_in.sign_out(db.session(), signed_in())
        db.session.commit()
    logout_user()
    _clear_cookie()
    flash(_("ログアウトしました。"))
    response = redirect(url_for("account.login"), 303)
    # The cookie is replaced by this very response; what the browser stores is only the choice of light or dark.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def enter_as(user_id: int, go_to: str) -> AnyResponse:
    """Sign in a person who has just proven their mailbox and set a password (set-up, invitation); commit.

    A new session in place of any this browser had (E-7). Where a second factor is set up, its code is asked for first.
    """
    writing = db.session()
    if current_user.is_authenticated:
        sessions.end(writing, signed_in().session_id)
    ip = (request.remote_addr or "")[:45]
    entry = sign_in.open_session(writing, users.by_id(writing, user_id), ip=ip, agent=request.user_agent.string)
    writing.commit()
    return _go_in(entry, go_to)


def _go_in(entry: sign_in.OpenedSession, wanted: str, deferred: str = "") -> AnyResponse:
    """Redirect to the first page, or to the code page where a second factor is enrolled."""
    if not entry.awaits_code:
        return enter(entry.token, wanted, deferred)
    _clear_cookie()
    session[AWAITS] = entry.token
    if deferred:
        return page("account/code.html", form=CodeForm(None, next=wanted, deferred=deferred))
    return redirect(url_for("account.login_code", next=wanted or None), 303)


def enter(token: str, wanted: str, deferred: str = "") -> AnyResponse:
    """Start this browser's session with the secret that was just opened, and go to the page wanted (E-7).

    A form that waited for this person is offered first, and sent only when they press the button.
    """
    begin_reading()
    person = sessions.load(db.session(), token)
    if person is None:
        return redirect(url_for("account.login"), 303)
    _clear_cookie()
    login_user(person)
    if form := deferred_forms.restore(person.user_id, deferred):
        return page("account/deferred.html", form=form, wanted=landing_page(person, wanted))
    if deferred:
        flash(_("ログインの前に送られた内容は、別の方のものか古いもののため、保存していません。"))
    return redirect(landing_page(person, wanted), 303)


def _clear_cookie() -> None:
    """Clear the cookie, and with it the CSRF value of the forms on the page that answers."""
    session.clear()
    g.pop("csrf_token", None)


def enter_anew(token: str) -> None:
    """Carry on in this browser with a session's new secret, keeping what the cookie holds beside it."""
    person = sessions.load(db.session(), token)
    assert person is not None
    login_user(person)


def held_back_sentence(wait: timedelta) -> str:
    """Return the sentence that says how long to wait before the next try."""
    seconds = math.ceil(wait.total_seconds())
    if seconds < 60:
        left = ngettext("%(num)s秒", "%(num)s秒", seconds)
    else:
        left = ngettext("%(num)s分", "%(num)s分", math.ceil(seconds / 60))
    return _(
        "続けてログインできなかったため、しばらく受け付けを止めています。%(left)s後にもう一度お試しください。",
        left=left,
    )


def _held_back(form: LoginForm, wait: timedelta) -> Response:
    form.form_errors.append(held_back_sentence(wait))
    response = page("account/login.html", status=429, form=form)
    response.headers["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return response


def landing_page(person: sessions.SignedIn, wanted: str) -> str:
    """Return where to go next: the page that was asked for if it is one of theirs, else their first page."""
    agents = person.partner_id is not None
    own_rooms = wanted.startswith("/account")
    if is_local(wanted) and (own_rooms or wanted.startswith("/agency") == agents):
        return wanted
    return url_for("agency.people_index" if agents else "portal.home")


def is_local(path: str) -> bool:
    """Return whether this is a path of ours and can be nothing else: browsers read `//x` and `/\\x` as another host.

    What is longer than a web server takes leads nowhere either.
    """
    if not path.startswith("/") or path.startswith(("//", "/\\")) or any(ord(c) < 32 for c in path):
        return False
    parts = urlsplit(path)
    if len(iri_to_uri(path)) > MAX_ADDRESS:
        return False
    return not parts.scheme and not parts.netloc and parts.path not in {"/login", "/logout"}
