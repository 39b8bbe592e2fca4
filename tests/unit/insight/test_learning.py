"""Learned points: the stated ones until something came of a mail, moved a little by each outcome, and never far."""

import pytest

from relay.insight.learning import LEAST, MOST, Came, RescoutCase, learned
from relay.insight.scoring import POINTS, STATED
from tests.bench.match.learned import SIZES, differences, fields

ROLE, KINDRED = {"text": 500, "role": 1_000}, {"text": 500, "kindred": 1_000}
YES, NO = [(Came.ANSWERED, True)], [(Came.ANSWERED, False)]


def cases(*each: tuple[dict[str, int], list[tuple[Came, bool]], int]) -> list[RescoutCase]:
    found: list[RescoutCase] = []
    for shares, outcomes, times in each:
        found += [RescoutCase(len(found) + number, shares, outcomes) for number in range(times)]
    return found


def test_without_an_outcome_they_are_the_stated_ones() -> None:
    assert learned([]) == dict(STATED)


def test_each_outcome_moves_what_it_is_about_a_little_and_nothing_else() -> None:
    before = dict(STATED)
    for times in range(1, 6):
        after = learned(cases((KINDRED, YES, times)))
        assert before["kindred"] < after["kindred"] < 1.02 * before["kindred"]
        assert all(after[part] == STATED[part] for part in POINTS if part not in ("text", "kindred"))
        before = after


def test_a_part_whose_people_say_no_while_others_say_yes_loses() -> None:
    found = learned(cases((ROLE, NO, 30), (KINDRED, YES, 10)))
    assert found["role"] < STATED["role"] and found["kindred"] > STATED["kindred"]


def test_that_hardly_anybody_answers_is_no_fault_of_a_part() -> None:
    """One no in the middle of a hundred: the base takes nearly all of it."""
    found = learned(cases((ROLE, NO, 95), (ROLE, YES, 5)))
    assert found["role"] == pytest.approx(STATED["role"], rel=0.1)


def test_no_part_leaves_its_bounds_however_many_say_so() -> None:
    found = learned(cases((ROLE, NO, 2_000), (KINDRED, YES, 2_000)))
    assert found["role"] == round(LEAST * STATED["role"]) and found["kindred"] == round(MOST * STATED["kindred"])


def test_what_came_after_the_answer_counts_by_itself() -> None:
    met = [*YES, (Came.MET, True), (Came.HIRED, True), (Came.STAYED, True)]
    same = cases((ROLE, YES, 10), (KINDRED, YES, 10))
    further = cases((ROLE, [*YES, (Came.MET, False)], 10), (KINDRED, met, 10))
    assert learned(further)["kindred"] > learned(same)["kindred"]
    assert learned(further)["role"] < learned(same)["role"]


def test_that_a_step_hardly_ever_succeeds_is_no_fault_of_who_came_to_it() -> None:
    """Nobody was met, which is known of some alone: they lose next to nothing by it."""
    never = [*YES, (Came.MET, False)]
    unknown = learned(cases((ROLE, YES, 30), (ROLE, NO, 30), (KINDRED, YES, 30), (KINDRED, NO, 30)))
    known = learned(cases((ROLE, YES, 30), (ROLE, NO, 30), (KINDRED, never, 30), (KINDRED, NO, 30)))
    assert known["kindred"] == pytest.approx(unknown["kindred"], rel=0.01)


def test_the_order_of_the_cases_changes_nothing() -> None:
    some = cases((ROLE, NO, 7), (KINDRED, YES, 5), ({"text": 300, "required": 500}, YES, 3))
    assert learned(some) == learned(some[::-1])


@pytest.mark.parametrize("truth", ["graded", "noise", "adversarial"])
def test_in_simulation_no_company_loses_more_than_a_hundredth(truth: str) -> None:
    """Two hundred companies of each of eight truths are in tests/soak/test_learning.py."""
    known = fields(24, 600)
    for seed in range(4):
        found = differences(truth, seed, known)
        assert set(found) == set(SIZES)
        assert min(found.values()) >= -0.01, found


def test_the_simulation_can_tell_a_better_order_from_a_worse_one() -> None:
    """Else the tests above would show nothing: with the role turned round, a great deal is lost."""
    known = fields(24, 600)
    turned = dict(STATED) | {"role": 0, "text": 0}
    lost = [field.ndcg(field.grades, STATED) - field.ndcg(field.grades, turned) for field in known]
    assert sum(lost) / len(lost) > 0.1
