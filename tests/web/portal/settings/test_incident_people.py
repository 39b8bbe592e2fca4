"""Whom an incident concerns: asked of the log, shown, written out, and never a list beside the records (A-40)."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates.merging import merge, preselected
from relay.models import Candidate, Event, EventTag, Incident, scopes
from relay.rights.erasure import erase_candidates
from relay.trust import incidents
from tests.cast import Cast, browse, make_candidate
from tests.web.landing.phone import words


@pytest.fixture
def people(session: Session, cast: Cast) -> list[Candidate]:
    return [make_candidate(session, cast.acme, f"候補 {each}番", email=f"{each}@mail.example") for each in "一二三"]


@pytest.fixture
def path(session: Session, cast: Cast, people: list[Candidate]) -> str:
    entered = incidents.enter(
        session, cast.acme.id, "パソコンの紛失", noticed_at=clock.now(), people=None, malicious=False, by_user_id=None
    )
    session.commit()
    return f"/settings/incidents/{entered.id}/people"


def asked(**typed: str) -> dict[str, str]:
    today = f"{clock.today():%Y/%m/%d}"
    return {"since": today, "until": today, "user": "0"} | typed


def named(browser: FlaskClient, path: str) -> list[str]:
    said = words(browser.get(path))
    return [each for each in ("候補 一番", "候補 二番", "候補 三番") if each in said]


def test_nobody_is_listed_before_the_log_was_asked(ada: FlaskClient, path: str, people: list[Candidate]) -> None:
    ada.get(f"/pool/{people[0].id}")
    assert named(ada, path) == []
    assert "対象の方は見つかっていません" in words(ada.get(path))


def test_whose_record_was_opened_in_that_time_by_that_user_is_listed(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, path: str, people: list[Candidate]
) -> None:
    browse(app, cast.vic).get(f"/pool/{people[0].id}")
    ada.get(f"/pool/{people[1].id}")
    assert ada.post(path, data=asked()).status_code == 303
    assert named(ada, path) == ["候補 一番", "候補 二番"]
    assert "1@mail.example" not in words(ada.get(path)) and "一@mail.example" in words(ada.get(path))
    ada.post(path, data=asked(user=str(cast.vic.id)))
    assert named(ada, path) == ["候補 一番"]
    yesterday = f"{clock.today() - timedelta(days=1):%Y/%m/%d}"
    ada.post(path, data=asked(since=yesterday, until=yesterday))
    assert named(ada, path) == []
    assert session.scalars(select(Event.tag).where(Event.tag == EventTag.INCIDENT_CHANGED)).all() != []


def test_who_was_there_when_a_list_was_written_out_is_listed_where_asked_for(
    session: Session, cast: Cast, ada: FlaskClient, path: str, people: list[Candidate]
) -> None:
    assert ada.post("/pool/export", data={"purpose": "report", "format": "csv"}).status_code == 200
    with clock.at(clock.now() + timedelta(minutes=1)):
        make_candidate(session, cast.acme, "候補 四番", email="4@mail.example")
        session.commit()
    ada.post(path, data=asked())
    assert named(ada, path) == []
    ada.post(path, data=asked(exports="y"))
    assert named(ada, path) == ["候補 一番", "候補 二番", "候補 三番"]
    assert "候補 四番" not in words(ada.get(path))


def test_the_file_holds_the_same_people_and_the_log_says_that_it_was_taken(
    session: Session, ada: FlaskClient, path: str, people: list[Candidate]
) -> None:
    ada.get(f"/pool/{people[2].id}")
    ada.post(path, data=asked())
    file = ada.post(f"{path}/file").data.decode("utf-8-sig")
    heading, row = csv.reader(io.StringIO(file))
    assert heading == ["氏名", "メールアドレス", "最後に開かれた日時"]
    assert row[:2] == ["候補 三番", "三@mail.example"]
    taken = session.scalars(select(Event).where(Event.tag == EventTag.POOL_EXPORT_BEGUN)).one()
    assert taken.data["rows"] == 1


def test_who_is_erased_is_gone_from_the_list_and_who_is_merged_stands_under_the_other_record(
    session: Session, cast: Cast, ada: FlaskClient, path: str, people: list[Candidate]
) -> None:
    for each in people:
        ada.get(f"/pool/{each.id}")
    ada.post(path, data=asked())
    one, two, three = people
    with scopes.company(session, cast.acme.id):
        merge(session, cast.acme.id, (one.id, two.id), preselected(one, two) | {"name": one.id}, by_user_id=None)
    erase_candidates(session, cast.acme.id, [three.id])
    session.commit()
    assert named(ada, path) == ["候補 一番"]


def test_the_notice_says_what_the_law_asks_and_names_nobody(
    session: Session, cast: Cast, ada: FlaskClient, path: str, people: list[Candidate]
) -> None:
    ada.get(f"/pool/{people[0].id}")
    ada.post(path, data=asked())
    shown = words(ada.get(path)).partition("ご本人への通知の文面")[2]
    for heading in ("概要：", "個人データの項目：", "原因：", "二次被害またはそのおそれ：", "その他："):
        assert heading in shown
    assert "パソコンの紛失に気づいた" in shown
    assert people[0].name not in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"since": "きのう"}, "日付"), ({"since": "2026/11/20", "until": "2026/11/19"}, "終わりの日が、始まりの日より前")],
)
def test_days_that_cannot_be_are_refused_and_nothing_is_kept(
    session: Session, cast: Cast, ada: FlaskClient, path: str, typed: dict[str, str], said: str
) -> None:
    refused = ada.post(path, data=asked(**typed))
    assert refused.status_code == 422
    assert said in words(refused)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Incident.log_since)).all() == [None]
