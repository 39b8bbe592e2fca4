"""Pages of the people of one draft, who are at hand as a whole: 200 at most."""

from collections.abc import Sequence
from typing import NamedTuple

from flask import request

from relay.outreach.draft_rows import DraftRow
from relay.text import whole_number

PAGE = 50


class DraftPage(NamedTuple):
    """One page of people, and the numbers of the pages on either side."""

    rows: Sequence[DraftRow]
    total: int
    previous: int | None
    following: int | None


def page_of(rows: Sequence[DraftRow]) -> DraftPage:
    """Cut the page the address asks for; the first or the last where there is no such page."""
    last = max(1, -(-len(rows) // PAGE))
    number = min(max(whole_number(request.args.get("page", "")) or 1, 1), last)
    return DraftPage(
        rows[(number - 1) * PAGE : number * PAGE],
        len(rows),
        number - 1 if number > 1 else None,
        number + 1 if number < last else None,
    )
