"""Guards of surfaces, permissions on views, and the scoped getters views start from.

A surface cannot be made without a guard; a guard enters the scope everything behind it is read in.
"""

import hmac
import uuid
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from functools import wraps
from hashlib import sha256
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import htmx_flask
from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, session, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from htmx_flask.requests import HtmxAwareRequest
from sqlalchemy import select
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from relay import deferred_forms
from relay.config import Settings
from relay.extensions import begin_reading, begin_writing, csrf, db, short_write
from relay.identity import refused_acts, sessions, throttle
from relay.identity.roles import BRING_PEOPLE, PERMISSIONS, may
from relay.identity.sessions import SignedIn
from relay.mail import tokens
from relay.models import Actor, Application, Candidate, TokenPurpose, act_as, scopes
from relay.network.evidence import network_of
from relay.pool.files import store
from relay.tokens import keyed_hash

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POSTS_PER_ADDRESS = 120
POSTS_PER_TOKEN = 10
ONE_CLICKS_PER_TOKEN = 30
MINUTE = timedelta(minutes=1)
FORM_OVERHEAD = 1024 * 1024
"""Bytes of a form with files, beside the files."""

Guard = Callable[[], "AnyResponse | str | None"]


class GuardPage(Enum):
    """A page that guards lead to, or answer with; one view declares itself to be it (`guard_page`)."""

    LOGIN = "login"
    NOTICE = "notice"
    SECOND_FACTOR = "second factor"
    PROOF = "proof"


View = TypeVar("View", bound=Callable[..., Any])
Part = TypeVar("Part")


def surface(name: str, import_name: str, *, guard: Guard, url_prefix: str | None = None) -> Blueprint:
    """Make a blueprint that cannot exist without saying who may enter it."""
    blueprint = Blueprint(name, import_name, url_prefix=url_prefix)
    blueprint.before_request(guard)
    blueprint.relay_guard = guard  # type: ignore[attr-defined]
    return blueprint


def settings() -> Settings:
    """Return the settings of the running installation."""
    loaded: Settings = current_app.config["RELAY"]
    return loaded


def signed_in() -> SignedIn:
    """Return the signed-in person; only behind a guard that lets nobody else through."""
    person = current_user._get_current_object()
    assert isinstance(person, SignedIn)
    return person


# guards


def open_to_all() -> None:
    """Let anyone enter: pages of the process itself."""


def link_holders() -> None:
    """Candidates, by the link they hold: no cookie, no session; POSTs carry the link's own CSRF value (E-9)."""
    act_as(db.session(), Actor("candidate", None, network_of(_ip()), g.request_id))  # the log outlives any erasure
    _check_post_behind_link()


def invited() -> None:
    """Staff by a mailed link (set-up, invitation, new password, new address): guarded like candidates' links."""
    act_as(db.session(), Actor("visitor", None, _ip(), g.request_id))
    _refuse_other_sites()
    _check_post_behind_link()


def _refuse_other_sites() -> None:
    """Refuse forms from other sites, which could open a session with a link of their own (login CSRF, E-9)."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = {urlsplit(settings().base_url).netloc, request.host}
    from_elsewhere = site not in {"same-origin", "none"} if site else origin and urlsplit(origin).netloc not in ours
    if from_elsewhere:
        raise CSRFError


def _check_post_behind_link() -> None:
    if request.method in SAFE:
        return
    token = (request.view_args or {}).get("token", "")
    if getattr(_view(), "relay_one_click", False) and request.form.get("List-Unsubscribe") == "One-Click":
        _limit_one_click(token)
        return
    _limit(f"posts:{throttle.origin(_ip())}", POSTS_PER_ADDRESS)
    if token:
        _limit(f"token:{token}", POSTS_PER_TOKEN)
    if not hmac.compare_digest(request.form.get("link_csrf", "").encode(), link_csrf(token).encode()):
        raise CSRFError


def members_only() -> AnyResponse | None:
    """People of a company; everything behind is read in their company's scope."""
    if (refused := _must_sign_in()) is not None:
        return refused
    person = signed_in()
    if person.company_id is None:
        abort(404)
    _enter(person)
    return _due_page(person)


def agencies_only() -> AnyResponse | None:
    """People of a partner, who may only read (invariant 7): GET and HEAD, in the partner's scope."""
    if (refused := _must_sign_in()) is not None:
        return refused
    person = signed_in()
    if person.partner_id is None:
        abort(404)
    if request.method not in SAFE:
        abort(405)
    _enter(person)
    return _due_page(person)


def account_holders() -> AnyResponse | None:
    """Let members and agents enter the pages about their own login and their own organisation."""
    if (refused := _must_sign_in()) is not None:
        return refused
    _enter(signed_in())
    return None if getattr(_view(), "relay_before_notice", False) else _due_page(signed_in())


def needs(permission: str) -> Callable[[View], View]:
    """Say which permission a view needs; roles without it get 403."""
    assert permission in PERMISSIONS, permission

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if not may(signed_in().role, permission):
                abort(403)
            return view(*args, **kwargs)

        checked.relay_permission = permission  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap


