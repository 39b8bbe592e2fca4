"""Where one is signed in: naming the browsers, ending one or all others, and staying signed in (E-7, F-9)."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from flask import Response, abort, flash, jsonify, redirect, url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import signed_in
from relay.access.markers import before_notice, polled
from relay.access.permissions import needs
from relay.account import my_account
from relay.extensions import db
from relay.identity import sessions
from relay.models import User, UserSession

PROGRAMS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
"""What a browser calls itself, the more particular first: nearly all of them also say Chrome and Safari."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class BrowserSession(NamedTuple):
    """A signed-in browser as the list shows it."""

    id: int
    here: bool
    words: str
    ip: str
    since: str
    last_seen: str
    ends: str
    """When it is signed out if nothing more is asked."""


@my_account.post("/sessions/<int:session_id>/end")
@needs("account:use")
@before_notice
def session_end(session_id: int) -> AnyResponse:
    """End one of the user's own sessions; 404 for anyone else's."""
    if not sessions.end_one_of(db.session(), signed_in(), session_id):
        abort(404)
    db.session.commit()
    flash(_("選んだ端末からログアウトしました。"))
    return redirect(url_for("my_account.profile"), 303)


@my_account.post("/sessions/end-others")
@needs("account:use")
@before_notice
def sessions_end_others() -> AnyResponse:
    """Sign out everywhere but here."""
    count = sessions.end_others(db.session(), signed_in())
    db.session.commit()
    flash(ngettext("ほかの%(num)s台からログアウトしました。", "ほかの%(num)s台からログアウトしました。", count))
    return redirect(url_for("my_account.profile"), 303)


@my_account.get("/session.json")
@needs("account:use")
@polled
@before_notice
def session_left() -> Response:
    """Return the seconds the session still has, and whether it can be kept; asking keeps nothing alive (E-7, F-9)."""
    return jsonify(seconds=signed_in().seconds_left, may_stay=signed_in().may_stay)


@my_account.post("/session/keep")
@needs("account:use")
@before_notice
def session_keep() -> Response:
    """Stay signed in: the one-key answer to the warning (F-9)."""
    sessions.seen(db.session(), signed_in().session_id)
    db.session.commit()
    return Response(status=204)


def shown(user: User, open_ones: Iterable[UserSession], here: int) -> list[BrowserSession]:
    """Return the user's signed-in browsers in words, this one first."""
    rows = [
        BrowserSession(
            one.id,
            one.id == here,
            browser_words(one.agent),
            one.ip,
            _when(one.created_at),
            _when(one.last_seen_at),
            _when(sessions.ends_at(one, user)),
        )
        for one in open_ones
    ]
    return sorted(rows, key=lambda row: not row.here)


def browser_words(agent: str) -> str:
    """Return a browser and its system, as far as it tells."""
    program = next((word for sign, word in PROGRAMS if re.search(rf"\b{sign}[A-Za-z]*/", agent)), "")
    system = next((word for sign, word in SYSTEMS if sign in agent), "")
    if program and system:
        return _("%(system)sの%(program)s", program=program, system=system)
    return program or system or _("名前の分からないブラウザー")


def _when(moment: datetime) -> str:
    local = moment.astimezone(clock.JAPAN)
    return f"{format_date(local.date(), 'long')} {local:%H:%M}"
