"""A query is written anew for a tag's new name, and only where it asks for that tag."""

import pytest

from relay.bulk.tag_references import called_otherwise
from relay.text import name_key


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
    assert called_otherwise(query, name_key("惜しい"), "もう一歩") == becomes


def test_a_name_no_query_can_hold_is_left_alone() -> None:
    assert called_otherwise("tag:惜しい", name_key("惜しい"), '"惜しい" 方') == "tag:惜しい"
