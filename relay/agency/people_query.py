"""The query of an agent in an address: read from it, and written back into every link of the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from relay.models import PartnerKind, WorkState
from relay.network.finding import PeopleOrder, PeopleQuery
from relay.text import DateProblem, parse_date, quoted, whole_number

LONGEST = 100  # characters of a text
_PLAIN = ("q", "role", "place", "state", "company", "first", "last", "order")
_TICKED = ("unopened", "new")


@dataclass(frozen=True)
class AskedPeople:
    """A query with the words it was typed in, and what could not be read of it."""

    query: PeopleQuery
    typed: Mapping[str, str]
    problem: str = ""
    """A sentence about a day that is none; the list is shown without it."""

    @property
    def address(self) -> dict[str, Any]:
        """Return what of it belongs in an address."""
        return {name: value for name, value in self.typed.items() if value}


def read(args: Mapping[str, str], kind: PartnerKind, companies: Mapping[int, str], news_since: datetime) -> AskedPeople:
    """Read an address. A state or company that the list does not offer is left out, and so is a day that is none."""
    typed = {name: args.get(name, "").strip()[:LONGEST] for name in _PLAIN}
    typed |= {name: "1" if args.get(name) else "" for name in _TICKED}
    company = whole_number(typed["company"]) if typed["company"] else None
    days, problem = _days(typed)
    query = PeopleQuery(
        q=typed["q"],
        role=typed["role"],
        place=typed["place"],
        company_id=company if company in companies else None,
        state=next((state for state in WorkState.of(kind) if state == typed["state"]), None),
        unopened=bool(typed["unopened"]),
        new_since=news_since if typed["new"] else None,
        first=days["first"],
        last=days["last"],
        order=next((order for order in PeopleOrder if order == typed["order"]), PeopleOrder.NEWEST),
    )
    return AskedPeople(query, typed, problem)


def _days(typed: Mapping[str, str]) -> tuple[dict[str, date | None], str]:
    days: dict[str, date | None] = {"first": None, "last": None}
    problem = ""
    for name in days:
        try:
            days[name] = parse_date(typed[name]) if typed[name] else None
        except DateProblem:
            problem = _(
                "登録日「%(typed)s」を読み取れませんでした。この日付では絞り込まずに表示しています。2026/11/8のように入力してください。",
                typed=quoted(typed[name]),
            )
    return days, problem
