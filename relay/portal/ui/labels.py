"""How the portal says states, reasons and dates."""

from collections.abc import Container, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relay import clock
from relay.models import ApplicationResult, FollowUp, RejectionReason, RetentionBasis
from relay.network.links import RelayStatus, RelayWord

STATUS_TONES = dict.fromkeys(ApplicationResult, "") | {ApplicationResult.OPEN: "info", ApplicationResult.HIRED: "ok"}
CHANNEL = _l("%(channel)sから応募")
_WEEKDAYS = "月火水木金土日"

_STEPS: dict[RelayWord, tuple[int, int | None, bool]] = {
    RelayWord.BEFORE: (0, None, False),
    RelayWord.TOLD: (1, 2, False),
    RelayWord.COMPLETED: (2, None, False),
    RelayWord.EXPIRED: (1, None, True),
}


def words() -> dict[str, Any]:
    """Return the word lists and date forms that pages of the portal use."""
    return {
        "result_words": ApplicationResult.said(),
        "reason_words": RejectionReason.said(),
        "follow_up_words": FollowUp.said(),
        "basis_words": RetentionBasis.said(),
        "status_tones": STATUS_TONES,
        "short_day": short_day,
        "long_day": long_day,
        "moment": moment,
        "capped": capped,
    }


def short_day(day: date | None) -> str:
    """7/14, with the year where it is not this one; of a moment, the day it falls on in Japan (F-20)."""
    return _short_day(day, clock.today().year)


def _short_day(day: date | None, year: int) -> str:
    if day is None:
        return ""
    day = _in_japan(day)
    return f"{day.month}/{day.day}" if day.year == year else f"{day.year}/{day.month}/{day.day}"


class ShortDays(dict[date | None, str]):
    """The days of a list as `short_day` says them, each put into words once; today is asked for once."""

    def __init__(self) -> None:
        super().__init__()
        self._year = clock.today().year

    def __missing__(self, day: date | None) -> str:
        """Put a day into words that the list did not name before."""
        said = self[day] = _short_day(day, self._year)
        return said


def long_day(day: date | None) -> str:
    """2026年7月14日; of a moment, the day it falls on in Japan (F-20)."""
    if day is None:
        return ""
    day = _in_japan(day)
    return f"{day.year}年{day.month}月{day.day}日"


def _in_japan(day: date) -> date:
    return day.astimezone(clock.JAPAN).date() if isinstance(day, datetime) else day


def moment(at: datetime) -> str:
    """7月14日（火） 9:12, with the year instead of the weekday where it is not this one."""
    at = at.astimezone(clock.JAPAN)
    day, time = f"{at.month}月{at.day}日", f"{at.hour}:{at:%M}"
    return f"{day}（{_WEEKDAYS[at.weekday()]}） {time}" if at.year == clock.today().year else f"{at.year}年{day} {time}"


def capped(number: int, most: int, unit: str = "") -> str:
    """Return 1,234名, or 10,000名以上 where counting stopped."""
    return f"{number:,}{unit}" if number <= most else _("%(n)s以上", n=f"{most:,}{unit}")


class RelayProgress(NamedTuple):
    """A person's three steps in a list: how many are done, the word with its day, which moves, if the rest fall away.

    In the order in which components/progress.html draws them.
    """

    done: int
    word: str
    now: int | None = None
    void: bool = False


def steps_of(
    statuses: Mapping[int, RelayStatus], candidate_ids: Iterable[int], *, awaiting: Container[int] = ()
) -> dict[int, RelayProgress]:
    """Return the steps of each person of a list; most share theirs. `awaiting`: whose result mail is to go."""
    drawn: dict[tuple[RelayStatus | None, bool], RelayProgress] = {}
    steps: dict[int, RelayProgress] = {}
    words, year = _relay_words(str(get_locale())), clock.today().year
    for candidate_id in candidate_ids:
        key = (statuses.get(candidate_id), candidate_id in awaiting)
        if key not in drawn:
            drawn[key] = _progress(*key, words, year)
        steps[candidate_id] = drawn[key]
    return steps


def _progress(
    status: RelayStatus | None, awaiting: bool, words: Mapping[RelayWord | None, str], year: int
) -> RelayProgress:
    """Return the steps of someone whose relay is there; only whose result mail is still to go can be invited yet."""
    if status is None:
        return RelayProgress(0, words[RelayWord.BEFORE if awaiting else None], void=not awaiting)
    done, now, void = _STEPS[status.word]
    word = words[status.word]
    return RelayProgress(done, f"{word}・{_short_day(status.date, year)}" if status.date else word, now, void)


@cache  # tricks: pool, first page
def _relay_words(_locale: str) -> dict[RelayWord | None, str]:
    """Return the words of a relay in one language, and under None that of a person to whom it is not open."""
    return {word: str(RelayStatus(word, None).label) for word in RelayWord} | {None: _("対象外")}


def relay_steps(status: RelayStatus | None, *, awaiting: bool) -> list[dict[str, str]]:
    """Return the record's three steps: 案内済み → リレー完了 → その後. The last stays open until the person allows."""
    word = status.word if status else RelayWord.BEFORE
    day = long_day(status.date) if status else ""
    told = {"state": "done", "title": _("案内済み"), "note": day if word is RelayWord.TOLD else _("お伝えしました")}
    done = {"state": "now", "title": _("リレー完了"), "note": _("ご本人の登録を待っています")}
    later = {"state": "todo", "title": _("その後"), "note": _("これからの機能です")}
    if status is None and not awaiting:
        told = {"state": "void", "title": _("案内済み"), "note": _("対象外（見送りの結果連絡に添える案内です）")}
        done = {"state": "void", "title": _("リレー完了"), "note": _("対象外")}
    elif word is RelayWord.BEFORE:
        told = {"state": "todo", "title": _("案内済み"), "note": _("まだ案内していません")}
        done = {"state": "todo", "title": _("リレー完了"), "note": _("まだです")}
    elif word is RelayWord.COMPLETED:
        done = {"state": "done", "title": _("リレー完了"), "note": day}
    elif word is RelayWord.EXPIRED:
        done = {"state": "void", "title": _("リレー完了"), "note": _("案内の期限が過ぎました（%(day)s）", day=day)}
    return [told, done, later]
