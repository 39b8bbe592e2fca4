"""Positions of a company, and the people of the pool who fit an open one."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import select

from relay.access.context import caller
from relay.access.getters import position_or_404
from relay.api import api
from relay.api.acts import commits, needs_scope, once
from relay.api.candidate_changes import ChangedSchema
from relay.api.parts import PageQuery, RequestSchema, RowNumber, UtcMoment, Words, as_page, checked_cursor, page_of
from relay.api.refusals import refuse_contents
from relay.bulk import position_admin
from relay.errors import DomainError
from relay.extensions import db
from relay.hiring import occupations, passing_on, posting
from relay.hiring import positions as verbs
from relay.insight import fits
from relay.models import ApiScope, ApplicationResult, EmploymentType, Position, PositionState, SalaryPeriod
from relay.models.keyset import newest
from relay.models.positions import MAX_HEADCOUNT, MAX_LINE, MAX_TEXT, MAX_TITLE, MAX_WAY, MAX_YEN
from relay.models.scopes import required
from relay.search import application_search
from relay.text import clean, clean_block

_NEWEST = newest(Position.id)
_TEXTS = ("description", "required_skills", "welcome_skills", "required_qualifications", "welcome_qualifications")
_LINES = ("place", *posting.WRITTEN)
_YEN = validate.Range(1, MAX_YEN)


def _known_occupation(number: int) -> None:
    if occupations.get(number) is None:
        raise ValidationError(_("この番号の職種はありません。"))


def _way(typed: str) -> None:
    if not typed.strip():
        return
    try:
        stored = passing_on.way_to_apply(typed)
    except DomainError as refused:
        raise ValidationError(str(refused)) from refused
    if len(stored) > MAX_WAY:
        raise ValidationError(_("応募先が長すぎます。"))


def _some_title(typed: str) -> None:
    if not clean(typed):
        raise ValidationError(str(verbs.TitleMissing.message))


def _contents() -> dict[str, fields.Field[Any]]:
    """Return the contents of a position as they are written and read; the title is apart."""
    return {
        "occupation_id": fields.Integer(allow_none=True, validate=_known_occupation, strict=True),
        **{name: Words(validate=validate.Length(max=MAX_TEXT)) for name in _TEXTS},
        **{name: Words(validate=validate.Length(max=MAX_LINE)) for name in _LINES},
        "employment": fields.Enum(EmploymentType, by_value=True, allow_none=True),
        "salary_per": fields.Enum(SalaryPeriod, by_value=True, allow_none=True),
        "salary_from": fields.Integer(allow_none=True, validate=_YEN, strict=True),
        "salary_to": fields.Integer(allow_none=True, validate=_YEN, strict=True),
        "headcount": fields.Integer(allow_none=True, validate=validate.Range(1, MAX_HEADCOUNT), strict=True),
        "apply_at": Words(allow_none=True, validate=_way),
    }


_SHOWN = Schema.from_dict(_contents(), name="PositionContentsSchema")
_WRITTEN = RequestSchema.from_dict(_contents(), name="WrittenPositionSchema")


class PositionSchema(_SHOWN):  # type: ignore[misc, valid-type]
    """A position with its contents."""

    id = RowNumber(required=True)
    title = fields.String(required=True)
    state = fields.Enum(PositionState, by_value=True, required=True)
    confirmed_on = fields.Date(required=True, allow_none=True)
    created_at = UtcMoment(required=True)
    closed_at = UtcMoment(required=True, allow_none=True)


_NUMBERS = Schema.from_dict(
    {result.value: fields.Integer(required=True) for result in ApplicationResult}, name="ApplicationNumbersSchema"
)


class CountedPositionSchema(PositionSchema):
    """A position with how its applications stand."""

    applications = fields.Nested(_NUMBERS, required=True)


class PositionsQuery(PageQuery):
    """The positions that are asked for."""

    state = fields.Enum(PositionState, by_value=True, load_default=None, metadata={"description": _l("募集の状態")})


class NewPositionSchema(_WRITTEN):  # type: ignore[misc, valid-type]
    """A position to be made: it is open."""

    title = Words(required=True, validate=[validate.Length(max=MAX_TITLE), _some_title])


class PositionChangeSchema(_WRITTEN):  # type: ignore[misc, valid-type]
    """The contents that are to have another value, and the state; all others stay."""

    title = Words(validate=[validate.Length(max=MAX_TITLE), _some_title])
    state = fields.Enum(PositionState, by_value=True)


class MadeSchema(Schema):
    """A row that was made."""

    id = RowNumber(required=True)


class MatchSchema(Schema):
    """A person who fits, with one line why and one that says what to check first."""

    candidate_id = RowNumber(required=True, attribute="id")
    name = fields.String(required=True)
    kana = fields.String(required=True)
    why = fields.String(required=True)
    check_first = fields.String(required=True)


class MatchesSchema(Schema):
    """The first people who fit, best first."""

    data = fields.List(fields.Nested(MatchSchema), required=True)
    has_more = fields.Boolean(required=True)
    is_incomplete = fields.Boolean(required=True, metadata={"description": _l("まだ全員の記録と比べ終わっていないか")})


@api.get("/positions")
@needs_scope(ApiScope.READ_PEOPLE)
@api.arguments(PositionsQuery, location="query")
@api.response(200, page_of(PositionSchema))
@api.doc(summary=_l("求人"))
def positions(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of positions, the newest first."""
    cursor, wanted = checked_cursor(_NEWEST, asked["cursor"]), select(Position)
    if asked["state"] is not None:
        wanted = wanted.where(Position.state == asked["state"])
    made: Callable[[Position], Position] = lambda position: position  # noqa: E731
    return as_page(_NEWEST.page(db.session(), wanted, made, after=cursor, limit=asked["limit"]), _as_shown)


