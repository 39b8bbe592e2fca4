"""/alerts and home: who was found, letting searches and positions speak up, and the mail's own page."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.indexing import search_rows
from relay.insight import alerts, digests, lookout
from relay.mail import letters, tokens
from relay.models import AlertSubscription, Candidate, Message, Position, SavedSearch, TokenPurpose, scopes
from relay.search import saved
from relay.search.candidate_search import Query
from tests.cast import Cast, make_candidate, make_position


def welds(session: Session, cast: Cast, name: str) -> Candidate:
    person = make_candidate(session, cast.acme, name, desired_role="溶接工", email=f"{name}@mail.example")
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [person.id])
        for _number in lookout.look(session, cast.acme.id):
            pass
    session.commit()
    return person


@pytest.fixture
def welder(session: Session, cast: Cast) -> Position:
    welds(session, cast, "前 一郎")
    return make_position(session, cast.acme, "溶接工")


@pytest.fixture
def search(session: Session, cast: Cast) -> SavedSearch:
    with scopes.company(session, cast.acme.id):
        kept = saved.save(session, "溶接の方", Query(q="溶接工"), user_id=cast.ada.id, shared=True)
    session.commit()
    return kept


def test_a_position_speaks_up_on_home_and_in_the_list_until_it_was_looked_at(
    session: Session, cast: Cast, ada: FlaskClient, welder: Position
) -> None:
    page = ada.get(f"/positions/{welder.id}/fits").text
    assert "お知らせを始める" in page
    assert "いま合う方はお知らせしません" in page
    answer = ada.post(f"/alerts/positions/{welder.id}", data={"alert": "on"})
    assert (answer.status_code, answer.location) == (303, f"/positions/{welder.id}/fits")
    assert "お知らせを止める" in ada.get(answer.location).text
    assert "お知らせはまだありません" in ada.get("/alerts").text
    assert "新しく合う方" not in ada.get("/").text
    welds(session, cast, "後 二郎")
    home = ada.get("/").text
    assert "新しく合う方" in home
    assert 'href="/alerts"' in home
    listed = ada.get("/alerts").text
    assert "後 二郎" in listed
    assert "前 一郎" not in listed
    assert "求人と同じ職種が、記録にあります" in listed
    newest = re.search(r'name="newest" value="(\d+)"', listed)
    assert newest
    for typed in ("", "nonsense", newest[1]):
        assert ada.post("/alerts/seen", data={"newest": typed}).status_code == 303
    assert "新しく合う方" not in ada.get("/").text.split('id="today-h"')[1].split("</section>")[0]
    assert "後 二郎" in ada.get("/alerts").text, "it stays in the list"


def test_a_saved_search_is_switched_on_and_off_on_both_pages(
    session: Session, cast: Cast, ada: FlaskClient, search: SavedSearch
) -> None:
    address = f"/alerts/searches/{search.id}"
    assert "「溶接の方」のお知らせを始める" in ada.get("/pool/searches").text
    for _twice in range(2):
        assert ada.post(address, data={"alert": "on"}).location == "/pool/searches"
    assert "「溶接の方」のお知らせを止める" in ada.get("/alerts").text
    for _twice in range(2):
        assert ada.post(address, data={"alert": "off", "from": "alerts"}).location == "/alerts"
    assert "「溶接の方」のお知らせを始める" in ada.get("/pool/searches").text


def test_what_cannot_be_watched_is_said_in_a_sentence(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    bare = make_position(session, cast.acme, "第七課")
    session.commit()
    answer = ada.post(f"/alerts/positions/{bare.id}", data={"alert": "on"}, follow_redirects=True)
    assert "この求人には職種も必要な資格もないため、お知らせを始められません" in answer.text


def test_who_may_only_look_has_no_alerts(vic: FlaskClient, welder: Position, search: SavedSearch) -> None:
    assert vic.get("/alerts").status_code == 403
    assert vic.post(f"/alerts/searches/{search.id}", data={"alert": "on"}).status_code == 403
    for path in ("/", "/pool/searches", f"/positions/{welder.id}/fits"):
        assert "お知らせ" not in vic.get(path).text


def test_somebody_elses_search_that_is_not_shared_is_not_there(
    session: Session, cast: Cast, ada: FlaskClient, search: SavedSearch
) -> None:
    search.user_id, search.shared = cast.adam.id, False
    session.commit()
    assert ada.post(f"/alerts/searches/{search.id}", data={"alert": "on"}).status_code == 404


def test_the_list_is_read_on_page_by_page(
    session: Session, cast: Cast, ada: FlaskClient, search: SavedSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "PAGE", 2)
    ada.post(f"/alerts/searches/{search.id}", data={"alert": "on"})
    for name in ("一 郎", "二 郎", "三 郎"):
        welds(session, cast, name)
    first = ada.get("/alerts").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    assert "一 郎" not in first
    second = ada.get(older[1]).text
    assert "一 郎" in second
    assert "三 郎" not in second
    assert ada.get("/alerts?after=nonsense").status_code == 200


def mailed(session: Session, cast: Cast) -> str:
    """The path of the page that the mail of a day leads to."""
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message).where(Message.letter == digests.LETTER)).one()
        mint = letters.find(digests.LETTER).mint
        assert mint
        address = mint(session, mail)[digests.PAGE.key]
    session.commit()
    return address[address.index("/alerts-off/") :]


def following(session: Session, cast: Cast) -> int:
    with scopes.company(session, cast.acme.id):
        return len(session.scalars(select(AlertSubscription.id)).all())


def test_the_mail_leads_to_a_page_that_stops_one_or_all(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, welder: Position, search: SavedSearch
) -> None:
    ada.post(f"/alerts/searches/{search.id}", data={"alert": "on"})
    ada.post(f"/alerts/positions/{welder.id}", data={"alert": "on"})
    welds(session, cast, "後 二郎")
    with scopes.company(session, cast.acme.id):
        digests.write_to(session, cast.acme.id)
    session.commit()
    path, stranger = mailed(session, cast), app.test_client()
    page = stranger.get(path).text
    assert "溶接の方" in page
    assert "後 二郎" not in page, "the link names nobody"
    assert following(session, cast) == 2, "looking changes nothing"
    csrf = re.search(r'name="link_csrf" value="([^"]+)"', page)
    number = re.search(r'name="alert_id" value="(\d+)"', page)
    assert csrf
    assert number
    assert stranger.post(path, data={"alert_id": number[1]}).status_code == 400, "not from this page"
    answer = stranger.post(path, data={"link_csrf": csrf[1], "alert_id": number[1]})
    assert (answer.status_code, answer.location) == (303, path)
    assert "溶接工" not in stranger.get(path).text
    assert "メールをすべて止める" in stranger.get(path).text, "the others go on"
    stranger.post(path, data={"link_csrf": csrf[1]})
    assert "お知らせのメールは、すべて止めてあります" in stranger.get(path).text
    assert "メールでも受け取る" in ada.get("/alerts").text
    assert "溶接の方" in ada.get("/alerts").text, "home goes on"
    ada.post("/alerts/mail", data={"mail": "on"})
    assert "メールをすべて止める" in ada.get("/alerts").text


def test_a_mail_program_stops_all_mails_by_one_post(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, search: SavedSearch
) -> None:
    token = tokens.mint(session, TokenPurpose.ALERTS, cast.ada.id, company_id=cast.acme.id)
    session.commit()
    answer = app.test_client().post(f"/alerts-off/{token}", data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "Set-Cookie" not in answer.headers
    with scopes.company(session, cast.acme.id):
        assert not alerts.gets_mail(session, cast.ada.id)
        assert alerts.gets_mail(session, cast.adam.id)


def test_the_link_of_a_member_who_left_opens_nothing(app: Flask, session: Session, cast: Cast) -> None:
    token = tokens.mint(session, TokenPurpose.ALERTS, cast.ada.id, company_id=cast.acme.id)
    cast.ada.disabled_at = cast.ada.created_at
    session.commit()
    for method in ("GET", "POST"):
        data = {"List-Unsubscribe": "One-Click"} if method == "POST" else None
        answer = app.test_client().open(f"/alerts-off/{token}", method=method, data=data)
        assert answer.status_code == 404
        assert "ログインして、ホームの「お知らせ」の画面から止められます" in answer.text
