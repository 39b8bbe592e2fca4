"""Count a company's numbers again from a dump: `python kpis.py DUMP.json 2026-11-30` prints the counts as of a day.

It knows the written definitions, sentence by sentence, and the tables by name, and nothing of Relay: no query, but
one case after the other by plain reading. `python tests/independent/kpis.py` needs no package.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from statistics import NormalDist
from typing import Any, NamedTuple

Row = dict[str, Any]
Cell = tuple[str, str, int]
"""A month as 2026-11, a key, a number."""
Counted = dict[str, Counter[Cell]]
Part = tuple[int, int]
"""So many of so many."""

JAPAN = timezone(timedelta(hours=9))
TEN = 10
ENDED = ("rejected", "withdrew", "hired")
TURNED = ("rejected", "withdrew")
TO_INTERVIEWS = ("first", "second", "final", "offer")
INTERVIEW_WORDS = ("面接", "面談", "最終", "内定")
MARKS = (6, 12)
LASTING = {
    *("applied", "completed", "interviewed", "entered", "reapplied", "hired", "hired-from-pool"),
    *("reached-6", "there-6", "said-6", "unsaid-6", "reached-12", "there-12", "said-12", "unsaid-12"),
    *("rejected", "rejected-returned", "rejected-reused"),
    *("step", "notified", "contacted"),
}
"""What goes on counting when its person is erased: the past. The rest is of today, or is kept without a person."""
KINDS = LASTING | {
    *("running", "waiting", "pooled", "open-to-return", "referred", "credit-earned", "credit-used"),
    *("introduced", "introduced-hired"),
}


class Case(NamedTuple):
    """One case, and the person it is about, where it is about one."""

    kind: str
    day: date
    key: str = ""
    number: int = 0
    person: int | None = None

    @property
    def cell(self) -> Cell:
        """What it is counted under."""
        return f"{self.day:%Y-%m}", self.key, self.number


def count(cases: Iterable[Case]) -> Counted:
    """Return how many cases there are of every kind, by month, key and number."""
    found: Counted = {kind: Counter() for kind in KINDS}
    for case in cases:
        found[case.kind][case.cell] += 1
    return found


class Company:
    """The tables of one company on a day."""

    def __init__(self, dump: dict[str, list[Row]], today: date) -> None:
        self.tables, self.today = dump, today
        self.of_person = {
            table: grouped(dump[table], "candidate_id")
            for table in ("applications", "rescouts", "referrals", "openings_consents")
        }
        self.steps = grouped(dump["application_steps"], "application_id")
        self.stays = grouped(dump["stays"], "application_id")
        self.messages = {row["id"]: row for row in dump["messages"]}

    def cases(self) -> Iterator[Case]:
        """Yield every case of every kind."""
        for row in self.tables["applications"]:
            for case in (*self._application(row), *self._selection(row)):
                yield case._replace(person=row["candidate_id"])
        yield from self._people()
        yield from self._relay()

    def _application(self, row: Row) -> Iterator[Case]:
        result, applied, ended = row["status"], day(row["applied_on"]), day(row["decided_on"])
        if applied and result != "duplicate":
            yield Case("applied", applied, row["channel"])
            if self._came_back(row):
                yield Case("reapplied", applied, row["channel"])
            if result == "open":
                yield Case("running", applied, row["channel"])
        if applied and result in ENDED:
            yield Case("completed", applied, row["channel"])
            if self._came_to_an_interview(row):
                yield Case("interviewed", applied, row["channel"])
            if result == "hired":
                yield Case("entered", applied, row["channel"])
        if ended and result == "hired":
            yield from self._hire(row, ended)
        if ended and result == "rejected":
            yield from self._rejection(row, ended)

    def _came_to_an_interview(self, row: Row) -> bool:
        steps = self.steps[row["id"]]
        names = [row["stage"], *(step["name"] for step in steps)]
        said = any(word in name for name in names for word in INTERVIEW_WORDS)
        return said or row["status"] == "hired" or any(step["kind"] in TO_INTERVIEWS for step in steps)

    def _others(self, row: Row) -> list[Row]:
        return [each for each in self.of_person["applications"][row["candidate_id"]] if each["id"] != row["id"]]

    def _came_back(self, row: Row) -> bool:
        applied = day(row["applied_on"])
        turned = [day(each["decided_on"]) for each in self._others(row) if each["status"] in TURNED]
        return applied is not None and any(each is not None and each < applied for each in turned)

    def _hire(self, row: Row, ended: date) -> Iterator[Case]:
        yield Case("hired", ended, row["channel"])
        asked = any(each["application_id"] == row["id"] for each in self.of_person["rescouts"][row["candidate_id"]])
        if asked or self._came_back(row):
            yield Case("hired-from-pool", ended, row["channel"])
        for months in MARKS:
            if self.today < months_later(ended, months):
                continue
            yield Case(f"reached-{months}", ended, row["channel"])
            words = [each for each in self.stays[row["id"]] if each["months"] == months]
            words = [each for each in words if day(each["hired_on"]) == ended]
            yield Case(f"{'said' if words else 'unsaid'}-{months}", ended, row["channel"])
            if words and max(words, key=lambda each: int(each["id"]))["there"]:
                yield Case(f"there-{months}", ended, row["channel"])

    def _rejection(self, row: Row, ended: date) -> Iterator[Case]:
        about = (row["reason"] or "", row["position_id"] or 0)
        yield Case("rejected", ended, *about)
        again = [day(each["applied_on"]) for each in self._others(row) if each["status"] != "duplicate"]
        returned = any(each is not None and each > ended for each in again)
        if returned:
            yield Case("rejected-returned", ended, *about)
        written = [self._sent(each) for each in self.of_person["rescouts"][row["candidate_id"]]]
        passed = [each for each in self.of_person["referrals"][row["candidate_id"]] if not each["voided_at"]]
        later = [*written, *(japan(each["completed_at"]) for each in passed)]
        if returned or any(each is not None and each >= ended for each in later):
            yield Case("rejected-reused", ended, *about)

    def _sent(self, rescout: Row) -> date | None:
        mail = self.messages[rescout["message_id"]]
        return japan(mail["settled_at"]) if mail["state"] == "sent" else None

    def _selection(self, row: Row) -> Iterator[Case]:
        ended = day(row["decided_on"])
        dated = sorted((each["place"], each["id"], day(each["on"]), each["name"]) for each in self._dated(row))
        ends = [*(begun for _place, _id, begun, _name in dated[1:]), ended if row["status"] in TURNED else None]
        for (_place, _id, begun, name), until in zip(dated, ends, strict=False):
            if begun and until and until >= begun:
                yield Case("step", until, name, (until - begun).days)
        told = japan(row["notified_at"])
        by_relay = row["decided_in_relay"] and row["notified_by"] == "relay" and row["status"] == "rejected"
        if by_relay and told and ended and told >= ended:
            yield Case("notified", told, "", (told - ended).days)
        if row["status"] == "open":
            changed = at(japan(row["updated_at"]))
            waits = (self.today - changed).days
            yield Case("waiting", changed, row["stage"], max(n for n in (0, 7, 14, 30) if n == 0 or waits >= n))

    def _dated(self, row: Row) -> list[Row]:
        return [each for each in self.steps[row["id"]] if each["on"]]

    def _people(self) -> Iterator[Case]:
        for row in self.tables["candidates"]:
            if row["basis"] not in ("stated", "consented"):
                continue
            known = at(japan(row["created_at"]))
            yield Case("pooled", known, person=row["id"])
            if self._might_return(row):
                yield Case("open-to-return", known, person=row["id"])
        for row in self.tables["rescouts"]:
            if (sent := self._sent(row)) is not None:
                yield Case("contacted", sent, row["answer"] or "", row["position_id"], row["candidate_id"])

    def _might_return(self, row: Row) -> bool:
        listens = any(not each["ended_at"] for each in self.of_person["openings_consents"][row["id"]])
        wished = row["reapply"] in ("yes", "maybe") or row["follow_up"] == "reapply" or listens
        here = any(each["status"] in ("open", "hired") for each in self.of_person["applications"][row["id"]])
        return wished and row["reapply"] != "no" and not row["contact_stopped_at"] and not here

    def _relay(self) -> Iterator[Case]:
        for row in self.tables["referrals"]:
            if not row["voided_at"]:
                yield Case("referred", at(japan(row["completed_at"])), row["source"])
        lines = self.tables["credit_entries"]
        answers = {(row["reverses_id"], row["kind"]) for row in lines}
        for row in lines:
            if row["kind"] == "earned" and (row["id"], "voided") not in answers:
                yield Case("credit-earned", at(japan(row["at"])))
            if row["kind"] == "spent" and (row["id"], "restored") not in answers:
                yield Case("credit-used", at(japan(row["at"])))
        requests = {row["id"]: row for row in self.tables["introduction_requests"]}
        for row in self.tables["introductions"]:
            request = requests[row["request_id"]]
            if request["state"] in ("held", "hired", "not-hired"):
                yield Case("introduced", at(japan(request["ended_at"])), "", request["position_id"])
            if request["state"] == "hired":
                yield Case("introduced-hired", at(japan(request["ended_at"])), "", request["position_id"])


def twelve_months(today: date) -> set[str]:
    """Return this month and the eleven before it, as 2026-11."""
    this_month = today.year * 12 + today.month - 1
    return {f"{each // 12}-{each % 12 + 1:02}" for each in range(this_month - 11, this_month + 1)}


def cost_cut(dump: dict[str, list[Row]], hired: Counter[Cell], today: date) -> Part | None:
    """Return the yen by which a hire of the twelve months is cheaper than one before Relay, and what that one cost.

    Either cost is in whole yen, a half counts up. None where a sum or a hire is missing.
    """
    months = twelve_months(today)
    hires = sum(n for (month, _key, _number), n in hired.items() if month in months)
    paid = [row["yen"] for row in dump["costs"] if row["month"][:7] in months]
    for before in dump["hiring_baselines"]:
        known = None not in before.values() and before["hires"]
        if known and paid and hires:
            was = in_yen(Fraction(before["advertising_yen"] + before["agency_fee_yen"], before["hires"]))
            return was - in_yen(Fraction(sum(paid), hires)), was
    return None


def in_yen(exact: Fraction) -> int:
    """Return whole yen, a half counted up."""
    return (exact + Fraction(1, 2)).__floor__()


def rates(counted: Counted, told: int, today: date) -> dict[str, Part]:
    """Return the named rates: of the twelve months up to this one, of those kept now, of all that ever was."""
    months = twelve_months(today)

    def lately(kind: str) -> int:
        return sum(n for (month, _key, _number), n in counted[kind].items() if month in months)

    return {
        "reapplication": (lately("rejected-returned"), lately("rejected")),
        "reuse": (lately("rejected-reused"), lately("rejected")),
        "retry": (counted["open-to-return"].total(), counted["pooled"].total()),
        "credit": (TEN * counted["credit-earned"].total(), told),
    }


def wilson(cases: int, of: int) -> tuple[float, float]:
    """Return the two rates from which the seen one is just 1.96 deviations away, found by halving."""
    z, share = NormalDist().inv_cdf(0.975), cases / of

    def is_likely(rate: float) -> bool:
        return (share - rate) ** 2 * of <= z * z * rate * (1 - rate)

    return _edge(share, 0.0, is_likely), _edge(share, 1.0, is_likely)


def _edge(inside: float, outside: float, is_inside: Any) -> float:
    if is_inside(outside) or inside == outside:
        return outside
    for _halving in range(200):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if is_inside(middle) else (inside, middle)
    return inside


def percentile(numbers: Sequence[int], part: Fraction) -> int:
    """Return the first of the sorted numbers up to which, itself included, so large a part lies."""
    ordered = sorted(numbers)
    return next(each for place, each in enumerate(ordered, 1) if Fraction(place, len(ordered)) >= part)


def grouped(rows: Iterable[Row], column: str) -> dict[int, list[Row]]:
    """Return the rows of each value of a column."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def day(text: str | None) -> date | None:
    """Return a day of a dump."""
    return date.fromisoformat(text) if text else None


def japan(text: str | None) -> date | None:
    """Return the day in Japan of a moment of a dump; one without a zone is UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(JAPAN).date()


def at(known: date | None) -> date:
    """Return a day that a table does not leave out."""
    assert known is not None
    return known


def months_later(begun: date, months: int) -> date:
    """Return the day on which so many months are over (民法143条2項): the same day of a later month, else the next."""
    year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
    try:
        return date(year, month + 1, begun.day)
    except ValueError:
        return date(year, month + 2, 1)


def main() -> int:
    """Print the counts, a line each."""
    with open(sys.argv[1], encoding="utf-8") as file:
        counted = count(Company(json.load(file), date.fromisoformat(sys.argv[2])).cases())
    for kind, cells in sorted(counted.items()):
        for (month, key, number), n in sorted(cells.items()):
            sys.stdout.write(f"{kind}\t{month}\t{key}\t{number}\t{n}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
