"""Keeping a company's tags in order: the list with how many carry each, names, kinds and colours, suggestions.

Giving a tag up, for another or for none, is an act on its carriers (relay.bulk.runs) and can be taken
back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from relay.bulk import actions, references, runs
from relay.candidates import tags
from relay.candidates.sensitive import refuse_sensitive
from relay.candidates.tag_presets import PresetTag
from relay.errors import DomainError
from relay.indexing import search_rows
from relay.infra import jobs
from relay.models import CandidateTag, EventTag, Tag, TagColour, TagKind, record
from relay.models.keyset import Keyset, Page, ascending
from relay.text import clean, name_key

PAGE = 100
_BY_NAME = Keyset(ascending(Tag.name_key))
COUNT_CAP = 500
"""Counting whoever carries a tag stops here."""
SUGGESTED = 12
_ABOVE_ALL = 2**62


class TagNameTaken(DomainError):
    """Raise where another tag has the name; the two can be merged instead."""

    code = "tag-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _l(
                "「%(name)s」というタグは、すでにあります。一つにするときは、下の「まとめる」を使ってください。",
                name=name,
            )
        )


class SameTag(DomainError):
    """Raise where a tag would be merged into itself, or into one that does not exist."""

    code = "tag-merge-target-invalid"
    message = _l("まとめる先を、いまあるほかのタグの中から選んでください。何も変わっていません。")


@dataclass(frozen=True)
class TagCount:
    """A tag with how many people carry it, counted up to COUNT_CAP + 1."""

    tag: Tag
    people: int


@cache  # tricks: portal.tags
def _tags() -> Select[Tag, int]:
    return select(Tag, _carriers_counted())


@cache  # tricks: portal.tags
def _one() -> Select[int]:
    return select(_carriers_counted()).where(Tag.id == bindparam("tag"))


def listed(session: Session, *, q: str = "", after: str = "") -> Page[TagCount]:
    """Return a page of the company's tags by name."""
    if key := name_key(q):
        wanted = _tags().where(Tag.name_key.contains(key, autoescape=True))
        return _BY_NAME.page(session, wanted, TagCount, after=after, limit=PAGE)
    return _BY_NAME.page(session, _tags(), TagCount, after=after, limit=PAGE, values={})


_THERE = select(Tag.name_key).where(Tag.name_key.in_(bindparam("keys", expanding=True)))


def missing(session: Session, presets: Sequence[PresetTag]) -> list[PresetTag]:
    """Return those of the ready-made tags that the company does not have."""
    keys = {name_key(str(preset.name)) for preset in presets}
    there = set(session.scalars(_THERE, {"keys": list(keys)}))
    return [preset for preset in presets if name_key(str(preset.name)) not in there]


def counted(session: Session, tag: Tag) -> int:
    """Return how many people carry the tag, up to COUNT_CAP + 1."""
    return session.execute(_one(), {"tag": tag.id}).scalar_one()


def suggested(session: Session, typed: str) -> list[str]:
    """Names of tags that fit what is typed so far: those that begin with it first."""
    key = name_key(clean(typed))[:60]
    begins = case((Tag.name_key.startswith(key, autoescape=True), 0), else_=1)
    wanted = select(Tag.name).where(Tag.name_key.contains(key, autoescape=True)).order_by(begins, Tag.name_key)
    return list(session.scalars(wanted.limit(SUGGESTED)))


def change(session: Session, tag: Tag, *, name: str, kind: TagKind, colour: TagColour, confirmed: bool = False) -> None:
    """Give the tag another name, kind or colour; who carries it is found by the new name afterwards.

    Rules and saved searches that ask for it by name ask for it by the new one.

    Raises TagNameMissing, TagNameTooLong, TagNameTaken, and SensitiveWords unless `confirmed`.
    """
    shown, key = tags.checked_name(name)
    other = tags.find(session, shown)
    if other is not None and other.id != tag.id:
        raise TagNameTaken(other.name)
    renamed, called = shown != tag.name, tag.name_key
    if renamed:
        refuse_sensitive(shown, confirmed)
    tag.name, tag.name_key, tag.kind, tag.colour = shown, key, kind, colour
    event = record(session, EventTag.TAG_CHANGED, company_id=tag.company_id, subject=("tag", tag.id))
    session.flush()
    if renamed:
        references.follow(session, references.NewName.of_tag(called, tag))
        _find_by_new_name(session, tag, event.id)


def other_tag(session: Session, tag: Tag, name: str) -> Tag:
    """Return the tag of this name, into which `tag` can be merged. Raises SameTag."""
    other = tags.find(session, name)
    if other is None or other.id == tag.id:
        raise SameTag
    return other


def _find_by_new_name(session: Session, tag: Tag, event_id: int) -> None:
    people = actions.carriers(session, tag.id, _ABOVE_ALL, runs.SYNC_LIMIT + 1)
    if len(people) <= runs.SYNC_LIMIT:
        search_rows.index(session, people, news=False)
        return
    payload = {"tag_id": tag.id}
    jobs.enqueue(session, "tag-words", key=f"tag-words:{event_id}", payload=payload, company_id=tag.company_id)


def _carriers_counted() -> ColumnElement[int]:
    some = (
        select(CandidateTag.id)
        .where(CandidateTag.company_id == Tag.company_id, CandidateTag.tag_id == Tag.id)
        .limit(COUNT_CAP + 1)
        .correlate(Tag)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()
