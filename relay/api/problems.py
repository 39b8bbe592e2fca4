"""Errors as problem details (RFC 9457): a stable code, a Japanese sentence, and where in the request it lies."""

from collections.abc import Iterator
from typing import Any

from flask import Response, g, json
from flask_babel import gettext as _
from htmx_flask import request
from marshmallow import Schema, fields

from relay.api.refusals import RETRY_AFTER, STATUS
from relay.errors import DomainError
from relay.extensions import settings
from relay.text import QueryProblem

PROBLEM = "application/problem+json"
_CODES = {
    400: "unreadable-request",
    401: "api-key-refused",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "met-another-change",
    413: "too-large",
    415: "json-needed",
    422: "not-valid",
    429: "too-many-requests",
}
_BROKEN = "internal-error"
_UNREAD_QUERY = "query-not-understood"
EXPLAINED = (400, 401, 403, 404, 409, 422, 429, 500)
"""What any operation may be answered with, beside its own answer."""


class FaultSchema(Schema):
    """One part of a request that cannot be taken."""

    pointer = fields.String(required=True, metadata={"description": "JSON Pointer (RFC 6901), or ?name of a query"})
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """An error as it is told (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True, metadata={"description": "Stable; programs rely on it"})
    instance = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FaultSchema))


def answer(error: Exception, status: int, title: str, text: str) -> Response:
    """Return the problem that an error is; `title` and `text` are what a page would say."""
    code = error.code if isinstance(error, DomainError) else _CODES.get(status, _BROKEN)
    status = STATUS.get(type(error), status)  # type: ignore[arg-type]
    if isinstance(error, QueryProblem):
        code = _UNREAD_QUERY
    title, text = _sentences().get(status, (title, text)) if not _is_named(error) else (title, text)
    told = {"instance": request.path, "request_id": g.get("request_id", "")}
    problem = _problem(code, status, title, text) | told
    if faults := list(_faults(getattr(error, "data", None) or {})):
        problem["errors"] = faults
    response = Response(json.dumps(problem, ensure_ascii=False), status, mimetype=PROBLEM)
    if later := RETRY_AFTER.get(type(error)):  # type: ignore[arg-type]
        response.headers["Retry-After"] = str(later)
    return response


def examples(status: int) -> dict[str, dict[str, Any]]:
    """Return each problem of this status that is about requests, as it is told, by its code."""
    place = {"instance": "/api/v1/candidates", "request_id": "0" * 16}
    own = {_CODES.get(status, _BROKEN): _sentences()[status]}
    named = {
        kind.code: (_("この操作はできませんでした"), str(kind.message))
        for kind, answered in STATUS.items()
        if answered == status
    }
    return {code: {"value": _problem(code, status, *said) | place} for code, said in (own | named).items()}


def of_requests() -> list[dict[str, Any]]:
    """Return the problems that any request may meet."""
    told = [each["value"] for status in _sentences() for each in examples(status).values()]
    unread = _("qの言葉に、読み取れないところがあります。どこかは、応答のdetailで分かります。")
    return [*told, _problem(_UNREAD_QUERY, 409, _("検索の言葉に、読み取れないところがあります"), unread)]


def of_verbs() -> list[dict[str, Any]]:
    """Return the named errors by their codes: what a page would say, too, with the status that the API gives them."""
    known = {each["code"] for each in of_requests()}
    named = {kind.code: kind for kind in _kinds(DomainError) if "code" in vars(kind)}
    title, varies = _("この操作はできませんでした"), _("内容に応じた説明が、応答のdetailに入ります。")
    return [
        _problem(code, STATUS.get(named[code], 409), title, str(vars(named[code]).get("message", varies)))
        for code in sorted(named.keys() - known)
    ]


def _kinds(parent: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in parent.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _problem(code: str, status: int, title: str, text: str) -> dict[str, Any]:
    return {
        "type": f"{settings().base_url}/api/docs#{code}",
        "title": title,
        "status": status,
        "detail": text,
        "code": code,
    }


def _is_named(error: Exception) -> bool:
    return isinstance(error, DomainError | QueryProblem)


def _sentences() -> dict[int, tuple[str, str]]:
    """Return what programs are told, where a page speaks of its buttons."""
    return {
        400: (_("リクエストを読み取れません"), _("JSONの書き方か、ヘッダーに誤りがあります。何も変更していません。")),
        401: (
            _("APIキーを確認できません"),
            _(
                "AuthorizationヘッダーにBearerと有効なAPIキーを付けてください。"
                "キーが無効になったか、期限が切れている場合もあります。"
            ),
        ),
        403: (_("このAPIキーではできません"), _("このキーには必要な権限がありません。何も変更していません。")),
        404: (_("見つかりません"), _("アドレスが違うか、すでに削除されています。")),
        405: (_("この操作はできません"), _("このアドレスで使えるメソッドは、Allowヘッダーのとおりです。")),
        409: (
            _("ほかの変更と重なりました"),
            _("同じときにほかの変更があったため、保存していません。いまの内容を読んでから、もう一度送ってください。"),
        ),
        413: (_("リクエストが大きすぎます"), _("何も保存していません。いくつかに分けて送ってください。")),
        415: (_("JSONで送ってください"), _("Content-Typeヘッダーは、application/jsonにしてください。")),
        422: (
            _("内容に誤りがあります"),
            _("errorsに示した箇所を修正して、もう一度送ってください。何も保存していません。"),
        ),
        429: (_("リクエストが多すぎます"), _("Retry-Afterヘッダーの秒数をおいてから、もう一度送ってください。")),
        500: (
            _("エラーが起きました"),
            _("このリクエストの内容は保存していません。少し待ってから、もう一度送ってください。"),
        ),
    }


def _faults(data: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield each fault that the schemas found, in the order of the request's parts."""
    for location, found in (data.get("messages") or {}).items():
        if isinstance(found, dict):
            yield from _within("" if location == "json" else "?", "/" if location == "json" else "", found)


def _within(begun: str, between: str, found: dict[Any, Any]) -> Iterator[dict[str, str]]:
    for name, faults in found.items():
        place = begun + between + str(name).replace("~", "~0").replace("/", "~1").replace("\0", "\ufffd")
        if isinstance(faults, dict):
            yield from _within(place, "/", faults)
        else:
            for fault in faults:
                yield {"pointer": place, "detail": _said(str(fault))}


def _said(fault: str) -> str:
    """Return the sentence of a fault; marshmallow's own are English."""
    return {
        "Missing data for required field.": _("必須の項目です。"),
        "Unknown field.": _("この名前の項目はありません。"),
        "Field may not be null.": _("nullにはできません。"),
        "Not a valid string.": _("文字列で指定してください。"),
        "Not a valid integer.": _("整数で指定してください。"),
        "Not a valid boolean.": _("trueまたはfalseで指定してください。"),
        "Not a valid list.": _("配列で指定してください。"),
        "Not a valid date.": _("日付は、2026-04-01のように指定してください。"),
        "Not a valid datetime.": _("日時は、2026-04-01T09:00:00Zのように指定してください。"),
        "Invalid input type.": _("JSONのオブジェクトで指定してください。"),
    }.get(fault, fault if not fault.isascii() else _("この値は使えません。"))
