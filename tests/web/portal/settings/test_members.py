"""Members: invited, given another role, let go with a hand-over; the administrators' business alone."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import invitations, users
from relay.models import Invitation, Message, MessageState, Role, User, UserSession, scopes
from tests.cast import Cast, browse
from tests.web.portal.desk import Desk

MEMBERS = "/settings/members"
INVITED = {"email": "rin@acme.example", "name": "凛", "role": "recruiter"}


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def read(session: Session, wanted: Any) -> list[Any]:
    session.rollback()
    session.expire_all()
    with scopes.everyone(session, "test: of any house"):
        return list(session.scalars(wanted))


def invitation_of(session: Session) -> Invitation:
    [found] = read(session, select(Invitation))
    return found  # type: ignore[no-any-return]


def one(session: Session, user: User) -> User:
    [found] = read(session, select(User).where(User.id == user.id))
    return found  # type: ignore[no-any-return]


def test_an_invitation_is_mailed_and_stands_in_the_list(adam: FlaskClient, session: Session) -> None:
    answer = adam.post(f"{MEMBERS}/invitations", data=INVITED)
    assert (answer.status_code, answer.location) == (303, MEMBERS)
    [mail] = read(session, select(Message).where(Message.letter == "invite-member"))
    assert mail.to_address == "rin@acme.example"
    page = adam.get(MEMBERS).text
    assert "返事を待っている招待" in page
    assert "rin@acme.example" in page


def test_sent_again_or_taken_back_with_one_press(adam: FlaskClient, session: Session) -> None:
    adam.post(f"{MEMBERS}/invitations", data=INVITED)
    path = f"{MEMBERS}/invitations/{invitation_of(session).id}"
    with clock.at(clock.now() + timedelta(minutes=1)):
        assert adam.post(f"{path}/again").status_code == 303
    assert len(read(session, select(Message).where(Message.state == MessageState.SCHEDULED))) == 1
    assert adam.post(f"{path}/revoke").status_code == 303
    assert invitation_of(session).revoked_at is not None
    assert "rin@acme.example" not in adam.get(MEMBERS).text.split("</main>")[0].split("page-head")[1]
    assert adam.post(f"{path}/again").status_code == 409


def test_an_invitation_whose_time_is_over_says_so(app: Flask, cast: Cast, adam: FlaskClient) -> None:
    adam.post(f"{MEMBERS}/invitations", data=INVITED)
    with clock.at(clock.now() + timedelta(hours=73)):
        assert "期限切れ" in browse(app, cast.adam).get(MEMBERS).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": ""}, "メールアドレスを入力してください"),
        ({"email": "nobody"}, "@"),
        ({"email": "ada@acme.example"}, "この組織のユーザー"),
        ({"role": ""}, "役割を選んで"),
        ({"role": "agent"}, ""),
    ],
)
def test_bad_input_is_said_and_nobody_is_invited(
    adam: FlaskClient, session: Session, typed: dict[str, str], sentence: str
) -> None:
    answer = adam.post(f"{MEMBERS}/invitations", data=INVITED | typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert read(session, select(Invitation)) == []


def test_another_role_ends_the_open_sessions(app: Flask, session: Session, cast: Cast, adam: FlaskClient) -> None:
    ada = browse(app, cast.ada)
    assert adam.post(f"{MEMBERS}/{cast.ada.id}/role", data={"role": "viewer"}).status_code == 303
    assert one(session, cast.ada).role is Role.VIEWER
    assert ada.get("/pool").status_code == 302


def test_the_last_administrator_stays(session: Session, cast: Cast, adam: FlaskClient) -> None:
    refused = adam.post(f"{MEMBERS}/{cast.adam.id}/role", data={"role": "viewer"})
    assert refused.status_code == 422
    assert "最後の管理者" in refused.text
    assert "最後の管理者" in adam.post(f"{MEMBERS}/{cast.adam.id}/leave").text
    assert one(session, cast.adam).disabled_at is None
    assert "管理者がお一人です" in adam.get(MEMBERS).text


def test_with_a_second_administrator_one_may_go(session: Session, cast: Cast, adam: FlaskClient) -> None:
    users.set_role(session, cast.ada, Role.ADMIN)
    session.commit()
    assert "管理者がお一人です" not in adam.get(MEMBERS).text
    assert adam.post(f"{MEMBERS}/{cast.adam.id}/leave").status_code == 303
    assert adam.get(MEMBERS).status_code == 302, "whoever shuts their own login is out at once"


def test_leaving_asks_who_takes_on_what_is_under_way(
    app: Flask, session: Session, cast: Cast, desk: Desk, adam: FlaskClient
) -> None:
    desk.begin(desk.people(2))
    page = adam.get(f"{MEMBERS}/{cast.ada.id}").text
    assert "書きかけの結果連絡" in page
    refused = adam.post(f"{MEMBERS}/{cast.ada.id}/leave", data={"to": "0"})
    assert refused.status_code == 422
    assert "引き継ぐ方を選んで" in refused.text
    assert adam.post(f"{MEMBERS}/{cast.ada.id}/leave", data={"to": str(cast.adam.id)}).status_code == 303
    assert "2件をAdamさんに引き継ぎました" in adam.get(MEMBERS).text
    drafts = read(session, select(Message).where(Message.state == MessageState.DRAFT))
    assert [draft.by_user_id for draft in drafts] == [cast.adam.id] * 2


def test_whoever_left_can_come_back(app: Flask, session: Session, cast: Cast, adam: FlaskClient) -> None:
    adam.post(f"{MEMBERS}/{cast.vic.id}/leave")
    assert "停止中" in adam.get(f"{MEMBERS}/{cast.vic.id}").text
    assert adam.post(f"{MEMBERS}/{cast.vic.id}/back").status_code == 303
    assert one(session, cast.vic).disabled_at is None
    assert browse(app, cast.vic).get("/pool").status_code == 200


@pytest.mark.parametrize(
    "recorder", ["invitations", "{ada}/role", "{ada}/leave", "{ada}/back", "invitations/{asked}/again"]
)
def test_a_dangerous_act_asks_again_who_is_there(
    session: Session, cast: Cast, adam: FlaskClient, recorder: str
) -> None:
    asked = invitations.invite_member(
        session, cast.acme, email="nao@acme.example", name="", role=Role.VIEWER, by_user_id=None
    )
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    path = f"{MEMBERS}/{recorder.format(ada=cast.ada.id, asked=asked.id)}"
    answer = adam.post(path, data=INVITED | {"role": "viewer"})
    assert answer.status_code != 303 or "/account/proof" in answer.location
    assert "パスワード" in answer.text or "/account/proof" in answer.location
    assert len(read(session, select(Invitation))) == 1
    assert one(session, cast.ada).role is Role.RECRUITER


def test_recruiters_and_viewers_change_nobody(app: Flask, session: Session, cast: Cast) -> None:
    for who in (cast.ada, cast.vic):
        client = browse(app, who)
        assert client.get(f"{MEMBERS}/{cast.vic.id}").status_code == 403
        for recorder in ("role", "leave", "back"):
            assert client.post(f"{MEMBERS}/{cast.vic.id}/{recorder}", data={"role": "admin"}).status_code == 403
        assert client.post(f"{MEMBERS}/invitations", data=INVITED).status_code == 403


def test_nobody_of_another_organisation_is_found(session: Session, cast: Cast, adam: FlaskClient) -> None:
    asked = invitations.invite_agent(session, cast.tsumugi, email="n@x.example", name="", by_user_id=None)
    partner = invitations.invite_partner(
        session, cast.acme, email="p@x.example", rules_version="2026-11", by_user_id=None
    )
    session.commit()
    for stranger in (cast.mona, cast.agnes):
        assert adam.get(f"{MEMBERS}/{stranger.id}").status_code == 404
        assert adam.post(f"{MEMBERS}/{stranger.id}/leave").status_code == 404
    for invitation in (asked, partner):
        assert adam.post(f"{MEMBERS}/invitations/{invitation.id}/revoke").status_code == 404


def test_the_last_administrator_is_told_before_pressing(adam: FlaskClient, cast: Cast) -> None:
    page = adam.get(f"{MEMBERS}/{cast.adam.id}").text
    assert "管理者がお一人です" in page
    assert "/leave" not in page
    assert "/leave" in adam.get(f"{MEMBERS}/{cast.ada.id}").text
