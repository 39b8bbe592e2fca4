"""Read the conditions of a list from its address, and write them into addresses of the same list."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request, url_for
from flask_babel import gettext as _
from sqlalchemy import JSON, ColumnElement, Select, bindparam, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session
from werkzeug.datastructures import MultiDict

from relay.models import Application, ApplicationResult, FollowUp, Position, Tag, prepared
from relay.models.base import BigId
from relay.models.keyset import Page
from relay.portal.ui.search_words import QueryPart
from relay.search import query_values, saved
from relay.search.candidate_search import LastDay, Query
from relay.search.facets import NO_FOLLOW_UP
from relay.search.orders import COLUMNS, ListOrder, SortBy
from relay.text import clean, whole_number

MAX_CHOICES = 200
MAX_CHIPS = 30
"""So many chosen values stand above a list one by one."""
MAX_Q = 300
LATEST, MAX_LATEST = 300, 30
"""Channels and steps offered are those of so many of the latest applications."""
_NOTHING = cast(null(), JSON)
_PLAIN = "!$'()*,/:;?@"
"""What stands in an address as it is, as `url_for` writes it."""


@dataclass(frozen=True)
class FilterChoices:
    """The tags and positions a list can be narrowed to, by id."""

    tags: dict[int, str]
    positions: dict[int, str]
    channels: list[str] = field(default_factory=list)
    """Those of the latest applications, the most frequent first, where they were asked for."""
    steps: list[str] = field(default_factory=list)
    searches: dict[str, Query] = field(default_factory=dict)
    """Saved searches by name, where they were asked for."""


@dataclass(frozen=True)
class Chip:
    """One applied condition, and the list without it."""

    text: str
    url: str


def read(args: MultiDict[str, str], sorts: Container[SortBy] = COLUMNS) -> Query:
    """Return the conditions in an address, and the order if it is one of `sorts`; what cannot be read is left out."""
    order = ListOrder.read(args.get("sort", ""))
    if order is None or order.by not in sorts:
        places = {name: next(iter(ids(args.getlist(name))), None) for name in ("before", "after")}
        where: dict[str, Any] = {"before_id": places["before"], "after_id": places["after"]}
    else:
        where = {"order": order, "below": args.get("before", ""), "above": args.get("after", "")}
    return Query(
        q=clean(args.get("q", "")[:MAX_Q]),
        results=tuple(
            ApplicationResult(end) for end in dict.fromkeys(args.getlist("end")) if end in list(ApplicationResult)
        ),
        tags=tuple(ids(args.getlist("tag"))),
        positions=tuple(ids(args.getlist("position"))),
        among=tuple(ids(args.getlist("among"))),
        besides=tuple(ids(args.getlist("besides"))),
        channels=_texts(args, "channel"),
        steps=_texts(args, "step"),
        follow_ups=tuple(
            None if word == NO_FOLLOW_UP else FollowUp(word)
            for word in dict.fromkeys(args.getlist("exit"))
            if word in [*FollowUp, NO_FOLLOW_UP]
        ),
        deadlines=tuple(LastDay(word) for word in dict.fromkeys(args.getlist("until")) if word in list(LastDay)),
        **where,
    )


def _texts(args: MultiDict[str, str], name: str) -> tuple[str, ...]:
    """Return the texts of one kind, each once."""
    return tuple(text for text in dict.fromkeys(args.getlist(name)) if text and "\0" not in text)[:MAX_CHOICES]


def ids(texts: Iterable[str]) -> list[int]:
    """Return the ids among the texts, each once, at most 500."""
    return [number for number in dict.fromkeys(map(whole_number, texts)) if number][:500]


def address(endpoint: str, query: Query, **others: Any) -> str:
    """Return the address of the list (or of an act on it) under these conditions."""
    values = {
        "q": query.q or None,
        "end": [end.value for end in query.results],
        "tag": list(query.tags),
        "position": list(query.positions),
        "among": list(query.among),
        "besides": list(query.besides),
        "channel": list(query.channels),
        "step": list(query.steps),
        "exit": [follow_up.value if follow_up else NO_FOLLOW_UP for follow_up in query.follow_ups],
        "until": [deadline.value for deadline in query.deadlines],
        "sort": query.order.written if query.order else None,
        "before": query.below or query.before_id,
        "after": query.above or query.after_id,
    }
    values |= others
    given: dict[str, Any] = {name: values.pop(name) for name in _arguments(endpoint)}
    path = url_for(endpoint, **given) if given else _path(request.script_root, endpoint)
    asked = [
        (name, each)
        for name, value in values.items()
        if value is not None
        for each in (value if isinstance(value, list | tuple) else (value,))
    ]
    return f"{path}?{urlencode(asked, safe=_PLAIN)}" if asked else path


@cache  # tricks: pool, first page
def _arguments(endpoint: str) -> frozenset[str]:
    """Return what the path of an endpoint holds; its other values go behind the question mark."""
    return frozenset().union(*(rule.arguments for rule in current_app.url_map.iter_rules(endpoint)))


@cache  # tricks: pool, first page
def _path(_script_root: str, endpoint: str) -> str:
    return url_for(endpoint)


def trail(query: Query) -> str:
    """Return the conditions as the end of an address, for pages opened from the list, which lead on through it."""
    _path, mark, conditions = address("portal.pool", top(query)).partition("?")
    return mark + conditions


def top(query: Query) -> Query:
    """Return the same conditions on the first page."""
    return query.from_top


def turns(endpoint: str, query: Query, found: Page[Any], **others: Any) -> dict[str, str]:
    """Return the addresses of the pages on either side; empty where there is none."""
    first = top(query)
    return {
        "newer_url": address(endpoint, first, after=found.previous, **others) if found.previous else "",
        "older_url": address(endpoint, first, before=found.next, **others) if found.next else "",
    }


def choices(session: Session, query: Query, *, searches_of: int | None = None, latest: bool = False) -> FilterChoices:
    """Select what the rail offers; what is chosen already is always among it.

    `searches_of`: the user whose saved searches are shown above the list. `latest`: with the channels and steps of the
    latest applications, by a statement of their own.
    """
    tags, positions = prepared.rounded(query.tags), prepared.rounded(query.positions)
    offered = _offered(len(tags), len(positions), searches_of is not None)
    chosen = prepared.numbered("tag", tags) | prepared.numbered("position", positions)
    found = prepared.read(session, offered, user=searches_of, **chosen)
    words = prepared.read(session, _latest()) if latest else []
    return FilterChoices(
        {row.id: row.label for row in found if row.kind == "tag"},
        {row.id: row.label for row in found if row.kind == "position"},
        _words(query.channels, ((row.channel, row.often) for row in words)),
        _words(query.steps, ((row.stage, row.often) for row in words)),
        {row.label: query_values.from_values(row.conditions) for row in found if row.kind == "search"},
    )


@lru_cache(maxsize=256)  # tricks: pool, first page
def _offered(tags: int, positions: int, searches: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement for so many chosen tags and positions, which come first."""
    parts = [
        select(literal("tag").label("kind"), Tag.id, Tag.name.label("label"), _NOTHING.label("conditions"))
        .order_by(*_chosen_first(Tag.id, "tag", tags), Tag.name_key)
        .limit(MAX_CHOICES),
        select(
            literal("position").label("kind"), Position.id, Position.title.label("label"), _NOTHING.label("conditions")
        )
        .order_by(*_chosen_first(Position.id, "position", positions), Position.title_key)
        .limit(MAX_CHOICES),
    ]
    if searches:
        parts.append(saved.choices(bindparam("user", type_=BigId)))
    return select(union_all(*(select(part.subquery()) for part in parts)).subquery())


