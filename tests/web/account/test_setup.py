"""The first start in the browser: one company, its administrator signed in, and then never again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay.access.csrf import link_csrf
from relay.identity import first_start
from relay.models import Company, MailTemplate, Role, User, scopes
from tests.cast import make_company
from tests.conftest import ON_ONE

TYPED = {
    "company": "株式会社みどり工業",
    "name": "緑川 彩",
    "email": "ａｙａ@midori.co.jp",
    "password": "ume no hana ga saku hi",
}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def token(session: Session) -> str:
    address = first_start.address(session)
    session.commit()
    return address.rpartition("/")[2]


def send(client: FlaskClient, token: str, **typed: str) -> TestResponse:
    return client.post(f"/setup/{token}", data=TYPED | typed | {"link_csrf": link_csrf(token)})


def the_company(session: Session) -> Company | None:
    return session.scalars(select(Company)).one_or_none()


def test_the_bare_address_of_an_empty_installation_says_what_to_do(client: FlaskClient, session: Session) -> None:
    page = client.get("/", follow_redirects=True).text
    assert "初期設定は、まだ済んでいません" in page
    assert "relay setup" in page
    make_company(session, "midori")
    session.commit()
    assert "初期設定は、まだ" not in client.get("/login").text


def test_the_page_asks_for_four_things_and_sets_no_cookie(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/setup/{token}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert all(f'name="{name}"' in answer.text for name in TYPED)
    assert "placeholder" not in answer.text


def test_a_company_is_opened_and_its_administrator_signed_in(client: FlaskClient, session: Session, token: str) -> None:
    answer = send(client, token)
    assert (answer.status_code, answer.location) == (303, "/setup/company")
    company = the_company(session)
    assert company is not None
    assert (company.slug, company.name, company.live_since) == ("midori", "株式会社みどり工業", None)
    assert company.runs_installation
    assert company.second_factor_required
    with scopes.company(session, company.id):
        admin = session.scalars(select(User)).one()
        assert session.scalars(select(MailTemplate.id)).all(), "it begins with the standard templates"
    assert (admin.email, admin.name, admin.role) == ("aya@midori.co.jp", "緑川 彩", Role.ADMIN)
    onwards = client.get("/setup/company", follow_redirects=True)
    assert onwards.status_code == 200
    assert "秘密保持の確認" in onwards.text, "the notice comes first (B-7)"


def test_the_address_opens_once(client: FlaskClient, session: Session, token: str) -> None:
    assert send(client, token).status_code == 303
    again = client.get(f"/setup/{token}")
    assert again.status_code == 404
    assert "relay setup" in again.text
    assert send(client, token, email="eve@elsewhere.example").status_code == 404
    assert len(session.scalars(select(Company)).all()) == 1


def test_every_address_printed_dies_with_the_first_one_used(client: FlaskClient, session: Session, token: str) -> None:
    other = first_start.address(session).rpartition("/")[2]
    session.commit()
    assert send(client, other).status_code == 303
    assert client.get(f"/setup/{token}").status_code == 404


def test_a_company_made_meanwhile_on_the_command_line_closes_it(
    client: FlaskClient, session: Session, token: str
) -> None:
    make_company(session, "acme")
    session.commit()
    assert send(client, token).status_code == 404
    assert [company.slug for company in session.scalars(select(Company))] == ["acme"]


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"company": ""}, "会社の正式名称を入力"),
        ({"company": " "}, "正式名称を入力"),
        ({"company": "長" * 201}, "200文字まで"),
        ({"name": ""}, "お名前を入力"),
        ({"email": "aya"}, "@"),
        ({"password": "short"}, "15文字以上"),
        ({"password": "みどり工業みどり工業みどり工業"}, "使えません"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(
    client: FlaskClient, session: Session, token: str, typed: dict[str, str], sentence: str
) -> None:
    answer = send(client, token, **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert the_company(session) is None
    assert send(client, token).status_code == 303, "the address still opens"


def test_without_its_own_proof_nothing_happens(client: FlaskClient, session: Session, token: str) -> None:
    assert client.post(f"/setup/{token}", data=TYPED).status_code == 400
    assert the_company(session) is None