def fresh(view: View) -> View:
    """Ask again who is there before a dangerous act (E-8), where the last proof is older than fifteen minutes.

    A page is shown after the proof. A form waits on the page of the proof, its fields hidden in it, and is sent on
    afterwards, so that nothing typed is lost; forms of dangerous acts are sent plainly, without htmx.
    """

    @wraps(view)
    def proven(*args: Any, **kwargs: Any) -> Any:
        if not signed_in().freshly_proven:
            return _ask_for_proof()
        if sealed := request.form.get(deferred_forms.SEALED_FIELDS):
            request.form = _with_secrets(sealed)
        return view(*args, **kwargs)

    proven.relay_fresh = True  # type: ignore[attr-defined]
    return proven  # type: ignore[return-value]


def accepts_up_to(size: int) -> Callable[[View], View]:
    """Let a view take larger posts than others do, files above all; `size` in bytes, forms around them come on top."""

    def wrap(view: View) -> View:
        view.relay_accepts = size + FORM_OVERHEAD  # type: ignore[attr-defined]
        return view

    return wrap


def writes(view: View) -> View:
    """Mark a GET view whose reading is itself recorded in the same transaction (a partner's record page)."""
    view.relay_writes = True  # type: ignore[attr-defined]
    return view


def polled(view: View) -> View:
    """Mark a view that an open page asks for again and again: it does not keep an idle session alive (E-7)."""
    view.relay_polled = True  # type: ignore[attr-defined]
    return view


def one_click(view: View) -> View:
    """Mark a POST that mail providers send for their readers: it carries no CSRF value (RFC 8058)."""
    view.relay_one_click = True  # type: ignore[attr-defined]
    return view


def guard_page(which: GuardPage) -> Callable[[View], View]:
    """Mark the view of the page that guards lead to when this is due."""

    def wrap(view: View) -> View:
        view.relay_guard_page = which  # type: ignore[attr-defined]
        return view

    return wrap


def before_notice(view: View) -> View:
    """Mark a view of one's own login that is open before the notice is accepted and the second factor set up."""
    view.relay_before_notice = True  # type: ignore[attr-defined]
    return view


def never_deferred(view: View) -> View:
    """Mark a POST whose form does not wait for a login, because it holds a proof of identity."""
    view.relay_never_deferred = True  # type: ignore[attr-defined]
    return view


def link_csrf(token: str) -> str:
    """Return the CSRF value of a mailed page: an HMAC of its URL token, without time limit and cookie (E-9)."""
    return hmac.new(settings().secret_key.encode(), b"link-csrf\x00" + token.encode(), sha256).hexdigest()


# scoped getters


def candidate_or_404(candidate_id: int) -> Candidate:
    """Return the candidate, if the signed-in person's company has them; else 404."""
    candidate = db.session.scalars(select(Candidate).where(Candidate.id == candidate_id)).one_or_none()
    return candidate or abort(404)


def application_or_404(application_id: int) -> Application:
    """Return the application, if the signed-in person's company has it; else 404."""
    application = db.session.scalars(select(Application).where(Application.id == application_id)).one_or_none()
    return application or abort(404)


# for the application factory


class UploadRequest(HtmxAwareRequest):
    """A request whose files go to the disk of the installation as they come, never whole into memory.

    Parts of a form that have no name are left out (each must have one, RFC 7578 section 4.2): readers of names
    reads strings.
    """

    def _get_file_stream(self, *_about: Any, **_described: Any) -> IO[bytes]:
        return store.nameless()

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.form, self.files = _with_names(self.form), _with_names(self.files)


def _with_names(parts: ImmutableMultiDict[str, Part]) -> ImmutableMultiDict[str, Part]:
    if None not in parts:
        return parts
    return ImmutableMultiDict((name, part) for name, part in parts.items(multi=True) if name is not None)


def before_each_request() -> None:
    """Name the request; say how long its body may be, and before the first query whether it may write."""
    g.request_id = uuid.uuid4().hex
    _refuse_unreadable_origin()
    view = _view()
    if most := getattr(view, "relay_accepts", None):
        request.max_content_length = most
    if request.method in SAFE and not getattr(view, "relay_writes", False):
        begin_reading()
    else:
        begin_writing()


def _refuse_unreadable_origin() -> None:
    """Refuse with 400 a Referer or Origin that is no address: the CSRF check takes it apart and would raise."""
    for name in ("Origin", "Referer"):
        try:
            _port = urlsplit(request.headers.get(name, "")).port
        except ValueError:
            abort(400)


def note_last_seen(response: Response) -> Response:
    """Write a session's last-seen, at most once in five minutes, after the page is made.

    What a page left open asks for by itself does not keep an idle session alive (E-7).
    """
    person = g.get("_login_user")
    if (
        isinstance(person, SignedIn)
        and person.seen_stale
        and response.status_code < 500
        and not getattr(_view(), "relay_polled", False)
    ):
        with short_write() as session:
            sessions.seen(session, person.session_id)
    return response


