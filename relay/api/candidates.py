"""Candidates of a company: the pool, and one record, whose opening is logged as a page's opening is."""

from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields
from sqlalchemy import select

from relay.access.context import caller
from relay.api import api
from relay.api.acts import needs_scope
from relay.api.parts import PageQuery, RowNumber, UtcMoment, Words, as_page, checked_cursor, page_of
from relay.candidates import tags
from relay.candidates.duplicates import merging
from relay.extensions import db, short_write
from relay.models import ApiScope, ApplicationResult, Candidate, FollowUp, RetentionBasis
from relay.models.candidate_fields import CANDIDATE_FIELDS, CandidateField, FieldKind
from relay.models.keyset import Page, newest
from relay.models.scopes import required
from relay.record import viewing
from relay.search import candidate_search
from relay.search.candidate_search import Query

_NEWEST = newest(Candidate.id)


def _words_of(choices: Any) -> fields.String:
    return fields.String(allow_none=True, metadata={"enum": [*(word.value for word in choices), None]})


def _shown(fact: CandidateField) -> fields.Field[Any]:
    """Return how a fact is written: days as RFC 3339 dates, answers as their words."""
    if fact.kind is FieldKind.DAY:
        return fields.Date(required=True, allow_none=True)
    if fact.choices:
        return _words_of(fact.choices)
    return fields.String(required=True)


_FACTS = Schema.from_dict({fact.name: _shown(fact) for fact in CANDIDATE_FIELDS}, name="CandidateFactsSchema")


class CandidateSchema(_FACTS):  # type: ignore[misc, valid-type]
    """A person as the company knows them."""

    id = RowNumber(required=True)
    basis = _words_of(RetentionBasis)
    retain_until = fields.Date(required=True, allow_none=True)
    follow_up = _words_of(FollowUp)
    tags = fields.List(fields.String(), required=True)
    created_at = UtcMoment(required=True)
    updated_at = UtcMoment(required=True)


class CandidatesQuery(PageQuery):
    """The candidates of the pool that are asked for."""

    q = Words(load_default="", metadata={"description": _l("人材プールの検索欄と同じ言葉")})
    tag = Words(load_default="", metadata={"description": _l("タグの名前")})
    status = fields.Enum(
        ApplicationResult, by_value=True, load_default=None, metadata={"description": _l("選考の結果")}
    )


@api.get("/candidates")
@needs_scope(ApiScope.READ_PEOPLE)
@api.arguments(CandidatesQuery, location="query")
@api.response(200, page_of(CandidateSchema))
@api.doc(summary=_l("人材プールの候補者"))
def candidates(asked: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the people of the pool who fit, the newest first."""
    session, company_id = db.session(), required(caller().company_id)
    cursor, limit = checked_cursor(_NEWEST, asked["cursor"]), asked["limit"]
    narrowed: tuple[int, ...] = ()
    if asked["tag"]:
        tag = tags.find(session, asked["tag"])
        if tag is None:
            return as_page(Page())
        narrowed = (tag.id,)
    query = Query(
        q=asked["q"],
        tags=narrowed,
        results=(asked["status"],) if asked["status"] else (),
        before_id=int(cursor) if cursor else None,
        limit=limit + 1,
    )
    found = candidate_search.ids(session, company_id, query)
    people = {each.id: each for each in session.scalars(select(Candidate).where(Candidate.id.in_(found)))}
    carried = tags.tags_of(session, found[:limit])
    shown = [_as_shown(people[one], carried.get(one, [])) for one in found[:limit] if one in people]
    return {"data": shown, "next_cursor": str(found[limit - 1]) if len(found) > limit else None}


@api.get("/candidates/<int:candidate_id>")
@needs_scope(ApiScope.READ_PEOPLE)
@api.response(200, CandidateSchema)
@api.doc(summary=_l("候補者の記録（統合した記録のidでは、残した記録）"))
def candidate(candidate_id: int) -> dict[str, Any]:
    """Return one record, and log that it was opened. The id of a merged record gives the one that was kept."""
    session, company_id = db.session(), required(caller().company_id)
    person, seen_just_now = viewing.opened(session, candidate_id)
    if person is None and (kept_id := merging.merged_into(session, candidate_id)):
        person, seen_just_now = viewing.opened(session, kept_id)
    if person is None:
        abort(404)
    answer = _as_shown(person, tags.tags_of(session, [person.id]).get(person.id, []))
    if not seen_just_now:
        with short_write() as writing:
            viewing.note_view(writing, company_id, person.id)
    return answer


def _as_shown(person: Candidate, carried: list[tags.Carried]) -> dict[str, Any]:
    facts = {fact.name: getattr(person, fact.name) for fact in CANDIDATE_FIELDS}
    named = ("id", "basis", "retain_until", "follow_up", "created_at", "updated_at")
    return facts | {name: getattr(person, name) for name in named} | {"tags": [each.name for each in carried]}
