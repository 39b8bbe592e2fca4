"""What schemathesis loads: an Idempotency-Key for each request, and the check that a schema keeps its word.

It sends a key again with another body, and is refused as the API says it will be; no schema can tell that.
"""

import re
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis import GenerationMode

_KEY, _SHAPE = "Idempotency-Key", re.compile('"?[!#-~]{1,253}"?')
OF_SCHEMAS = {
    "必須の項目です。",
    "この名前の項目はありません。",
    "nullにはできません。",
    "文字列で指定してください。",
    "trueまたはfalseで指定してください。",
    "配列で指定してください。",
    "日付は、2026-04-01のように指定してください。",
    "日時は、2026-04-01T09:00:00Zのように指定してください。",
    "JSONのオブジェクトで指定してください。",
    "この値は使えません。",
}
"""Sentences of faults that a schema can tell (relay/api/problems.py). Not of whole numbers, for 389.0 is one there."""


@schemathesis.hook
def before_call(_context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Replace a value that is in order; what is none is sent as it is."""
    if _SHAPE.fullmatch(str((case.headers or {}).get(_KEY, ""))):
        case.headers[_KEY] = uuid4().hex


@schemathesis.check
def what_a_schema_allows_has_its_shape(_context: Any, response: Any, case: Any) -> None:
    """Fail where data that fits its schema is refused for something a schema can tell."""
    if response.status_code == 422 and case.meta and case.meta.generation.mode is GenerationMode.POSITIVE:
        said = [each for each in response.json().get("errors", ()) if each["detail"] in OF_SCHEMAS]
        assert not said, f"the schema allows what is refused: {said}"
