"""The language of the search box: what is typed, where it stands, and that writing it anew changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.text import QueryProblem, SearchOperator, Term, format_query, parse_query

TAG, STAGE, SCORE, UPDATED = SearchOperator.TAG, SearchOperator.STAGE, SearchOperator.SCORE, SearchOperator.UPDATED


def test_the_query_of_the_handbook() -> None:
    typed = 'tag:惜しい stage:最終 channel:Indeed reason:充足 score:>=4 updated:<6m -辞退 "月次決算"'
    assert parse_query(typed) == [
        Term(operator=TAG, values=("惜しい",)),
        Term(operator=STAGE, values=("最終",)),
        Term(operator=SearchOperator.CHANNEL, values=("Indeed",)),
        Term(operator=SearchOperator.REASON, values=("充足",)),
        Term(operator=SCORE, comparison=">=", values=("4",)),
        Term(operator=UPDATED, comparison="<", values=("6m",)),
        Term("辞退", negated=True),
        Term("月次決算", phrase=True),
    ]
    assert format_query(parse_query(typed)) == typed


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("タグ：惜しい", "tag:惜しい"),
        ("ｔａｇ：惜しい", "tag:惜しい"),
        ("TAG:惜しい", "tag:惜しい"),
        ("tag: 惜しい", "tag:惜しい"),
        ("tag:惜しい、再スカウト候補", "tag:惜しい,再スカウト候補"),
        ('tag:"経験不足 だが" 営業', 'tag:"経験不足 だが" 営業'),
        ("評価:≧４", "score:>=４"),
        ("score:=4", "score:4"),
        ("ー辞退", "-辞退"),
        ("－辞退", "-辞退"),
        ("“月次決算”", '"月次決算"'),
        ('"月次決算', '"月次決算"'),
        ("-tag:惜しい", "-tag:惜しい"),
        ("経理　営業", "経理 営業"),
        ("今後の対応:再応募 出口:再応募", "exit:再応募 exit:再応募"),
        ("12:30 https://relay.example/", "12:30 https://relay.example/"),
        ('tag:"//a"', 'tag:"//a"'),
        ("090-1234-5678", "090-1234-5678"),
        ('- "" ', ""),
    ],
)
def test_what_a_japanese_keyboard_writes_is_understood(typed: str, meant: str) -> None:
    assert format_query(parse_query(typed)) == meant


def test_each_part_knows_where_it_stands() -> None:
    typed = '営業  -辞退 tag:惜しい,"再 応募"'
    assert [typed[term.start : term.end] for term in parse_query(typed)] == ["営業", "-辞退", 'tag:惜しい,"再 応募"']


@pytest.mark.parametrize(
    ("typed", "wrong", "said"),
    [
        ("営業 tga:惜しい 経理", "tga:惜しい", "「tga:惜しい」という条件はありません"),
        ("営業 備考：あり", "備考：あり", '"備考：あり" と囲みます'),
        ("営業 tag: -辞退", "tag:", "「tag:」のあとに"),
        ("score:>=", "score:>=", "「score:」のあとに"),
    ],
)
def test_a_part_that_cannot_be_read_is_pointed_at(typed: str, wrong: str, said: str) -> None:
    with pytest.raises(QueryProblem) as problem:
        parse_query(typed)
    assert typed[problem.value.start : problem.value.end] == wrong
    assert said in str(problem.value.message)


PIECES = st.sampled_from(
    [
        "tag:",
        "タグ：",
        "score:",
        "updated:",
        ">=",
        "<",
        "=",
        "-",
        "ー",
        '"',
        "“",
        ",",
        "、",
        " ",
        "　",
        "営業",
        "4",
        "6m",
        ":",
        "//",
    ]
)


@given(st.text(max_size=40) | st.lists(PIECES, max_size=12).map("".join))
def test_writing_a_query_anew_changes_nothing(typed: str) -> None:
    try:
        terms = parse_query(typed)
    except QueryProblem:
        return
    written = format_query(terms)
    assert parse_query(written) == terms
    assert format_query(parse_query(written)) == written
