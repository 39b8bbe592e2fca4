"""The points in force in a company, and what moved them, in words with the numbers behind (relay.insight.learning)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.insight.scoring import OF_RECORD, PER_THOUSAND, POINTS, STATED, Weights
from relay.models import LearnedWeight
from relay.models.prepared import read
from relay.text import Sentence

ENOUGH = 5
"""Of fewer people nothing is said: it would tell of each of them, and of no rule."""
_LEARNED = select(LearnedWeight.part, LearnedWeight.thousandths, LearnedWeight.people, LearnedWeight.agreed).order_by(
    LearnedWeight.id
)
_WHO: dict[str, Sentence] = {
    "text": _l("求人と共通する言葉の多い%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "role": _l("同じ職種の%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "kindred": _l("近い職種の%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "required": _l("必要な資格を半分以上持つ%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "welcome": _l("歓迎する資格を半分以上持つ%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "final": _l("最終か内定まで進んだ%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "second": _l("二次まで進んだ%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "first": _l("一次まで進んだ%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "filled": _l("採用人数の都合で見送った%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "comparison": _l(
        "他の候補者との比較で見送った%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"
    ),
    "praised": _l("評価の平均が4以上の%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "sound": _l("評価の平均が3以上4未満の%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "year": _l("結果から1年以内の%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"),
    "two_years": _l(
        "結果から1年を超え2年以内の%(people)s名中%(agreed)s名が応じました（%(stated)s点から%(now)s点へ）。"
    ),
}
"""What is said of each part once its points moved."""


class MovedPart(NamedTuple):
    """One part whose points moved, and the people who moved them."""

    part: str
    thousandths: int
    people: int
    agreed: int

    @property
    def line(self) -> str:
        """Return it in words: how many of how many, and from how many points to how many."""
        told = {"people": self.people, "agreed": self.agreed, "stated": POINTS[self.part]}
        return str(_WHO[self.part]) % (told | {"now": shown(self.thousandths)})


@dataclass(frozen=True)
class InForce:
    """The points that order people, and those parts of which something can be said."""

    weights: Weights
    moved: Sequence[MovedPart] = ()

    @property
    def points(self) -> dict[str, str]:
        """Return the points of each part as pages show them."""
        return {part: shown(thousandths) for part, thousandths in self.weights.items()}

    def lines(self, *, with_record: bool) -> list[str]:
        """Return what moved, in words; of the selection record only where that is in use (A-42)."""
        return [each.line for each in self.moved if with_record or each.part not in OF_RECORD]


AS_STATED = InForce(STATED)


def in_force(session: Session) -> InForce:
    """Return the points of the company in scope; without anything learned, the stated ones."""
    learned = [MovedPart(*row) for row in read(session, _LEARNED)]
    if not learned:
        return AS_STATED
    moved = [each for each in learned if each.people >= ENOUGH and shown(each.thousandths) != str(POINTS[each.part])]
    return InForce(dict(STATED) | {each.part: each.thousandths for each in learned}, moved)


def shown(thousandths: int) -> str:
    """Return points with one digit after the point, where that is not 0."""
    whole, tenth = divmod((thousandths + PER_THOUSAND // 20) // (PER_THOUSAND // 10), 10)
    return f"{whole}.{tenth}" if tenth else str(whole)
