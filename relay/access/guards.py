"""Guards of surfaces. Each enters the scope that everything behind it is read in."""

import hmac
from collections.abc import Callable
from typing import TypeVar

import htmx_flask
from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.utils import find_modules, import_string
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import client_address, enter, enter_by_key, signed_in
from relay.access.csrf import link_csrf, refuse_other_sites
from relay.access.deferring import deferred_form, place_to_return
from relay.access.markers import SAFE, GuardPage, current_view, endpoint_of
from relay.access.rate_limits import (
    limit_feed,
    limit_feed_origin,
    limit_key,
    limit_key_origin,
    limit_one_click,
    limit_posts,
)
from relay.access.redirects import redirect_to
from relay.connect import keys
from relay.extensions import db, settings, short_write
from relay.identity.roles import BRING_PEOPLE
from relay.identity.sessions import SignedIn
from relay.kpis import feeds
from relay.models import Actor, act_as, scopes
from relay.network.granting import network_of

Guard = Callable[[], "AnyResponse | str | None"]
Surface = TypeVar("Surface", bound=Blueprint)


def surface(name: str, import_name: str, *, guard: Guard, url_prefix: str | None = None) -> Blueprint:
    """Make a blueprint that cannot exist without saying who may enter it."""
    return guarded(Blueprint(name, import_name, url_prefix=url_prefix), guard)


def guarded(blueprint: Surface, guard: Guard) -> Surface:
    """Give a blueprint, of a library's own kind perhaps, the guard that says who may enter it."""
    blueprint.before_request(guard)
    blueprint.relay_guard = guard  # type: ignore[attr-defined]
    return blueprint


def load_views(package: str) -> None:
    """Import every module of a surface's package: views register on the surfaces that its `__init__` has made."""
    for module in find_modules(package, include_packages=True, recursive=True):
        import_string(module)


def open_to_all() -> None:
    """Let anyone enter: pages of the process itself."""


def link_holders() -> None:
    """Candidates, by the link they hold: no cookie, no session; POSTs carry the link's own CSRF value (E-9)."""
    network = network_of(client_address())  # not the address: the log outlives any erasure
    act_as(db.session(), Actor("candidate", None, network, g.request_id))
    _check_post_behind_link()


def feed_readers() -> AnyResponse | None:
    """Programs, by the token of a feed: no cookie, no session; what they read is of its company.

    What opens nothing gets one answer, whatever it is (C-20). Only what opens something is counted by itself, so that
    made-up tokens leave no rows.
    """
    session = db.session()
    limit_feed_origin()
    feed = feeds.find(session, (request.view_args or {}).get("token", ""))
    if feed is None:
        return Response("404\n", 404, mimetype="text/plain")
    limit_feed(feed.id)
    if feed.last_used_on != clock.today():
        with short_write() as writing:
            feeds.note_use(writing, feed.company_id, feed.id, clock.today())
    scopes.enter(session, company=feed.company_id)
    return None


def key_holders() -> None:
    """Programs, by the API key of a company or partner in the Authorization header: no cookie, no session (D-13).

    What is no key in force gets one answer, whatever it is. Keys are refused in addresses, which logs keep, and over
    plain HTTP, where they were read on the way already (D-18).
    """
    if settings().https and not request.is_secure:
        abort(403)
    session = db.session()
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    key = keys.find(session, token.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        limit_key_origin()
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    limit_key(key.id)
    if key.last_used_on != clock.today():
        with short_write() as writing:
            keys.note_use(writing, key.id, clock.today())
    enter_by_key(key)


def invited() -> None:
    """Staff by a mailed link (set-up, invitation, new password, new address): guarded like candidates' links."""
    act_as(db.session(), Actor("visitor", None, client_address(), g.request_id))
    refuse_other_sites()
    _check_post_behind_link()


def members_only() -> AnyResponse | None:
    """People of a company; everything behind is read in their company's scope."""
    if (refused := _must_sign_in()) is not None:
        return refused
    person = signed_in()
    if person.company_id is None:
        abort(404)
    enter(person)
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
    enter(person)
    return _due_page(person)


def account_holders() -> AnyResponse | None:
    """Let members and agents enter the pages about their own login and their own organisation."""
    if (refused := _must_sign_in()) is not None:
        return refused
    enter(signed_in())
    return None if getattr(current_view(), "relay_before_notice", False) else _due_page(signed_in())


def _must_sign_in() -> AnyResponse | None:
    if current_user.is_authenticated:
        return None
    login = endpoint_of(GuardPage.LOGIN)
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
    return redirect_to(url_for(endpoint_of(due), next=page or "/"))


def _brings_people() -> bool:
    return getattr(current_view(), "relay_permission", "") in BRING_PEOPLE


def _check_post_behind_link() -> None:
    if request.method in SAFE:
        return
    token = (request.view_args or {}).get("token", "")
    if getattr(current_view(), "relay_one_click", False) and request.form.get("List-Unsubscribe") == "One-Click":
        limit_one_click(token)
        return
    limit_posts(token)
    if not hmac.compare_digest(request.form.get("link_csrf", "").encode(), link_csrf(token).encode()):
        raise CSRFError
