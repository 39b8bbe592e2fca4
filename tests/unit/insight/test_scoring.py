"""The order of people for a position: from what they can do, in whole points, the same however they come."""

from collections.abc import Sequence
from random import Random

from relay.insight.scoring import POINTS, WITH_RECORD, Fit, ordered, with_records
from relay.insight.wanted import MAX_TERMS, PositionText, wanted
from relay.text.job_terms import terms_of
from tests.protected_facts import PROTECTED

WELDER = PositionText("溶接工（松本）", required=("ガス溶接技能者",), description="鉄骨の溶接をお任せします。")


def person(*facts: str, told: str = "") -> str:
    return " ".join(terms_of(facts, [told]))


def test_role_before_kindred_role_before_a_shared_word_and_nobody_without_any() -> None:
    people = {1: person("営業事務"), 2: person("鉄骨工"), 3: person("電気溶接工"), 4: person("溶接に興味")}
    assert [fit.candidate_id for fit in ordered(wanted(WELDER), people.items())] == [3, 2, 4]


def test_a_required_qualification_counts_and_ties_go_to_the_newest() -> None:
    people = {1: person("溶接工", "ガス溶接技能者"), 2: person("溶接工"), 3: person("溶接工")}
    assert [fit.candidate_id for fit in ordered(wanted(WELDER), people.items())] == [1, 3, 2]


def test_the_points_of_a_person_are_whole_and_never_above_the_sum() -> None:
    people = {1: person("溶接工", "ガス溶接技能者"), 2: person("溶接工")}
    fits = list(ordered(wanted(WELDER), people.items()))
    assert all(isinstance(fit.points, int) and 0 < fit.points <= 1_000 * sum(POINTS.values()) for fit in fits)


def test_records_count_for_the_first_by_the_first_layer_and_for_nobody_behind() -> None:
    """Each person alike: the newest come first, and the record of the oldest is never asked for."""
    ranked = [Fit(number, 1_000) for number in range(3 * WITH_RECORD, 0, -1)]
    asked: list[int] = []

    def points_of(numbers: Sequence[int]) -> dict[int, int]:
        asked.extend(numbers)
        return {number: 5_000 for number in numbers if number % 2 == 0}

    order = [fit.candidate_id for fit in with_records(iter(ranked), points_of)]
    first = [fit.candidate_id for fit in ranked[:WITH_RECORD]]
    assert asked == first
    assert order[: WITH_RECORD // 2] == [number for number in first if number % 2 == 0]
    assert sorted(order, reverse=True) == [fit.candidate_id for fit in ranked]
    behind = iter(ranked)
    next(with_records(behind, points_of))
    assert next(behind).candidate_id == ranked[WITH_RECORD].candidate_id, "nobody further back was asked for"


def test_the_order_people_come_in_changes_nothing() -> None:
    dice = Random(7)  # noqa: S311
    words = ("溶接工", "鉄骨工", "経理事務", "溶接", "鉄骨の組立", "ガス溶接技能者")
    people = [(number, person(*dice.sample(words, 2))) for number in range(200)]
    first = list(ordered(wanted(WELDER), people))
    dice.shuffle(people)
    assert list(ordered(wanted(WELDER), people)) == first


def test_a_position_asks_for_forty_words_at_most_and_for_none_the_law_keeps_out() -> None:
    long = "、".join(f"工程{number}の管理と改善と報告" for number in range(60))
    assert len(wanted(PositionText("生産管理", description=long)).words) <= MAX_TERMS
    plain = wanted(PositionText("経理事務", description="月次決算"))
    for fact in PROTECTED:
        assert wanted(PositionText("経理事務", description=f"月次決算。{fact}。")) == plain, fact
