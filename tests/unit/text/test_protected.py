"""What the law keeps out of a decision falls away before a word is counted (A-22, B-1, B-2)."""

import pytest

from relay.text.job_terms import terms_of
from tests.protected_facts import PROTECTED, SWAPS

PLAIN = "経理事務を5年担当。月次決算の経験あり。"


@pytest.mark.parametrize("fact", PROTECTED)
def test_a_fact_that_may_not_count_changes_no_term(fact: str) -> None:
    before = terms_of(["経理事務"], [PLAIN])
    for text in (
        f"{PLAIN}{fact}。",
        f"{fact}。{PLAIN}",
        f"{PLAIN}\n{fact}",
        f"経理事務を5年担当（{fact}）。月次決算の経験あり。",
    ):
        assert terms_of(["経理事務"], [text]) == before, text
    assert terms_of([f"経理事務、{fact}"], [PLAIN]) == before
    assert terms_of(["経理事務", fact], [PLAIN]) == before


@pytest.mark.parametrize(("one", "other"), SWAPS)
def test_one_such_fact_for_another_changes_none_either(one: str, other: str) -> None:
    assert terms_of([one], [f"{PLAIN}{one}。"]) == terms_of([other], [f"{PLAIN}{other}。"])


def test_ordinary_words_of_work_stay() -> None:
    texts = [
        "システム障害対応",
        "精神科病棟の看護師",
        "家庭教師",
        "子ども服の販売",
        "障害者福祉施設指導専門員",
        "賃貸営業",
    ]
    for text in texts:
        assert terms_of([text], []), text
