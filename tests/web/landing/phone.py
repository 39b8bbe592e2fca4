"""A candidate's phone: opens mailed links, fills in the forms it is shown, and would notice a cookie."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay.access.csrf import link_csrf
from relay.mail import tokens
from relay.models import Company, RelayLink, TokenPurpose, scopes
from relay.network import links
from tests.cast import PIN, Cast
from tests.db.network.build import mailed_link

EMAIL = "hanako.takahashi@mail.example"


class Phone:
    """A test client that fails on any cookie a GET or HEAD sets, and on any from a POST but the own page's."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self._checked(self.client.get(path, **kwargs))

    def head(self, path: str) -> TestResponse:
        return self._checked(self.client.head(path))

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """Send a form of the page, with the CSRF value the page holds."""
        return self.bare_post(path, data={"link_csrf": csrf_of(path)} | (data or {}), **kwargs)

    def enter(self, path: str, number: str = PIN) -> TestResponse:
        """Give the number of the own page; afterwards this phone is inside."""
        return self.post(f"{path}/number", {"number": number})

    def bare_post(self, path: str, **kwargs: Any) -> TestResponse:
        """Send without the CSRF value."""
        response = self.client.post(path, **kwargs)
        for cookie in response.headers.getlist("Set-Cookie"):
            assert cookie.startswith("own-page="), cookie
            assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/me/" in cookie, cookie
        return response

    def _checked(self, response: TestResponse) -> TestResponse:
        assert "Set-Cookie" not in response.headers
        return response


def csrf_of(path: str) -> str:
    """The CSRF value of a mailed page: that of its token, where it has one."""
    if path.startswith("/careers/"):
        return link_csrf("")
    return link_csrf(urlsplit(path).path.split("/")[2] if path.count("/") > 1 else "")


def mail_link(session: Session, company: Company, email: str = EMAIL, **values: Any) -> tuple[RelayLink, str]:
    """Mail a relay link; returns the row and the path on the phone."""
    link = mailed_link(session, company, email, **values)
    with scopes.company(session, company.id):
        path = f"/r/{links.mint(session, link, None)}"
    session.commit()
    return link, path


def mail_own_page(session: Session, profile_id: int) -> str:
    """The path of an own page as its mail brings it."""
    path = f"/me/{tokens.mint(session, TokenPurpose.OWN_PAGE, profile_id, profile_id=profile_id)}"
    session.commit()
    return path


def answers(page: str, *partner_ids: int, **fields: Any) -> dict[str, Any]:
    """The form of the page as a person sends it: the shown words, the ticks, the few fields."""
    return {
        **dict(re.findall(r'name="(shown-\d+)" value="([0-9a-f]{64})"', page)),
        "partner": [str(each) for each in partner_ids],
        "name": "高橋 花子",
        "address": "link",
        "number": PIN,
        "of_age": "y",
    } | fields


def words(response: TestResponse) -> str:
    """The page as text."""
    return words_of(response.text.partition("<body")[2].partition(">")[2] or response.text)


def words_of(body: str) -> str:
    """A part of a page as text."""
    body = re.sub(r"<(template|svg)\b.*?</\1>", "", body, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", body)))


def registered(phone: Phone, session: Session, cast: Cast, email: str = EMAIL, *partners: int) -> tuple[RelayLink, str]:
    """A person who registered through a link of Acme, with the agency unless told otherwise."""
    link, path = mail_link(session, cast.acme, email)
    page = phone.get(path).text
    response = phone.post(path, answers(page, *(partners or (cast.tsumugi.id,))))
    assert response.status_code == 303, words(response)
    session.expire_all()
    return link, path


def confirm(phone: Phone, path: str, number: str = PIN) -> TestResponse:
    """Give the number behind a confirmation, and agree to what the page shows then."""
    shown = phone.post(path, {"number": number})
    proof = re.search(r'name="proof" value="([0-9a-f]+)"', shown.text)
    return phone.post(path, {"proof": proof[1]}) if proof else shown
