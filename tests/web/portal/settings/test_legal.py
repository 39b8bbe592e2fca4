"""法務の確認: each question has its owner and its day; without a day it is open (0.5)."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.models import LegalItem
from relay.trust import legal_checklist
from tests.cast import Cast, browse
from tests.web.landing.phone import words

REWARD = "no-reward"


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def test_every_question_is_open_until_somebody_says_when_it_was_confirmed(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    page = adam.get("/settings/legal")
    assert len(re.findall(r"<h2>", page.text)) == len(LegalItem)
    assert words(page).count("要確認") == len(LegalItem)
    adam.post(
        "/settings/legal", data={"item": REWARD, "no-reward-owner": "弁護士 山田", "no-reward-day": "2026年11月2日"}
    )
    page = adam.get("/settings/legal")
    assert words(page).count("要確認") == len(LegalItem) - 1
    assert "弁護士 山田" in page.text and "2026年11月2日" in page.text
    adam.post("/settings/legal", data={"item": REWARD, "no-reward-owner": "弁護士 山田", "no-reward-day": ""})
    assert words(adam.get("/settings/legal")).count("要確認") == len(LegalItem), "opened again"


def test_a_day_to_come_is_refused_and_what_was_typed_stays(adam: FlaskClient, session: Session, cast: Cast) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    typed = f"{tomorrow.year}年{tomorrow.month}月{tomorrow.day}日"
    answer = adam.post("/settings/legal", data={"item": REWARD, "no-reward-owner": "山田", "no-reward-day": typed})
    assert answer.status_code == 422
    assert "これからの日は記録できません" in words(answer)
    assert f'value="{typed}"' in answer.text and 'value="山田"' in answer.text
    assert all(each.confirmed_on is None for each in legal_checklist.entries(session, cast.acme.id))


def test_another_companys_answers_are_its_own(app: Flask, adam: FlaskClient, cast: Cast) -> None:
    adam.post("/settings/legal", data={"item": REWARD, "no-reward-owner": "山田", "no-reward-day": "2026年11月2日"})
    assert "山田" not in browse(app, cast.mona).get("/settings/legal").text
    assert adam.post("/settings/legal", data={"item": "nothing"}).status_code == 400
