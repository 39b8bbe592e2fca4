"""Another site cannot send a form behind a mailed link that it holds itself, to sign somebody in as itself (E-9)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.access import link_csrf
from relay.identity import first_start
from relay.models import Company

BASE = "http://localhost"
FORM = {
    "company": "株式会社みどり工業",
    "name": "緑川 彩",
    "email": "aya@midori.example",
    "password": "shizukana umi to aoi sora",
}


@pytest.fixture
def path(session: Session) -> str:
    return "/setup/" + first_start.address(session).rpartition("/")[2]


@pytest.fixture
def victim(app: Flask) -> FlaskClient:
    return app.test_client()


def send(victim: FlaskClient, path: str, headers: dict[str, str]) -> int:
    data = FORM | {"link_csrf": link_csrf(path.rpartition("/")[2])}
    return victim.post(path, data=data, headers=headers, base_url=BASE).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://blog.localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_sent_from_elsewhere_signs_nobody_in(
    victim: FlaskClient, session: Session, path: str, headers: dict[str, str]
) -> None:
    assert send(victim, path, headers) == 400
    assert session.scalar(select(func.count(Company.id))) == 0
    assert victim.get("/pool", base_url=BASE).status_code == 302


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": BASE}, {}],
)
def test_our_own_page_may(victim: FlaskClient, path: str, headers: dict[str, str]) -> None:
    assert send(victim, path, headers) == 303
