"""nDCG@10 of a labelled set: Relay's order, plain BM25 and the search box beside each other."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from math import log, log2
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta

from relay import clock
from relay.insight import scoring
from relay.insight.selection_record import SelectionRecord, Step
from relay.insight.wanted import PositionText, wanted
from relay.models import RejectionReason, StepKind
from relay.text.job_terms import terms_of
from relay.text.search import index_tokens, runs

Row = Mapping[str, Any]
Order = Callable[[Row], Sequence[Any]]
FIRST = 10


def rows(path: Path) -> list[dict[str, Any]]:
    """Read one file of a set, a JSON object per line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def ndcg(order: Sequence[Any], grades: Mapping[Any, int]) -> float:
    """Return nDCG@10 with gains 2^grade - 1."""
    best = sorted(grades.values(), reverse=True)[:FIRST]
    return _gain(grades.get(each, 0) for each in order[:FIRST]) / _gain(best) if best else 0.0


def _gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


def listed(value: Any) -> list[str]:
    """Return the texts of a value that may be one text or several, or missing."""
    if not value:
        return []
    return [value] if isinstance(value, str) else [str(each) for each in value]


def told_by(person: Row) -> tuple[list[str], list[str]]:
    facts = [
        text for key in ("desired_role", "qualifications", "tags", "positions") for text in listed(person.get(key))
    ]
    return facts, [text for key in ("notes", "files") for text in listed(person.get(key))]


def texts_of(person: Row) -> list[str]:
    """Return every text of a person."""
    facts, told = told_by(person)
    return [*facts, *told]


def text_of(position: Row) -> str:
    keys = (
        "title",
        "description",
        "required_skills",
        "welcome_skills",
        "required_qualifications",
        "welcome_qualifications",
    )
    return "\n".join(text for key in keys for text in listed(position.get(key)))


def asked_by(position: Row) -> PositionText:
    skills = [text for key in ("required_skills", "welcome_skills") for text in listed(position.get(key))]
    return PositionText(
        title=position["title"],
        occupation_id=position.get("occupation"),
        description=position.get("description") or "",
        skills="\n".join(skills),
        required=tuple(listed(position.get("required_qualifications"))),
        welcome=tuple(listed(position.get("welcome_qualifications"))),
    )


def record_of(person: Row) -> SelectionRecord | None:
    """Return how the last selection of a person went; None where none is told of."""
    if not (applications := person.get("applications")):
        return None
    last = min(applications, key=lambda each: each.get("months_ago", 0))
    steps = [
        Step(step.get("name") or "", StepKind(step["kind"]) if step.get("kind") else None, step.get("score"))
        for step in last.get("steps") or ([{"name": last["stage"]}] if last.get("stage") else [])
    ]
    reason = RejectionReason(last["reason"]) if last.get("reason") else None
    return SelectionRecord(clock.today() - relativedelta(months=last.get("months_ago", 0)), reason, steps)


def ours(people: Sequence[Row], *, with_records: bool) -> Order:
    terms = [(place, " ".join(terms_of(*told_by(person)))) for place, person in enumerate(people)]
    records = {place: record for place, person in enumerate(people) if (record := record_of(person))}

    def points_of(places: Sequence[int]) -> dict[int, int]:
        return {place: records[place].points() for place in places if place in records}

    def order(position: Row) -> Sequence[Any]:
        fits = scoring.ordered(wanted(asked_by(position)), terms)
        if with_records:
            fits = scoring.with_records(fits, points_of)
        return [people[fit.candidate_id]["id"] for fit in islice(fits, FIRST)]

    return order


def bm25(people: Sequence[Row], k1: float = 1.2, b: float = 0.75) -> Order:
    counted = [Counter(index_tokens("\n".join(texts_of(person)))) for person in people]
    lengths = [sum(each.values()) for each in counted]
    average = sum(lengths) / max(1, len(lengths))
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, each in enumerate(counted):
        for token, times in each.items():
            postings[token].append((place, times))

    def order(position: Row) -> Sequence[Any]:
        scores: dict[int, float] = defaultdict(float)
        for token in set(index_tokens(text_of(position))):
            found = postings.get(token, [])
            idf = log(1 + (len(people) - len(found) + 0.5) / (len(found) + 0.5))
            for place, times in found:
                scores[place] += idf * times * (k1 + 1) / (times + k1 * (1 - b + b * lengths[place] / average))
        best = sorted(scores, key=lambda place: (-scores[place], -place))[:FIRST]
        return [people[place]["id"] for place in best]

    return order


def search_box(people: Sequence[Row]) -> Order:
    """The newest whose words hold every word of the title."""
    texts = [" ".join(" ".join(runs(text)) for text in texts_of(person)) for person in people]

    def order(position: Row) -> Sequence[Any]:
        words = runs(position["title"])
        hits = [place for place in range(len(people) - 1, -1, -1) if all(word in texts[place] for word in words)]
        return [people[place]["id"] for place in hits[:FIRST]]

    return order


def compared(folder: Path) -> dict[str, float]:
    """Return the mean nDCG@10 of each order over the positions that somebody suits."""
    positions, people = rows(folder / "positions.jsonl"), rows(folder / "people.jsonl")
    grades: dict[Any, dict[Any, int]] = defaultdict(dict)
    for each in rows(folder / "judgements.jsonl"):
        grades[each["position"]][each["person"]] = each["grade"]
    judged = [position for position in positions if grades[position["id"]]]
    orders = {"Relay": ours(people, with_records=False)}
    if any(person.get("applications") for person in people):
        orders["with records"] = ours(people, with_records=True)
    orders |= {"plain BM25": bm25(people), "search box": search_box(people)}
    return {
        name: sum(ndcg(order(position), grades[position["id"]]) for position in judged) / max(1, len(judged))
        for name, order in orders.items()
    }
