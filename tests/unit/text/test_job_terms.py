"""The vocabulary of work in Japanese text: longest match, Latin words alone, memos by the vocabulary."""

import pytest

from relay.text.job_terms import named, plain, qualification_terms, terms_of
from relay.text.occupations import CREDIT, occupations
from tests.bench.match.made import wordings


def found(text: str) -> list[str]:
    return [each.text for each in named(plain(text))]


def test_the_file_says_where_it_comes_from_and_holds_every_occupation() -> None:
    known = occupations()
    assert len(known) == 556
    assert CREDIT.startswith("職業情報データベース")
    assert known[26].title == "大工" and known[26].middle_class == "14_091"
    assert sum(len(each.aliases) for each in known.values()) == 844


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("型枠大工として10年", ["型枠大工"]),
        ("大工です", ["大工"]),
        ("一級建築士", ["1級建築士"]),
        ("１級建築士", ["1級建築士"]),
        ("ﾌﾟﾛｸﾞﾗﾏｰの経験", ["プログラマー"]),
        ("SMRTの営業", []),
        ("MRとして勤務", ["mr"]),
        ("天気の話", []),
    ],
)
def test_the_longest_word_is_found_however_it_is_written(text: str, words: list[str]) -> None:
    assert found(text) == words


def test_a_title_an_alias_and_a_short_form_name_the_same_occupation() -> None:
    for text in ("溶接工", "電気溶接工", "溶接工として"):
        assert "O255" in terms_of([text], []), text


def test_of_memos_and_files_only_the_vocabulary_counts() -> None:
    terms = terms_of([], ["田中さんは経理事務を三年。趣味は登山で、毎週山へ。"])
    assert "O430" in terms
    assert not {"趣味", "登山", "田中"} & set(terms)
    assert "登山" in terms_of(["登山ガイド"], [])


def test_a_higher_grade_shows_the_lower_one() -> None:
    assert {"Q日商簿記2級", "Q日商簿記1級"} <= set(qualification_terms("日商簿記２級"))
    assert "Q日商簿記3級" not in qualification_terms("日商簿記２級")


def test_our_own_set_words_things_as_the_vocabulary_does_not() -> None:
    assert {phrase: found(phrase) for phrases in wordings().values() for phrase in phrases if found(phrase)} == {}
