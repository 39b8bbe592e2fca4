"""95,000 people tagged by the worker and put back: whoever writes meanwhile waits five seconds at most.

SOAK_PEOPLE names another number of people.
"""

import os
import sys
from time import perf_counter

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import activity, runs
from relay.bulk.actions import AddTag
from relay.candidates import tags
from relay.extensions import db
from relay.infra import jobs
from relay.infra.jobs import Queue
from relay.models import CandidateTag, Company, JournalEntry, User, scopes
from relay.search.candidate_search import Query
from tests.bench.build import build
from tests.bench.importing import OtherWriter

PEOPLE = int(os.environ.get("SOAK_PEOPLE") or 95_000)
LONGEST_WAIT = 5.0


def test_others_write_while_the_worker_tags_everybody_and_takes_it_back(
    app: Flask, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    build(db.engine, PEOPLE, now=clock.now())
    with scopes.everyone(session, "soak: the first company and somebody there"):
        company_id = session.scalars(select(Company.id).where(Company.slug == "acme")).one()
        user_id = session.scalars(select(User.id).where(User.company_id == company_id).limit(1)).one()
    with scopes.company(session, company_id):
        tag_id = tags.find_or_make(session, "全員に付く", confirmed=True).id
        carried = select(CandidateTag.id).where(CandidateTag.tag_id == tag_id).limit(1)
        done = runs.do_to_all(session, company_id, AddTag(tag_id), Query(), but=(), by_user_id=user_id)
        tagging = _worked_off(session)
        entry = session.scalars(select(JournalEntry).where(JournalEntry.id == done.entry_id)).one()
        assert entry.people > activity.SYNC_LIMIT
        assert not activity.take_back(session, company_id, entry, by_user_id=user_id)
        undoing = _worked_off(session)
        session.refresh(entry)
        assert entry.undone_at is not None
        assert not session.scalars(carried).all(), "nobody carries it any more"
    with capsys.disabled():
        sys.stdout.write(f" {entry.people:,} people: tagged, another writer waited {tagging}; put back, {undoing} ")
    assert max(tagging.wait, undoing.wait) <= LONGEST_WAIT


class _Beside:
    """How long another writer waited at most while the worker did what was due, and how long that took."""

    def __init__(self, wait: float, seconds: float) -> None:
        self.wait, self.seconds = wait, seconds

    def __str__(self) -> str:
        return f"{self.wait:.1f} s at most in {self.seconds:.0f} s"


def _worked_off(session: Session) -> _Beside:
    session.commit()
    begun = perf_counter()
    with OtherWriter(db.engine.url.render_as_string(hide_password=False)) as other:
        while jobs.run_one(session, clock.now(), queues=[Queue.BULK_ACTIONS]):
            pass
    assert other.failed == 0
    return _Beside(other.longest_wait, perf_counter() - begun)
