"""Pages, fragments, headers and errors.

A fragment goes to htmx alone; a boosted or restored visit, and everyone without script, gets the page.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from traceback import format_exception
from typing import Any

import htmx_flask
from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from htmx_flask import request
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as AnyResponse

from relay.access.permissions import note_refused_act
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.infra import repeating
from relay.infra.log_safety import trace_of
from relay.text import QueryProblem
from relay.text.numbers import LARGEST_ID

log = logging.getLogger("relay")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'"
)
MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
FILE_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Whatever is in a person's file: nothing of it runs, and it never stands on a page of ours (E-18)."""
MAX_ADDRESS = 4000
"""Characters of an address that a web server takes (gunicorn reads 4,094 of a request's first line)."""


def wants_fragment() -> bool:
    """Return whether htmx asked for a part of the page."""
    return bool(request.htmx) and not (request.htmx.boosted or request.htmx.history_restore_request)


def page(template: str, fragment: str | None = None, *, status: int = 200, **context: Any) -> Response:
    """Return the whole page, or only its fragment when htmx asks."""
    chosen = fragment if fragment and wants_fragment() else template
    response = make_response(render_template(chosen, **context), status)
    response.vary.add("HX-Request")
    return response


def done(fragment: str | None, *, go_to: str, **context: Any) -> AnyResponse:
    """After a verb: the changed fragment for htmx, a 303 for everyone else."""
    if wants_fragment():
        if fragment is None:
            return htmx_flask.make_response("", 204, redirect=go_to)
        response = make_response(render_template(fragment, **context))
        response.vary.add("HX-Request")
        return response
    return redirect(go_to, 303)


def announced(response: Response, happening: str) -> Response:
    """Return the fragment and trigger `happening` in htmx, upon which the page around it refreshes itself."""
    return htmx_flask.make_response(response, trigger=happening)


def reload(to_say: str) -> Response:
    """Let htmx load the page around it again, for an act that more of it speaks of; `to_say` is shown on it then."""
    flash(to_say)
    return htmx_flask.make_response("", 204, refresh=True)


def mail_document(html: str) -> Response:
    """Return a mail shown in a frame: its own policy, its own styles, no scripts (E-10)."""
    response = make_response(html)
    response.headers["Content-Security-Policy"] = MAIL_CSP
    return response


class RowId(IntegerConverter):
    """A number in an address that a row can have; any other leads nowhere, on every database alike."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST_ID} | kwargs)


def install(app: Flask) -> None:
    """Headers on every response, a sentence for every error, and static files named by their content."""
    app.url_map.converters["int"] = RowId
    app.url_defaults(partial(_name_version, app))
    app.after_request(_headers)
    app.after_request(_within_reach)
    app.after_request(_unquoted)
    app.logger.addFilter(_without_values)
    app.register_error_handler(SecurityError, _not_ours)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(DomainError, _cannot)
    app.register_error_handler(QueryProblem, _not_understood)
    app.register_error_handler(IntegrityError, _at_once)
    app.register_error_handler(OperationalError, _thwarted)
    app.register_error_handler(DataError, _held_by_no_column)
    app.register_error_handler(OverflowError, _held_by_no_column)
    app.register_error_handler(Exception, _broken)


def _name_version(app: Flask, endpoint: str, values: dict[str, Any]) -> None:
    """Add the content's hash to a static file's address, so that browsers can keep it for a year."""
    if endpoint == "static" and app.static_folder and "filename" in values:
        values.setdefault("v", _content_hash(Path(app.static_folder) / values["filename"]))


def _content_hash(path: Path) -> str | None:
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else None


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("X-Robots-Tag", "noindex")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def _within_reach(response: Response) -> Response:
    """Lead to the page without its query where no web server would take the whole address.

    A place to return to grows by two thirds with each page that hands it on.
    """
    for name in ("Location", "HX-Redirect"):
        there = response.headers.get(name, "")
        if len(there) > MAX_ADDRESS:
            response.headers[name] = there.partition("?")[0]
    return response


class BodyCutOff(Exception):
    """Ends a streamed body before its end; carries no word of what broke it, for servers print what they catch."""


def _unquoted(response: Response) -> Response:
    """Guard a body that is made while it is sent: no error page can follow it, and the server logs what breaks it."""
    if response.is_streamed and not response.direct_passthrough:
        response.response = _until_broken(response.response, g.request_id, request.url_rule)
    return response


def _until_broken(parts: Iterable[Any], request_id: str, rule: object) -> Iterator[Any]:
    """Yield the parts. Raises BodyCutOff after logging without values, so that the server cuts the transfer."""
    try:
        yield from parts
    except Exception as error:
        log.error("request %s broke off at %s: %s", request_id, rule, trace_of(error))
        raise BodyCutOff from None


def _sentences(code: int) -> tuple[str, str]:
    """Return what a refusal is called, and what to do about it."""
    known = {
        401: (_("ログインが必要です"), _("時間がたったため、ログインし直してください。")),
        403: (
            _("この操作の権限がありません"),
            _("必要なときは、社内の管理者に権限の変更を頼んでください。データは変わっていません。"),
        ),
        404: (
            _("ページが見つかりません"),
            _(
                "アドレスが違うか、すでに削除されています。メールのリンクから開いたときは、もう一度そのまま開いてください。"
            ),
        ),
        405: (_("この操作はできません"), _("画面のボタンから操作してください。データは変わっていません。")),
        413: (_("ファイルが大きすぎます"), _("何も保存していません。ファイルを分けて、もう一度お試しください。")),
        429: (
            _("少し時間をおいてください"),
            _("短い時間に続けて送信されたため、受け付けを止めています。1分ほどおいてから、もう一度お試しください。"),
        ),
    }
    unreadable = (
        _("送信の内容を受け取れませんでした"),
        _(
            "ページを開いたまま時間がたったか、途中で通信が切れたようです。"
            "前の画面に戻り、開き直してからもう一度お試しください。"
        ),
    )
    broken = (
        _("エラーが起きました"),
        _(
            "直前の操作は保存されていません。少し待ってからもう一度お試しください。"
            "続くときは、メールに書かれた企業の連絡先へ、下の受付番号をお伝えください。"
        )
        if request.blueprint == "landing"
        else _(
            "直前の操作は保存されていません。少し待ってからもう一度お試しください。"
            "続くときは管理者に、下の受付番号をお伝えください。"
        ),
    )
    return known.get(code, unreadable if code < 500 else broken)


ErrorAnswer = Callable[[Exception, int, str, str], Response]
"""Answers an error, by the status, the title and the sentence that a page would show."""


def errors_below(app: Flask, path: str, answer: ErrorAnswer) -> None:
    """Let the errors of a surface for programs be answered by `answer`, also where no route of it fits."""
    app.extensions["relay-errors"] = (path, answer)


def _refused(error: HTTPException) -> AnyResponse:
    if isinstance(error.response, AnyResponse):
        return error.response
    code = error.code or 500
    db.session.rollback()
    if isinstance(error, CSRFError) and request.htmx and "token" not in (request.view_args or {}):
        return Response(status=401)  # signed out, or in again, in another tab: the script fetches the new token
    if code == 403:
        note_refused_act()
    return _error_page(error, code, *_sentences(code), headers=dict(error.get_headers()))


def _not_ours(_error: SecurityError) -> AnyResponse:
    """Answer a host name that is not ours (C-21) without a page, for its links would be another's."""
    return Response("400\n", 400, mimetype="text/plain")


