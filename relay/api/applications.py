"""Applications of a company: which there are, how far each is, a new one, and how one goes on or ends.

Recording mails nobody; results are told by /rejections.
"""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import select

from relay import clock
from relay.access.context import caller
from relay.access.getters import application_or_404
from relay.api import api
from relay.api.acts import commits, needs_scope, once
from relay.api.parts import PageQuery, RequestSchema, RowNumber, UtcMoment, Words, as_page, checked_cursor, page_of
from relay.api.positions import MadeSchema
from relay.api.refusals import refuse_contents
from relay.extensions import db
from relay.hiring import applying, progress
from relay.hiring.progress import MAX_WORD, Progress, ProgressEntry
from relay.models import (
    ApiScope,
    Application,
    ApplicationResult,
    Candidate,
    NotifiedBy,
    Position,
    RejectionReason,
    StepKind,
)
from relay.models.keyset import newest
from relay.text import clean

MAX_CHANNEL = 100
_NEWEST = newest(Application.id)
_RESULTS = [each.value for each in (Progress.REJECTED, Progress.WITHDREW, Progress.HIRED)]


class ApplicationSchema(Schema):
    """An application, and how far it is."""

    id = RowNumber(required=True)
    candidate_id = RowNumber(required=True)
    position_id = RowNumber(required=True, allow_none=True)
    channel = fields.String(required=True)
    channel_detail = fields.String(required=True)
    stage = fields.String(required=True)
    status = fields.Enum(ApplicationResult, by_value=True, required=True)
    reason = fields.Enum(RejectionReason, by_value=True, required=True, allow_none=True)
    applied_on = fields.Date(required=True, allow_none=True)
    decided_on = fields.Date(required=True, allow_none=True)
    notified_at = UtcMoment(required=True, allow_none=True)
    notified_by = fields.Enum(NotifiedBy, by_value=True, required=True, allow_none=True)
    created_at = UtcMoment(required=True)
    updated_at = UtcMoment(required=True)


class ApplicationsQuery(PageQuery):
    """The applications that are asked for."""

    position = RowNumber(load_default=None, metadata={"description": _l("求人のid")})
    candidate = RowNumber(load_default=None, metadata={"description": _l("候補者のid")})
    status = fields.Enum(
        ApplicationResult, by_value=True, load_default=None, metadata={"description": _l("選考の結果")}
    )


class NewApplicationSchema(RequestSchema):
    """An application that begins: its selection runs."""

    candidate_id = RowNumber(required=True)
    position_id = RowNumber(required=True)
    channel = Words(load_default="", validate=validate.Length(max=MAX_CHANNEL))
    applied_on = fields.Date(load_default=None, allow_none=True)


class ApplicationChangeSchema(RequestSchema):
    """A next step of the selection, or its result, with the day of it."""

    step = fields.Enum(StepKind, by_value=True, load_default=None)
    stage = Words(
        load_default="",
        validate=validate.Length(max=MAX_WORD),
        metadata={"description": _l("段階の、自社での呼び方")},
    )
    result = fields.String(load_default=None, validate=validate.OneOf(_RESULTS))
    reason = fields.Enum(RejectionReason, by_value=True, load_default=None)
    on = fields.Date(load_default=None, metadata={"description": _l("その日（なければ今日）")})

    @validates_schema(skip_on_field_errors=True)
    def validate_choice(self, asked: dict[str, Any], **_more: Any) -> None:
        """Refuse both at once, neither, and what belongs to the other."""
        if (asked["step"] is None) == (asked["result"] is None):
            raise ValidationError(str(_l("stepとresultの、どちらか一つを指定してください。")), "step")
        if asked["stage"] and asked["step"] is None:
            raise ValidationError(str(_l("stageは、stepといっしょに指定してください。")), "stage")
        if asked["reason"] is not None and asked["result"] != Progress.REJECTED.value:
            raise ValidationError(str(_l("reasonは、見送りのときだけ指定してください。")), "reason")


class RecordedSchema(Schema):
    """An application after an act on it."""

    id = RowNumber(required=True)
    status = fields.Enum(ApplicationResult, by_value=True, required=True)
    stage = fields.String(required=True)
    changed = fields.Boolean(required=True)


@api.get("/applications")
@needs_scope(ApiScope.READ_PEOPLE)
@api.arguments(ApplicationsQuery, location="query")
@api.response(200, page_of(ApplicationSchema))
@api.doc(summary=_l("応募"))
def applications(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of applications, the newest first."""
    cursor, wanted = checked_cursor(_NEWEST, asked["cursor"]), select(Application)
    if asked["position"] is not None:
        wanted = wanted.where(Application.position_id == asked["position"])
    if asked["candidate"] is not None:
        wanted = wanted.where(Application.candidate_id == asked["candidate"])
    if asked["status"] is not None:
        wanted = wanted.where(Application.status == asked["status"])
    return as_page(_NEWEST.page(db.session(), wanted, lambda one: one, after=cursor, limit=asked["limit"]))


@api.get("/applications/<int:application_id>")
@needs_scope(ApiScope.READ_PEOPLE)
@api.response(200, ApplicationSchema)
@api.doc(summary=_l("応募の状況"))
def application(application_id: int) -> Any:
    """Return one application."""
    return application_or_404(application_id)


@api.post("/applications")
@needs_scope(ApiScope.WRITE_PEOPLE)
@once
@api.arguments(NewApplicationSchema)
@api.response(201, MadeSchema)
@api.doc(summary=_l("すでに記録のある候補者に、応募を追加する"))
def application_new(asked: dict[str, Any]) -> dict[str, Any]:
    """Begin an application of a known person; while it runs they have no date of deletion."""
    session = db.session()
    person = session.scalars(select(Candidate).where(Candidate.id == asked["candidate_id"])).one_or_none()
    position = session.scalars(select(Position).where(Position.id == asked["position_id"])).one_or_none()
    found = {"candidate_id": person, "position_id": position}
    if faults := [([name], _("このidのものは見つかりません。")) for name, row in found.items() if row is None]:
        refuse_contents(faults)
    assert person is not None
    begun = applying.begin(session, person, position, channel=asked["channel"], applied_on=asked["applied_on"])
    return {"id": begun.id}


@api.patch("/applications/<int:application_id>")
@needs_scope(ApiScope.WRITE_PEOPLE)
@commits
@api.arguments(ApplicationChangeSchema)
@api.response(200, RecordedSchema)
@api.doc(summary=_l("選考の段階か結果を記録する（メールは送りません）"))
def application_record(asked: dict[str, Any], application_id: int) -> dict[str, Any]:
    """Record it, to be taken back on the page; what is recorded already changes nothing."""
    session, recorded = db.session(), application_or_404(application_id)
    entry = ProgressEntry(
        what=Progress(asked["result"] or Progress.STEP),
        on=asked["on"] or clock.today(),
        step=asked["step"],
        own_word=clean(asked["stage"]),
        reason=asked["reason"],
    )
    seen = progress.version(session, recorded)
    made = progress.enter(session, application_id, entry, seen=seen, by_user_id=caller().user_id)
    return {"id": application_id, "status": recorded.status, "stage": recorded.stage, "changed": made is not None}
