"""Selections that rest are counted and listed, who rests longest first; a step, a stage or a result ends it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import progress, stalled
from relay.hiring.progress import Progress, ProgressEntry
from relay.models import Application, ApplicationResult, ApplicationStep, StepKind, scopes
from tests.cast import Cast, make_application, make_candidate, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def resting(session: Session, cast: Cast, name: str, days: int, **facts: object) -> Application:
    """Somebody in selection of whom nothing was recorded for so many days."""
    with clock.at(clock.now() - timedelta(days=days)):
        return make_application(session, make_candidate(session, cast.acme, name), **facts)


def names(session: Session, cast: Cast) -> list[str]:
    with scopes.company(session, cast.acme.id):
        return [row.name for row in stalled.rows(session).rows]


def test_who_rests_longest_comes_first_and_all_are_counted(session: Session, cast: Cast) -> None:
    resting(session, cast, "十五 日", 15)
    oldest = resting(session, cast, "三十 日", 30)
    resting(session, cast, "十三 日", 13)
    resting(session, cast, "見送り 済", 40, status=ApplicationResult.WITHDREW, decided_on=clock.today())
    assert names(session, cast) == ["三十 日", "十五 日"]
    with scopes.company(session, cast.acme.id):
        assert stalled.stalled(session) == (2, oldest.updated_at)
    with scopes.company(session, cast.other.id):
        assert stalled.stalled(session) == (0, None)
        assert not stalled.rows(session).rows


@pytest.mark.parametrize("what", [Progress.STEP, Progress.WITHDREW])
def test_a_step_or_a_result_takes_somebody_off(session: Session, cast: Cast, what: Progress) -> None:
    application = resting(session, cast, "三十 日", 30)
    step = StepKind.FINAL if what is Progress.STEP else None
    with scopes.company(session, cast.acme.id):
        entry = ProgressEntry(what, clock.today(), step)
        seen = progress.version(session, application)
        progress.enter(session, application.id, entry, seen=seen, by_user_id=cast.ada.id)
    assert names(session, cast) == []
    with clock.at(clock.now() + stalled.AFTER + timedelta(hours=1)):
        assert names(session, cast) == (["三十 日"] if step else [])


def test_a_step_that_a_file_brings_counts_as_one(session: Session, cast: Cast) -> None:
    application = resting(session, cast, "三十 日", 30)
    with scopes.company(session, cast.acme.id):
        session.add(
            ApplicationStep(
                candidate_id=application.candidate_id,
                application_id=application.id,
                place=1,
                name="一次面接",
                imported=True,
                created_at=clock.now(),
                updated_at=clock.now(),
            )
        )
    session.flush()
    assert names(session, cast) == []


def test_counting_stops_and_says_so(session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalled, "COUNT_CAP", 1)
    monkeypatch.setattr(stalled, "PAGE", 2)
    for days in (20, 30, 40):
        resting(session, cast, f"{days} 日", days)
    with scopes.company(session, cast.acme.id):
        assert stalled.stalled(session).number == 2
        first = stalled.rows(session)
        assert [row.name for row in first.rows] == ["40 日", "30 日"]
        assert [row.name for row in stalled.rows(session, after=first.next).rows] == ["20 日"]
