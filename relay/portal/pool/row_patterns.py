"""Rows of the pool's list, by patterns: fifty rows are most of the page, and most of a row is what others have, too.

A row of each shape is drawn once by its template, with marks in the places of what is its own (`drawn_once`). A page
puts the texts of its people there, escaped, as Jinja would: nothing of a person is ever in a pattern.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from flask_babel import gettext as _
from markupsafe import Markup, escape

from relay.candidates.tags import Carried
from relay.drawing import drawn_once, filled, format_of, mark
from relay.models import ApplicationResult
from relay.portal.ui.labels import STATUS_TONES, RelayProgress, ShortDays
from relay.portal.ui.search_words import MarkedRows
from relay.search.candidate_search import CandidateRow

TAGS_BESIDE_NAME = 3
"""So many tags stand below the name on a narrow screen."""


class RowShape(NamedTuple):
    """All that decides how a row is drawn but its texts."""

    kana: bool
    position: bool
    stage: bool
    reason: bool
    tags: bool
    came: bool
    found_in: bool
    status: ApplicationResult | None
    tone: str
    ticked: bool
    focused: bool
    done: int
    now: int | None
    void: bool


class RowPlaces(NamedTuple):
    """The marks of a pattern, by the names of the texts that are put there."""

    people: str
    trail: str
    id: str
    name: str
    shown: str
    kana: str
    came: str
    found_in: str
    position: str
    stage: str
    reason: str
    some_tags: str
    tags: str
    applied: str
    score: str
    follow_up: str
    channel: str
    relay: str
    until: str
    updated: str


_PLACES = RowPlaces(*map(mark, RowPlaces._fields))


class RowsWords(NamedTuple):
    """All that the rows of a page share: addresses, lists of words, the columns that are shown."""

    people: str
    trail: str
    columns: tuple[str, ...]
    can_write: bool
    reasons: Mapping[Any, str]
    follow_ups: Mapping[Any, str]
    ticked: Collection[int]
    focused: int | None


class EscapedTexts(dict[str, Markup]):
    """Texts that many rows share, each escaped once. None of them is markup: that would be taken for its text."""

    def __missing__(self, text: str) -> Markup:
        """Escape a text that no row had before."""
        escaped = self[text] = escape(text)
        return escaped


def drawn(
    shown: MarkedRows, names: Mapping[int, str], steps: Mapping[int, RelayProgress], days: ShortDays, common: RowsWords
) -> Markup:
    """Return the rows of a page. `names` are those without marks of found words."""
    labels, came = _labels(shown), _channels(shown, common)
    undecided, waits, patterns, rows = _("決めていない"), _("結果待ち"), dict[RowShape, str](), list[str]()
    people, trail, escaped = escape(common.people), escape(common.trail), EscapedTexts()
    for row in shown.rows:
        tags, step = [labels[each] for each in shown.tags_of[row.id]], steps[row.id]
        shape = _shape(row, step, bool(tags), row.channel in came, row.id in shown.found_in, common)
        if (pattern := patterns.get(shape)) is None:
            pattern = patterns[shape] = format_of(
                drawn_once(
                    "portal/pool/_row.html", shape=shape, place=_PLACES, columns=common.columns, may=common.can_write
                )
            )
        texts = {
            "people": people,
            "trail": trail,
            "id": row.id,
            "name": escape(names[row.id]),
            "shown": escape(row.name),
            "kana": escape(row.kana),
            "came": came.get(row.channel, ""),
            "found_in": escape(shown.found_in.get(row.id, "")),
            "position": escaped[row.position or ""],
            "stage": escaped[row.stage or ""],
            "reason": escaped[common.reasons[row.reason]] if row.reason else "",
            "some_tags": " ".join(tags[:TAGS_BESIDE_NAME]),
            "tags": "".join(tags),
            "applied": days[row.applied_on],
            "score": row.score or "",
            "follow_up": escaped[common.follow_ups[row.follow_up] if row.follow_up else undecided],
            "channel": escaped[row.channel or ""],
            "relay": escaped[step.word],
            "until": days[row.retain_until] or (waits if row.status is ApplicationResult.OPEN else "—"),
            "updated": days[row.updated_at],
        }
        rows.append(pattern % texts)
    return Markup("".join(rows))  # noqa: S704  (the patterns are the template's, what is put into them escaped)


def _shape(row: CandidateRow, step: RelayProgress, tags: bool, came: bool, found: bool, common: RowsWords) -> RowShape:
    return RowShape(
        bool(row.kana),
        bool(row.position),
        bool(row.stage),
        bool(row.reason),
        tags,
        came,
        found,
        row.status,
        STATUS_TONES[row.status] if row.status else "",
        row.id in common.ticked,
        row.id == common.focused,
        step.done,
        step.now,
        step.void,
    )


def _labels(shown: MarkedRows) -> dict[Carried, str]:
    """Return each tag as it is drawn."""
    return {each: filled("portal/pool/_row_tag.html", {"name": each.name}, colour=each.colour) for each in shown.tags}


def _channels(shown: MarkedRows, common: RowsWords) -> dict[str | None, str]:
    """Return the line below a name about the way a person came; nothing where a column says it."""
    if "channel" in common.columns:
        return {}
    sentence: str = _("%(channel)sから応募")
    ways: Sequence[str] = [each for each in dict.fromkeys(row.channel for row in shown.rows) if each]
    return {each: sentence % {"channel": escape(each)} for each in ways}
