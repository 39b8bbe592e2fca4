"""The second factor on its own page: setting it up, its recovery codes, taking it away (E-5)."""

from urllib.parse import quote

import segno
from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import signed_in
from relay.access.markers import GuardPage, before_notice, guard_page
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.account import my_account
from relay.account.forms import EnrolForm
from relay.account.login import enter_anew, landing_page
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.identity import factor_rule, sessions, users
from relay.identity import second_factor as factor
from relay.models import User
from relay.web import page


@my_account.get("/second-factor")
@needs("account:use")
@before_notice
@guard_page(GuardPage.SECOND_FACTOR)
def second_factor() -> AnyResponse:
    """Show whether it is set up; and, shortly after a proof, the waiting secret as a picture and as text."""
    return _page(EnrolForm(None, next=request.args.get("next", "")))


@my_account.post("/second-factor/start")
@needs("account:use")
@fresh
@before_notice
def second_factor_start() -> AnyResponse:
    """Make a new secret; the factor in force stays until a code of the new one was shown."""
    factor.begin(db.session(), _me())
    db.session.commit()
    wanted = request.form.get("next") or None
    return redirect(url_for("my_account.second_factor", next=wanted, _anchor="scan"), 303)


@my_account.post("/second-factor/confirm")
@needs("account:use")
@fresh
@before_notice
def second_factor_confirm() -> AnyResponse:
    """Put the waiting secret in force, and show ten recovery codes this once; the session gets a new id (E-7)."""
    form, user, person = EnrolForm(), _me(), signed_in()
    if not form.validate():
        return _page(form, status=422)
    try:
        codes = factor.confirm(
            db.session(), user, form.code.data, hash_key=settings().hash_key, keep_session=person.session_id
        )
    except DomainError as refused:
        form.code.errors = [str(refused)]
        return _page(form, status=422)
    _commit_anew()
    return _codes_page(codes, form.next.data or "")


@my_account.post("/second-factor/codes")
@needs("account:use")
@fresh
@before_notice
def second_factor_codes() -> AnyResponse:
    """Ten new recovery codes, shown this once; earlier ones open nothing any more."""
    codes = factor.new_codes(db.session(), _me(), hash_key=settings().hash_key)
    db.session.commit()
    return _codes_page(codes, "")


@my_account.post("/second-factor/remove")
@needs("account:use")
@fresh
@before_notice
def second_factor_remove() -> AnyResponse:
    """Go back to the password alone, where the organisation allows it."""
    person = signed_in()
    factor.remove_own(db.session(), _me(), required=_required(), keep_session=person.session_id)
    _commit_anew()
    flash(_("二段階認証を外しました。"))
    return redirect(url_for("my_account.second_factor"), 303)


def _me() -> User:
    return users.by_id(db.session(), signed_in().user_id)


def _required() -> bool:
    return factor_rule.is_required(users.organisation_of(db.session(), _me()))


def _commit_anew() -> None:
    token = sessions.renew(db.session(), signed_in())
    db.session.commit()
    enter_anew(token)


def _page(form: EnrolForm, status: int = 200) -> Response:
    user, person = _me(), signed_in()
    pending = factor.pending(user) if person.freshly_proven else None
    return page(
        "account/second_factor.html",
        status=status,
        form=form,
        state=factor.state(db.session(), user),
        required=_required(),
        comes_first=person.must_enrol or bool(person.factor_missing and form.next.data),
        pending=pending,
        groups=[pending.secret[at : at + 4] for at in range(0, len(pending.secret), 4)] if pending else [],
        picture=_picture(pending.uri) if pending else "",
        uri=pending.uri if pending else "",
    )


def _codes_page(codes: list[str], wanted: str) -> Response:
    lines = [_("Relayの回復コード（%(email)s）", email=signed_in().email), *codes]
    return page(
        "account/codes.html",
        codes=codes,
        file=f"data:text/plain;charset=utf-8,{quote(chr(10).join(lines))}",
        go_to=landing_page(signed_in(), wanted),
    )


def _picture(uri: str) -> str:
    """Return the QR code as a data: address, dark on light in every theme, so that each app reads it."""
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=4, dark="#10211d", light="#ffffff"))
