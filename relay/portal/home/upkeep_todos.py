"""Lines of home's one list about the records themselves: pairs that may be one person, and what records lack."""

from datetime import date

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relay.access.context import Member
from relay.candidates.duplicates import pairs
from relay.portal.home.todo import Todo, Turn, capped
from relay.portal.pool.missing_information import MISSING_WORDS
from relay.search import missing_information

MAX_MISSING = 100
"""So far home counts what records lack; the page of it goes on."""


def possible_duplicates(session: Session, _person: Member) -> list[Todo]:
    """Return the pairs that wait to be looked at."""
    waiting = pairs.count(session)
    if not waiting:
        return []
    note = _("同じ方の記録が2つあるのかもしれません。並べて確認し、まとめるか、別の方として残せます。")
    words = (_("重複の可能性がある組"), note, url_for("portal.duplicates"), "users", _("確認する"))
    return [Todo(date.max, *capped(waiting, pairs.COUNT_CAP, _("組")), *words, turn=Turn.NO_HURRY)]


def missing_facts(session: Session, _person: Member) -> list[Todo]:
    """Return how much the records lack, each kind by its name."""
    counted = {kind: number for kind, number in missing_information.counts(session, most=MAX_MISSING).items() if number}
    if not counted:
        return []
    most = MAX_MISSING
    parts = [f"{MISSING_WORDS[kind]} {''.join(capped(number, most, _('件')))}" for kind, number in counted.items()]
    words = (_("情報が足りない記録"), _("、").join(parts), url_for("portal.missing"), "list-checks", _("一覧を見る"))
    total, cut = sum(counted.values()), any(number > most for number in counted.values())
    number, unit = capped(most + 1, most, _("件")) if cut else (f"{total:,}", _("件"))
    return [Todo(date.max, number, unit, *words, turn=Turn.NO_HURRY)]
