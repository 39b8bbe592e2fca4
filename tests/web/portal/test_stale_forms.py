"""Two people edit one record: whoever saves second sees both values, loses nothing and chooses."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay.models import Candidate, Company
from tests.cast import Cast, browse

Sent = dict[str, str]


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def form(page: TestResponse, action: str) -> Sent:
    """What a browser would send of a form if nobody touched it."""
    inside = page.text.split(f'action="{action}"')[1].split("</form>")[0]
    tags = re.findall(r"<input[^>]*>", inside)
    inputs = [dict(re.findall(r'([\w-]+)="([^"]*)"', tag)) | {"tag": tag} for tag in tags]
    sent = [one for one in inputs if "name" in one and (one.get("type") != "radio" or " checked" in one["tag"])]
    return {one["name"]: unescape(one.get("value", "")) for one in sent if one["name"] != "csrf_token"}


def choice(page: TestResponse, name: str, contact_channel: str) -> Sent:
    """What choosing one of the two values of a field adds to the form."""
    found = re.search(rf'name="keep-{name}" value="({contact_channel}:\w+)"', page.text)
    assert found, f"{name} is not asked about"
    return {f"keep-{name}": found[1]}


def asked(page: TestResponse) -> set[str]:
    return set(re.findall(r'name="keep-([\w]+)"', page.text))


def test_the_second_gets_both_values_and_chooses(
    session: Session, ada: FlaskClient, adam: FlaskClient, hanako: Candidate
) -> None:
    here = f"/pool/{hanako.id}/facts"
    hers, his = form(ada.get(here), here), form(adam.get(here), here)
    assert ada.post(here, data=hers | {"kana": "タカハシ カコ", "desired_role": "営業"}).status_code == 303
    refused = adam.post(here, data=his | {"kana": "タカハシ ハナ", "phone": "090-9999-0000"})
    assert refused.status_code == 409
    assert "この画面を開いたあとに、別の方が保存しました" in refused.text
    assert asked(refused) == {"kana", "desired_role"}
    for words in ("タカハシ カコ", "タカハシ ハナ", "営業"):
        assert words in refused.text
    session.refresh(hanako)
    assert (hanako.kana, hanako.phone, hanako.desired_role) == ("タカハシ カコ", "09012345678", "営業")
    again = form(refused, here)
    assert (again["kana"], again["phone"]) == ("タカハシ ハナ", "090-9999-0000"), "what was typed stays"
    assert again["keep-desired_role"].startswith("saved:"), "what he did not touch stays as she saved it"
    assert "keep-kana" not in again, "what both changed is for him to choose"
    assert adam.post(here, data=again).status_code == 409
    assert adam.post(here, data=again | choice(refused, "kana", "typed")).status_code == 303
    session.refresh(hanako)
    assert (hanako.kana, hanako.phone, hanako.desired_role) == ("タカハシ ハナ", "09099990000", "営業")


def test_the_stored_value_can_be_kept(session: Session, ada: FlaskClient, adam: FlaskClient, hanako: Candidate) -> None:
    here = f"/pool/{hanako.id}/facts"
    hers, his = form(ada.get(here), here), form(adam.get(here), here)
    ada.post(here, data=hers | {"reapply": "yes"})
    refused = adam.post(here, data=his | {"reapply": "no", "qualifications": "簿記2級"})
    assert (refused.status_code, asked(refused)) == (409, {"reapply"})
    adam.post(here, data=form(refused, here) | choice(refused, "reapply", "saved"))
    session.refresh(hanako)
    assert (hanako.reapply, hanako.qualifications) == ("yes", "簿記2級")


def test_a_choice_holds_only_for_the_value_it_was_made_beside(
    ada: FlaskClient, adam: FlaskClient, hanako: Candidate
) -> None:
    here = f"/pool/{hanako.id}/facts"
    his = form(adam.get(here), here)
    ada.post(here, data=form(ada.get(here), here) | {"kana": "タカハシ カコ"})
    refused = adam.post(here, data=his | {"kana": "タカハシ ハナ"})
    chosen = form(refused, here) | choice(refused, "kana", "typed")
    ada.post(here, data=form(ada.get(here), here) | {"kana": "タカハシ ハコ"})
    assert adam.post(here, data=chosen).status_code == 409


def test_a_choice_outlives_another_question(
    session: Session, ada: FlaskClient, adam: FlaskClient, hanako: Candidate
) -> None:
    here = f"/pool/{hanako.id}/facts"
    his = form(adam.get(here), here)
    ada.post(here, data=form(ada.get(here), here) | {"kana": "タカハシ カコ"})
    refused = adam.post(here, data=his | {"kana": "タカハシ ハナ", "qualifications": "障害者手帳"})
    doubted = adam.post(here, data=form(refused, here) | choice(refused, "kana", "saved"))
    assert doubted.status_code == 422
    again = form(doubted, here)
    assert again["keep-kana"].startswith("saved:")
    assert adam.post(here, data=again | {"confirmed": "1"}).status_code == 303
    session.refresh(hanako)
    assert (hanako.kana, hanako.qualifications) == ("タカハシ カコ", "障害者手帳")


def test_the_marks_tell_nothing_and_an_unchanged_record_asks_nothing(
    ada: FlaskClient, adam: FlaskClient, hanako: Candidate
) -> None:
    here = f"/pool/{hanako.id}/facts"
    his = form(adam.get(here), here)
    assert hanako.name not in his["opened"]
    ada.post(f"/pool/{hanako.id}/tags", data={"name": "惜しい"})
    assert adam.post(here, data=his | {"kana": "タカハシ ハナ"}).status_code == 303


def test_a_company_is_not_overwritten_either(session: Session, app: Flask, adam: FlaskClient, cast: Cast) -> None:
    here, elsewhere = "/settings/company", browse(app, cast.adam)
    details = {"address": "長野県諏訪市1-1", "representative": "代表 一郎", "contact": "0266-00-0000"}
    adam.post(here, data=form(adam.get(here), here) | details)
    first, second = form(adam.get(here), here), form(elsewhere.get(here), here)
    assert adam.post(here, data=first | {"contact": "0266-11-1111"}).status_code == 303
    refused = elsewhere.post(here, data=second | {"representative": "代表 二郎"})
    assert (refused.status_code, asked(refused)) == (409, {"contact"})
    assert elsewhere.post(here, data=form(refused, here)).status_code == 303
    session.expire_all()
    company = session.get_one(Company, cast.acme.id)
    assert (company.contact, company.representative) == ("0266-11-1111", "代表 二郎")
