"""Targets of the named rates: typed by recruiters, shown beside the rate, and nobody's words about a person."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.cast import Cast, browse

PATH = "/insights/rates/target?kpi=reuse"


def test_a_target_and_what_is_done_stand_beside_the_rate_until_taken_away(ada: FlaskClient, vic: FlaskClient) -> None:
    assert ada.post(PATH, data={"number": "２０％", "action": "再スカウトを月に一度見直す"}).status_code == 303
    for reader in (ada, vic):
        page = reader.get("/insights/rates").text
        assert "20%" in page
        assert "取り組むこと：再スカウトを月に一度見直す" in page
    assert ada.post(PATH, data={"number": "", "action": ""}).status_code == 303
    assert "取り組むこと" not in ada.get("/insights/rates").text


@pytest.mark.parametrize("typed", ["たくさん", "101", "-1", "1.234"])
def test_what_is_no_percentage_is_named_and_kept_in_the_form(ada: FlaskClient, typed: str) -> None:
    answer = ada.post(PATH, data={"number": typed, "action": "続ける"})
    assert answer.status_code == 422
    assert f"「{typed}」は割合として読めません。" in answer.text
    assert 'value="続ける"' in answer.text


def test_words_the_law_keeps_out_are_asked_about_once(ada: FlaskClient) -> None:
    said = {"number": "10", "action": "うつの方を避ける"}
    answer = ada.post(PATH, data=said)
    assert answer.status_code == 422
    assert "うつ" in answer.text
    assert 'name="confirmed"' in answer.text
    assert ada.post(PATH, data=said | {"confirmed": "1"}).status_code == 303


def test_two_tabs_do_not_overwrite_each_other(ada: FlaskClient) -> None:
    opened = ada.get(PATH).text.partition('name="opened" value="')[2].partition('"')[0]
    assert ada.post(PATH, data={"number": "10", "action": ""}).status_code == 303
    answer = ada.post(PATH, data={"number": "30", "action": "", "opened": opened})
    assert answer.status_code == 409
    assert "10" in answer.text


def test_only_those_who_write_and_only_rates_there_are(
    app: Flask, cast: Cast, ada: FlaskClient, vic: FlaskClient
) -> None:
    assert vic.get(PATH).status_code == 403
    assert vic.post(PATH, data={"number": "10"}).status_code == 403
    assert ada.get("/insights/rates/target?kpi=happiness").status_code == 404
    ada.post(PATH, data={"number": "10", "action": "自社だけの言葉"})
    assert "自社だけの言葉" not in browse(app, cast.mona).get("/insights/rates").text
