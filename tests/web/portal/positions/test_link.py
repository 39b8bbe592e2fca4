"""The link of a position on its page: what is missing first, one click to make it, what came by it, closed for good."""

from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.hiring import positions
from relay.models import Position, PositionState, scopes
from tests.cast import Cast, browse, make_application, make_candidate
from tests.db.hiring.test_passing_on import WHOLE
from tests.web.landing.phone import words


@pytest.fixture
def position(session: Session, cast: Cast) -> Position:
    with scopes.company(session, cast.acme.id):
        made = positions.create(session, WHOLE)
    session.commit()
    return made


def test_one_click_makes_the_link_and_the_page_shows_it_to_copy(
    session: Session, cast: Cast, ada: FlaskClient, position: Position
) -> None:
    page = f"/positions/{position.id}"
    assert "紹介した方への報酬は扱いません（職業安定法40条）" in words(ada.get(page))
    made = ada.post(f"{page}/link", follow_redirects=True)
    assert "求人のリンクを作成しました" in words(made)
    session.refresh(position)
    url = f"/careers/{cast.acme.slug}/positions/{position.link_code}"
    assert f'{url}"' in made.text
    assert ada.get(url).status_code == 200
    assert "すでに作成されています" in words(ada.post(f"{page}/link", follow_redirects=True))
    session.refresh(position)
    assert url.endswith(str(position.link_code))


def test_what_is_missing_is_listed_and_the_link_refused(
    session: Session, cast: Cast, ada: FlaskClient, position: Position
) -> None:
    with scopes.company(session, cast.acme.id):
        positions.change(session, position, {"apply_at": None, "holidays": ""})
    session.commit()
    page = words(ada.get(f"/positions/{position.id}"))
    assert "リンクを作成するには、次が必要です。 休日応募先" in page and "求人のリンクを作成する" not in page
    refused = words(ada.post(f"/positions/{position.id}/link", follow_redirects=True))
    assert "求人のリンクは作成していません。足りないもの：休日、応募先" in refused


def test_applications_by_it_are_counted(session: Session, cast: Cast, ada: FlaskClient, position: Position) -> None:
    assert "リファラルの応募：0件" in words(ada.get(f"/positions/{position.id}"))
    make_application(session, make_candidate(session, cast.acme), position, channel="リファラル")
    session.commit()
    assert "リファラルの応募：1件" in words(ada.get(f"/positions/{position.id}"))
    assert '<option value="リファラル">' in ada.get("/pool/new").text


def test_a_paused_position_says_that_the_link_shows_nothing_and_a_closed_link_is_over(
    session: Session, cast: Cast, ada: FlaskClient, position: Position
) -> None:
    page = f"/positions/{position.id}"
    ada.post(f"{page}/link")
    with scopes.company(session, cast.acme.id):
        positions.set_state(session, position, PositionState.PAUSED)
    session.commit()
    assert "いまは、開いても求人が表示されません。募集を再開すると、また表示されます。" in words(ada.get(page))
    session.refresh(position)
    url = f"/careers/{cast.acme.slug}/positions/{position.link_code}"
    assert ada.get(url).status_code == 410
    assert "求人のリンクを閉じました" in words(ada.post(f"{page}/link/end", follow_redirects=True))
    assert "すでに閉じられています" in words(ada.post(f"{page}/link/end", follow_redirects=True))
    with scopes.company(session, cast.acme.id):
        positions.set_state(session, position, PositionState.OPEN)
    session.commit()
    assert ada.get(url).status_code == 410


def test_a_reader_sees_the_link_and_cannot_make_or_close_it(app: Flask, cast: Cast, position: Position) -> None:
    vic = browse(app, cast.vic)
    page = unescape(vic.get(f"/positions/{position.id}").text)
    assert "求人のリンク（リファラル）" in page and "求人のリンクを作成する" not in page
    assert vic.post(f"/positions/{position.id}/link").status_code == 403


def test_before_live_sending_the_panel_says_what_to_do_and_leads_there(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, position: Position
) -> None:
    cast.acme.live_since = None
    session.commit()
    page = f"/positions/{position.id}"
    said = ada.get(page)
    assert "「本番利用の準備」を済ませて、管理者が始めます" in words(said) and "求人を編集して入力する" not in words(
        said
    )
    assert "ホームで準備の状況を見る" in words(said)
    lead = browse(app, cast.adam).get(page).text
    way = lead.partition('id="link-h"')[2].partition("</section>")[0]
    assert 'href="/live"' in way and "本番の送信の開始へ進む" in way


def test_what_closing_means_is_said_before_the_button(ada: FlaskClient, position: Position) -> None:
    ada.post(f"/positions/{position.id}/link")
    page = words(ada.get(f"/positions/{position.id}"))
    assert page.index("すでに渡したリンクからは求人を見られなくなります") < page.index("求人のリンクを閉じる")