def _chosen_first(column: InstrumentedAttribute[int], name: str, many: int) -> list[ColumnElement[int]]:
    return [case((prepared.one_of(column, name, many), 0), else_=1)] if many else []


@cache  # tricks: pool, first page
def _latest() -> Select[str, str, int]:
    newest = select(Application.id, Application.channel, Application.stage).order_by(Application.id.desc())
    found = newest.limit(LATEST).subquery()
    return (
        select(found.c.channel, found.c.stage, func.count().label("often"))
        .group_by(found.c.channel, found.c.stage)
        .order_by(func.max(found.c.id).desc())
    )


def _words(typed: Iterable[str], found: Iterable[tuple[str, int]]) -> list[str]:
    """Return those that are chosen, then the others, the most frequent first."""
    often: Counter[str] = Counter()
    for word, number in found:
        often[word] += number
    del often[""]
    return list(dict.fromkeys([*typed, *(word for word, _number in often.most_common(MAX_LATEST))]))


def chips(
    endpoint: str, query: Query, offered: FilterChoices, *, stage: str = "", parts: Sequence[QueryPart] | None = None
) -> list[Chip]:
    """Each applied condition with the address that lets go of it; every one leads to the first page.

    `parts` are those of the text, where it can hold several. Of values chosen beyond MOST_CHIPS one chip says how
    many there are, and lets go of them all. The address is built once and each chip leaves a piece of it out.
    """
    path, _mark, conditions = address(endpoint, top(query), stage=stage or None).partition("?")
    pieces = conditions.split("&")

    def without(gone: frozenset[str]) -> str:
        left = "&".join(piece for piece in pieces if not {piece, piece.partition("=")[0]} & gone)
        return f"{path}?{left}" if left else path

    def with_text(q: str) -> str:
        text = address(endpoint, Query(q=q)).partition("?")[2]
        left = [piece for piece in (text, *pieces) if piece and (piece == text or not piece.startswith("q="))]
        return f"{path}?{'&'.join(left)}" if left else path

    if parts is None:
        parts = [QueryPart(_("「%(q)s」を含む", q=query.q), "")] if query.q else []
    chosen = list(_chosen(query, offered, stage, pieces))
    made = [Chip(part.text, with_text(part.rest)) for part in parts]
    made += [Chip(text, without(frozenset([piece]))) for text, piece in chosen[:MAX_CHIPS]]
    if more := frozenset(piece for _text, piece in chosen[MAX_CHIPS:]):
        told = _("ほかに%(n)s件の条件があります（まとめて外せます）", n=len(more))
        made.append(Chip(told, without(more)))
    return made


