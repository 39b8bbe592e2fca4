"""Marks that views put on themselves and guards read, so that no guard names an endpoint."""

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from flask import current_app
from htmx_flask import request

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""
FORM_OVERHEAD = 1024 * 1024
"""Bytes of a form with files, beside the files."""

View = TypeVar("View", bound=Callable[..., Any])


class GuardPage(Enum):
    """A page that guards lead to, or answer with; one view declares itself to be it (`guard_page`)."""

    LOGIN = "login"
    NOTICE = "notice"
    SECOND_FACTOR = "second factor"
    PROOF = "proof"


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


def endpoint_of(which: GuardPage) -> str:
    """Return the endpoint of the view that declares itself to be this page."""
    views = current_app.view_functions.items()
    return next(endpoint for endpoint, view in views if getattr(view, "relay_guard_page", None) is which)


def current_view() -> object:
    """Return the view that answers this request; None where no route fits."""
    return current_app.view_functions.get(request.endpoint or "")
