"""Proving again who one is, before a dangerous act (E-8): the page, and the way on to what was wanted."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_login import login_user
from werkzeug.wrappers import Response as AnyResponse

from relay.access import carried_fields, needs, settings, signed_in
from relay.account import own
from relay.account.forms import ProofForm
from relay.account.login import held_back_sentence, is_local, landing_page
from relay.extensions import begin_reading, db, short_write
from relay.identity import sessions, sign_in
from relay.web import page


@own.get("/proof")
@needs("account:use")
def proof() -> AnyResponse:
    """Ask for the password. Behind a form of a dangerous act it is this page that answers, keeping what was typed."""
    if request.method == "POST":
        return _page(ProofForm(None, proof_next=request.full_path.rstrip("?"), proof_replay="1"), carried_fields())
    return _page(ProofForm(None, proof_next=request.args.get("next", "")))


@own.post("/proof")
@needs("account:use")
def proof_post() -> AnyResponse:
    """Compare, give the session a new id, and go on; a form that waited is sent to its place with all its fields."""
    form, person = ProofForm(), signed_in()
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name not in form and name != "csrf_token"
    ]
    if not form.validate():
        return _page(form, fields, status=422)
    ip = (request.remote_addr or "")[:45]
    with short_write() as writing:
        attempt = sign_in.begin(writing, email=person.email, ip=ip, hash_key=settings().hash_key)
    if attempt.must_wait:
        form.form_errors.append(held_back_sentence(attempt.wait))
        return _page(form, fields, status=429)
    if not sign_in.prove_again(db.session(), attempt, form.proof_password.data):
        db.session.commit()
        form.form_errors.append(_("パスワードが違います。もう一度確かめてください。"))
        return _page(form, fields, status=422)
    token = sessions.renew(db.session(), person)
    db.session.commit()
    return _go_on(token, form)


def _go_on(token: str, form: ProofForm) -> AnyResponse:
    begin_reading()
    person = sessions.load(db.session(), token)
    if person is None:
        return redirect(url_for("account.login"), 303)
    login_user(person)
    wanted = form.proof_next.data or ""
    if form.proof_replay.data and is_local(wanted):
        return redirect(wanted, 307)
    return redirect(landing_page(person, wanted), 303)


def _page(form: ProofForm, fields: list[tuple[str, str]] | None = None, status: int = 200) -> AnyResponse:
    return page("account/proof.html", status=status, form=form, fields=fields or [])
