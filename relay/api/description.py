"""The description that views register in: OpenAPI 3.1."""

from copy import deepcopy
from typing import Any

from apispec import APISpec
from flask import Flask, current_app
from flask_babel import gettext as _
from flask_smorest import Api

from relay.access.rate_limits import MINUTE, REQUESTS_PER_KEY
from relay.api import sent_messages
from relay.api.bounds import bound
from relay.api.problems import EXPLAINED, PROBLEM, ProblemSchema, examples
from relay.extensions import settings
from relay.models import ApiScope
from relay.web import RowId

VERSION = "1.0.0"
METHODS = ("get", "post", "put", "patch", "delete")
_BEGUN = "/api/v1/"
_LEFT = {name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy")}
_WAIT = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}


class DescribedApi(Api):
    """The description of one application; errors are answered by the surfaces' own handler (relay/web.py)."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to the one place that answers them."""

    def _register_responses(self) -> None:
        super()._register_responses()
        for response in self.spec.components.responses_lazy.values():
            if content := response.get("content"):
                content[PROBLEM] = content.pop(self.DEFAULT_RESPONSE_CONTENT_TYPE)


def described(app: Flask) -> Api:
    """Return the description of this application's API, still without its operations."""
    made = DescribedApi(
        app,
        spec_kwargs={
            "title": "Relay API",
            "version": VERSION,
            "openapi_version": "3.1.0",
            "info": _INFO,
        },
    )
    made.register_converter(
        RowId, lambda _converter: {"type": "string", "pattern": "^[1-9][0-9]{0,17}$", "maxLength": 18}
    )
    spec: APISpec = made.spec
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.options["security"] = [{"key": []}]
    app.extensions["relay-api"] = made
    return made


_INFO = {"license": {"name": "MIT", "identifier": "MIT"}}


def document() -> dict[str, Any]:
    """Return the whole description, with what holds for every operation."""
    made: Api = current_app.extensions["relay-api"]
    found: dict[str, Any] = deepcopy(made.spec.to_dict())
    base_url = settings().base_url
    place = "local" if settings().development else "production"
    found["info"] |= {
        "description": _("画面でできることを、プログラムからも同じ決まりで行えます。"),
        "contact": {"name": "Relay", "url": f"{base_url}/api/docs"},
    }
    found["servers"] = [{"url": base_url, "description": place, "x-internal": False}]
    parts = found["components"]
    parts["schemas"].pop("PaginationMetadata", None)
    parts["headers"] = _headers()
    parts["responses"] = {
        "DEFAULT_ERROR": parts["responses"]["DEFAULT_ERROR"] | {"description": _("そのほかのエラーです。")},
        **{f"Problem{status}": _problem(status) for status in EXPLAINED},
    }
    for path, methods in found["paths"].items():
        for method in methods.keys() & set(METHODS):
            _complete(methods[method], path, method)
    found["webhooks"] = sent_messages.described()
    used = {tag for methods in found["paths"].values() for each in methods.values() for tag in _tags(each)}
    told = _resources()
    found["tags"] = [{"name": name, "description": told[name]} for name in told if name in used | {"webhooks"}]
    bound(found)
    return found


def _tags(operation: Any) -> list[str]:
    return operation.get("tags", []) if isinstance(operation, dict) else []


def _complete(operation: dict[str, Any], path: str, method: str) -> None:
    """Add to an operation what is said of all alike, and name it by its address, which is the contract."""
    inside = path.removeprefix(_BEGUN)
    words = inside.replace("{", "").replace("}", "").replace("-", "_").replace("/", "_")
    operation["operationId"] = f"{method}_{words}"
    operation["tags"] = [inside.split("/", 1)[0]]
    operation["description"] = _explained(operation)
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            answer["headers"] = _LEFT
            answer["description"] = _("受け付けました。") if status == "202" else _("できました。")
    refs = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in EXPLAINED}
    operation["responses"] |= refs


def _explained(operation: dict[str, Any]) -> str:
    names = {each.get("name") for each in operation.get("parameters", ())}
    scopes = [scope for need in operation.get("security", ()) for scope in need.get("key", ())]
    told = [
        _("「%(label)s」（%(scope)s）の権限が必要です。", label=ApiScope(scope).label, scope=scope) for scope in scopes
    ] or [_("有効なAPIキーであれば使えます。")]
    if "cursor" in names:
        told.append(_("新しい順です。続きは、next_cursorの値をcursorに付けて読みます。"))
    if "Idempotency-Key" in names:
        told.append(_("同じIdempotency-Keyで送り直しても、24時間は、処理をくり返しません。"))
    return "".join(told)


def _problem(status: int) -> dict[str, Any]:
    found = examples(status)
    return {
        "description": next(iter(found.values()))["value"]["title"],
        "headers": _LEFT | (_WAIT if status == 429 else {}),
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": found}},
    }


def _headers() -> dict[str, Any]:
    window = int(MINUTE.total_seconds())
    return {
        "RateLimit": {
            "description": _("このキーで、この1分に送れる残りの回数です。"),
            "schema": {"type": "string", "pattern": '^"key";r=[0-9]+$', "maxLength": 40},
            "example": f'"key";r={REQUESTS_PER_KEY - 1}',
        },
        "RateLimit-Policy": {
            "description": _("1分に送れる回数です。"),
            "schema": {"type": "string", "pattern": '^"key";q=[0-9]+;w=[0-9]+$', "maxLength": 40},
            "example": f'"key";q={REQUESTS_PER_KEY};w={window}',
        },
        "Retry-After": {
            "description": _("もう一度送るまでにおく秒数です。"),
            "schema": {"type": "integer", "minimum": 0},
        },
    }


def _resources() -> dict[str, str]:
    """Return the resources, by the first word of their addresses."""
    return {
        "key": _("APIキー自身のことです。"),
        "candidates": _("人材プールの候補者と、その記録です。"),
        "applications": _("応募と、選考の進み具合です。"),
        "rejections": _("見送りの結果の通知です。"),
        "messages": _("候補者へのメールの状態です。"),
        "positions": _("求人と、条件の合う候補者です。"),
        "introduction-requests": _("紹介の依頼です。"),
        "referrals": _("完了したリレーです。"),
        "credits": _("紹介枠の残りと記録です。"),
        "kpis": _("採用の数字です。"),
        "partner": _("提携先が使う操作です。"),
        "webhooks": _("できごとの通知です。"),
    }
