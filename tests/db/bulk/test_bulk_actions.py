"""The form in which each bulk action is kept, byte for byte, and the sentence the activity has for each kind."""

import json

import pytest
from flask import Flask

from relay import clock
from relay.bulk import actions
from relay.bulk.actions import (
    ACTIONS,
    ActivityNames,
    AddTag,
    ApplyRule,
    BulkAction,
    DropTag,
    MergePositions,
    MergeTags,
    RemoveTag,
    SetFollowUp,
)
from relay.models import ActionKind, FollowUp, JournalEntry, StepKind
from relay.portal.pool.activity_labels import said

AT_REST: list[tuple[BulkAction, str]] = [
    (AddTag(7), '{"kind": "tagged", "tag_id": 7}'),
    (RemoveTag(7), '{"kind": "untagged", "tag_id": 7}'),
    (SetFollowUp(FollowUp.SCOUT), '{"kind": "follow-up-set", "follow_up": "scout"}'),
    (SetFollowUp(None), '{"kind": "follow-up-set", "follow_up": ""}'),
    (MergeTags(7, 8), '{"kind": "tags-merged", "tag_id": 7, "into_id": 8}'),
    (MergePositions(5, 6), '{"kind": "positions-merged", "position_id": 5, "into_position_id": 6}'),
    (DropTag(7), '{"kind": "tag-dropped", "tag_id": 7}'),
    (ApplyRule(7, 9, None), '{"kind": "rule-applied", "tag_id": 7, "rule_id": 9}'),
    (ApplyRule(None, 9, FollowUp.RELAY), '{"kind": "rule-applied", "rule_id": 9, "follow_up": "relay"}'),
]


@pytest.mark.parametrize(("action", "kept"), AT_REST, ids=[kept for _action, kept in AT_REST])
def test_an_action_is_kept_as_the_same_bytes_and_read_back_whole(action: BulkAction, kept: str) -> None:
    assert json.dumps(action.data()) == kept
    assert actions.read(json.loads(kept)) == action


def test_every_bulk_action_is_among_the_kept_forms_above() -> None:
    assert {type(action) for action, _kept in AT_REST} == set(ACTIONS.values())


@pytest.mark.parametrize("kind", ActionKind)
def test_the_activity_has_a_sentence_for_every_kind_even_where_an_old_entry_keeps_nothing(
    app: Flask, kind: ActionKind
) -> None:
    data = {"what": "step", "step": next(iter(StepKind)).value} if kind is ActionKind.RESULT_RECORDED else {}
    entry = JournalEntry(action=kind, people=1_200, data=data, at=clock.now(), undo_until=clock.now())
    with app.test_request_context():
        sentence = said(entry, ActivityNames({}, {}, {}))
    assert sentence
    assert "%" not in sentence
