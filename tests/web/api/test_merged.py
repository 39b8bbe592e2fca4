"""A record that was merged into another: by its id and by the id another system has, programs reach the one kept."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.candidates.duplicates import merging
from relay.models import Candidate, Event, EventTag, scopes
from tests.cast import Cast
from tests.web.api.conftest import Program


def bring(acme: Program, external_id: str, name: str) -> Mapping[str, str]:
    told: Mapping[str, str] = acme("PUT", f"/candidates/{external_id}", json={"name": name, "basis": "stated"}).json
    return told


def merge(session: Session, cast: Cast, kept: str, gone: str) -> None:
    with scopes.company(session, cast.acme.id):
        merging.merge(session, cast.acme.id, (int(kept), int(gone)), {}, by_user_id=cast.adam.id)
    session.commit()


def test_both_ids_of_a_merged_record_give_the_one_that_was_kept(
    acme: Program, other: Program, session: Session, cast: Cast
) -> None:
    kept, gone = bring(acme, "ats-1", "見本 一")["id"], bring(acme, "ats-2", "見本 一")["id"]
    merge(session, cast, kept, gone)
    read = acme.get(f"/candidates/{gone}")
    assert (read.status_code, read.json["id"]) == (200, kept)
    assert other.get(f"/candidates/{gone}").status_code == 404
    again = bring(acme, "ats-2", "見本 一")
    assert (again["id"], again["state"]) == (kept, "same")
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(Candidate.id))) == 1


def test_opening_it_is_logged_at_the_record_that_was_kept(acme: Program, session: Session, cast: Cast) -> None:
    kept, gone = bring(acme, "ats-1", "見本 一")["id"], bring(acme, "ats-2", "見本 一")["id"]
    merge(session, cast, kept, gone)
    acme.get(f"/candidates/{gone}")
    with scopes.company(session, cast.acme.id):
        seen = session.scalars(select(Event.subject_id).where(Event.tag == EventTag.CANDIDATE_VIEWED)).all()
    assert seen == [int(kept)]
