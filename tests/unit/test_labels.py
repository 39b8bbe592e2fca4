"""Every closed word list that people read has words for each of its members, and only in one place."""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from types import ModuleType
from typing import Any

import pytest
from flask_babel.speaklater import LazyString

import relay
from relay.connect.outbound import CallFault
from relay.intake.rows.words import rejection_reason_of
from relay.introductions.endings import Fault
from relay.kpis.definitions import Kpi
from relay.models import (
    AlertReason,
    ApiScope,
    ApplicationResult,
    CaseKind,
    ContactChannel,
    CostKind,
    DeclineReason,
    EmploymentType,
    FileText,
    FollowUp,
    GuaranteeKind,
    HerpTrouble,
    HoldReason,
    IntroductionState,
    LinkEnd,
    MeetingForm,
    OutcomeKind,
    PositionState,
    RatingAnswer,
    Reapply,
    RejectionReason,
    RequestEnd,
    RequestKind,
    RequestSource,
    RequestState,
    RetentionBasis,
    SalaryPeriod,
    TagColour,
    TagKind,
    WebhookCause,
    WebhookState,
    WebhookStop,
    WebhookType,
    WorkState,
)
from relay.models.labels import Labelled
from relay.models.rescouts import RescoutAnswer
from relay.network.finding import PeopleOrder
from relay.outreach.rescout_people import RescoutBar
from relay.search.asked import closed_names, read
from relay.search.candidate_search import LastDay
from relay.text import SearchOperator

LISTS: tuple[type[Labelled], ...] = (
    CallFault,
    WebhookCause,
    WebhookState,
    WebhookStop,
    WebhookType,
    HerpTrouble,
    AlertReason,
    ApiScope,
    RatingAnswer,
    CaseKind,
    Kpi,
    RetentionBasis,
    RejectionReason,
    FollowUp,
    FileText,
    Reapply,
    RatingAnswer,
    ApplicationResult,
    TagColour,
    TagKind,
    ContactChannel,
    CostKind,
    HoldReason,
    RequestKind,
    RequestSource,
    RequestState,
    PositionState,
    RatingAnswer,
    EmploymentType,
    SalaryPeriod,
    RescoutAnswer,
    PeopleOrder,
    RescoutBar,
    WorkState,
    OutcomeKind,
    IntroductionState,
    GuaranteeKind,
    MeetingForm,
    DeclineReason,
    RequestEnd,
    LinkEnd,
    Fault,
    LastDay,
)
FOR_SOME = {
    "relay.portal.settings.operation_log_labels._WORDS",  # candidates' own acts are in no log of the company's people
    "relay.account.token_links.ASK",  # the links of an account alone
    "relay.portal.candidates.timeline._MAILS",
    "relay.portal.candidates.timeline._OTHERS",  # a draft is in no timeline
    "relay.portal.results.messages.STATE_WORDS",  # nor in a list of mails
    "relay.portal.results.messages.UNDELIVERED_WORDS",  # what did not arrive
}
"""Tables that leave members out on purpose."""
FOR_ANOTHER_SIDE = {
    "relay.introductions.for_partners.STATE_WORDS"  # an agency is not told how a selection ended
}
"""Tables that say a list in other words to people who may not know as much."""


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(relay.__path__, "relay."):
        if ".migrations." not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def tables() -> Iterator[tuple[set[str], dict[StrEnum, Any]]]:
    """Every table that says words for members of one list, with the names it goes by in all modules."""
    names: dict[int, set[str]] = defaultdict(set)
    found: dict[int, dict[StrEnum, Any]] = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, dict) and value and all(isinstance(key, StrEnum) for key in value):
                lists = {type(key) for key in value}
                said = [word[0] if isinstance(word, tuple) and word else word for word in value.values()]
                if len(lists) == 1 and all(isinstance(word, LazyString) for word in said):
                    names[id(value)].add(f"{module.__name__}.{name}")
                    found[id(value)] = value
    return ((names[one], table) for one, table in found.items())


def test_every_labelled_list_is_known_here() -> None:
    list(modules())
    assert set(Labelled.__subclasses__()) == set(LISTS)


@pytest.mark.parametrize("words", LISTS)
def test_each_member_has_a_label_of_its_own(words: type[Labelled]) -> None:
    labels = [str(label) for label in words.labels().values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    "operator", [SearchOperator.RESULT, SearchOperator.REASON, SearchOperator.FOLLOW_UP, SearchOperator.BASIS]
)
def test_a_search_understands_what_it_offers(operator: SearchOperator) -> None:
    for name in closed_names(operator):
        (asked,) = read(f'{operator.value}:"{name}"')
        assert name in asked.conditions[0].values[0].names


def test_a_file_of_relays_own_says_reasons_by_their_labels() -> None:
    for reason in set(RejectionReason) - {RejectionReason.OTHER}:
        assert rejection_reason_of(str(reason.label)) is reason


def test_other_tables_of_words_leave_no_member_out() -> None:
    for names, table in tables():
        members = set(type(next(iter(table))))
        assert names & FOR_SOME or set(table) == members, f"{sorted(names)} say nothing of {members - set(table)}"


def test_no_table_says_a_labelled_list_again() -> None:
    labelled = [names for names, table in tables() if isinstance(next(iter(table)), Labelled)]
    again = [names for names in labelled if not names & FOR_ANOTHER_SIDE]
    assert not again, f"the label is the member's own: {again}"
