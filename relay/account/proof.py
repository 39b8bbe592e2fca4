"""Proving again who one is, before a dangerous act (E-8): the page, and the way on to what was wanted."""

from datetime import timedelta

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.deferring import carried_fields
from relay.access.markers import GuardPage, before_notice, guard_page, never_deferred
from relay.access.permissions import needs
from relay.account import my_account
from relay.account.forms import ProofForm
from relay.account.login import enter_anew, held_back_sentence, is_local, landing_page
from relay.extensions import db, settings, short_write
from relay.identity import sessions, sign_in, users
from relay.identity.sessions import SignedIn
from relay.identity.sign_in import Attempt
from relay.web import page


@my_account.get("/proof")
@needs("account:use")
@before_notice
@guard_page(GuardPage.PROOF)
def proof() -> AnyResponse:
    """Ask for the password. Behind a form of a dangerous act it is this page that answers, keeping what was typed."""
    if request.method == "POST":
        return _page(ProofForm(None, proof_next=request.full_path.rstrip("?"), proof_replay="1"), carried_fields())
    return _page(ProofForm(None, proof_next=request.args.get("next", "")))


@my_account.post("/proof")
@needs("account:use")
@before_notice
@never_deferred
def proof_post() -> AnyResponse:
    """Compare, give the session a new id, and go on; a form that waited is sent to its place with all its fields."""
    form, person = ProofForm(), signed_in()
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name not in form and name != "csrf_token"
    ]
    if not form.validate():
        return _page(form, fields, status=422)
    attempt, wait = _try(person)
    if wait > timedelta(0):
        form.form_errors.append(held_back_sentence(wait))
        return _page(form, fields, status=429)
    if not _proven(person, attempt, form):
        db.session.commit()
        form.form_errors.append(_wrong(person))
        return _page(form, fields, status=422)
    token = sessions.renew(db.session(), person)
    db.session.commit()
    return _go_on(token, form)


def _try(person: SignedIn) -> tuple[Attempt, timedelta]:
    """Count the try, as at the login: for the password, and for the code where there is a second factor."""
    ip, key = (request.remote_addr or "")[:45], settings().hash_key
    with short_write() as writing:
        attempt = sign_in.begin(writing, email=person.email, ip=ip, hash_key=key)
        if attempt.must_wait or not person.second_factor:
            return attempt, attempt.wait
        return attempt, sign_in.may_try_code(writing, person.user_id, hash_key=key)


def _proven(person: SignedIn, attempt: Attempt, form: ProofForm) -> bool:
    """Return whether password and, if set, second factor prove the person; a code is spent only with both."""
    if not sign_in.prove_again(db.session(), attempt, form.proof_password.data):
        return False
    if not person.second_factor:
        return True
    user = users.by_id(db.session(), person.user_id)
    return sign_in.try_code(db.session(), user, form.proof_code.data or "", hash_key=settings().hash_key)


def _wrong(person: SignedIn) -> str:
    if person.second_factor:
        return _("パスワードか確認コードが違います。アプリに新しく表示されたコードで、もう一度お試しください。")
    return _("パスワードが違います。もう一度確認してください。")


def _go_on(token: str, form: ProofForm) -> AnyResponse:
    enter_anew(token)
    wanted = form.proof_next.data or ""
    if form.proof_replay.data and is_local(wanted):
        return redirect(wanted, 307)
    return redirect(landing_page(signed_in(), wanted), 303)


def _page(form: ProofForm, fields: list[tuple[str, str]] | None = None, status: int = 200) -> AnyResponse:
    asks_code = signed_in().second_factor
    return page("account/proof.html", status=status, form=form, fields=fields or [], asks_code=asks_code)
