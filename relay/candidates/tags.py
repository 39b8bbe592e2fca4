"""Labels on candidates (タグ): a company's own words, kept inside the company (A-12)."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.sensitive import refuse_sensitive
from relay.errors import DomainError
from relay.indexing import search_rows
from relay.models import Candidate, CandidateTag, EventTag, Tag, TagColour, TagKind, event_data, record_each
from relay.models.journal import Recorder
from relay.models.prepared import numbered, one_of, read, rounded
from relay.text import clean, name_key

MAX_LENGTH = 50
CHUNK_SIZE = 500


class Carried(NamedTuple):
    """A tag on a person, as lists show it."""

    id: int
    name: str
    colour: TagColour


class TagNameMissing(DomainError):
    """Raise for a tag without a name."""

    code = "tag-name-missing"
    message = _l("タグの名前を入力してください。")


class TagNameTooLong(DomainError):
    """Raise for a name of more than MAX_LENGTH characters."""

    code = "tag-name-too-long"
    message = _l("タグの名前は%(most)s文字までです。長い内容はメモに残せます。", most=MAX_LENGTH)


def find_or_make(
    session: Session,
    name: str,
    *,
    kind: TagKind = TagKind.FREE,
    colour: TagColour = TagColour.PLAIN,
    confirmed: bool = False,
    id: int | None = None,
) -> Tag:
    """Return the company's tag of this name, made if it is new; 経理 and ｹｲﾘ differ, ＡＷＳ and aws do not.

    `id` is for a new one, where it was given out before.
    Raises TagNameMissing, TagNameTooLong, and SensitiveWords when a new name holds words the law keeps out (A-22),
    unless `confirmed`.
    """
    shown, key = checked_name(name)
    if (tag := _named(session, key)) is not None:
        return tag
    refuse_sensitive(shown, confirmed)
    try:
        with session.begin_nested():
            tag = Tag(id=id, kind=kind, name=shown, name_key=key, colour=colour, created_at=clock.now())
            session.add(tag)
    except IntegrityError:  # someone else made it meanwhile
        tag = _named(session, key)
        assert tag is not None
    return tag


def checked_name(name: str) -> tuple[str, str]:
    """Return a name as it is shown, and its key. Raises TagNameMissing and TagNameTooLong."""
    shown = clean(name)
    key = name_key(shown)[:60]
    if not key:
        raise TagNameMissing
    if len(shown) > MAX_LENGTH:
        raise TagNameTooLong
    return shown, key


def find(session: Session, name: str) -> Tag | None:
    """Return the company's tag of this name, if there is one."""
    return _named(session, name_key(clean(name))[:60])


def add_tag(
    session: Session,
    tag: Tag,
    candidate_ids: Iterable[int],
    *,
    by_user_id: int | None,
    recorder: Recorder | None = None,
) -> list[int]:
    """Put the tag on these people; returns those who did not carry it yet, in the order given.

    People of another company are passed over as if they did not exist. `recorder` keeps it, so that it can be taken
    back.
    """
    wanted = list(dict.fromkeys(candidate_ids))
    fresh: list[int] = []
    for start in range(0, len(wanted), CHUNK_SIZE):
        fresh += _add_some(session, tag, wanted[start : start + CHUNK_SIZE], by_user_id, recorder)
    _tell(session, EventTag.TAG_ADDED, tag, fresh)
    return fresh


def remove_tag(
    session: Session, tag: Tag, candidate_ids: Iterable[int], *, recorder: Recorder | None = None
) -> list[int]:
    """Take the tag off these people; returns those who carried it. The tag itself stays."""
    wanted = list(dict.fromkeys(candidate_ids))
    freed: list[int] = []
    for start in range(0, len(wanted), CHUNK_SIZE):
        freed += _remove_some(session, tag, wanted[start : start + CHUNK_SIZE], recorder)
    _tell(session, EventTag.TAG_REMOVED, tag, freed)
    return freed


@cache  # tricks: pool, first page
def _carried(many: int) -> Select[*tuple[Any, ...]]:
    """Return the statement about so many people."""
    return (
        select(CandidateTag.candidate_id, Tag.id, Tag.name, Tag.colour)
        .join(Tag, Tag.id == CandidateTag.tag_id)
        .where(one_of(CandidateTag.candidate_id, "person", many))
        .order_by(CandidateTag.id)
    )


def tags_of(session: Session, candidate_ids: Sequence[int]) -> dict[int, list[Carried]]:
    """Each person's tags, oldest first; one query for a whole page."""
    tags: dict[int, list[Carried]] = {candidate_id: [] for candidate_id in candidate_ids}
    if not tags:
        return tags
    people = rounded(list(tags))
    for candidate_id, tag_id, name, colour in read(session, _carried(len(people)), **numbered("person", people)):
        tags[candidate_id].append(Carried(tag_id, name, colour))
    return tags


def _named(session: Session, key: str) -> Tag | None:
    return session.scalars(select(Tag).where(Tag.name_key == key)).one_or_none()


def _add_some(
    session: Session, tag: Tag, wanted: Sequence[int], by_user_id: int | None, recorder: Recorder | None
) -> list[int]:
    here = set(session.scalars(select(Candidate.id).where(Candidate.id.in_(wanted))))
    carried_by = select(CandidateTag.candidate_id).where(CandidateTag.tag_id == tag.id)
    carrying = set(session.scalars(carried_by.where(CandidateTag.candidate_id.in_(wanted))))
    fresh = [candidate_id for candidate_id in wanted if candidate_id in here - carrying]
    if fresh:
        row = {"company_id": tag.company_id, "tag_id": tag.id, "at": clock.now(), "by_user_id": by_user_id}
        rows = [row | {"candidate_id": candidate_id} for candidate_id in fresh]
        made = session.scalars(insert(CandidateTag).returning(CandidateTag.id), rows).all()
        if recorder is not None:
            recorder.made(CandidateTag, made)
    return fresh


def _remove_some(session: Session, tag: Tag, wanted: Sequence[int], recorder: Recorder | None) -> list[int]:
    carrying = session.execute(
        select(CandidateTag.id, CandidateTag.candidate_id)
        .where(CandidateTag.tag_id == tag.id, CandidateTag.candidate_id.in_(wanted))
        .order_by(CandidateTag.candidate_id.desc())
    ).all()
    if carrying:
        ids = [row.id for row in carrying]
        if recorder is not None:
            recorder.will_change(CandidateTag, ids)
        session.execute(delete(CandidateTag).where(CandidateTag.id.in_(ids)))
    return [row.candidate_id for row in carrying]


def _tell(session: Session, what: EventTag, tag: Tag, candidate_ids: Sequence[int]) -> None:
    record_each(
        session, what, company_id=tag.company_id, people=candidate_ids, data=event_data.TagOnCandidate(tag_id=tag.id)
    )
    search_rows.index(session, candidate_ids)
