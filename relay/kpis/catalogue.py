"""All cases by their kind."""

from relay.kpis import of_applications, of_network, of_people, of_selection
from relay.kpis.cases import Cases
from relay.models import CaseKind

CASES: dict[CaseKind, Cases] = {
    each.kind: each for each in (*of_applications.CASES, *of_selection.CASES, *of_people.CASES, *of_network.CASES)
}