def _chosen(query: Query, offered: FilterChoices, stage: str, pieces: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the chosen values in words, each with its piece of the address."""
    for end in query.results:
        yield _("結果：%(end)s", end=end.label), f"end={end.value}"
    for position in query.positions:
        title = offered.positions.get(position, _("見つからない求人"))
        yield _("求人：%(title)s", title=title), f"position={position}"
    for piece in (piece for piece in pieces if piece.startswith("stage=")):
        yield _("選考段階：%(stage)s", stage=stage), piece
    for tag in query.tags:
        yield _("タグ：%(name)s", name=offered.tags.get(tag, _("見つからないタグ"))), f"tag={tag}"
    if query.among:
        yield _("選んだ%(n)s名", n=len(query.among)), "among"
    for channel, piece in zip(query.channels, (each for each in pieces if each.startswith("channel=")), strict=True):
        yield _("応募経路：%(value)s", value=channel), piece
    for step, piece in zip(query.steps, (each for each in pieces if each.startswith("step=")), strict=True):
        yield _("選考段階：%(stage)s", stage=step), piece
    for follow_up in query.follow_ups:
        word = str(follow_up.label) if follow_up else _("決めていない")
        yield _("今後の対応：%(value)s", value=word), f"exit={follow_up.value if follow_up else NO_FOLLOW_UP}"
    for deadline in query.deadlines:
        yield _("保管期限：%(value)s", value=deadline.label), f"until={deadline.value}"
