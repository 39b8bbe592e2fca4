"""A line of home's one list, and what gives some of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from sqlalchemy.orm import Session

from relay import clock
from relay.access.context import Member
from relay.portal.ui.labels import short_day


class Turn(Enum):
    """Those who act next."""

    COMPANY = _l("自社の番")
    BOTH = _l("双方の予定")
    """An appointment of company and candidate."""
    NOBODY = _l("お知らせ")
    """News: nothing has to be done."""
    NO_HURRY = _l("手の空いたときに")
    """What keeps the records in order, by no day."""


@dataclass(frozen=True)
class Todo:
    """One line of the list: its last day (today for what waits already), how many of what, why, and where to do it."""

    day: date
    number: str
    unit: str
    title: str
    note: str
    url: str
    icon: str
    button: str
    turn: Turn = Turn.COMPANY

    @property
    def until(self) -> str:
        """Return its last day in words."""
        if self.turn in (Turn.NOBODY, Turn.NO_HURRY):
            return ""
        if self.day == clock.today():
            return _("今日中")
        if self.day < clock.today():
            return _("%(day)sまで（過ぎています）", day=short_day(self.day))
        if self.turn is Turn.BOTH:
            return short_day(self.day)
        return _("%(day)sまで", day=short_day(self.day))


class Source(NamedTuple):
    """A source of some lines of the list, for members who hold the permission."""

    permission: str
    lines: Callable[[Session, Member], Iterable[Todo]]
    rows: Select[*tuple[Any, ...]] | None = None
    """The statement whose rows they are made of: where it has none, which is known before, they are not asked for."""


def capped(count: int, most: int, unit: str) -> tuple[str, str]:
    """Return a number and its unit; where counting stopped, the most that was counted."""
    return f"{min(count, most):,}", unit if count <= most else _("%(n)s以上", n=unit)
