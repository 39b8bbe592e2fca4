"""Parts of schemas: ids, moments, and pages of a list.

A list goes the newest first, by the ids of its rows: no row comes twice and none is passed over, while others are
added or erased (D-12).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from marshmallow import RAISE, Schema, fields, validate

from relay.api.refusals import CursorUnreadable
from relay.models.keyset import Keyset, Page
from relay.text import whole_number

Row = TypeVar("Row")
MAX_LIMIT, LIMIT = 200, 50
MAX_WORDS = 1_000
"""Letters of a text from outside for which no other limit is said."""


class RowNumber(fields.String):
    """An id, which programs keep as text and never reckon with; a number for the verbs."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__(metadata={"pattern": "^[1-9][0-9]{0,17}$", "maxLength": 18} | dict(metadata or {}), **more)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        number = whole_number(super()._deserialize(value, attr, data, **kwargs))
        if not number:
            raise self.make_error("invalid")
        return number


class UtcMoment(fields.AwareDateTime):
    """A moment as RFC 3339 in UTC, with a Z."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class Words(fields.String):
    """A text that any database can hold: without NUL and without halves of characters."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__(metadata={"pattern": r"^[^\u0000]*$"} | dict(metadata or {}), **more)
        if not any(isinstance(each, validate.Length) for each in self.validators):
            self.validators.append(validate.Length(max=MAX_WORDS))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise self.make_error("invalid")
        return text


class Truth(fields.Boolean):
    """True or false as JSON has them; no number or word that could be meant as one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class RequestSchema(Schema):
    """The parent of what a request may hold: names that nobody declared are refused (D-16)."""

    class Meta:
        """Refuse what is unknown."""

        unknown = RAISE


class PageQuery(RequestSchema):
    """The place where a list goes on, and how many rows it gives."""

    limit = fields.Integer(
        load_default=LIMIT, validate=validate.Range(1, MAX_LIMIT), metadata={"description": _l("1回に返す件数")}
    )
    cursor = Words(load_default="", metadata={"description": _l("前の応答のnext_cursor")})


def page_of(row: type[Schema]) -> type[Schema]:
    """Return the schema of a page of such rows."""
    return Schema.from_dict(
        {
            "data": fields.List(fields.Nested(row), required=True, metadata={"maxItems": MAX_LIMIT}),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
        name=row.__name__.removesuffix("Schema") + "Page",
    )


def checked_cursor(keys: Keyset, cursor: str) -> str:
    """Return the cursor. Raises CursorUnreadable where it is none of this list."""
    if cursor and keys.start(after=cursor) is None:
        raise CursorUnreadable
    return cursor


def as_page(page: Page[Row], shown: Callable[[Row], Any] = lambda row: row) -> dict[str, Any]:
    """Return a page as its schema writes it."""
    return {"data": [shown(row) for row in page.rows], "next_cursor": page.next or None}
