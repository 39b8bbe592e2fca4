"""The log of the company (操作ログ): who of its people, or which API key, saw, took out and changed what."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db
from relay.models import ApiKey, Candidate, User
from relay.models.names import names_by_id
from relay.portal import portal
from relay.portal.settings.operation_log_labels import KIND_WORDS, said
from relay.portal.ui.labels import long_day, moment
from relay.portal.ui.navigation import tab
from relay.record import operation_log
from relay.record.operation_log import LogKind, LogQuestion
from relay.text import DateProblem, parse_recent_date, whole_number
from relay.web import page

_KEY = "key-"
"""The beginning of an API key in the address, where a member's number is without."""


_USERS = select(User.id, User.name).order_by(User.name, User.id).limit(1_000)
_KEYS = select(ApiKey.id, ApiKey.name).order_by(ApiKey.id.desc()).limit(1_000)


@portal.get("/settings/log")
@needs("log:read")
@tab(10, _l("操作ログ"))
def settings_log() -> AnyResponse:
    """Show the log, newest first, by kind, member or API key, and person, from a day backwards."""
    session, args = db.session(), request.args
    day, refused = _day(args.get("until", ""))
    asked = LogQuestion(
        kind=LogKind(args["kind"]) if args.get("kind") in list(LogKind) else None,
        user_id=whole_number(args.get("user", "")) or 0,
        key_id=_key(args.get("user", "")),
        candidate_id=whole_number(args.get("person", "")) or 0,
        until=clock.end_of_day(day) if day else None,
    )
    found = operation_log.listed(session, member().company_id, asked, after=args.get("before", ""))
    chosen: dict[str, Any] = {
        "kind": asked.kind.value if asked.kind else None,
        "user": f"{_KEY}{asked.key_id}" if asked.key_id else asked.user_id or None,
        "person": asked.candidate_id or None,
        "until": args.get("until") or None,
    }
    context: dict[str, Any] = {
        "lines": [(line, said(line)) for line in found.rows],
        "asked": asked,
        "until": args.get("until", ""),
        "refused": refused,
        "until_day": long_day(day) if day else "",
        "kinds": KIND_WORDS,
        "users": session.execute(_USERS).all(),
        "keys": session.execute(_KEYS).all(),
        "key_prefix": _KEY,
        "person": names_by_id(session, Candidate.name, [asked.candidate_id or None]).get(asked.candidate_id, ""),
        "everybody_url": url_for("portal.settings_log", **(chosen | {"person": None})),
        "older_url": url_for("portal.settings_log", **chosen, before=found.next) if found.next else "",
        "newest_url": "" if found.at_top else url_for("portal.settings_log", **chosen),
        "moment": moment,
    }
    return page("portal/settings/operation_log.html", **context)


def _key(typed: str) -> int:
    """Return the API key that is asked for where a member could be, 0 for none."""
    return (whole_number(typed.removeprefix(_KEY)) or 0) if typed.startswith(_KEY) else 0


def _day(typed: str) -> tuple[Any, str]:
    """Return the day that was typed, if any, and else the sentence why it is none."""
    if not typed.strip():
        return None, ""
    try:
        return parse_recent_date(typed.strip(), clock.today()), ""
    except DateProblem as problem:
        return None, str(problem) + _("日付で絞り込まずに、新しい順に表示しています。")
