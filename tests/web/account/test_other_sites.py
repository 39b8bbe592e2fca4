"""Another site cannot send a form behind a mailed link that it holds itself, to sign somebody in as itself (E-9)."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.access.csrf import link_csrf
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
        {"Origin": "http://["},
        {"Origin": "http://localhost:99999"},
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


@pytest.mark.parametrize("referrer", ["http://[", "https://localhost:99999/", "https://evil.example/"])
def test_a_page_that_cannot_be_ours_sends_no_form(app: Flask, victim: FlaskClient, referrer: str) -> None:
    """Over https the page that a form stands on is compared too."""
    base = "https://localhost"
    csrf = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', victim.get("/login", base_url=base).text)
    assert csrf
    answer = victim.post("/login", data={"csrf_token": csrf[1]}, headers={"Referer": referrer}, base_url=base)
    assert answer.status_code == 400
