"""Rows of the list as the page shows them: what is the same in every row is worded once, days as plain figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay import clock
from relay.network.finding import PersonRow

FITS = {
    "name": _l("お名前が一致"),
    "kana": _l("フリガナが一致"),
    "email": _l("メールアドレスが一致"),
    "phone": _l("電話番号が一致"),
    "experience": _l("経験に一致"),
}
"""How a row says that it holds what was looked for, without showing it."""


class ShownRow(NamedTuple):
    """A row in words; the template takes it apart by place (agency/_people.html)."""

    code: str
    address: str
    pick: str
    """The label of the box before the row."""
    role: str
    place: str
    is_new: bool
    fits: str
    state: str
    opened: str
    """The last opening of the record, with name and day; or that nobody opened it."""
    at: str
    day: str
    short_day: str
    """The day without its year."""
    time: str
    as_of: str


def shown(people: Sequence[PersonRow], news_since: datetime, kept: dict[str, Any]) -> list[ShownRow]:
    """Return the rows; `kept` is the query of their links, which lead back to the list as it is."""
    path, mark, query = url_for("agency.people_show", code="~", **kept).partition("?")
    fits = {item: str(label) for item, label in FITS.items()}
    words = {state: str(state.label) for state in {row.state for row in people}}
    nameless, no_role, former = _("お名前だけのご登録"), _("職種の記入なし"), _("以前の担当者")
    pick, opened_by, unopened = _("照会番号%(code)sの方を選択"), _("%(name)sが%(day)sに開いた"), _("まだ開いていない")
    as_of = {day: _("%(day)s時点", day=f"{day.year}/{day.month}/{day.day}") for day in {row.as_of for row in people}}
    rows = []
    for row in people:
        since, opened = row.since.astimezone(clock.JAPAN), row.opened_at and row.opened_at.astimezone(clock.JAPAN)
        day = f"{since.month}/{since.day}"
        rows.append(
            ShownRow(
                row.code,
                f"{path[:-1]}{row.code}{mark}{query}",
                pick % {"code": row.code},
                row.role or (nameless if row.bare else no_role),
                row.place,
                row.since > news_since,
                "・".join(fits[item] for item in row.fits),
                words[row.state],
                opened_by % {"name": row.opened_by or former, "day": f"{opened.month}/{opened.day}"}
                if opened
                else unopened,
                row.since.isoformat(),
                f"{since.year}/{day}",
                day,
                f"{since:%H:%M}",
                as_of[row.as_of],
            )
        )
    return rows
