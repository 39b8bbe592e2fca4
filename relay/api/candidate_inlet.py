"""The inlet for other systems: people by the ids they have there, found again and compared as an import does.

One at a time, or up to a hundred; sent again it changes nothing, and it changes a field only where HR did not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate

from relay.access.context import caller
from relay.api import api
from relay.api.acts import commits, needs_scope
from relay.api.parts import RequestSchema, RowNumber, Truth, Words
from relay.api.refusals import refuse_contents
from relay.extensions import db
from relay.intake import by_program
from relay.intake.by_program import InletOutcome, ReportedPerson, ReportedRow
from relay.intake.fields import MAX_LENGTH, OF_CANDIDATE, Field
from relay.intake.planning.plan import Answers
from relay.intake.rows.row import Problem
from relay.models import ApiScope, ApplicationResult, RejectionReason, RetentionBasis
from relay.models.candidate_fields import CandidateField, FieldKind
from relay.models.scopes import required
from relay.text import clean

MAX_PEOPLE = 100
"""Of one request."""
MAX_TAGS = 50
_MAX_TEXT = validate.Length(max=MAX_LENGTH[Field.MEMO])
_MAX_ID = MAX_LENGTH[Field.PERSON_ID]
_DAYS = (Field.APPLIED_ON, Field.DECIDED_ON)
_LINES = (Field.POSITION, Field.CHANNEL, Field.CHANNEL_DETAIL, Field.STAGE, Field.MEMO)


def _told_as(fact: CandidateField) -> fields.Field[Any]:
    if fact.choices is not None:
        return fields.Enum(fact.choices, by_value=True, allow_none=True, load_default=None)
    if fact.kind is FieldKind.DAY:
        return fields.Date(allow_none=True)
    return Words(required=fact.required is not None, validate=_MAX_TEXT)


_FACTS = RequestSchema.from_dict(
    {field.value: _told_as(fact) for field, fact in OF_CANDIDATE.items()}, name="ReportedFactsSchema"
)


class ReportedPersonSchema(_FACTS):  # type: ignore[misc, valid-type]
    """A person with one application; what is missing or empty says nothing."""

    application_id = Words(load_default="", validate=validate.Length(max=_MAX_ID))
    position = Words(validate=_MAX_TEXT)
    channel = Words(validate=_MAX_TEXT)
    channel_detail = Words(validate=_MAX_TEXT)
    stage = Words(validate=_MAX_TEXT)
    applied_on = fields.Date(allow_none=True)
    decided_on = fields.Date(allow_none=True)
    result = fields.Enum(ApplicationResult, by_value=True, allow_none=True, load_default=None)
    reason = fields.Enum(RejectionReason, by_value=True, allow_none=True, load_default=None)
    tags = fields.List(Words(validate=_MAX_TEXT), load_default=list, validate=validate.Length(max=MAX_TAGS))
    memo = Words(validate=_MAX_TEXT)


class _Answered(RequestSchema):
    """The answers that an import asks for about the people of a file."""

    basis = fields.Enum(RetentionBasis, by_value=True, required=True)
    told = Truth(load_default=True, metadata={"description": _l("見送りの方に、結果をRelayの外で伝えたか")})
    words_checked = Truth(
        load_default=False,
        metadata={"description": _l("気をつけたい言葉のあるメモとタグも、確認したものとして登録する")},
    )


class OnePersonSchema(_Answered, ReportedPersonSchema):
    """One person, and what an import asks."""


def _some_id(external_id: str) -> None:
    if not _is_usable(external_id):
        raise ValidationError(_("IDは、改行などを含まない%(most)s文字までの値にしてください。", most=_MAX_ID))


class ManyPeopleSchema(_Answered):
    """Several people, and what an import asks about all of them."""

    class PersonOfManySchema(ReportedPersonSchema):
        """One of them."""

        external_id = Words(required=True, validate=_some_id)

    candidates = fields.List(fields.Nested(PersonOfManySchema), required=True, validate=validate.Length(1, MAX_PEOPLE))


class NoteSchema(Schema):
    """Something that was taken otherwise than it was sent, or should be looked at."""

    pointer = fields.String(required=True, metadata={"description": "JSON Pointer (RFC 6901)"})
    detail = fields.String(required=True)


class BroughtSchema(Schema):
    """A person as they are in Relay, and what this request did."""

    id = RowNumber(required=True)
    external_id = fields.String(required=True)
    state = fields.Enum(InletOutcome, by_value=True, required=True)
    notes = fields.List(fields.Nested(NoteSchema), required=True)


class BroughtPeopleSchema(Schema):
    """The same of several, in the order of the request."""

    data = fields.List(fields.Nested(BroughtSchema), required=True)


_EXTERNAL_ID = {
    "in": "path",
    "name": "candidate_id",
    "required": True,
    "description": _l("送り元のシステムでの候補者のID"),
    "schema": {"type": "string", "minLength": 1, "maxLength": _MAX_ID},
}


@api.put("/candidates/<candidate_id>")
@needs_scope(ApiScope.WRITE_PEOPLE)
@commits
@api.arguments(OnePersonSchema)
@api.response(200, BroughtSchema)
@api.alt_response(201, schema=BroughtSchema)
@api.doc(summary=_l("候補者を、送り元のIDで登録する・更新する"), parameters=[_EXTERNAL_ID])
def candidate_told(asked: dict[str, Any], candidate_id: str) -> tuple[dict[str, Any], int]:
    """Write one person by the id they have in the system that asks; 201 where they are new."""
    if not _is_usable(candidate_id):
        abort(404)
    [brought] = _bring(asked, [(candidate_id, asked)], ())
    return brought, 201 if brought["state"] is InletOutcome.CREATED else 200


@api.put("/candidates")
@needs_scope(ApiScope.WRITE_PEOPLE)
@commits
@api.arguments(ManyPeopleSchema)
@api.response(200, BroughtPeopleSchema)
@api.doc(summary=_l("候補者を、100名までまとめて登録する・更新する"))
def candidates_told(asked: dict[str, Any]) -> dict[str, Any]:
    """Write several people, all of them or none."""
    people = [(each["external_id"], each) for each in asked["candidates"]]
    named = Counter((external_id, clean(each["application_id"])) for external_id, each in people)
    if faults := [
        (["candidates", str(place), "external_id"], _("同じ候補者の同じ応募が、2回以上あります。"))
        for place, (external_id, each) in enumerate(people)
        if named[external_id, clean(each["application_id"])] > 1
    ]:
        refuse_contents(faults)
    return {"data": _bring(asked, people, ("candidates",))}


def _is_usable(external_id: str) -> bool:
    """Return whether an id is kept as it is: no two that differ become one."""
    return 0 < len(external_id) <= _MAX_ID and clean(external_id) == external_id and "\ufffd" not in external_id


def _bring(
    answers: Mapping[str, Any], people: Sequence[tuple[str, Mapping[str, Any]]], above: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Write people whose contents are below `above` in the request, each at their place where they are several."""
    rows = [by_program.read(_as_told(external_id, told), place) for place, (external_id, told) in enumerate(people)]
    if problems := [problem for row in rows for problem in row.problems]:
        refuse_contents([((*_place(problem, above),), str(problem.message)) for problem in problems])
    said = Answers(answers["basis"], answers["told"], words_checked=answers["words_checked"])
    session, asking = db.session(), caller()
    brought, noted = by_program.bring(
        session, required(asking.company_id), [row.row for row in rows], said, by_user_id=asking.user_id
    )
    return [
        {
            "id": brought[place].candidate_id,
            "external_id": external_id,
            "state": brought[place].fate,
            "notes": _notes(rows[place], [note for note in noted if note.row == place], above),
        }
        for place, (external_id, _told) in enumerate(people)
    ]


def _notes(read: ReportedRow, noted: Sequence[Problem], above: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"pointer": "".join(f"/{part}" for part in _place(note, above)), "detail": str(note.message)}
        for note in (*read.notes, *noted)
    ]


def _place(problem: Problem, above: tuple[str, ...]) -> tuple[str, ...]:
    of_person = (*above, str(problem.row)) if above else ()
    return (*of_person, problem.column) if problem.column else of_person


def _as_told(external_id: str, told: Mapping[str, Any]) -> ReportedPerson:
    texts = {field: told[field.value] or "" for field in (*by_program.TEXTS, *_LINES) if field.value in told}
    days = {field: told[field.value] for field in (*_DAYS,) if told.get(field.value)}
    cells = {field: text if isinstance(text, str) else text.isoformat() for field, text in (texts | days).items()}
    return ReportedPerson(
        person_id=external_id,
        application_id=clean(told["application_id"]),
        texts=cells,
        answers={field.value: told[field.value] for field, fact in OF_CANDIDATE.items() if fact.choices is not None},
        tags=told["tags"],
        result=told["result"],
        reason=told["reason"],
    )
