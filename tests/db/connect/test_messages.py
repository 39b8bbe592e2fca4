"""What a company is told by webhooks: real acts make messages of ids and states, and of nobody's words (D-1, D-2)."""

import json
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.webhooks import endpoints, messages, samples
from relay.hiring import decisions
from relay.infra import jobs
from relay.insight import alerts, lookout
from relay.insight.thresholds import Watched
from relay.models import Event, EventTag, RejectionReason, WebhookType, event_data, record, scopes
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.connect import hooks
from tests.db.insight.test_alerts import WELDS, person


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    endpoints.add(session, made.acme.id, "https://hook.example/", hooks.ALL)
    session.commit()
    return made


def told(session: Session) -> list[tuple[str, dict[str, Any]]]:
    session.commit()
    hooks.deliver_events(session)
    bodies = [json.loads(each.body) for each in hooks.messages(session)]
    assert all(set(each) == {"type", "timestamp", "data"} for each in bodies)
    assert all(len(each.body) < 20_000 for each in hooks.messages(session))
    return [(each["type"], each["data"]) for each in bodies]


def test_many_rejected_at_once_are_a_message_each(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        people = [make_candidate(session, cast.acme, f"見本 {number}") for number in range(5)]
        applications = [make_application(session, person) for person in people]
        decisions.reject_all(session, [(each, RejectionReason.SKILLS) for each in applications], by_user_id=cast.ada.id)
        wanted = {(str(each.id), str(each.candidate_id)) for each in applications}
    found = told(session)
    assert {kind for kind, _data in found} == {"candidate.rejected"}
    assert {(data["application_id"], data["candidate_id"]) for _kind, data in found} == wanted
    assert len(found) == 5


def test_people_who_come_to_fit_a_position_are_a_number(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        position = make_position(session, cast.acme, WELDS)
        alerts.follow(session, cast.acme.id, cast.ada.id, Watched(position=position))
        session.commit()
        for number in range(2):
            person(session, cast, f"後{number}")
        session.commit()
        position_id = position.id
    lookout.schedule(session)
    session.commit()
    while jobs.deliver_event(session, clock.now()) or jobs.run_one(session, clock.now()):
        pass
    assert told(session) == [("position.matched", {"position_id": str(position_id), "count": 2})]


NOTHING: list[tuple[EventTag, event_data.EventData]] = [
    (
        EventTag.RESULT_FAILED,
        event_data.ResultFinal(candidate_id=3, message_id=5, state="suppressed"),
    ),
]
SOMETHING: list[tuple[EventTag, event_data.EventData | None, str, dict[str, Any]]] = [
    (EventTag.CREDIT_EARNED, event_data.CreditBooked(balance=2), "credit.earned", {"balance": 2}),
    (EventTag.INTRODUCTION_ACCEPTED, None, "introduction.accepted", {"introduction_request_id": "7"}),
    (EventTag.OUTCOMES_ENDED, None, "consent.withdrawn", {"candidate_id": "7", "consent": "outcomes"}),
    (EventTag.OPENINGS_ENDED, None, "consent.withdrawn", {"candidate_id": "7", "consent": "openings"}),
    (
        EventTag.RELATED_ENDED,
        event_data.RelatedNoted(related_company_id=4, by="person"),
        "consent.withdrawn",
        {"candidate_id": "7", "consent": "related_company"},
    ),
    (
        EventTag.RESULT_FAILED,
        event_data.ResultFinal(candidate_id=3, message_id=5, state="bounced"),
        "message.bounced",
        {"message_id": "5", "application_id": "7", "candidate_id": "3", "state": "bounced"},
    ),
]


@pytest.mark.parametrize(("tag", "data", "kind", "said"), SOMETHING)
def test_what_a_message_says(
    session: Session, cast: Cast, tag: EventTag, data: event_data.EventData | None, kind: str, said: dict[str, Any]
) -> None:
    record(session, tag, company_id=cast.acme.id, subject=("", 7), data=data)
    assert told(session) == [(kind, said)]


@pytest.mark.parametrize(("tag", "data"), NOTHING)
def test_what_is_not_told(session: Session, cast: Cast, tag: EventTag, data: event_data.EventData) -> None:
    record(session, tag, company_id=cast.acme.id, subject=("application", 7), data=data)
    assert told(session) == []


def test_every_kind_that_may_be_chosen_is_made_of_some_event() -> None:
    made = {kind for *_ignored, kind, _said in SOMETHING} | {
        "candidate.rejected",
        "referral.completed",
        "position.matched",
    }
    assert {kind.value for kind in endpoints.CHOICES} == made
    assert messages.told(Event(tag=EventTag.CANDIDATE_VIEWED.value, data={})) is None
    assert WebhookType.TEST not in endpoints.CHOICES


@pytest.mark.parametrize(("tag", "data", "kind", "said"), SOMETHING)
def test_a_sample_says_what_is_sent(
    session: Session, cast: Cast, tag: EventTag, data: event_data.EventData | None, kind: str, said: dict[str, Any]
) -> None:
    """Before there is any such event, with the same names and other values."""
    [made_up] = samples.of(session, cast.acme.id, WebhookType(kind))
    assert json.loads(made_up.body)["data"].keys() == said.keys()
    record(session, tag, company_id=cast.acme.id, subject=("", 7), data=data)
    assert told(session) == [(kind, said)]
    [sample] = samples.of(session, cast.acme.id, WebhookType(kind))
    [sent] = hooks.messages(session)
    assert sample.body == sent.body


def test_samples_are_the_last_three_that_are_told_and_nobody_elses(session: Session, cast: Cast) -> None:
    for number in range(5):
        failed = event_data.ResultFinal(candidate_id=3, message_id=number, state="bounced" if number else "suppressed")
        record(session, EventTag.RESULT_FAILED, company_id=cast.acme.id, subject=("application", 7), data=failed)
    found = samples.of(session, cast.acme.id, WebhookType.MESSAGE_BOUNCED)
    assert [json.loads(each.body)["data"]["message_id"] for each in found] == ["4", "3", "2"]
    assert len({each.id for each in found}) == 3
    assert [each.id for each in samples.of(session, cast.other.id, WebhookType.MESSAGE_BOUNCED)] == ["sample"]


def test_every_kind_that_may_be_chosen_has_a_sample(session: Session, cast: Cast) -> None:
    for kind in endpoints.CHOICES:
        [sample] = samples.of(session, cast.acme.id, kind)
        assert json.loads(sample.body)["type"] == kind.value
