"""What events keep is declared: one shape for each tag, of ids, counts, days and closed words (A-27)."""

from dataclasses import fields
from typing import get_type_hints

import pytest

from relay.models import EventTag, event_data
from relay.models.event_data import EventData

SHAPES = sorted({tag.data for tag in EventTag}, key=lambda shape: shape.__name__)
SCALARS = {int, str, bool}
LISTS = {tuple[str, ...], tuple[int, ...], tuple[int, int]}


def test_every_shape_is_that_of_a_tag() -> None:
    declared = {each for each in vars(event_data).values() if isinstance(each, type) and issubclass(each, EventData)}
    assert declared == set(SHAPES), "a shape that no tag names is dead"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_shape_holds_numbers_words_and_lists_of_them(shape: type[EventData]) -> None:
    kinds = {
        name: kind for name, kind in get_type_hints(shape).items() if name in {each.name for each in fields(shape)}
    }
    allowed = SCALARS | LISTS | {kind | None for kind in SCALARS | LISTS}
    assert {name for name, kind in kinds.items() if kind not in allowed} == set()


def test_data_of_another_shape_or_none_where_some_must_be_given_is_refused() -> None:
    with pytest.raises(TypeError, match="Counted"):
        EventTag.RETENTION_RAN.kept(event_data.TagOnCandidate(tag_id=1))
    with pytest.raises(TypeError, match="count"):
        EventTag.RETENTION_RAN.kept(None)


def test_what_is_kept_is_plain_json_without_what_is_not_known() -> None:
    kept = EventTag.CANDIDATE_CHANGED.kept(event_data.CandidateChanged(fields=("name", "kana")))
    assert kept == {"fields": ["name", "kana"]}
    assert EventTag.OPTED_OUT.kept(event_data.OptOutMade(mail_class="relay", via="staff")) == {
        "class": "relay",
        "via": "staff",
    }
    assert EventTag.SIGNED_IN.kept(None) == {}
