"""Refusals of the API itself, beside the verbs' own errors."""

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import UnprocessableEntity

from relay.connect.kept_answers import OtherRequest
from relay.errors import DomainError
from relay.network.sharing import Gone


class RepeatedKeyMissing(DomainError):
    """Raise where a request that creates or sends has no key of its own, so that it could be done twice."""

    code = "idempotency-key-missing"
    message = _l(
        "Idempotency-Keyヘッダーに、リクエストごとに違う255文字までの値を付けてください。"
        "途中で切れても、同じ値で送り直せば二重になりません。何もしていません。"
    )


class CursorUnreadable(DomainError):
    """Raise where a cursor is not one that a page of this list gave."""

    code = "cursor-unreadable"
    message = _l("cursorは、前の応答のnext_cursorをそのまま付けてください。先頭から読むときは付けません。")


class NumbersNotCounted(DomainError):
    """Raise where the worker is yet to count a large company: no rows would read as zeros."""

    code = "numbers-not-counted-yet"
    message = _l("数字を数えています。しばらくたってから、もう一度読んでください。")


RETRY_AFTER: dict[type[DomainError], int] = {NumbersNotCounted: 3_600}
"""Seconds after which to ask again, where that helps."""
STATUS: dict[type[DomainError], int] = {
    RepeatedKeyMissing: 400,
    CursorUnreadable: 400,
    OtherRequest: 422,
    Gone: 410,
    NumbersNotCounted: 503,
}
"""Of refusals that are about the request itself; every other is a 409."""


def refuse_contents(faults: Iterable[tuple[Sequence[str], str]], *, location: str = "json") -> NoReturn:
    """Answer 422 with what is wrong at each of these places of the request, where only reading it whole could tell."""
    messages: dict[str, Any] = {}
    for (*above, name), sentence in faults:
        at = messages
        for part in above:
            at = at.setdefault(part, {})
        at.setdefault(name, []).append(sentence)
    refused = UnprocessableEntity()
    refused.data = {"messages": {location: messages}}  # type: ignore[attr-defined]
    raise refused
