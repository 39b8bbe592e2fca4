"""The orders of a list as its pages offer them: a link in the head of each column, and a menu of all."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from relay.portal.ui import conditions
from relay.search.candidate_search import Query
from relay.search.orders import ListOrder, SortBy, first
from relay.text import Sentence

ORDER_WORDS: dict[SortBy, tuple[Sentence, Sentence]] = {
    SortBy.APPLIED: (_l("応募日の早い順"), _l("応募日の新しい順")),
    SortBy.UPDATED: (_l("更新の古い順"), _l("更新の新しい順")),
    SortBy.NAME: (_l("氏名の五十音順"), _l("氏名の五十音の逆順")),
    SortBy.STEP: (_l("選考段階の浅い順"), _l("選考段階の進んだ順")),
    SortBy.SCORE: (_l("評価の低い順"), _l("評価の高い順")),
    SortBy.DEADLINE: (_l("保管期限の近い順"), _l("保管期限の遠い順")),
    SortBy.TOTAL: (_l("応募の少ない順"), _l("応募の多い順")),
    SortBy.RUNNING: (_l("選考中の少ない順"), _l("選考中の多い順")),
}
"""Each order from the least on, and from the greatest on."""


class Head(NamedTuple):
    """The head of a column as a link: the list sorted by it, or the other way round where it is already."""

    url: str
    direction: str
    """How the list is sorted by it now, as aria-sort says it; empty where it is not."""
    leads_to: Sentence


def heads(endpoint: str, query: Query, sorts: Iterable[SortBy], **others: Any) -> dict[str, Head]:
    """Return the heads by the name of their order."""
    found, address = {}, _addresses(endpoint, query, others)
    for by in sorts:
        sorted_by = query.order is not None and query.order.by is by
        order = query.order.turned if query.order is not None and sorted_by else first(by)
        direction = ("ascending" if order.falling else "descending") if sorted_by else ""
        found[by.value] = Head(address(order), direction, _words(order))
    return found


def menu(
    endpoint: str, query: Query, sorts: Iterable[SortBy], unsorted: Sentence, **others: Any
) -> list[dict[str, Any]]:
    """Return every order as an entry of the menu; `unsorted` says what the list has without one."""
    address = _addresses(endpoint, query, others)
    orders = [None, *(order for by in sorts for order in (first(by), first(by).turned))]
    return [
        {
            "label": unsorted if order is None else _words(order),
            "url": address(order),
            "current": order == query.order,
        }
        for order in orders
    ]


def said(query: Query, unsorted: Sentence) -> Sentence:
    """Return the order of a list in words."""
    return unsorted if query.order is None else _words(query.order)


def _words(order: ListOrder) -> Sentence:
    return ORDER_WORDS[order.by][int(order.falling)]


def _addresses(endpoint: str, query: Query, others: dict[str, Any]) -> Callable[[ListOrder | None], str]:
    """Return what gives the list in an order: its address without one is written once, and `sort` put into it.

    The order comes behind the conditions and before `others`, as `conditions.address` writes it.
    """
    unsorted = replace(query.from_top, order=None)
    before = conditions.address(endpoint, unsorted)
    behind = conditions.address(endpoint, unsorted, **others)[len(before) + 1 :]
    mark = "&" if "?" in before else "?"

    def address(order: ListOrder | None) -> str:
        asked = "&".join(filter(None, (f"sort={order.written}" if order else "", behind)))
        return f"{before}{mark}{asked}" if asked else before

    return address
