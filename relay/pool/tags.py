"""Labels on candidates (タグ): a company's own words, kept inside the company (A-12)."""

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Candidate, CandidateTag, EventTag, Tag, TagKind, record
from relay.pool import search
from relay.pool.sensitive import refuse_sensitive
from relay.text import clean, name_key

LONGEST = 50


class TagNameMissing(DomainError):
    """A tag needs a name."""

    def __init__(self) -> None:
        super().__init__(_l("タグの名前を入れてください。"))


class TagNameTooLong(DomainError):
    """A tag is a word or two, not a sentence."""

    def __init__(self) -> None:
        super().__init__(_l("タグの名前は%(most)s文字までです。長い内容はメモに残せます。", most=LONGEST))


def find_or_make(session: Session, name: str, *, kind: TagKind = TagKind.FREE, confirmed: bool = False) -> Tag:
    """The company's tag of this name, made if it is new; 経理 and ｹｲﾘ differ, ＡＷＳ and aws do not.

    Raises TagNameMissing, TagNameTooLong, and SensitiveWords when a new name holds words the law keeps out (A-22),
    unless `confirmed`.
    """
    shown = clean(name)
    key = name_key(shown)[:60]
    if not key:
        raise TagNameMissing
    if len(shown) > LONGEST:
        raise TagNameTooLong
    if (tag := _named(session, key)) is not None:
        return tag
    refuse_sensitive(shown, confirmed)
    try:
        with session.begin_nested():
            tag = Tag(kind=kind, name=shown, name_key=key, created_at=clock.now())
            session.add(tag)
    except IntegrityError:  # someone else made it meanwhile
        tag = _named(session, key)
        assert tag is not None
    return tag


def find(session: Session, name: str) -> Tag | None:
    """The company's tag of this name, if there is one."""
    return _named(session, name_key(clean(name))[:60])


def add_tag(session: Session, tag: Tag, candidate_ids: Iterable[int], *, by_user_id: int | None) -> list[int]:
    """Put the tag on these people; returns those who did not carry it yet, in the order given.

    People of another company are passed over as if they did not exist.
    """
    wanted = _here(session, candidate_ids)
    carried_by = select(CandidateTag.candidate_id).where(CandidateTag.tag_id == tag.id)
    carrying = set(session.scalars(carried_by.where(CandidateTag.candidate_id.in_(wanted))))
    fresh = [candidate_id for candidate_id in wanted if candidate_id not in carrying]
    if fresh:
        row = {"company_id": tag.company_id, "tag_id": tag.id, "at": clock.now(), "by_user_id": by_user_id}
        session.execute(insert(CandidateTag), [row | {"candidate_id": candidate_id} for candidate_id in fresh])
        _tell(session, EventTag.TAG_ADDED, tag, fresh)
    return fresh


def remove_tag(session: Session, tag: Tag, candidate_ids: Iterable[int]) -> list[int]:
    """Take the tag off these people; returns those who carried it. The tag itself stays."""
    wanted = list(candidate_ids)
    carrying = list(
        session.scalars(
            select(CandidateTag.candidate_id)
            .where(CandidateTag.tag_id == tag.id, CandidateTag.candidate_id.in_(wanted))
            .order_by(CandidateTag.candidate_id.desc())
        )
    )
    if carrying:
        session.execute(
            delete(CandidateTag).where(CandidateTag.tag_id == tag.id, CandidateTag.candidate_id.in_(carrying))
        )
        _tell(session, EventTag.TAG_REMOVED, tag, carrying)
    return carrying


def tags_of(session: Session, candidate_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Each person's tags as (id, name), oldest first; one query for a whole page."""
    tags: dict[int, list[tuple[int, str]]] = {candidate_id: [] for candidate_id in candidate_ids}
    if not tags:
        return tags
    rows = session.execute(
        select(CandidateTag.candidate_id, Tag.id, Tag.name)
        .join(Tag, Tag.id == CandidateTag.tag_id)
        .where(CandidateTag.candidate_id.in_(candidate_ids))
        .order_by(CandidateTag.id)
    )
    for candidate_id, tag_id, name in rows:
        tags[candidate_id].append((tag_id, name))
    return tags


def _named(session: Session, key: str) -> Tag | None:
    return session.scalars(select(Tag).where(Tag.name_key == key)).one_or_none()


def _here(session: Session, candidate_ids: Iterable[int]) -> list[int]:
    wanted = list(dict.fromkeys(candidate_ids))
    here = set(session.scalars(select(Candidate.id).where(Candidate.id.in_(wanted))))
    return [candidate_id for candidate_id in wanted if candidate_id in here]


def _tell(session: Session, what: EventTag, tag: Tag, candidate_ids: Sequence[int]) -> None:
    for candidate_id in candidate_ids:
        record(session, what, company_id=tag.company_id, subject=("candidate", candidate_id), data={"tag_id": tag.id})
    search.index(session, candidate_ids)
