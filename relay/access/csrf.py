"""CSRF: a value of its own for each mailed link, and the browser's word on the site a form comes from."""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Blueprint, g
from flask_wtf.csrf import CSRFError, generate_csrf
from htmx_flask import request

from relay.access.markers import SAFE
from relay.extensions import csrf, settings


def csrf_token() -> str:
    """Return the value of a session's forms, signed once a request; each form of a page asks for it."""
    signed: str = g.get("csrf_token") or generate_csrf()
    return signed


def link_csrf(token: str) -> str:
    """Return the CSRF value of a mailed page: an HMAC of its URL token, without time limit and cookie (E-9)."""
    return hmac.new(settings().secret_key.encode(), b"link-csrf\x00" + token.encode(), sha256).hexdigest()


def refuse_other_sites() -> None:
    """Refuse forms from other sites, which could open a session with a link of their own (login CSRF, E-9)."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = {urlsplit(settings().base_url).netloc, request.host}
    from_elsewhere = site not in {"same-origin", "none"} if site else origin and urlsplit(origin).netloc not in ours
    if from_elsewhere:
        raise CSRFError


def exempt_from_cookie_csrf(blueprint: Blueprint) -> None:
    """Exempt link pages from the cookie's CSRF check; they check a value of their own."""
    csrf.exempt(blueprint)
