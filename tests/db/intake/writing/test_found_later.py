"""A large file's people are listed at once, and found by their words portion by portion, whatever happens meanwhile."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.infra import jobs
from relay.intake.writing import found_later
from relay.models import CandidateSearch, Job, JournalEntry, journal, scopes
from relay.search import candidate_search
from relay.search.candidate_search import Query
from tests.cast import Cast, make_cast
from tests.db.intake.bringing import bring, herp

PEOPLE = [
    {"応募ID": f"L{number}", "名前": f"秋山 {number}", "募集職種": "旋盤工", "選考終了理由": "不採用"}
    for number in range(5)
]


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five people are many here, and two a portion."""
    monkeypatch.setattr(found_later, "AT_ONCE", 2)
    monkeypatch.setattr(journal, "CHUNK_SIZE", 2)


def found(session: Session, cast: Cast, words: str) -> set[str]:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return {row.name for row in candidate_search.find(session, cast.acme.id, Query(q=words)).rows}


def work(session: Session) -> None:
    session.commit()
    while jobs.run_one(session, clock.now()):
        session.rollback()


def test_people_are_listed_at_once_and_found_when_the_worker_was_there(session: Session, cast: Cast) -> None:
    bring(session, cast.acme, herp(*PEOPLE))
    assert found(session, cast, "") == {one["名前"] for one in PEOPLE}
    assert found(session, cast, "旋盤工") == set()
    work(session)
    assert found(session, cast, "旋盤工") == {one["名前"] for one in PEOPLE}


def test_a_person_of_whom_a_later_file_says_more_is_found_by_it(session: Session, cast: Cast) -> None:
    bring(session, cast.acme, herp(*PEOPLE))
    work(session)
    bring(session, cast.acme, herp(*({**one, "タグ": "溶接"} for one in PEOPLE)))
    assert found(session, cast, "溶接") == set()
    work(session)
    assert found(session, cast, "溶接") == found(session, cast, "旋盤工") == {one["名前"] for one in PEOPLE}


def test_a_kill_between_two_portions_costs_a_portion(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(session, cast.acme, herp(*PEOPLE))
    portions = []

    def killed(session: Session, job: Job) -> None:
        session.commit()
        portions.append(job.payload["after"])
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(jobs, "go_on", killed)
        with pytest.raises(KeyboardInterrupt):
            work(session)
    assert len(found(session, cast, "旋盤工")) == 2
    assert portions[0] > 0
    session.rollback()
    with clock.at(clock.now() + jobs.LEASE * 2):
        work(session)
    assert len(found(session, cast, "旋盤工")) == 5


def test_what_was_taken_back_meanwhile_is_passed_over(session: Session, cast: Cast) -> None:
    bring(session, cast.acme, herp(*PEOPLE))
    with scopes.company(session, cast.acme.id):
        entry = session.scalars(select(JournalEntry)).one()
        undo.undo(session, cast.acme.id, entry.id, by_user_id=None)
    work(session)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(CandidateSearch.candidate_id)).all() == []
