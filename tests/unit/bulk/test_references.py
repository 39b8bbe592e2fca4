"""A query is written anew for the new name of a tag or a position, and only where it asks for that."""

import pytest

from relay.bulk.references import NewName, called_otherwise
from relay.text import SearchOperator, name_key


@pytest.mark.parametrize(
    ("query", "becomes"),
    [
        ("tag:惜しい stage:最終", "tag:もう一歩 stage:最終"),
        ("-tag:惜しい,若手", "-tag:もう一歩,若手"),
        ("tag:もう一歩,惜しい", "tag:もう一歩"),
        ("惜しい  stage:惜しい", "惜しい  stage:惜しい"),
        ("tag:惜しいところ", "tag:惜しいところ"),
        ("nothing:惜しい tag:惜しい", "nothing:惜しい tag:惜しい"),
    ],
)
def test_the_new_name_stands_where_the_tag_was_asked_for(query: str, becomes: str) -> None:
    assert called_otherwise(query, NewName(SearchOperator.TAG, name_key("惜しい"), "もう一歩")) == becomes


def test_a_name_no_query_can_hold_is_left_alone() -> None:
    new = NewName(SearchOperator.TAG, name_key("惜しい"), '"惜しい" 方')
    assert called_otherwise("tag:惜しい", new) == "tag:惜しい"


@pytest.mark.parametrize(
    ("query", "becomes"),
    [
        ("position:法人営業 stage:最終", "position:企業営業 stage:最終"),
        ("position:営業", "position:営業"),
        ("position:経理,法人営業 法人営業", "position:経理,企業営業 法人営業"),
        ("tag:法人営業", "tag:法人営業"),
    ],
)
def test_the_new_title_stands_where_the_position_was_asked_for(query: str, becomes: str) -> None:
    assert called_otherwise(query, NewName(SearchOperator.POSITION, name_key("法人営業"), "企業営業")) == becomes


def test_a_part_of_the_new_title_goes_on_finding_every_position_it_found() -> None:
    new = NewName(SearchOperator.POSITION, name_key("営業"), "営業（東京）")
    assert called_otherwise("position:営業", new) == "position:営業"
