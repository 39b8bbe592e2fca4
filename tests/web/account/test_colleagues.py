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


def test_a_lead_invites_a_colleague_who_comes_as_an_agent(session: Session, cast: Cast, agnes: FlaskClient) -> None:
    answer = agnes.post(PAGE, data={"email": "nao@tsumugi.example", "name": "直", "role": "agent"})
    assert (answer.status_code, answer.location) == (303, PAGE)
    [made] = read(session, select(Invitation))
    assert (made.kind, made.partner_id, made.company_id) == (InvitationKind.AGENT, cast.tsumugi.id, None)
    assert made.role is Role.AGENT
    [mail] = read(session, select(Message))
    assert (mail.letter, mail.company_id) == ("invite-agent", None)
    assert "nao@tsumugi.example" in agnes.get(PAGE).text


def test_sent_again_or_taken_back(session: Session, agnes: FlaskClient) -> None:
    agnes.post(PAGE, data={"email": "nao@tsumugi.example", "role": "agent"})
    [made] = read(session, select(Invitation))
    assert agnes.post(f"{PAGE}/invitations/{made.id}/again").status_code == 303
    assert agnes.post(f"{PAGE}/invitations/{made.id}/revoke").status_code == 303
    assert agnes.post(f"{PAGE}/invitations/{made.id}/again").status_code == 409


@pytest.mark.parametrize("email", ["", "nobody", "agnes@tsumugi.example"])
def test_who_cannot_be_invited_is_said(session: Session, agnes: FlaskClient, email: str) -> None:
    assert agnes.post(PAGE, data={"email": email, "role": "agent"}).status_code == 422
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
    assert "最後の責任者" in refused.text
    assert agnes.post(f"{PAGE}/{nao.id}/back").status_code == 303
    assert working(session, nao)
    assert agnes.post(f"{PAGE}/{nao.id}/role", data={"role": "lead"}).status_code == 303
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


def test_a_lead_may_invite_another_lead(session: Session, agnes: FlaskClient) -> None:
    agnes.post(PAGE, data={"email": "nao@tsumugi.example", "role": "lead"})
    assert [made.role for made in read(session, select(Invitation))] == [Role.LEAD]
    for role in ("", "admin", "owner"):
        assert agnes.post(PAGE, data={"email": "x@tsumugi.example", "role": role}).status_code == 422
    assert len(read(session, select(Invitation))) == 1


def test_a_newcomer_cannot_lock_the_founder_out(app: Flask, session: Session, cast: Cast, agnes: FlaskClient) -> None:
    nao = make_user(session, "nao", cast.tsumugi, Role.AGENT)
    session.commit()
    client = browse(app, nao)
    for path in ("leave", "role", "sessions/end", "second-factor/remove", "back"):
        assert client.post(f"{PAGE}/{cast.agnes.id}/{path}", data={"role": "agent"}).status_code == 403, path
    for own in ("role", "leave"):
        assert client.post(f"{PAGE}/{nao.id}/{own}", data={"role": "lead"}).status_code == 403, own
    assert client.get(f"{PAGE}/{cast.agnes.id}").status_code == 403
    assert client.post(PAGE, data={"email": "x@x.example", "role": "lead"}).status_code == 403
    for page in ("/account/partner", "/account/security"):
        assert client.get(page).status_code == 403
    assert "/account/colleagues" not in client.get("/account").text, "no tab leads there"
    assert agnes.get("/account").status_code == 200, "the founder is still signed in"
    assert (cast.agnes.role, nao.role) == (Role.LEAD, Role.AGENT)


def test_the_last_lead_stays_one(session: Session, cast: Cast, agnes: FlaskClient) -> None:
    nao = make_user(session, "nao", cast.tsumugi, Role.AGENT)
    session.commit()
    refused = agnes.post(f"{PAGE}/{cast.agnes.id}/role", data={"role": "agent"})
    assert refused.status_code == 422
    assert "最後の責任者" in refused.text
    assert f"{cast.agnes.id}/leave" not in agnes.get(f"{PAGE}/{cast.agnes.id}").text
    agnes.post(f"{PAGE}/{nao.id}/role", data={"role": "lead"})
    assert agnes.post(f"{PAGE}/{cast.agnes.id}/role", data={"role": "agent"}).status_code == 303
    assert [user.role for user in read(session, select(User).where(User.id == cast.agnes.id))] == [Role.AGENT]
    assert agnes.get(PAGE).status_code == 302, "another role ends the session"


def test_letting_somebody_go_asks_first_and_names_them(session: Session, cast: Cast, agnes: FlaskClient) -> None:
    nao = make_user(session, "nao", cast.tsumugi, Role.AGENT)
    session.commit()
    assert "/leave" not in agnes.get(PAGE).text, "the list ends nobody with one press"
    asked = agnes.get(f"{PAGE}/{nao.id}").text
    assert "Naoさんの利用を停止する" in asked
    assert nao.email in asked
    assert working(session, nao)
