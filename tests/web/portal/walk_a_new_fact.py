"""Walks a fact that only a declaration and a column know through every room; run by test_a_new_fact.py in a copy."""

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from relay.candidates.duplicates.merging import merge, preselected
from relay.extensions import Base, db
from relay.models import Candidate, Event, EventTag, scopes
from relay.rights import erasure
from tests.cast import Cast
from tests.db.intake.bringing import bring, sheet
from tests.web.portal.candidates.test_edit import TYPED
from tests.web.portal.pool.test_export import WHY

PORTFOLIO = "https://works.example/sumire"


@pytest.fixture(autouse=True)
def column(app: Flask) -> None:
    """The column, which a migration would add."""
    with db.engine.begin() as connection:
        if "portfolio" not in {one["name"] for one in inspect(connection).get_columns("candidates")}:
            connection.execute(text("ALTER TABLE candidates ADD COLUMN portfolio VARCHAR(300) NOT NULL DEFAULT ''"))


def kept(session: Session, cast: Cast) -> dict[str, str]:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return {one.name: one.portfolio for one in session.scalars(select(Candidate))}  # type: ignore[attr-defined]


def test_it_is_typed_shown_found_and_survives_the_edit_of_another(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    record = ada.post("/pool/new", data=TYPED | {"portfolio": f" {PORTFOLIO} "}).location
    assert kept(session, cast) == {"髙橋　すみれ": PORTFOLIO}
    assert "作品のURL" in ada.get(record).text
    assert PORTFOLIO in ada.get(record).text
    assert "髙橋" in ada.get("/pool", query_string={"q": "sumire"}).text
    ada.post(f"{record}/facts", data={"name": "髙橋　すみれ", "kana": "タカハシ スミ"})
    assert kept(session, cast) == {"髙橋　すみれ": PORTFOLIO}
    assert PORTFOLIO in ada.get(f"{record}/facts").text


def test_a_change_of_it_is_in_the_log_by_its_name(session: Session, cast: Cast, ada: FlaskClient) -> None:
    record = ada.post("/pool/new", data=TYPED).location
    ada.post(f"{record}/facts", data={"name": "髙橋　すみれ", "portfolio": PORTFOLIO})
    changed = session.scalars(select(Event).where(Event.tag == EventTag.CANDIDATE_CHANGED)).one()
    assert changed.data == {"fields": ["portfolio"]}
    assert ada.get(record).text.count("作品のURL") == 2  # beside, and in the timeline


def test_a_file_brings_it_and_search_and_export_have_it(session: Session, cast: Cast, ada: FlaskClient) -> None:
    bring(session, cast.acme, sheet([{"氏名": "森 凛", "メール": "rin@mail.example", "作品URL": PORTFOLIO}]))
    assert kept(session, cast) == {"森 凛": PORTFOLIO}
    assert "森 凛" in ada.get("/pool", query_string={"q": "works.example"}).text
    file = ada.post("/pool/export", data=WHY | {"format": "csv"}).data.decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(file))
    assert row[head.index("作品のURL")] == PORTFOLIO


def test_it_outlives_a_merge_and_not_its_person(session: Session, cast: Cast, ada: FlaskClient) -> None:
    ada.post("/pool/new", data=TYPED)
    ada.post("/pool/new", data=TYPED | {"email": "", "phone": "", "portfolio": PORTFOLIO, "who": "new"})
    with scopes.company(session, cast.acme.id):
        one, other = session.scalars(select(Candidate).order_by(Candidate.id))
        merge(session, cast.acme.id, (one.id, other.id), preselected(one, other), by_user_id=cast.ada.id)
        session.commit()
    assert kept(session, cast) == {"髙橋　すみれ": PORTFOLIO}
    assert tables_with(session, PORTFOLIO) >= {"candidates", "journal_images"}
    erasure.erase_candidates(session, cast.acme.id, [one.id])
    session.commit()
    assert tables_with(session, PORTFOLIO) == set()


def tables_with(session: Session, words: str) -> set[str]:
    """The tables that hold these words anywhere."""
    connection = session.connection()
    rows = {name: connection.execute(table.select()).all() for name, table in Base.metadata.tables.items()}
    return {name for name, found in rows.items() if words in str([tuple(row) for row in found])}