def _cannot(error: DomainError) -> AnyResponse:
    db.session.rollback()
    return _error_page(error, 409, _("この操作はできませんでした"), str(error))


def _not_understood(problem: QueryProblem) -> AnyResponse:
    """Answer 409 to a search that cannot be read: an act on everybody it finds reaches nobody."""
    db.session.rollback()
    return _error_page(problem, 409, _("検索の言葉に、読み取れないところがあります"), str(problem.message))


def _thwarted(error: OperationalError) -> AnyResponse:
    """Repeat a request that met another transaction once; answer 409 where that cannot be."""
    if not repeating.met_another(error):
        return _broken(error)
    db.session.rollback()
    if repeating.ask_again(request.environ):
        log.info("request %s is done once more at %s", g.get("request_id", "-"), request.url_rule)
        return Response(status=409)
    return _at_once(error)


def _at_once(error: IntegrityError | OperationalError) -> AnyResponse:
    """Answer 409 to the second of two acts at once that only one can win; nothing of it is kept."""
    db.session.rollback()
    log.warning("request %s met another at %s: %s", g.get("request_id", "-"), request.url_rule, trace_of(error))
    return _error_page(
        error,
        409,
        _("ほかの方の変更と重なったため、保存していません"),
        _(
            "同じときに別の画面から変更されたため、この操作は保存していません。"
            "画面を開き直し、いまの内容を確認してから、もう一度お試しください。"
        ),
    )


def _held_by_no_column(error: Exception) -> AnyResponse:
    """Answer 400 to a value no column holds (thirty digits, a NUL): no link or field of ours sends one."""
    db.session.rollback()
    log.warning("request %s refused at %s: %s", g.get("request_id", "-"), request.url_rule, trace_of(error))
    return _error_page(error, 400, *_sentences(400))


def _broken(error: Exception) -> AnyResponse:
    """Tell that something failed, and in the log where; page and log quote the error in development alone."""
    db.session.rollback()
    trace = "".join(format_exception(error)) if settings().development else ""
    log.error("request %s failed at %s: %s", g.get("request_id", "-"), request.url_rule, trace or trace_of(error))
    return _error_page(error, 500, *_sentences(500), trace=trace)


def _without_values(record: logging.LogRecord) -> bool:
    """Flask's own lines about what broke beyond an error page hold the path with its token and the error's words."""
    if record.exc_info and record.exc_info[1] is not None:
        rule = request.url_rule if request else "-"
        record.msg, record.args = f"request broke down at {rule}: {trace_of(record.exc_info[1])}", ()
        record.exc_info = record.exc_text = None
    return True


def _error_page(
    error: Exception, code: int, title: str, text: str, headers: dict[str, str] | None = None, *, trace: str = ""
) -> Response:
    below, answer = current_app.extensions.get("relay-errors", ("", None))
    if answer is not None and request.path.startswith(below):
        return _with_headers(answer(error, code, title, text), code, headers)
    template = "components/_error.html" if wants_fragment() else "components/error.html"
    response = make_response(
        render_template(template, title=title, text=text, code=code, request_id=g.get("request_id", ""), trace=trace),
        code,
    )
    return _with_headers(response, code, headers)


def _with_headers(response: Response, code: int, headers: dict[str, str] | None) -> Response:
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if headers and name in headers:
            response.headers[name] = headers[name]
    if code == 429:
        response.headers["Retry-After"] = "60"
    return response
