"""The second layer of an order (A-42): how the last selection of a person went, in whole points and in a line.

Read only while purpose ②-b is in force, only of applications made after people were told of it, and of nobody who
objected; a second record with an objector's address is an objector's, too.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, String, and_, cast, select
from sqlalchemy.orm import Session

from relay import clock
from relay.insight.scoring import STATED, Weights
from relay.models import Application, ApplicationResult, ApplicationStep, Candidate, RejectionReason, StepKind

_ENDED = (ApplicationResult.REJECTED, ApplicationResult.WITHDREW)
_NAMED = (
    (StepKind.OFFER, re.compile("内定|オファー|offer")),
    (StepKind.FINAL, re.compile("最終|役員|社長|final")),
    (StepKind.SECOND, re.compile("[二三23]次|部長|second")),
    (StepKind.FIRST, re.compile("[一1]次|面接|面談|first")),
)
"""What a file calls a step, where nobody chose its kind."""
_FOR_STEP = {StepKind.OFFER: "final", StepKind.FINAL: "final", StepKind.SECOND: "second", StepKind.FIRST: "first"}
_FOR_REASON = {RejectionReason.FILLED: "filled", RejectionReason.COMPARISON: "comparison"}
"""Reasons that lay with the company. What was missing then is no plus now."""
_PRAISED, _SOUND = 4, 3


@dataclass(frozen=True)
class Step:
    """One step of a selection, as far as it counts."""

    name: str
    kind: StepKind | None = None
    score: int | None = None


@dataclass(frozen=True)
class SelectionRecord:
    """How the last selection of a person went."""

    decided_on: date
    reason: RejectionReason | None = None
    steps: Sequence[Step] = ()

    def points(self, weights: Weights = STATED) -> int:
        """Return the points of the second layer, in thousandths as all of an order."""
        return sum(weights[part] for part in self.parts)

    @property
    def parts(self) -> list[str]:
        """Return the parts of the second layer that count."""
        found = (_FOR_STEP.get(self._kind or StepKind.OTHER), _FOR_REASON.get(self.reason or RejectionReason.OTHER))
        return [each for each in (*found, self._assessed, self._recent) if each]

    @property
    def line(self) -> str:
        """Return it in words: the step, the reason, the assessment, how long ago."""
        parts = [*self._how_it_ended(), *self._how_assessed(), self._how_long_ago()]
        return _("。").join(parts)

    @property
    def furthest(self) -> Step | None:
        """Return the step furthest on, of equal ones the last; a step of an unknown kind only where there is none."""
        return max(reversed(self.steps), key=lambda step: _place(kind_of(step)), default=None)

    @property
    def _kind(self) -> StepKind | None:
        return kind_of(self.furthest) if self.furthest else None

    @property
    def _scores(self) -> list[int]:
        return [step.score for step in self.steps if step.score is not None]

    @property
    def _assessed(self) -> str:
        scores = self._scores
        if not scores or sum(scores) < _SOUND * len(scores):
            return ""
        return "praised" if sum(scores) >= _PRAISED * len(scores) else "sound"

    @property
    def _recent(self) -> str:
        months = self._months_ago
        return "year" if months < 12 else "two_years" if months < 24 else ""

    @property
    def _months_ago(self) -> int:
        today, then = clock.today(), self.decided_on
        return max(0, 12 * (today.year - then.year) + today.month - then.month - (today.day < then.day))

    def _how_it_ended(self) -> Iterable[str]:
        step = self.furthest.name if self.furthest else ""
        if step and self.reason:
            yield _("「%(step)s」まで進み、当時の理由は「%(reason)s」", step=step, reason=self.reason.label)
        elif step:
            yield _("「%(step)s」まで進みました", step=step)
        elif self.reason:
            yield _("当時の理由は「%(reason)s」", reason=self.reason.label)

    def _how_assessed(self) -> Iterable[str]:
        if scores := self._scores:
            yield _("評価の平均は%(score)s", score=f"{sum(scores) / len(scores):.1f}")

    def _how_long_ago(self) -> str:
        months = self._months_ago
        if months >= 12:
            return _("結果は%(n)s年前", n=months // 12)
        return _("結果は%(n)sか月前", n=months) if months else _("結果は1か月以内")


def kind_of(step: Step) -> StepKind | None:
    """Return the kind of a step: the chosen one, else what its name says; None where neither tells."""
    if step.kind is not None:
        return step.kind
    name = unicodedata.normalize("NFKC", step.name).casefold()
    return next((kind for kind, pattern in _NAMED if pattern.search(name)), None)


def is_interview(step: Step) -> bool:
    """Return whether the person was spoken to at this step, as far as kind or name tell."""
    return kind_of(step) in _FOR_STEP


def of(session: Session, candidate_ids: Sequence[int], since: date) -> dict[int, SelectionRecord]:
    """Return the record of each of these people who has one that counts, in the company's scope."""
    last: dict[int, _Ended] = {}
    for number, application_id, stage, reason, day in session.execute(_ended(candidate_ids, since)):
        if day is not None:
            last.setdefault(number, _Ended(application_id, stage, reason, day))
    steps = steps_of(session, [each.application_id for each in last.values()])
    return {number: _record(each, steps.get(each.application_id, [])) for number, each in last.items()}


def may_be_read() -> ColumnElement[bool]:
    """Return the condition, on a query of candidates, that nobody with their address objected (A-42)."""
    objectors = select(Candidate.email_key).where(Candidate.record_objected_at.is_not(None), Candidate.email_key != "")
    return and_(Candidate.record_objected_at.is_(None), Candidate.email_key.not_in(objectors))


class _Ended(NamedTuple):
    """A selection that came to an end."""

    application_id: int
    stage: str
    reason: RejectionReason | None
    decided_on: date


def _record(ended: _Ended, steps: Sequence[Step]) -> SelectionRecord:
    """Return the record; where no steps are kept, the stage that a file brought is the only one."""
    return SelectionRecord(ended.decided_on, ended.reason, steps or ([Step(ended.stage)] if ended.stage else []))


def _ended(candidate_ids: Sequence[int], since: date) -> Select[int, int, str, RejectionReason | None, date | None]:
    """Select the selections that count, the last one of each person first.

    The status is cast: else SQLite walks everybody who was rejected, not the few people.
    """
    return (
        select(Application.candidate_id, Application.id, Application.stage, Application.reason, Application.decided_on)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(Application.candidate_id.in_(candidate_ids), cast(Application.status, String).in_(_ENDED))
        .where(Application.applied_on >= since, Application.decided_on.is_not(None))
        .where(may_be_read())
        .order_by(Application.decided_on.desc(), Application.id.desc())
    )


def steps_of(session: Session, application_ids: Sequence[int]) -> Mapping[int, list[Step]]:
    """Return the steps of these applications, each in its order."""
    wanted = select(
        ApplicationStep.application_id, ApplicationStep.name, ApplicationStep.kind, ApplicationStep.score
    ).where(ApplicationStep.application_id.in_(application_ids))
    found: dict[int, list[Step]] = {}
    for application_id, name, kind, score in session.execute(
        wanted.order_by(ApplicationStep.place, ApplicationStep.id)
    ):
        found.setdefault(application_id, []).append(Step(name, kind, score))
    return found


def _place(kind: StepKind | None) -> int:
    order = (None, StepKind.OTHER, StepKind.DOCUMENTS, StepKind.FIRST, StepKind.SECOND, StepKind.FINAL, StepKind.OFFER)
    return order.index(kind)
