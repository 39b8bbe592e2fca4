"""Pages by keyset: whatever the order, each row stands on exactly one page, while others come and go."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Date, Float, Integer, MetaData, Table, Text, delete, insert, select
from sqlalchemy.orm import Session

from relay.models.base import UtcDateTime, choice
from relay.models.keyset import Keyset, Page, SortColumn, Start, ascending, descending


class Colour(StrEnum):
    RED = "red"
    BLUE = "dark-blue"


THINGS = Table(
    "keyset_things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("day", Date),
    Column("name", Text),
    Column("score", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("colour", choice(Colour, "colour"), nullable=False),
    prefixes=["TEMPORARY"],
)
NULLABLE = {"day", "name"}
MOMENT = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)

a_thing = st.fixed_dictionaries(
    {
        "day": st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 3)),
        "name": st.none() | st.text(st.sampled_from("-~.dt%髙"), max_size=2),
        "score": st.sampled_from([-0.5, 0.0, 77.25, 1e-05, 1 / 3]),
        "at": st.integers(0, 2).map(lambda ticks: MOMENT + timedelta(microseconds=ticks)),
        "colour": st.sampled_from(Colour),
    }
)
an_order = st.lists(
    st.tuples(st.sampled_from(["day", "name", "score", "at", "colour"]), st.booleans()),
    max_size=3,
    unique_by=lambda part: part[0],
).flatmap(lambda parts: st.booleans().map(lambda falling: [*parts, ("id", falling)]))


class Thing(NamedTuple):
    """A row as a list would make it."""

    id: int


class Things:
    """A list of things in one order, a page of `limit` at a time."""

    def __init__(self, session: Session, order: list[tuple[str, bool]], limit: int) -> None:
        self.session, self.limit = session, limit
        self.keyset = Keyset(*(_sorted_by(name, falling) for name, falling in order))
        self.last_id = 0

    def add(self, things: list[dict[str, Any]]) -> None:
        for thing in things:
            self.last_id += 1
            self.session.execute(insert(THINGS).values(id=self.last_id, **thing))

    def remove(self, ids: set[int]) -> None:
        self.session.execute(delete(THINGS).where(THINGS.c.id.in_(ids)))

    def page(self, **place: str) -> Page[Thing]:
        return self.keyset.page(self.session, select(THINGS.c.id), Thing, limit=self.limit, **place)

    def whole(self) -> list[int]:
        return list(self.session.scalars(select(THINGS.c.id).order_by(*self.keyset.order())))

    def walk(self, meanwhile: Callable[[], None] = lambda: None) -> Iterator[Page[Thing]]:
        page = self.page()
        yield page
        while page.next:
            meanwhile()
            page = self.page(after=page.next)
            yield page


def _sorted_by(name: str, falling: bool) -> SortColumn:
    return (descending if falling else ascending)(THINGS.c[name], nullable=name in NULLABLE)


@pytest.fixture
def things(session: Session) -> Iterator[Callable[..., Things]]:
    """Make a list whose table is empty."""
    THINGS.create(session.connection())

    def empty(order: list[tuple[str, bool]], limit: int) -> Things:
        session.execute(delete(THINGS))
        return Things(session, order, limit)

    yield empty
    session.rollback()


on_one_table = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@on_one_table
@given(rows=st.lists(a_thing, max_size=9), order=an_order, limit=st.integers(1, 4))
def test_the_pages_put_together_are_the_whole_list_from_either_end(
    things: Callable[..., Things], rows: list[dict[str, Any]], order: list[tuple[str, bool]], limit: int
) -> None:
    listed = things(order, limit)
    listed.add(rows)
    pages = list(listed.walk())
    assert [row.id for page in pages for row in page.rows] == listed.whole()
    assert all(len(page.rows) == limit for page in pages[:-1])
    assert [page.at_top for page in pages] == [True] + [False] * (len(pages) - 1)
    back = pages[-1:]
    while back[0].previous:
        back.insert(0, listed.page(before=back[0].previous))
    if len(pages) > 1:
        assert [page.rows for page in back] == [page.rows for page in pages]
        assert [page.next for page in back] == [page.next for page in pages]


@on_one_table
@given(
    rows=st.lists(a_thing, min_size=3, max_size=9),
    order=an_order,
    limit=st.integers(1, 3),
    come=st.lists(a_thing, max_size=6),
    go=st.sets(st.integers(1, 15)),
)
def test_rows_that_come_and_go_meanwhile_make_no_other_row_stand_twice_or_nowhere(
    things: Callable[..., Things],
    rows: list[dict[str, Any]],
    order: list[tuple[str, bool]],
    limit: int,
    come: list[dict[str, Any]],
    go: set[int],
) -> None:
    listed = things(order, limit)
    listed.add(rows)
    coming, going = iter(come), iter(sorted(go))

    def meanwhile() -> None:
        listed.add([each for each in [next(coming, None)] if each])
        listed.remove({each for each in [next(going, 0)] if each})

    seen = [row.id for page in listed.walk(meanwhile) for row in page.rows]
    assert len(seen) == len(set(seen))
    assert set(range(1, len(rows) + 1)) - go <= set(seen)


@given(
    values=st.fixed_dictionaries(
        {
            "day": st.none() | st.dates(),
            "name": st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
            "score": st.floats(-1e9, 1e9, allow_subnormal=False),
            "at": st.timedeltas(-timedelta(36_500), timedelta(36_500)).map(lambda span: MOMENT + span),
            "colour": st.sampled_from(Colour),
            "id": st.integers(-(2**31) + 1, 2**31 - 1),
        }
    )
)
@example(
    values={
        "day": None, "name": None, "score": 0.00023828556636140948, "at": MOMENT, "colour": Colour.RED, "id": 0,
    },
)  # fmt: skip
def test_a_cursor_is_read_as_it_was_written(values: dict[str, Any]) -> None:
    keyset = Keyset(*(_sorted_by(name, False) for name in values))
    written = keyset.cursor(tuple(values.values()))
    assert keyset.start(after=written) == Start(tuple(values.values()))
    assert keyset.start(before=written) == Start(tuple(values.values()), backwards=True)


NONSENSE = [
    "x",
    "'; --",
    "-",
    "~",
    "1",
    "5-5-5",
    "2026-13-45-5",
    "2026-01-01-3000000000",
    "9999999999999999999",
    f"{'1' * 5000}",
    "\0-1",
    "²-1",
]


@pytest.mark.parametrize("typed", NONSENSE)
def test_a_cursor_that_nobody_was_given_begins_at_the_top(things: Callable[..., Things], typed: str) -> None:
    listed = things([("day", False), ("id", True)], 2)
    listed.add([{"day": None, "name": None, "score": 0.0, "at": MOMENT, "colour": Colour.RED}] * 3)
    assert listed.page(after=typed) == listed.page(before=typed) == listed.page()


@given(typed=st.text(max_size=40) | st.from_regex(r"[0-9~.-]{0,40}"))
@on_one_table
def test_no_cursor_that_is_typed_fails(things: Callable[..., Things], typed: str) -> None:
    for name in ("day", "name", "score", "at", "colour"):
        things([(name, True), ("id", False)], 2).page(after=typed)


def test_cursors_that_pages_gave_out_before_are_read_still() -> None:
    number, day = Keyset(descending(THINGS.c.id)), Keyset(ascending(THINGS.c.day), ascending(THINGS.c.id))
    rank = Keyset(descending(THINGS.c.score), descending(THINGS.c.id))
    assert number.start(before="12") == Start((12,), backwards=True)
    assert day.start(after="2026-04-01.12") == Start((date(2026, 4, 1), 12))
    assert rank.start(after="177.50-12") == Start((177.5, 12))


def test_a_statement_that_is_kept_is_run_at_any_place(things: Callable[..., Things]) -> None:
    listed = things([("id", False)], 2)
    listed.add([{"day": None, "name": None, "score": 0.0, "at": MOMENT, "colour": Colour.RED}] * 5)
    kept = listed.keyset.slice(select(THINGS.c.id), Start((1,)), 2)
    places = (Start((number,)) for number in (1, 3))
    assert [list(listed.session.scalars(kept, place.parameters)) for place in places] == [[2, 3], [4, 5]]
