"""Searches saved under a name (保存した条件): a person's own, and those shared in the company."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import BindParameter, Select, bindparam, literal, or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Candidate, SavedSearch, User
from relay.search import query_values
from relay.search.candidate_search import Query
from relay.text import clean, name_key

MAX_LENGTH = 40
MAX_SEARCHES = 100


class SearchNameMissing(DomainError):
    """Raise for a saved search without a name."""

    code = "search-name-missing"
    message = _l("保存する条件に、名前を付けてください。")


class SearchNameTooLong(DomainError):
    """Raise for a name of more than MAX_LENGTH characters."""

    code = "search-name-too-long"
    message = _l("条件の名前は%(most)s文字までです。短くして、もう一度保存してください。", most=MAX_LENGTH)


class SearchNameTaken(DomainError):
    """Raise where the user has a saved search of this name."""

    code = "search-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(_l("「%(name)s」という条件は、すでに保存してあります。別の名前を付けてください。", name=name))


class NothingToSave(DomainError):
    """Raise for a search without conditions."""

    code = "nothing-to-save"
    message = _l("条件がありません。言葉を入力するか絞り込みを選んでから、保存してください。")


class TooManySearches(DomainError):
    """Raise where the user has MAX_SEARCHES saved searches."""

    code = "too-many-searches"
    message = _l(
        "保存できる条件は、お一人%(most)s件までです。使わないものを削除してから、もう一度お試しください。",
        most=MAX_SEARCHES,
    )


class Saved(NamedTuple):
    """A saved search and whose it is."""

    search: SavedSearch
    owner: str

    @property
    def query(self) -> Query:
        """Return what it asks for."""
        return query_values.from_values(self.search.conditions)


_SEEN = (
    select(SavedSearch, User.name)
    .join(User, User.id == SavedSearch.user_id)
    .where(or_(SavedSearch.user_id == bindparam("user"), SavedSearch.shared))
    .order_by(SavedSearch.name_key, SavedSearch.id)
    .limit(2 * MAX_SEARCHES)
)


def seen_by(session: Session, user_id: int) -> list[Saved]:
    """Return the searches this person sees, by name: their own and the shared ones."""
    found = session.execute(_SEEN, {"user": user_id})
    return [Saved(search, owner) for search, owner in found]


def choices(user_id: int | BindParameter[int]) -> Select[Any]:
    """Return the same as part of what a list offers: kind, id, label, conditions."""
    return (
        select(literal("search").label("kind"), SavedSearch.id, SavedSearch.name.label("label"), SavedSearch.conditions)
        .where(or_(SavedSearch.user_id == user_id, SavedSearch.shared))
        .order_by(SavedSearch.name_key, SavedSearch.id)
        .limit(2 * MAX_SEARCHES)
    )


def save(session: Session, name: str, query: Query, *, user_id: int, shared: bool) -> SavedSearch:
    """Keep a search under a name.

    Raises NothingToSave, SearchNameMissing, SearchNameTooLong, SearchNameTaken, TooManySearches.
    """
    if not query.narrowed:
        raise NothingToSave
    shown, key = _named(session, name, user_id)
    owned = select(SavedSearch.id).where(SavedSearch.user_id == user_id)
    if len(session.scalars(owned.limit(MAX_SEARCHES)).all()) >= MAX_SEARCHES:
        raise TooManySearches
    now = clock.now()
    saved = SavedSearch(
        user_id=user_id,
        name=shown,
        name_key=key,
        conditions=query_values.as_values(query),
        shared=shared,
        created_at=now,
        updated_at=now,
    )
    session.add(saved)
    session.flush()
    return saved


def change(session: Session, saved: SavedSearch, name: str, *, shared: bool) -> None:
    """Give it another name, share it, or keep it to oneself again. Raises as `save` does about the name."""
    saved.name, saved.name_key = _named(session, name, saved.user_id, besides=saved.id)
    saved.shared, saved.updated_at = shared, clock.now()


def delete(session: Session, saved: SavedSearch) -> None:
    """Forget a search; nobody found by it changes."""
    session.delete(saved)


def forget_people(session: Session, candidate_ids: Sequence[int]) -> None:
    """Forget the searches in which the name, address or number of one of these people occurs (invariant 9)."""
    searches = session.scalars(select(SavedSearch)).all()
    if not searches:
        return
    people = session.execute(
        select(Candidate.name_key, Candidate.kana_key, Candidate.email_key, Candidate.phone_key).where(
            Candidate.id.in_(candidate_ids)
        )
    )
    words = {word for person in people for word in person if len(word) > 1}
    for saved in searches:
        if _holds_any(saved, words):
            session.delete(saved)
    session.flush()


def _holds_any(saved: SavedSearch, words: Iterable[str]) -> bool:
    said = name_key(f"{saved.name}\n{saved.conditions.get('q', '')}")
    return any(word in said or name_key(word) in said for word in words)


def _named(session: Session, name: str, user_id: int, *, besides: int | None = None) -> tuple[str, str]:
    shown = clean(name)
    key = name_key(shown)[:60]
    if not key:
        raise SearchNameMissing
    if len(shown) > MAX_LENGTH:
        raise SearchNameTooLong
    same = select(SavedSearch.id).where(SavedSearch.user_id == user_id, SavedSearch.name_key == key)
    if session.scalars(same.where(SavedSearch.id != (besides or 0))).first() is not None:
        raise SearchNameTaken(shown)
    return shown, key
