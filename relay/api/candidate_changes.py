"""Putting a candidate's record right, marking it, and erasing it: the acts of a record's page."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate

from relay import clock
from relay.access.context import caller
from relay.access.getters import candidate_or_404
from relay.api import api
from relay.api.acts import commits, needs_scope, once
from relay.api.parts import RequestSchema, RowNumber, Truth, Words
from relay.api.refusals import refuse_contents
from relay.bulk import runs
from relay.bulk.actions import AddTag, BulkAction, RemoveTag, SetFollowUp
from relay.candidates import facts, tags
from relay.candidates.addresses import refuse_doubtful
from relay.candidates.sensitive import refuse_sensitive
from relay.extensions import db
from relay.models import ActionKind, ApiScope, Candidate, FollowUp, journal
from relay.models.candidate_fields import CANDIDATE_FIELDS, CandidateField, FieldKind
from relay.models.scopes import required
from relay.rights.requests import ErasureReason, erase_on_request, was_erased
from relay.text import MailFault, PhoneFault, clean, mail_sentence, normalise_mail, normalise_phone, phone_sentence

_FREE = (FieldKind.LINE, FieldKind.LIST)
"""Kinds of facts in which words may stand that the law keeps out (A-22)."""


def _readable_mail(typed: str) -> None:
    reading = normalise_mail(typed)
    if typed.strip() and not reading.value:
        raise ValidationError(str(mail_sentence(reading.fault or MailFault.UNUSABLE, typed)))


def _readable_phone(typed: str) -> None:
    if normalise_phone(typed).fault is PhoneFault.UNUSABLE:
        raise ValidationError(str(phone_sentence(PhoneFault.UNUSABLE, typed)))


_CHECKS = {FieldKind.MAIL: _readable_mail, FieldKind.PHONE: _readable_phone}


def _put_as(fact: CandidateField) -> fields.Field[Any]:
    if fact.choices is not None:
        return fields.Enum(fact.choices, by_value=True, allow_none=True)
    if fact.kind is FieldKind.DAY:
        return fields.Date(allow_none=True)
    checks: list[Any] = [validate.Length(max=fact.max_length)]
    if fact.required is not None:
        checks.append(_some_text(fact))
    if fact.kind in _CHECKS:
        checks.append(_CHECKS[fact.kind])
    return Words(validate=checks)


def _some_text(fact: CandidateField) -> Any:
    def check(typed: str) -> None:
        if not clean(typed):
            raise ValidationError(str(fact.required))

    return check


_FACTS = RequestSchema.from_dict({fact.name: _put_as(fact) for fact in CANDIDATE_FIELDS}, name="ChangedFactsSchema")


class CandidateChangeSchema(_FACTS):  # type: ignore[misc, valid-type]
    """The facts that are to have another value; all others stay."""

    follow_up = fields.Enum(FollowUp, by_value=True, allow_none=True)
    words_checked = Truth(load_default=False, metadata={"description": _l("気をつけたい言葉を確認した")})
    email_checked = Truth(load_default=False, metadata={"description": _l("アドレスを確認した")})


class ChangedSchema(Schema):
    """A row, and the names of what has another value now."""

    id = RowNumber(required=True)
    changed = fields.List(fields.String(), required=True)


class ErasureQuery(RequestSchema):
    """The reason of an erasure, and the day on which it was asked for."""

    reason = fields.Enum(ErasureReason, by_value=True, required=True, metadata={"description": _l("消去する理由")})
    asked_on = fields.Date(load_default=None, metadata={"description": _l("申し出のあった日（なければ今日）")})


class TagSchema(RequestSchema):
    """A tag by its name."""

    name = Words(required=True)
    words_checked = Truth(load_default=False, metadata={"description": _l("気をつけたい言葉を確認した")})


class TagQuery(RequestSchema):
    """The tag that is taken off."""

    name = Words(required=True, metadata={"description": _l("タグの名前")})


class CarriedSchema(Schema):
    """A tag that a candidate carries now."""

    tag_id = RowNumber(required=True)


@api.patch("/candidates/<int:candidate_id>")
@needs_scope(ApiScope.WRITE_PEOPLE)
@commits
@api.arguments(CandidateChangeSchema)
@api.response(200, ChangedSchema)
@api.doc(summary=_l("候補者の記録を変更する"))
def candidate_change(asked: dict[str, Any], candidate_id: int) -> dict[str, Any]:
    """Put facts right, to be taken back for a day like a change on the page."""
    candidate, session = candidate_or_404(candidate_id), db.session()
    values = facts.as_typed(asked)
    _refuse_unknown(candidate, values)
    free = (str(values[fact.name]) for fact in CANDIDATE_FIELDS if fact.kind in _FREE and fact.name in values)
    refuse_sensitive("\n".join(free), asked["words_checked"])
    refuse_doubtful(session, values.get("email", ""), asked["email_checked"], of=candidate)
    session.refresh(candidate, with_for_update=True)
    by = caller().user_id
    with journal.kept(session, candidate.company_id, ActionKind.EDITED, by_user_id=by) as recorder:
        recorder.will_change(Candidate, [candidate_id])
        changed = facts.change(session, candidate, values)
    if "follow_up" in asked and candidate.follow_up is not asked["follow_up"]:
        _do(candidate, SetFollowUp(asked["follow_up"]))
        changed.append("follow_up")
    return {"id": candidate_id, "changed": changed}


@api.delete("/candidates/<int:candidate_id>")
@needs_scope(ApiScope.WRITE_PEOPLE)
@commits
@api.arguments(ErasureQuery, location="query")
@api.response(204)
@api.doc(summary=_l("候補者の記録を消去する（元に戻せません）"))
def candidate_erase(asked: dict[str, Any], candidate_id: int) -> str:
    """Erase the record for good, unless a hold is in force; asked again it is done already."""
    session, company_id = db.session(), required(caller().company_id)
    if was_erased(session, company_id, candidate_id):
        return ""
    candidate_or_404(candidate_id)
    if asked["asked_on"] is not None and asked["asked_on"] > clock.today():
        refuse_contents([(["asked_on"], _("これからの日は記録できません。"))], location="query")
    erase_on_request(session, company_id, candidate_id, reason=asked["reason"], asked_on=asked["asked_on"])
    return ""


@api.post("/candidates/<int:candidate_id>/tags")
@needs_scope(ApiScope.WRITE_PEOPLE)
@once
@api.arguments(TagSchema)
@api.response(201, CarriedSchema)
@api.doc(summary=_l("候補者にタグを付ける"))
def candidate_tag(asked: dict[str, Any], candidate_id: int) -> dict[str, Any]:
    """Put a tag on, made where it is new."""
    candidate = candidate_or_404(candidate_id)
    tag = tags.find_or_make(db.session(), asked["name"], confirmed=asked["words_checked"])
    _do(candidate, AddTag(tag.id))
    return {"tag_id": tag.id}


@api.delete("/candidates/<int:candidate_id>/tags")
@needs_scope(ApiScope.WRITE_PEOPLE)
@commits
@api.arguments(TagQuery, location="query")
@api.response(204)
@api.doc(summary=_l("候補者からタグを外す"))
def candidate_untag(asked: dict[str, Any], candidate_id: int) -> str:
    """Take a tag off; one that the person does not carry changes nothing."""
    candidate = candidate_or_404(candidate_id)
    if (tag := tags.find(db.session(), asked["name"])) is not None:
        _do(candidate, RemoveTag(tag.id))
    return ""


def _do(candidate: Candidate, action: BulkAction) -> None:
    """Do it to this one person, so that it can be taken back like an act on many."""
    runs.do(db.session(), candidate.company_id, action, [candidate.id], by_user_id=caller().user_id)


def _refuse_unknown(candidate: Candidate, values: Mapping[str, Any]) -> None:
    """Refuse a fact that is asked about only where a file brought it (B-3)."""
    unasked = [fact for fact in CANDIDATE_FIELDS if fact.only_where_known and values.get(fact.name)]
    if faults := [
        ([fact.name], _("%(fact)sは、すでに記録がある方だけ変更できます。", fact=fact.label))
        for fact in unasked
        if not getattr(candidate, fact.name)
    ]:
        refuse_contents(faults)
