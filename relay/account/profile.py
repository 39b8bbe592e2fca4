"""The page about one's own login: name, password, address, second factor, and where one is signed in (E-7, E-8)."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import Agent, Member, entered, signed_in
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.account import my_account
from relay.account.forms import ChangePasswordForm, NameForm, NewEmailForm
from relay.account.login import enter_anew, held_back_sentence
from relay.account.sessions_page import shown
from relay.errors import DomainError
from relay.extensions import db, settings, short_write
from relay.identity import profile as own_login
from relay.identity import second_factor, sessions, sign_in, throttle, users
from relay.identity.passwords import SHORTEST
from relay.identity.roles import may
from relay.identity.sessions import SignedIn
from relay.insight import month_report
from relay.models import User
from relay.network import morning
from relay.tokens import keyed_hash
from relay.web import done, page

ASKS_PER_HOUR = 5
"""How many other addresses one person may ask for."""
HOUR = timedelta(hours=1)


@my_account.get("")
@needs("account:use")
def profile() -> AnyResponse:
    """Everything about one's own login on one page."""
    return _page(_me())


@my_account.post("/name")
@needs("account:use")
def name_post() -> AnyResponse:
    """Write another name."""
    form, user = NameForm(), _me()
    if not form.validate():
        return _page(user, status=422, name_form=form)
    try:
        own_login.rename(db.session(), user, form.name.data)
    except DomainError as refused:
        form.name.errors = [str(refused)]
        return _page(user, status=422, name_form=form)
    db.session.commit()
    flash(_("お名前を保存しました。"))
    return done(None, go_to=url_for("my_account.profile"))


@my_account.post("/password")
@needs("account:use")
def password_post() -> AnyResponse:
    """Set a new password with the old one; every other browser is signed out, this one gets a new session (E-7)."""
    form, person, user = ChangePasswordForm(), signed_in(), _me()
    if not form.validate():
        return _page(user, status=422, password_form=form)
    ip, key = (request.remote_addr or "")[:45], settings().hash_key
    with short_write() as writing:
        attempt = sign_in.begin(writing, email=person.email, ip=ip, hash_key=key)
    if attempt.must_wait:
        form.form_errors.append(held_back_sentence(attempt.wait))
        return _page(user, status=429, password_form=form)
    if not sign_in.prove_again(db.session(), attempt, form.old_password.data):
        db.session.commit()
        form.old_password.errors = [_("いまのパスワードが違います。")]
        return _page(user, status=422, password_form=form)
    try:
        own_login.change_password(db.session(), users.by_id(db.session(), person.user_id), form.new_password.data)
    except DomainError as refused:
        db.session.rollback()
        form.new_password.errors = [str(refused)]
        return _page(user, status=422, password_form=form)
    token = _opened_anew(person, ip)
    db.session.commit()
    enter_anew(token)
    flash(_("パスワードを変更しました。ほかの端末からはログアウトしました。"))
    return redirect(url_for("my_account.profile"), 303)


@my_account.get("/email")
@needs("account:use")
@fresh
def email() -> AnyResponse:
    """Ask for the new address."""
    return page("account/email.html", form=NewEmailForm(None), user=_me())


@my_account.post("/email")
@needs("account:use")
@fresh
def email_post() -> AnyResponse:
    """Mail a link to the new address; until it is used, the old one stays."""
    form, user = NewEmailForm(), _me()
    if not form.validate():
        return page("account/email.html", status=422, form=form, user=user)
    if _asks_too_often():
        form.new_email.errors = [
            _("アドレスの変更は、1時間に%(n)s回まで申し込めます。しばらくおいてからお試しください。", n=ASKS_PER_HOUR)
        ]
        return page("account/email.html", status=429, form=form, user=_me())
    user = _me()
    try:
        own_login.ask_new_address(db.session(), user, form.new_email.data)
    except DomainError as refused:
        form.new_email.errors = [str(refused)]
        return page("account/email.html", status=422, form=form, user=user)
    db.session.commit()
    flash(_("受け付けました。新しいアドレスに届くメールのリンクを開くと、アドレスが変わります。"))
    return redirect(url_for("my_account.profile"), 303)


@my_account.post("/email/forget")
@needs("account:use")
def email_forget() -> AnyResponse:
    """Stay with the address in force."""
    own_login.forget_new_address(db.session(), _me())
    db.session.commit()
    flash(_("メールアドレスの変更を取り消しました。"))
    return redirect(url_for("my_account.profile"), 303)


def _asks_too_often() -> bool:
    key = keyed_hash(settings().hash_key, "new-address", str(signed_in().user_id))
    with short_write() as writing:
        return throttle.hit(writing, key, window=HOUR) > ASKS_PER_HOUR


def _opened_anew(person: SignedIn, ip: str) -> str:
    """Start a new session; a password alone does not re-authenticate who has a second factor (E-5, E-8)."""
    proven_at = person.proven_at if person.second_factor else None
    return sessions.start(db.session(), person.user_id, ip=ip, agent=request.user_agent.string, proven_at=proven_at)


def _me() -> User:
    return users.by_id(db.session(), signed_in().user_id)


def _gets_report() -> bool | None:
    """Return whether the member who is signed in gets the mail of a month; None where it is not for them."""
    mine = entered()
    if not isinstance(mine, Member) or not may(mine.role, "insights:report"):
        return None
    return month_report.is_wanted(db.session(), mine.company_id, mine.user_id)


def _page(user: User, status: int = 200, **forms: FlaskForm) -> AnyResponse:
    session, person, mine = db.session(), signed_in(), entered()
    every: dict[str, Any] = {
        "name_form": forms.get("name_form") or NameForm(None, obj=user),
        "password_form": forms.get("password_form") or ChangePasswordForm(None),
    }
    return page(
        "account/profile.html",
        status=status,
        user=user,
        agent=isinstance(mine, Agent),
        month_report=_gets_report(),
        morning_mail=isinstance(mine, Agent) and morning.is_wanted(session, user.id),
        shortest=SHORTEST,
        factor=second_factor.state(session, user),
        browsers=shown(user, sessions.open_ones(session, user), person.session_id),
        **every,
    )
