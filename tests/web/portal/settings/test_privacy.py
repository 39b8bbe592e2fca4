"""Settings: purposes and privacy text, from Relay's proposal to the public page."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay.trust import privacy
from tests.cast import Cast, browse

PATH, PUBLIC = "/settings/privacy", "/careers/acme/privacy"


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def proposed(adam: FlaskClient) -> dict[str, str]:
    """The form as the page fills it in."""
    page = adam.get(PATH).text
    fields = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL))
    [seen] = re.findall(r'name="seen"[^>]* value="(\d+)"', page)
    return {name: html.unescape(text) for name, text in fields.items()} | {"seen": seen}


def send(adam: FlaskClient, recorder: str, **changes: str) -> TestResponse:
    return adam.post(PATH, data=proposed(adam) | changes | {"act": recorder})


def test_the_proposal_becomes_the_public_page_with_one_button(adam: FlaskClient) -> None:
    assert "案です" in adam.get(PATH).text
    assert adam.get(PUBLIC).status_code == 404
    answer = send(adam, "publish")
    assert (answer.status_code, answer.location) == (303, PATH)
    assert "公開しました" in adam.get(PATH).text
    assert adam.get(PUBLIC).status_code == 200


def test_a_draft_is_kept_previewed_and_shown_to_nobody(adam: FlaskClient) -> None:
    send(adam, "publish")
    draft = "人事部の佐伯が承ります。"
    send(adam, "keep", complaints=draft)
    assert draft not in adam.get(PUBLIC).text
    assert draft in adam.get(f"{PATH}/preview").text
    assert "公開していない下書き（第2版）" in adam.get(PATH).text


def test_what_is_vague_is_said_at_its_field_and_what_was_typed_stays(adam: FlaskClient) -> None:
    refused = send(adam, "publish", selection="採用活動のために使用します。")
    assert refused.status_code == 422
    assert "採用活動のために使用します。</textarea>" in refused.text
    assert 'id="selection-error"' in refused.text
    assert "「採用活動のため」では" in refused.text
    assert adam.get(PUBLIC).status_code == 404


def test_widening_a_published_purpose_is_asked_about_once(adam: FlaskClient) -> None:
    send(adam, "publish")
    wider = "書類選考と面接を行い、結果をご連絡し、求人の出し方を見直すための集計に使用します。"
    asked = send(adam, "publish", selection=wider)
    assert asked.status_code == 422
    assert "お一人ずつ同意が必要です" in asked.text
    assert 'value="confirmed"' in asked.text
    assert wider not in adam.get(PUBLIC).text
    assert send(adam, "confirmed", selection=wider).status_code == 303
    assert wider in adam.get(PUBLIC).text


def test_without_a_representative_the_draft_is_kept_and_the_page_waits(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    cast.acme.representative = ""
    session.commit()
    waits = send(adam, "publish", complaints="人事部の佐伯が承ります。")
    assert waits.status_code == 422
    assert "代表者の氏名も載せます" in waits.text
    newest = privacy.newest(session, cast.acme.id)
    assert newest is not None
    assert newest.published_at is None
    cast.acme.representative = "代表 太郎"
    session.commit()
    assert send(adam, "publish").status_code == 303


def test_two_who_write_at_once_do_not_overwrite_each_other(adam: FlaskClient) -> None:
    mine = proposed(adam)
    send(adam, "keep", complaints="人事部の佐伯が承ります。")
    late = adam.post(PATH, data=mine | {"act": "keep", "complaints": "総務部が承ります。"})
    assert late.status_code == 422
    assert "ほかの方が新しい版を保存しました" in late.text
    assert "総務部が承ります。" in late.text
    assert 'name="seen" type="hidden" value="1"' in late.text


def test_a_step_of_the_set_up_is_returned_to_and_nothing_elsewhere(adam: FlaskClient) -> None:
    typed = proposed(adam) | {"act": "keep"}
    assert adam.post(PATH, data=typed | {"next": "/setup/privacy"}).location == "/setup/privacy"
    assert adam.post(PATH, data=typed | {"seen": "1", "next": "//evil.example"}).location == PATH


def test_only_administrators_write_it(ada: FlaskClient, vic: FlaskClient) -> None:
    for browser in (ada, vic):
        assert browser.get(PATH).status_code == 403
        assert browser.get(f"{PATH}/preview").status_code == 403
        assert browser.post(PATH, data={"act": "publish"}).status_code == 403
