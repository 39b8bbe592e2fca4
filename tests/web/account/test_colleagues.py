"""A partner's own people: invited and let go by themselves, seen by nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import invitations, users
from relay.models import Invitation, InvitationKind, Message, Role, User, UserSession, scopes
from tests.cast import Cast, browse, make_cast, make_user

PAGE = "/account/colleagues"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def agnes(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.agnes)


def read(session: Session, wanted: Any) -> list[Any]:
    session.rollback()
    session.expire_all()
    with scopes.everyone(session, "test: of any house"):
        return list(session.scalars(wanted))


def working(session: Session, user: User) -> bool:
    [found] = read(session, select(User).where(User.id == user.id))
    return found.disabled_at is None


def test_an_agent_invites_a_colleague(session: Session, cast: Cast, agnes: FlaskClient) -> None:
    answer = agnes.post(PAGE, data={"email": "nao@tsumugi.example", "name": "直"})
    assert (answer.status_code, answer.location) == (303, PAGE)
    [made] = read(session, select(Invitation))
    assert (made.kind, made.partner_id, made.company_id) == (InvitationKind.AGENT, cast.tsumugi.id, None)
    [mail] = read(session, select(Message))
    assert (mail.letter, mail.company_id) == ("invite-agent", None)
    assert "nao@tsumugi.example" in agnes.get(PAGE).text


def test_sent_again_or_taken_back(session: Session, agnes: FlaskClient) -> None:
    agnes.post(PAGE, data={"email": "nao@tsumugi.example"})
    [made] = read(session, select(Invitation))
    assert agnes.post(f"{PAGE}/invitations/{made.id}/again").status_code == 303
    assert agnes.post(f"{PAGE}/invitations/{made.id}/revoke").status_code == 303
    assert agnes.post(f"{PAGE}/invitations/{made.id}/again").status_code == 409


@pytest.mark.parametrize("email", ["", "nobody", "agnes@tsumugi.example"])
def test_who_cannot_be_invited_is_said(session: Session, agnes: FlaskClient, email: str) -> None:
    assert agnes.post(PAGE, data={"email": email}).status_code == 422
    assert read(session, select(Invitation)) == []


def test_one_goes_and_comes_back_and_the_last_one_stays(
    app: Flask, session: Session, cast: Cast, agnes: FlaskClient
) -> None:
    nao = make_user(session, "nao", cast.tsumugi, Role.AGENT)
    session.commit()
    her_browser = browse(app, nao)
    assert agnes.post(f"{PAGE}/{nao.id}/leave").status_code == 303
    assert her_browser.get("/agency/people").status_code == 302
    refused = agnes.post(f"{PAGE}/{cast.agnes.id}/leave")
    assert refused.status_code == 409
    assert "最後の担当者" in refused.text
    assert agnes.post(f"{PAGE}/{nao.id}/back").status_code == 303
    assert working(session, nao)
    assert agnes.post(f"{PAGE}/{cast.agnes.id}/leave").status_code == 303
    assert agnes.get(PAGE).status_code == 302


def test_another_partners_people_are_nowhere(session: Session, cast: Cast, agnes: FlaskClient) -> None:
    theirs = invitations.invite_agent(session, cast.manabi, email="n@manabi.example", name="", by_user_id=None)
    member = invitations.invite_member(
        session, cast.acme, email="m@acme.example", name="", role=Role.VIEWER, by_user_id=None
    )
    session.commit()
    for stranger in (cast.sho, cast.adam):
        assert agnes.post(f"{PAGE}/{stranger.id}/leave").status_code == 404
        assert working(session, stranger)
    for invitation in (theirs, member):
        assert agnes.post(f"{PAGE}/invitations/{invitation.id}/revoke").status_code == 404
    page = agnes.get(PAGE).text
    assert cast.sho.email not in page
    assert "manabi" not in page


def test_members_of_companies_have_no_such_page(app: Flask, cast: Cast) -> None:
    for who in (cast.adam, cast.ada):
        client = browse(app, who)
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, data={"email": "x@x.example"}).status_code == 403


def test_letting_somebody_in_or_go_asks_again_who_is_there(session: Session, cast: Cast, agnes: FlaskClient) -> None:
    nao = make_user(session, "nao", cast.tsumugi, Role.AGENT)
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    for path in (PAGE, f"{PAGE}/{nao.id}/leave"):
        assert "proof_password" in agnes.post(path, data={"email": "x@tsumugi.example"}).text
    assert working(session, nao)
    assert read(session, select(Invitation)) == []
    assert len(users.members(session, cast.tsumugi)) == 2
