"""The log of the company's people: every act of theirs, none of a candidate's; walked along indexes alone."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.extensions import db
from relay.models import ApiKey, Candidate, Event, EventTag, Role, scopes
from relay.models.events import Actor, act_as
from relay.record.operation_log import TAGS
from tests.bench import plans
from tests.cast import Cast, browse, make_candidate, make_user
from tests.statements import said

MANY = 3_000
SORTED_APART = re.compile(r"SEARCH events USING INDEX ix_events_by_users?\b[^\n]*\n +USE TEMP B-TREE")
"""A walk that is not in the order of its index, as SQLite tells it: it reads all of its kind before the limit."""


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def test_views_exports_and_changes_of_everybody_are_there_for_administrators_alone(
    session: Session, cast: Cast, ada: FlaskClient, adam: FlaskClient, hanako: Candidate
) -> None:
    assert ada.get("/settings/log").status_code == 403
    ada.get(f"/pool/{hanako.id}")
    ada.post(f"/pool/{hanako.id}/notes", data={"body": "春にまた"})
    make_candidate(session, cast.acme, "森 凛")
    session.commit()
    ada.post("/pool/bulk?all=1", data={"act": "add", "name": "また会いたい"})
    page = adam.get("/settings/log").text
    assert "記録を開いた" in page and "メモを残した" in page
    assert hanako.name in page and cast.ada.name in page
    assert "春にまた" not in page, "what a memo says is not in the log"
    assert page.count("タグを付けた") == 1, "an act on many is one line"
    assert "2名" in page
    assert f"/settings/log?person={hanako.id}" in adam.get(f"/pool/{hanako.id}").text
    assert "/settings/log" not in ada.get(f"/pool/{hanako.id}").text
    views = adam.get("/settings/log?kind=views").text
    assert "記録を開いた" in views and "メモを残した" not in views
    assert "当てはまる操作はありません" in adam.get("/settings/log?kind=exports").text
    assert "メモを残した" not in adam.get(f"/settings/log?user={cast.adam.id}").text
    assert "メモを残した" in adam.get(f"/settings/log?person={hanako.id}&user={cast.ada.id}").text
    yesterday = f"{clock.today() - timedelta(days=1):%Y-%m-%d}"
    assert "当てはまる操作はありません" in adam.get(f"/settings/log?until={yesterday}").text
    unread = adam.get("/settings/log?until=きのうあたり").text
    assert "日付で絞り込まずに" in unread and "記録を開いた" in unread


def test_what_a_program_did_is_there_with_the_name_of_its_key(
    session: Session, cast: Cast, ada: FlaskClient, adam: FlaskClient, hanako: Candidate
) -> None:
    """A key and a member of the same number are told apart, and acts of both at one moment are two lines."""
    ada.get(f"/pool/{hanako.id}")
    owner = KeyOwner(company_id=cast.acme.id)
    alike, unused = cast.ada.id, cast.ada.id + 1_000
    for name, number in (("集計", unused), ("採用サイト", alike)):
        keys.make(session, owner, name, owner.choices(), by_user_id=cast.adam.id, expires_on=None, live=False)
        with scopes.company(session, cast.acme.id):
            session.execute(update(ApiKey).where(ApiKey.name == name).values(id=number))
    mia = make_user(session, "mia", cast.acme, Role.RECRUITER)
    moment = clock.now()
    for kind in ("api-key", "api-key", "user"):
        event = _event(cast, hanako, EventTag.CANDIDATE_CHANGED, Actor(kind, alike, "192.0.2.7", "r"))
        event.at = moment
        session.add(event)
    session.add(_event(cast, hanako, EventTag.FILE_OPENED, Actor("user", mia.id, "192.0.2.7", "s")))
    session.commit()
    page = adam.get("/settings/log").text
    assert page.count("記録を編集した") == 2, "of the key, which did it to two, and of the member"
    assert page.count('<td class="col-x1">APIキー：採用サイト</td>') == 1
    assert f'<option value="key-{alike}">APIキー：採用サイト</option>' in page
    by_key = adam.get(f"/settings/log?user=key-{alike}").text
    assert by_key.count("記録を編集した") == 1 and "記録を開いた" not in by_key and "書類を開いた" not in by_key
    assert f'<option value="key-{alike}" selected>' in by_key
    assert adam.get(f"/settings/log?user={alike}&kind=records").text.count("記録を編集した") == 1
    assert "APIキー：採用サイト</td>" not in adam.get(f"/settings/log?user={alike}").text
    assert "当てはまる操作はありません" in adam.get(f"/settings/log?user=key-{unused}&kind=records").text
    about = adam.get(f"/settings/log?person={hanako.id}&user=key-{alike}").text
    assert about.count("記録を編集した") == 1 and f"user=key-{alike}" in about
    for unread in ("key-", "key-x", "key-99999999999999999999999"):
        assert adam.get(f"/settings/log?user={unread}").text.count("記録を編集した") == 2


def test_no_line_tells_what_a_candidate_did(session: Session, cast: Cast, adam: FlaskClient, hanako: Candidate) -> None:
    """Written as if pressed, by a candidate and by a colleague: tags outside of the list are in no line (A-45)."""
    shown = {tag for tags in TAGS.values() for tag in tags}
    told = [tag for tag in EventTag if tag not in shown]
    assert {EventTag.PROFILE_REGISTERED, EventTag.REFERRAL_COMPLETED, EventTag.CONSENT_GRANTED} <= set(told)
    for actor in (Actor("candidate", None, "192.0.2.7", "a"), Actor("visitor", None, "192.0.2.7", "b")):
        act_as(session, actor)
        for tag in shown:
            session.add(_event(cast, hanako, tag, actor))
    user = Actor("user", cast.ada.id, "192.0.2.7", "c")
    for tag in told:
        session.add(_event(cast, hanako, tag, user))
    session.commit()
    page = adam.get("/settings/log").text
    assert hanako.name not in page
    assert "192.0.2.7" not in page


def test_one_file_among_very_many_openings_is_found_without_reading_them(
    session: Session, cast: Cast, adam: FlaskClient, hanako: Candidate
) -> None:
    moment = clock.now()
    common = {"company_id": cast.acme.id, "actor_kind": "user", "subject_kind": "candidate", "subject_id": hanako.id}
    session.execute(
        insert(Event),
        [
            common
            | {"at": moment - timedelta(minutes=n), "tag": tag, "actor_id": who, "request_id": f"r{n}", "data": {}}
            for n in range(MANY)
            for tag, who in (
                [("pool:exported", cast.adam.id)] if n == MANY - 1 else [("candidate:viewed", cast.ada.id)]
            )
        ],
    )
    owner = KeyOwner(company_id=cast.acme.id)
    keys.make(session, owner, "採用サイト", owner.choices(), by_user_id=cast.adam.id, expires_on=None, live=False)
    with scopes.company(session, cast.acme.id):
        key_id = session.scalars(select(ApiKey.id)).one()
    of_key = common | {"actor_kind": "api-key", "actor_id": key_id, "data": {}}
    session.execute(
        insert(Event),
        [
            of_key
            | {"at": moment - timedelta(minutes=n), "request_id": f"k{n}"}
            | {"tag": "file:added" if n == MANY - 1 else "candidate:changed"}
            for n in range(MANY)
        ],
    )
    by_worker = {"at": moment, "tag": "candidate:changed", "actor_id": cast.ada.id, "request_id": "", "data": {}}
    session.execute(insert(Event), [common | by_worker for _n in range(MANY)])
    session.commit()
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    first = adam.get("/settings/log?kind=views").text
    assert first.count("<tr>") == 51
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    kept = ("/settings/log", "/settings/log?kind=exports", f"/settings/log?user={cast.adam.id}", older)
    for address in (*kept, f"/settings/log?user=key-{key_id}"):
        with said(db.engine) as statements:
            page = adam.get(address).text
        assert list(plans.reading_all(db.engine, statements, most=MANY // 2)) == [], address
        assert not SORTED_APART.search("".join(plans.explained(db.engine, statements))), address
        if "exports" in address or "user=" in address:
            assert ("一覧をファイルに書き出した" in page) == ("key-" not in address)
        assert ("記録を編集した" in page) == (address == "/settings/log" or "key-" in address), (
            "what the worker goes on with is not a line each"
        )


def _event(cast: Cast, about: Candidate, tag: EventTag, actor: Actor) -> Event:
    return Event(
        at=clock.now(),
        tag=tag.value,
        company_id=cast.acme.id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        subject_kind="candidate",
        subject_id=about.id,
        data={},
        ip=actor.ip,
        request_id=actor.request_id,
    )
