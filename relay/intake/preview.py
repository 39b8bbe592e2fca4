"""What a person should know of a file before it is applied; nothing is written."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from relay.intake.answers import Answers
from relay.intake.plan import Plan, checked_words, draw, past_by_basis
from relay.intake.report import Report, report_of
from relay.intake.result import End, Reading
from relay.models import Basis, scopes

ENDS = (End.OPEN, End.REJECTED, End.WITHDREW, End.DUPLICATE, End.HIRED)


@dataclass(frozen=True)
class Preview:
    """A file as it would be applied. The figures are those of applying it now."""

    reading: Reading
    report: Report
    unchanged: int
    pairs: int
    past: dict[Basis, int]
    """Newcomers past their last day, by the answer why they may be kept."""
    newly_rejected: int
    """How many applications arrive rejected, so that it matters whether the people were told."""
    worded: tuple[int, ...]
    """The rows whose memo or tags hold words the law keeps out (A-22)."""

    @property
    def ends(self) -> list[tuple[End, int]]:
        """The ends that occur, with their rows."""
        counts = ((end, self.reading.count(end)) for end in ENDS)
        return [(end, count) for end, count in counts if count]

    @property
    def any_past(self) -> bool:
        """Whether some answer would find people past their last day, so that the question is to be asked."""
        return any(self.past.values())

    @property
    def changes_nothing(self) -> bool:
        """Whether everyone is there already, as the file has them."""
        return not self.report.created and not self.report.updated and not self.report.left_out


def preview(
    session: Session, company_id: int, reading: Reading, *, basis: Basis | None = None, words_checked: bool = False
) -> Preview:
    """Work out what applying the file would do; with `basis` also what that answer changes. It must not be refused."""
    with scopes.company(session, company_id):
        plan = draw(session, reading, Answers(basis, words_checked=words_checked))
    return Preview(
        reading=reading,
        report=report_of(reading, plan),
        unchanged=len(plan.unchanged),
        pairs=plan.pairs,
        past=past_by_basis(plan),
        newly_rejected=_newly_rejected(plan),
        worded=tuple(row.row for row in reading.rows if checked_words(row)),
    )


def _newly_rejected(plan: Plan) -> int:
    people = (*plan.created, *plan.updated, *plan.left_out)
    return sum(one.newly_told for person in people for one in person.applications)
