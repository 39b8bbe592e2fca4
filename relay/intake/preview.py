"""Remarks on a file before it is applied: on what was read, and on what it would change."""

from dataclasses import dataclass

from relay.intake.figures import Figures
from relay.intake.kept_lines import PER_PAGE
from relay.intake.kept_people import KeptPeople
from relay.intake.kept_reading import KeptReading
from relay.intake.result import Problem
from relay.models import ApplicationResult, RetentionBasis

RESULTS = (
    ApplicationResult.OPEN,
    ApplicationResult.REJECTED,
    ApplicationResult.WITHDREW,
    ApplicationResult.DUPLICATE,
    ApplicationResult.HIRED,
)


@dataclass(frozen=True)
class Preview:
    """A file as it would be applied."""

    reading: KeptReading
    figures: Figures
    people: KeptPeople
    basis: RetentionBasis | None
    """The answer so far why the people may be kept."""

    @property
    def updated(self) -> int:
        """Return how many known people change, by the answer so far; another reason for keeping one is a change."""
        return self.figures.updated + (self.figures.rebased[self.basis] if self.basis else 0)

    @property
    def unchanged(self) -> int:
        """Return how many stay as they are."""
        return self.figures.updated + self.figures.unchanged - self.updated

    @property
    def most_rebased(self) -> int:
        """Return how many would be kept for another reason by some answer, while there is none."""
        return 0 if self.basis else max(self.figures.rebased.values())

    @property
    def results(self) -> list[tuple[ApplicationResult, int]]:
        """Return the ends that occur, with their rows."""
        return [(result, self.reading.results[result]) for result in RESULTS if result in self.reading.results]

    @property
    def any_past(self) -> bool:
        """Return whether some answer would find people past their last day, so that the question is to be asked."""
        return any(self.figures.past.values())

    @property
    def changes_nothing(self) -> bool:
        """Return whether everyone is there already, as the file has them."""
        return not self.figures.created and not self.updated

    @property
    def note_count(self) -> int:
        """Return how much there is to say that does not refuse the file."""
        return self.reading.notes.count + self.figures.note_count

    @property
    def notes(self) -> list[Problem]:
        """Return the first page of it, in the order of the rows."""
        return sorted((*self.reading.page_of_notes(), *self.figures.notes), key=lambda note: note.row)[:PER_PAGE]
