"""The groups of the pool's rail: what the list can be narrowed by, in their order."""

import zlib
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, NamedTuple

from flask_babel import get_locale
from flask_babel import gettext as _

from relay.models import ApplicationResult, FollowUp
from relay.portal.ui.conditions import FilterChoices
from relay.search.candidate_search import LastDay, Query
from relay.search.facets import NO_FOLLOW_UP
from relay.text import Sentence

Options = Collection[tuple[Any, Any]]


class FacetGroup(NamedTuple):
    """One group: its name in the address, its title, the choices with their words, those that are ticked."""

    kind: str
    title: Sentence
    options: Options
    chosen: Collection[Any]
    places: Mapping[Any, str] | None = None
    """The name of the place of each choice that is a text; others are their own name."""


def groups(query: Query, offered: FilterChoices) -> list[FacetGroup]:
    """Return what the rail shows under these conditions."""
    titles, undecided = _titles(str(get_locale()))
    follow_ups = [*FollowUp.said().items(), (NO_FOLLOW_UP, undecided)]
    intended = [follow_up.value if follow_up else NO_FOLLOW_UP for follow_up in query.follow_ups]
    found: tuple[tuple[Any, ...], ...] = (
        (ApplicationResult.said().items(), query.results),
        (_texts(offered.steps), query.steps, _places(offered.steps)),
        (follow_ups, intended),
        (LastDay.said().items(), query.deadlines),
        (_texts(offered.channels), query.channels, _places(offered.channels)),
        (offered.positions.items(), query.positions),
        (offered.tags.items(), query.tags),
    )
    return [FacetGroup(kind, title, *each) for (kind, title), each in zip(titles.items(), found, strict=True)]


def values(query: Query, offered: FilterChoices) -> list[tuple[str, list[tuple[Any, Any]]]]:
    """Return the choices of each group, each with the name of its place, to be counted."""
    return [
        (each.kind, [(value, each.places[value] if each.places else value) for value, _word in each.options])
        for each in groups(query, offered)
    ]


@cache  # tricks: pool, first page
def _titles(_locale: str) -> tuple[dict[str, str], str]:
    """Return the names and titles of the groups, in their order, and the word for nothing decided."""
    titles = {
        "end": _("結果"),
        "step": _("選考段階"),
        "exit": _("今後の対応"),
        "until": _("保管期限"),
        "channel": _("応募経路"),
        "position": _("求人"),
        "tag": _("タグ"),
    }
    return titles, _("決めていない")


def _texts(words: Collection[str]) -> Options:
    return [(word, word) for word in words]


def _places(words: Collection[str]) -> dict[Any, str]:
    return {word: f"{zlib.crc32(word.encode()):08x}" for word in words}
