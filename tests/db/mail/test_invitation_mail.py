"""Invitations on their way: they really leave, also while the company practises, and their links open."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from relay.identity import invitations
from relay.models import Role, scopes
from tests.cast import Cast
from tests.smtp import SmtpServer


@pytest.mark.parametrize("live", [True, False])
def test_a_member_gets_the_link_that_lets_them_in(
    session: Session, cast: Cast, deliver: Callable[..., int], server: SmtpServer, live: bool
) -> None:
    if not live:
        cast.acme.live_since = None
    with scopes.company(session, cast.acme.id):
        made = invitations.invite_member(
            session, cast.acme, email="rin@acme.example", name="凛", role=Role.RECRUITER, by_user_id=cast.adam.id
        )
        session.commit()
    assert deliver() == 1
    [mail] = server.received
    assert mail["To"] == "rin@acme.example"
    assert "練習" not in mail["Subject"]
    assert "List-Unsubscribe" not in mail
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [token] = re.findall(r"/invite/([\w-]{43,})", text)
    assert invitations.by_token(session, token).id == made.id


def test_an_agent_gets_theirs_from_no_company(
    session: Session, cast: Cast, deliver: Callable[..., int], server: SmtpServer
) -> None:
    with scopes.partner(session, cast.tsumugi.id):
        made = invitations.invite_agent(
            session, cast.tsumugi, email="nao@tsumugi.example", name="", by_user_id=cast.agnes.id
        )
        session.commit()
    assert deliver() == 1
    [mail] = server.received
    assert cast.tsumugi.name in mail["Subject"]
    assert cast.acme.name not in str(mail["From"])
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [token] = re.findall(r"/invite/([\w-]{43,})", text)
    assert invitations.by_token(session, token).id == made.id


def test_one_taken_back_in_time_never_leaves(
    session: Session, cast: Cast, deliver: Callable[..., int], server: SmtpServer
) -> None:
    with scopes.company(session, cast.acme.id):
        made = invitations.invite_member(
            session, cast.acme, email="rin@acme.example", name="", role=Role.VIEWER, by_user_id=cast.adam.id
        )
        invitations.revoke(session, made)
        session.commit()
    assert deliver() == 0
    assert server.received == []
