"""Companies that learn, in simulation: how much nDCG@10 their learned points win or lose beside the stated ones.

The people, positions and grades are those of `made`'s second set. A company writes to people near the top of the stated
order, and each says yes as its truth has it. Whom the company would want is known, so both orders can be measured.
"""

import tempfile
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from relay.insight import learning, scoring
from relay.insight.learning import Came, RescoutCase
from relay.insight.scoring import PER_THOUSAND, POINTS, STATED, Weights
from relay.insight.wanted import wanted
from relay.text.job_terms import terms_of
from tests.bench.match import made
from tests.bench.match.measured import asked_by, ndcg, record_of, rows, told_by

TRUTHS = {
    "graded": "the better they suit, the oftener they say yes",
    "stated": "yes follows the stated points, which are right",
    "other": "yes follows points of its own, each up to three times the stated ones",
    "rare": "hardly anybody says yes",
    "noise": "three of ten say yes, whoever they are",
    "even": "half say yes, whoever they are",
    "flipped": "as graded, and three of ten say the opposite",
    "adversarial": "the better they suit, the more seldom they say yes",
}
SIZES = (10, 50, 200)
_POSITIONS_OF_ONE = 20
_FIRST, _FURTHER = 20, 100


@dataclass(frozen=True)
class Field:
    """One position: how much of each part those in question have, and the grade of each."""

    shares: Any
    grades: Any

    def ndcg(self, grades: Any, weights: Weights) -> float:
        order = self.order(weights)
        return ndcg([int(each) for each in order[:10]], dict(enumerate(map(int, grades))))

    def order(self, weights: Weights) -> Any:
        points = (self.shares * np.array([weights[part] for part in POINTS]) // PER_THOUSAND).sum(axis=1)
        return np.lexsort((-np.arange(len(points)), -points))


@cache
def fields(positions: int, people: int) -> list[Field]:
    """The positions of a set of this size."""
    with tempfile.TemporaryDirectory() as name:
        made.write(Path(name), "second", positions, people)
        read = {kind: rows(Path(name) / f"{kind}.jsonl") for kind in ("people", "positions", "judgements")}
    terms = [(place, " ".join(terms_of(*told_by(person)))) for place, person in enumerate(read["people"])]
    records = [record_of(person) for person in read["people"]]
    grades: dict[Any, dict[Any, int]] = defaultdict(dict)
    for each in read["judgements"]:
        grades[each["position"]][each["person"]] = each["grade"]
    found = []
    for position in read["positions"]:
        shares = scoring.shares(wanted(asked_by(position)), terms, range(len(terms)))
        table, graded = [], []
        for place, share in shares.items():
            if share:
                told = share | dict.fromkeys(records[place].parts if records[place] else (), PER_THOUSAND)
                table.append([told.get(part, 0) for part in POINTS])
                graded.append(grades[position["id"]].get(read["people"][place]["id"], 0))
        if any(graded):
            found.append(Field(np.array(table), np.array(graded)))
    return found


def differences(truth: str, seed: int, known: list[Field], sizes: tuple[int, ...] = SIZES) -> dict[int, float]:
    """The nDCG@10 by learned points less that by the stated ones, after so many outcomes of one company."""
    dice = np.random.default_rng([sorted(TRUTHS).index(truth), seed])
    mine = [known[int(place)] for place in dice.choice(len(known), min(_POSITIONS_OF_ONE, len(known)), replace=False)]
    graded = [_grades(truth, field, points) for points in [_points(truth, dice)] for field in mine]
    orders = [field.order(STATED) for field in mine]
    before = _mean(mine, graded, STATED)
    cases: list[RescoutCase] = []
    found = {}
    asked: set[tuple[int, int]] = set()
    while len(cases) < max(sizes):
        place = int(dice.integers(len(mine)))
        reach = _FIRST if dice.random() < 4 / 5 else _FURTHER
        person = int(orders[place][dice.integers(min(reach, len(orders[place])))])
        if (place, person) in asked and dice.random() < 49 / 50:
            continue
        asked.add((place, person))
        shares = dict(zip(POINTS, map(int, mine[place].shares[person]), strict=True))
        yes = bool(dice.random() < _likely(truth, int(graded[place][person])))
        cases.append(RescoutCase(len(cases), shares, [(Came.ANSWERED, yes)]))
        if len(cases) in sizes:
            found[len(cases)] = _mean(mine, graded, learning.learned(cases)) - before
    return found


def _mean(mine: list[Field], graded: list[Any], weights: Weights) -> float:
    return sum(field.ndcg(grades, weights) for field, grades in zip(mine, graded, strict=True)) / len(mine)


def _points(truth: str, dice: Any) -> Any:
    factors = dice.uniform(0, 3, len(POINTS)) if truth == "other" else 1.0
    return np.array(list(POINTS.values())) * factors


def _grades(truth: str, field: Field, points: Any) -> Any:
    """Whom the company would want: the grades of the set, or the first by the points of its truth."""
    if truth not in ("stated", "other"):
        return field.grades
    place = np.argsort(np.argsort(-(field.shares @ points), kind="stable"))
    return np.select([place < 5, place < 20, place < 60], [3, 2, 1], 0)


def _likely(truth: str, grade: int) -> float:
    if truth in ("noise", "even"):
        return 0.3 if truth == "noise" else 0.5
    if truth == "rare":
        return 0.02 + 0.02 * grade
    suits = 1 / (1 + np.exp(2.2 - 0.7 * (3 - grade if truth == "adversarial" else grade)))
    return float(0.7 * suits + 0.3 * (1 - suits)) if truth == "flipped" else float(suits)
