"""Behind an invitation's link: who invites to what, a name and a password, and in (C-16, C-18, C-20, E-3)."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.access.csrf import link_csrf
from relay.identity import invitations, users
from relay.mail import tokens
from relay.models import Invitation, Role, TokenPurpose, User, scopes
from tests.cast import PASSWORD, Cast, browse, make_cast
from tests.conftest import ON_ONE

OWN = "ume no hana ga saku hi"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def invited(session: Session, cast: Cast, *, agent: bool = False, email: str = "rin@new.example") -> str:
    """The token in a mailed invitation."""
    if agent:
        made = invitations.invite_agent(session, cast.tsumugi, email=email, name="凛", by_user_id=cast.agnes.id)
    else:
        made = invitations.invite_member(
            session, cast.acme, email=email, name="凛", role=Role.VIEWER, by_user_id=cast.adam.id
        )
    session.flush()
    token = tokens.mint(session, TokenPurpose.INVITE, made.id, lifetime=timedelta(hours=72))
    session.commit()
    return token


def join(client: FlaskClient, token: str, **typed: str) -> TestResponse:
    form = {"name": "森 凛", "password": OWN, "link_csrf": link_csrf(token)} | typed
    return client.post(f"/invite/{token}", data=form)


def newcomer(session: Session) -> User | None:
    session.rollback()
    with scopes.everyone(session, "test: whoever joined"):
        return session.scalars(select(User).where(User.email == "rin@new.example")).one_or_none()


@pytest.mark.parametrize(("agent", "first_page"), [(False, "/"), (True, "/agency/people")])
def test_a_name_and_a_password_and_in(
    client: FlaskClient, session: Session, cast: Cast, agent: bool, first_page: str
) -> None:
    token = invited(session, cast, agent=agent)
    page = client.get(f"/invite/{token}")
    assert page.status_code == 200
    assert (cast.tsumugi if agent else cast.acme).name in page.text
    assert "rin@new.example" in page.text
    answer = join(client, token)
    assert (answer.status_code, answer.location) == (303, first_page)
    after = client.get(answer.location)
    assert after.status_code == 303, "the notice on confidentiality comes first"
    assert "/account/notice" in after.location
    user = newcomer(session)
    assert user is not None
    assert (user.name, user.role) == ("森 凛", Role.AGENT if agent else Role.VIEWER)


def test_opening_it_again_and_again_changes_nothing(client: FlaskClient, session: Session, cast: Cast) -> None:
    token = invited(session, cast)
    for _time in range(3):
        answer = client.get(f"/invite/{token}")
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert join(client, token).status_code == 303


def test_used_taken_back_expired_and_made_up_links_look_alike(
    client: FlaskClient, session: Session, cast: Cast
) -> None:
    used, back, late = (invited(session, cast, email=f"{name}@new.example") for name in ("a", "b", "c"))
    join(client, used)
    client = client.application.test_client()
    with scopes.everyone(session, "test: any invitation"):
        invitation = session.scalars(select(Invitation).where(Invitation.email == "b@new.example")).one()
    invitations.revoke(session, invitation)
    session.commit()
    texts = {client.get(f"/invite/{token}").text for token in (used, back, "x" * 43)}
    with clock.at(clock.now() + timedelta(hours=72)):
        texts.add(client.get(f"/invite/{late}").text)
        assert join(client, late).status_code == 404
    assert len(texts) == 1
    assert "招待してくださった方に" in texts.pop()
    assert join(client, used).status_code == 404


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": " "}, "お名前を入力してください"),
        ({"password": ""}, "パスワードを入力してください"),
        ({"password": "short"}, "15文字以上"),
        ({"password": "rin rin rin new example"}, "繰り返し"),
        ({"name": "長" * 101}, "100文字まで"),
    ],
)
def test_what_is_not_right_is_said_and_the_link_stays_good(
    client: FlaskClient, session: Session, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    token = invited(session, cast)
    refused = join(client, token, **typed)
    assert refused.status_code == 422
    if sentence != "繰り返し":
        assert sentence in refused.text
    assert newcomer(session) is None
    assert join(client, token).status_code == 303


def test_an_address_that_signs_in_already_is_told_so_and_keeps_its_login(
    client: FlaskClient, session: Session, cast: Cast
) -> None:
    token = invited(session, cast, email=cast.mona.email)
    page = client.get(f"/invite/{token}")
    assert "すでにRelayのログインに使われています" in page.text
    assert "<form" not in page.text
    refused = join(client, token)
    assert refused.status_code == 422
    assert "すでに" in refused.text
    session.expire_all()
    assert users.organisation_of(session, users.by_address(session, cast.mona.email)).id == cast.other.id


def test_whoever_was_signed_in_here_as_somebody_else_is_not_any_more(app: Flask, session: Session, cast: Cast) -> None:
    token, ada = invited(session, cast), browse(app, cast.ada)
    assert join(ada, token).status_code == 303
    assert "ada@acme.example" not in ada.get("/", follow_redirects=True).text


def test_a_link_without_its_proof_is_refused(client: FlaskClient, session: Session, cast: Cast) -> None:
    token = invited(session, cast)
    assert join(client, token, link_csrf="").status_code == 400
    assert newcomer(session) is None


def test_the_new_login_works_with_the_password_chosen(
    app: Flask, client: FlaskClient, session: Session, cast: Cast
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    join(client, invited(session, cast))
    later = app.test_client()
    assert later.post("/login", data={"email": "rin@new.example", "password": PASSWORD}).status_code == 422
    assert later.post("/login", data={"email": "rin@new.example", "password": OWN}).status_code == 303