@api.get("/positions/<int:position_id>")
@needs_scope(ApiScope.READ_PEOPLE)
@api.response(200, CountedPositionSchema)
@api.doc(summary=_l("求人の内容と、応募の状況"))
def position(position_id: int) -> dict[str, Any]:
    """Return one position with the numbers of its applications."""
    shown = position_or_404(position_id)
    numbers = application_search.numbers_of(db.session(), position_id).results
    return _as_shown(shown) | {"applications": {each.value: numbers.get(each, 0) for each in ApplicationResult}}


@api.post("/positions")
@needs_scope(ApiScope.WRITE_PEOPLE)
@once
@api.arguments(NewPositionSchema)
@api.response(201, MadeSchema)
@api.doc(summary=_l("求人を作成する"))
def position_new(asked: dict[str, Any]) -> dict[str, Any]:
    """Make an open position."""
    values = _as_stored(asked)
    _refuse_salary(values)
    return {"id": verbs.create(db.session(), values).id}


@api.patch("/positions/<int:position_id>")
@needs_scope(ApiScope.WRITE_PEOPLE)
@commits
@api.arguments(PositionChangeSchema)
@api.response(200, ChangedSchema)
@api.doc(summary=_l("求人の内容や募集の状態を変更する"))
def position_change(asked: dict[str, Any], position_id: int) -> dict[str, Any]:
    """Change contents, which counts as having looked them through, and open, pause or close it."""
    session, changed = db.session(), position_or_404(position_id)
    session.refresh(changed, with_for_update=True)
    state, values = asked.pop("state", None), _as_stored(asked)
    _refuse_salary(verbs.details(changed) | values)
    names = position_admin.change(session, changed, values) if values else []
    if state is not None and verbs.set_state(session, changed, state):
        names.append("state")
    return {"id": position_id, "changed": names}


@api.get("/positions/<int:position_id>/matches")
@needs_scope(ApiScope.READ_PEOPLE)
@api.response(200, MatchesSchema)
@api.doc(summary=_l("求人に合いそうな方（人材プールから20名まで）"))
def position_matches(position_id: int) -> dict[str, Any]:
    """Return whom the page of the position shows, in its order; of one that is not open nobody."""
    found = fits.of_position(db.session(), required(caller().company_id), position_or_404(position_id))
    if found is None:
        return {"data": [], "has_more": False, "is_incomplete": False}
    return {"data": found.people, "has_more": found.has_more, "is_incomplete": found.is_incomplete}


def _as_shown(shown: Position) -> dict[str, Any]:
    named = ("id", "state", "confirmed_on", "created_at", "closed_at")
    return verbs.details(shown) | {name: getattr(shown, name) for name in named}


def _as_stored(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the contents as a form would store them."""
    return {name: _stored(name, value) for name, value in asked.items()}


def _stored(name: str, value: Any) -> Any:
    if name == "apply_at":
        return passing_on.way_to_apply(value) if value and value.strip() else None
    if not isinstance(value, str) or isinstance(value, EmploymentType | SalaryPeriod):
        return value
    return clean_block(value) if name in _TEXTS else clean(value)


def _refuse_salary(values: dict[str, Any]) -> None:
    """Refuse a sum without its period, and an upper limit below the lower one."""
    low, high = values.get("salary_from"), values.get("salary_to")
    if (low or high) and not values.get("salary_per"):
        refuse_contents([(["salary_per"], _("金額が、年収・月給・日給・時給のどれかを選んでください。"))])
    if low and high and high < low:
        refuse_contents([(["salary_to"], _("上限が下限より低くなっています。どちらかを修正してください。"))])
