"""数字 → 連携用データ: an address is shown once, listed by its name and last day, and revoked at once."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.identity.sessions import PROOF_LASTS
from relay.kpis import feeds
from relay.kpis.definitions import CASES
from tests.cast import Cast, browse
from tests.web.landing.phone import words

PAGE = "/insights/feeds"


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def shown(page: str) -> dict[str, str]:
    """The addresses in the fields of the page, by their ids."""
    return dict(re.findall(r'id="made-(\w+)" type="text" readonly value="([^"]*)"', page.replace("&#34;", "'")))


def living(session: Session, cast: Cast) -> dict[str, int]:
    session.rollback()
    return {each.name: each.id for each in feeds.living(session, cast.acme.id)}


def test_an_address_is_shown_once_and_reads_the_counts(app: Flask, adam: FlaskClient) -> None:
    made = adam.post(PAGE, data={"name": "役員会の表"})
    addresses = shown(made.text)
    assert set(addresses) == {"sheets", "excel", "csv", "json"}
    assert addresses["sheets"] == f"=IMPORTDATA('{addresses['csv']}')"
    assert addresses["excel"] == f"{addresses['csv']}?bom=1"
    sheet = app.test_client(use_cookies=False)
    for kind in ("csv", "json", "excel"):
        assert sheet.get(addresses[kind]).status_code == 200, kind
    again = adam.get(PAGE)
    token = addresses["csv"].split("/")[-2]
    assert len(token) == 43 and token not in again.text and shown(again.text) == {}
    assert "役員会の表" in words(again)


def test_the_list_says_when_one_was_last_read(app: Flask, adam: FlaskClient) -> None:
    made = shown(adam.post(PAGE, data={"name": "役員会の表"}).text)
    assert "まだ読まれていません" in words(adam.get(PAGE))
    with clock.at(datetime(2026, 12, 24, 12, tzinfo=clock.JAPAN)):
        app.test_client(use_cookies=False).get(made["csv"])
    assert "最後に読まれた日：2026年12月24日" in words(adam.get(PAGE))


def test_a_revoked_one_reads_nothing_from_the_next_request_on(
    app: Flask, adam: FlaskClient, session: Session, cast: Cast
) -> None:
    made = shown(adam.post(PAGE, data={"name": "役員会の表"}).text)
    sheet = app.test_client(use_cookies=False)
    assert sheet.get(made["csv"]).status_code == 200
    feed = {"feed": str(living(session, cast)["役員会の表"])}
    assert adam.post(f"{PAGE}/revoke", data=feed).status_code == 303
    assert {sheet.get(made[kind]).status_code for kind in ("csv", "json", "excel")} == {404}
    after = adam.get(PAGE)
    assert "「役員会の表」のアドレスを無効にしました。" in words(after) and "有効なアドレスはありません" in words(after)
    assert adam.post(f"{PAGE}/revoke", data=feed).status_code == 303, "pressed twice it is revoked already"


def test_what_cannot_be_made_is_said_and_nothing_is(adam: FlaskClient, session: Session, cast: Cast) -> None:
    unnamed = adam.post(PAGE, data={"name": ""})
    assert unnamed.status_code == 422 and "使う場所を入力してください。" in words(unnamed)
    for number in range(feeds.MAX_FEEDS):
        feeds.make(session, cast.acme.id, f"表{number}", by_user_id=cast.adam.id)
    session.commit()
    refused = adam.post(PAGE, data={"name": "もう一つ"})
    assert refused.status_code == 422 and "アドレスは20件まで作成できます。まだ作成していません。" in words(refused)
    assert 'value="もう一つ"' in refused.text, "what was typed stays"
    assert len(living(session, cast)) == feeds.MAX_FEEDS


def test_an_old_proof_is_asked_for_again(adam: FlaskClient, session: Session, cast: Cast) -> None:
    with clock.at(clock.now() + PROOF_LASTS + timedelta(minutes=1)):
        asked = adam.post(PAGE, data={"name": "役員会の表"})
    assert shown(asked.text) == {} and 'type="password"' in asked.text
    assert living(session, cast) == {}


def test_only_administrators_see_or_change_any(
    app: Flask, ada: FlaskClient, vic: FlaskClient, session: Session, cast: Cast
) -> None:
    feeds.make(session, cast.acme.id, "役員会の表", by_user_id=cast.adam.id)
    session.commit()
    feed = {"feed": str(living(session, cast)["役員会の表"])}
    for client in (ada, vic):
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, data={"name": "表"}).status_code == 403
        assert client.post(f"{PAGE}/revoke", data=feed).status_code == 403
    mona = browse(app, cast.mona)
    mona.post(f"{PAGE}/revoke", data=feed)
    assert "役員会の表" in living(session, cast)


def test_each_kind_is_said_with_when_it_counts(adam: FlaskClient) -> None:
    page = words(adam.get(PAGE))
    for kind, definition in CASES.items():
        assert f"{kind.label}{kind.value}" in page.replace(" ", "") and str(definition.counts) in page, kind