def note_refused_act() -> None:
    """Record that the signed-in person had no permission for this, in a transaction of its own."""
    person = g.get("_login_user")
    if not isinstance(person, SignedIn):
        return
    endpoint = request.endpoint or ""
    permission = getattr(current_app.view_functions.get(endpoint), "relay_permission", "")
    key = keyed_hash(settings().hash_key, "rate", f"refused:{person.session_id}")
    with short_write() as session:
        refused_acts.note(session, key, person, endpoint=endpoint, permission=permission)


def _must_sign_in() -> AnyResponse | None:
    if current_user.is_authenticated:
        return None
    login = _endpoint_of(GuardPage.LOGIN)
    if request.htmx:
        return htmx_flask.make_response("", 401, redirect=url_for(login) if request.method in SAFE else None)
    if deferred_form():
        return make_response(current_app.view_functions[login]())
    return redirect(url_for(login, next=place_to_return()))


def _due_page(person: SignedIn) -> AnyResponse | None:
    """Return the page that comes before all others: the confidentiality notice (B-7), then the factor (E-5)."""
    if not person.accepted_notice:
        due = GuardPage.NOTICE
    elif person.must_enrol or (person.factor_missing and _brings_people()):
        due = GuardPage.SECOND_FACTOR
    else:
        return None
    page = None if request.htmx else place_to_return()
    return _redirect_to(url_for(_endpoint_of(due), next=page or "/"))


def _brings_people() -> bool:
    return getattr(_view(), "relay_permission", "") in BRING_PEOPLE


def _ask_for_proof() -> AnyResponse:
    proof = _endpoint_of(GuardPage.PROOF)
    if request.method == "POST" and not request.htmx:
        return make_response(current_app.view_functions[proof]())
    return _redirect_to(url_for(proof, next=request.full_path.rstrip("?") if request.method in SAFE else "/"))


def _redirect_to(page: str) -> AnyResponse:
    return htmx_flask.make_response("", 403, redirect=page) if request.htmx else redirect(page, 303)


def carried_fields() -> deferred_forms.Fields:
    """Return what the form that waits for a proof had typed in it."""
    return deferred_forms.defer_until_proven(request.form, session_id=signed_in().session_id, path=request.path)


def place_to_return() -> str | None:
    """Return the page to come back to after signing in: the one asked for, or the one whose form was sent."""
    if request.method not in SAFE:
        try:
            current_app.create_url_adapter(request).match(request.path, "GET")  # type: ignore[union-attr]
        except HTTPException:
            return None
    page = request.full_path.rstrip("?")
    return page if page != "/" else None


def deferred_form() -> str:
    """Return the form sent after its session had ended, sealed for its sender; empty where none can wait.

    Its CSRF value was checked before any guard, so it is of a page that this browser was shown.
    """
    if request.method != "POST" or getattr(_view(), "relay_never_deferred", False) or any(request.files.values()):
        return ""
    user_id = sessions.whose(db.session(), session.get("_user_id", ""))
    if user_id is None:
        return ""
    return deferred_forms.defer_until_signed_in(request.form, user_id=user_id, path=request.full_path.rstrip("?"))


def _with_secrets(sealed: str) -> ImmutableMultiDict[str, str]:
    try:
        return deferred_forms.with_secrets(request.form, sealed, session_id=signed_in().session_id, path=request.path)
    except deferred_forms.FormLost:
        abort(400)


def _endpoint_of(which: GuardPage) -> str:
    """Return the endpoint of the view that declares itself to be this page."""
    views = current_app.view_functions.items()
    return next(endpoint for endpoint, view in views if getattr(view, "relay_guard_page", None) is which)


def _view() -> object:
    """Return the view that answers this request; None where no route fits."""
    return current_app.view_functions.get(request.endpoint or "")


def _enter(person: SignedIn) -> None:
    session = db.session()
    scopes.enter(session, company=person.company_id, partner=person.partner_id)
    act_as(session, Actor("user", person.user_id, _ip(), g.request_id))
    g.nav_person = person


def _ip() -> str:
    return (request.remote_addr or "")[:45]


def _limit(what: str, most: int) -> None:
    """Refuse with 429 past `most` in a minute; counted in a transaction of its own, so a refusal counts too."""
    key = keyed_hash(settings().hash_key, "rate", what)
    with short_write() as session:
        count = throttle.hit(session, key, window=MINUTE)
    if count > most:
        abort(429)


def _limit_one_click(token: str) -> None:
    """Mail providers stop mails for many people from one address (RFC 8058), so here only the link is counted.

    A link that opens nothing leaves no count behind.
    """
    if tokens.find(db.session(), token, TokenPurpose.UNSUBSCRIBE) is not None:
        _limit(f"one-click:{token}", ONE_CLICKS_PER_TOKEN)


def exempt_from_cookie_csrf(blueprint: Blueprint) -> None:
    """Exempt link pages from the cookie's CSRF check; they check a value of their own."""
    csrf.exempt(blueprint)
