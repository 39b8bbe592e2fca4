"""Recount every company's free introductions from a dump: `python recount.py DUMP.json` names what is not so.

It knows the published rule and the tables by name, and nothing of Relay: it tells the life of each credit as a word of
letters and asks whether that is a life a credit may have. `python tests/independent/recount.py` needs no package.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

Row = dict[str, Any]

TEN = 10
NEXT = {
    "": {"earned"},
    "earned": {"reserved", "voided"},
    "reserved": {"released", "spent"},
    "released": {"reserved", "voided"},
    "spent": {"restored"},
    "restored": {"reserved", "voided"},
    "voided": set(),
}
"""What may come after what in the life of one credit."""
MINUTE = 60  # seconds
FREE = ("earned", "released", "restored")
NAMES = {"released": "reservation_id", "spent": "reservation_id", "voided": "reverses_id", "restored": "reverses_id"}
"""The column in which a line names the one it answers: the last of its credit's life, or the first where it ends it."""


def recount(dump: dict[str, list[Row]]) -> list[str]:
    """Return what is wrong, company by company; nothing where every ledger is sound."""
    by_company: dict[int, dict[str, list[Row]]] = defaultdict(lambda: {table: [] for table in dump})
    for table, rows in dump.items():
        for row in rows:
            by_company[row["company_id"]][table].append(row)
    return [
        f"company {company}, {said}"
        for company, tables in sorted(by_company.items())
        for said in Ledger(tables).wrong()
    ]


class Ledger:
    """The tables of one company."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.lines = sorted(tables["credit_entries"], key=lambda row: row["sequence"])
        self.referrals = {row["id"]: row for row in sorted(tables["referrals"], key=lambda row: row["number"])}
        self.events = tables["events"]
        self.behind: dict[int, list[int]] = defaultdict(list)
        for row in tables["credit_referrals"]:
            self.behind[row["entry_id"]].append(row["referral_id"])

    def wrong(self) -> Iterator[str]:
        """Yield what is wrong."""
        yield from self._order()
        yield from self._lives()
        yield from self._sources()
        yield from self._count()
        yield from self._told()

    def _order(self) -> Iterator[str]:
        numbers = [row["sequence"] for row in self.lines]
        for number in sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers)):
            yield f"line {number}: missing"
        for before, after in pairwise(self.lines):
            if moment(after["at"]) < moment(before["at"]):
                yield f"line {after['sequence']}: earlier than the line before it"
        people = [row["number"] for row in self.referrals.values()]
        for number in sorted(set(range(1, max(people, default=0) + 1)) - set(people)):
            yield f"referral {number}: missing"

    def _lives(self) -> Iterator[str]:
        """Follow each credit from line to line; what is free and what is held is counted by credits, not by sums."""
        last: dict[int, Row] = {}
        order = {row["id"]: row["sequence"] for row in self.lines}
        for row in self.lines:
            kind, place = row["kind"], f"line {row['sequence']}"
            credit = row["id"] if kind == "earned" else row["credit_id"]
            before = last.get(credit)
            free = [each for each, line in last.items() if line["kind"] in FREE]
            if kind not in NEXT[before["kind"] if before else ""]:
                yield f"{place}: {kind} where this credit was {before['kind'] if before else 'never earned'}"
            if kind == "reserved" and free and credit != min(free, key=lambda each: order[each]):
                yield f"{place}: not the oldest free credit"
            answered = credit if kind == "voided" else before and before["id"]
            if kind in NAMES and row[NAMES[kind]] != answered:
                yield f"{place}: answers another line than one of its credit"
            last[credit] = row
            states = [line["kind"] for line in last.values()]
            if row["balance"] != sum(state in FREE for state in states):
                yield f"{place}: {row['balance']} free are not what the credits say"
            if row["set_aside"] != states.count("reserved"):
                yield f"{place}: {row['set_aside']} set aside are not what the credits say"

    def _sources(self) -> Iterator[str]:
        """Ask of each earned line for ten of its own that counted when it was earned."""
        gone = {row["reverses_id"]: row["sequence"] for row in self.lines if row["kind"] == "voided"}
        claims: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for row in self.lines:
            if row["kind"] != "earned":
                continue
            ten = set(self.behind[row["id"]])
            if len(ten) != TEN:
                yield f"line {row['sequence']}: {len(ten)} referrals behind it"
            for each in sorted(ten & self.referrals.keys()):
                referral = self.referrals[each]
                claims[each].append((row["sequence"], gone.get(row["id"], float("inf"))))
                voided = referral["voided_at"]
                if moment(referral["completed_at"]) > moment(row["at"]):
                    yield f"line {row['sequence']}: referral {referral['number']} came later"
                if voided and moment(voided) < moment(row["at"]):
                    yield f"line {row['sequence']}: referral {referral['number']} did not count any more"
        for each, spans in claims.items():
            for (_from, until), (again, _until) in pairwise(sorted(spans)):
                if again < until:
                    yield f"line {again}: referral {self.referrals[each]['number']} is behind another credit, too"

    def _count(self) -> Iterator[str]:
        standing = 0
        for row in self.lines:
            standing += {"earned": 1, "voided": -1}.get(row["kind"], 0)
            there = sum(moment(each["completed_at"]) <= moment(row["at"]) for each in self.referrals.values())
            if row["kind"] == "earned" and standing * TEN > there:
                yield f"line {row['sequence']}: earned with {there} referrals"
        valid = sum(not each["voided_at"] for each in self.referrals.values())
        if valid // TEN > standing:
            yield f"{valid} referrals count and {standing} credits stand"

    def _told(self) -> Iterator[str]:
        """Hold the log against the tables, from its side: every event has its line, every line its event."""
        lines = {row["id"]: row for row in self.lines}
        voided: dict[int, bool] = {}
        seen: set[int] = set()
        for event in sorted(self.events, key=lambda row: row["id"]):
            subject = event["subject_id"]
            if event["subject_kind"] != "credit":
                voided[subject] = event["tag"] == "referral:voided"
            elif subject not in lines or subject in seen:
                yield f"event {event['id']}: no line for {event['tag']}"
            else:
                seen.add(subject)
                yield from self._against(event, lines[subject])
        for line in self.lines:
            if line["id"] not in seen:
                yield f"line {line['sequence']}: not in the log"
        for each, row in self.referrals.items():
            if voided.get(each, False) != bool(row["voided_at"]):
                yield f"referral {row['number']}: voided or not, other than the log says"

    def _against(self, event: Row, line: Row) -> Iterator[str]:
        data = event["data"]
        told = json.loads(data) if isinstance(data, str) else data
        if event["tag"] != f"credit:{line['kind']}" or told["balance"] != line["balance"]:
            yield f"line {line['sequence']}: the log says {event['tag']} and {told['balance']}"
        apart = abs((moment(event["at"]) - moment(line["at"])).total_seconds())
        shared = [each for each in self.lines if each["at"] == line["at"]]
        if apart > MINUTE and len(shared) == 1:
            yield f"line {line['sequence']}: the log says another moment"


def moment(text: str) -> datetime:
    """Return a moment of a dump; one without a zone is UTC."""
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def main() -> int:
    """Print what is wrong; 1 where something is."""
    with open(sys.argv[1], encoding="utf-8") as file:
        wrong = recount(json.load(file))
    sys.stdout.writelines(f"{line}\n" for line in wrong or ["sound"])
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
