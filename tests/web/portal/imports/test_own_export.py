"""What Relay wrote out comes back: nobody new, nothing changed, in each of its formats."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.indexing import search_rows
from relay.models import ApplicationResult, Candidate, Import, RejectionReason, scopes
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.web.portal.imports.test_index import drop


@pytest.fixture
def people(session: Session, cast: Cast, hanako: Candidate) -> None:
    """Hanako, and people with a rejection, a withdrawal, a number from abroad, a name like a formula, two tags."""
    acme = cast.acme
    books = make_position(session, acme, "経理（正社員）")
    mio = make_candidate(session, acme, "-秋山 澪", email="mio..a@docomo.ne.jp", phone="+14155552671")
    rin = make_candidate(session, acme, "秋山 凛", email="rin@mail.example", kana="アキヤマ リン", phone="")
    ken = make_candidate(session, acme, "葛󠄀城 健", email="", phone="0266221234")
    make_application(
        session, mio, books, status=ApplicationResult.REJECTED, reason=RejectionReason.SKILLS, decided_on=clock.today()
    )
    make_application(session, rin, books, status=ApplicationResult.WITHDREW, decided_on=clock.today())
    make_application(session, ken, books)
    with scopes.company(session, acme.id):
        for name in ("=次点", "英語"):
            tags.add_tag(session, tags.find_or_make(session, name), [rin.id], by_user_id=None)
        search_rows.index(session, [mio.id, rin.id, ken.id])
    session.commit()


@pytest.mark.parametrize("format", ["csv", "xlsx", "cp932"])
def test_nobody_is_new_and_nothing_changes(
    session: Session, cast: Cast, ada: FlaskClient, people: None, format: str
) -> None:
    file = ada.post("/pool/export", data={"purpose": "moving", "format": format}).data
    answer = drop(ada, file, f"relay.{format}")
    assert answer.status_code == 303, answer.text
    ada.post(answer.location, data={"basis": "selection", "past": "keep", "told": "no"})
    with scopes.company(session, cast.acme.id):
        report = session.scalars(select(Import.report)).one()
    assert (report["rows"], report["created"], report["updated"]) == (4, 0, 0)
