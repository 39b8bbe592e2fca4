"""A letter with a link is its declaration and its three templates: nothing else has to know of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import compose, letters, tokens
from relay.mail.letters import LinkFor
from relay.mail.tokens import Link
from relay.models import Message, scopes
from tests.cast import Cast
from tests.db.mail.conftest import TEMPLATES
from tests.smtp import SmtpServer

VISIT = Link("visit", lifetime=timedelta(days=3), path="/visit/", key="visit_url")


@pytest.fixture
def invitation(written: object, monkeypatch: pytest.MonkeyPatch) -> str:
    """A letter that this test alone declares."""

    def context(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
        return {"title": "ご案内", "words": link(VISIT.purpose)}

    def mint(session: Session, message: Message) -> dict[str, str]:
        token = tokens.mint(session, VISIT.purpose, message.id, message_id=message.id)
        return {VISIT.key: tokens.url_of(VISIT.purpose, token)}

    for file in ("subject.txt", "body.txt", "body.html"):
        monkeypatch.setitem(TEMPLATES, f"mail/invitation/{file}", TEMPLATES[f"mail/note/{file}"])
    monkeypatch.setattr(tokens, "_links", dict(tokens._links))
    plain = letters.find("note")
    letters.register(replace(plain, name="invitation", context=context, mint=mint, link=VISIT, shown_on_record=True))
    return "invitation"


def test_its_link_is_made_while_it_leaves_and_opens_its_page_for_as_long_as_it_says(
    session: Session,
    cast: Cast,
    invitation: str,
    queue: Callable[..., Message],
    deliver: Callable[..., int],
    server: SmtpServer,
) -> None:
    message = queue(invitation)
    assert deliver() == 1
    text = str(server.received[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    token = text.partition("/visit/")[2].split()[0]

    found = tokens.find(session, token, VISIT.purpose)
    assert found is not None
    assert found.subject_id == message.id
    with clock.at(clock.now() + timedelta(days=3)):
        assert tokens.find(session, token, VISIT.purpose) is None


def test_a_preview_of_it_shows_where_the_link_will_stand(
    session: Session, cast: Cast, invitation: str, queue: Callable[..., Message]
) -> None:
    message = queue(invitation)
    with scopes.company(session, cast.acme.id):
        assert "…/visit/（送信時に作られます）" in compose.render(session, message, preview=True).text


def test_it_stands_where_it_declares(invitation: str) -> None:
    assert invitation in letters.shown_on_record()
    assert invitation not in letters.listed_in_outbox()


def test_a_token_of_an_undeclared_purpose_is_never_minted(session: Session) -> None:
    with pytest.raises(KeyError):
        tokens.mint(session, "nowhere", 1)
