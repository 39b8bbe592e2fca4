"""A partner behind its invitation: a form without a cookie, then the agency's portal; or one more tie."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.access.csrf import link_csrf
from relay.identity import invitations
from relay.mail import tokens
from relay.models import Invitation, Partner, Partnership, Role, TokenPurpose, User, scopes
from relay.network import partners, partnerships
from tests.cast import PASSWORD, Cast, browse, make_cast, make_partner, make_user
from tests.conftest import ON_ONE

TYPED = {
    "kind": "agency",
    "name": "むすび株式会社",
    "address": "大阪府大阪市北区1-1",
    "representative": "結城 はな",
    "contact": "06-0000-0000",
    "complaints": "苦情相談窓口 06-0000-1111",
    "corporate_number": "７０００ ０１２０ ５０００ ２",
    "license_number": "２７－ユ－３１６８６４",
    "license_since": "令和2年4月1日",
    "license_until": "2030.3.31",
    "manager": "佐藤 実",
    "notices_url": "musubi.example/notices",
    "free_introductions": "２",
    "rules": "y",
    "person": "結城 さくら",
    "password": PASSWORD,
}


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def client(app: Flask, cast: Cast) -> FlaskClient:
    return app.test_client()


def invite(session: Session, cast: Cast, email: str = "desk@musubi.example") -> str:
    """The token of an invitation mailed by Acme."""
    invitation = invitations.invite_partner(
        session, cast.acme, email=email, rules_version=partnerships.RULES_VERSION, by_user_id=cast.adam.id
    )
    token = tokens.mint(session, TokenPurpose.INVITE, invitation.id, company_id=cast.acme.id)
    session.commit()
    return token


def send(client: FlaskClient, token: str, **typed: str) -> TestResponse:
    return client.post(f"/invite/{token}", data=TYPED | typed | {"link_csrf": link_csrf(token)})


def partner_names(session: Session, cast: Cast) -> list[str]:
    """Names of Acme's partners."""
    with scopes.company(session, cast.acme.id):
        wanted = select(Partner.name).join(Partnership).where(Partnership.ended_at.is_(None)).order_by(Partnership.id)
        return list(session.scalars(wanted))


def agents(session: Session) -> int:
    with scopes.everyone(session, "test"):
        return len(session.scalars(select(User.id).where(User.partner_id.is_not(None))).all())


def test_opening_the_invitation_changes_nothing_and_sets_no_cookie(
    client: FlaskClient, session: Session, cast: Cast
) -> None:
    token = invite(session, cast)
    answer = client.get(f"/invite/{token}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "株式会社acme" in answer.text
    assert f"{partnerships.RULES_VERSION}版" in answer.text
    assert all(f'name="{name}"' in answer.text for name in TYPED)
    assert "placeholder" not in answer.text
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Invitation.accepted_at)).all() == [None]


def test_an_agency_registers_itself_and_is_inside_at_once(client: FlaskClient, session: Session, cast: Cast) -> None:
    answer = send(client, invite(session, cast))
    assert (answer.status_code, answer.location) == (303, "/agency")
    partner = session.scalars(select(Partner).where(Partner.slug == "musubi")).one()
    assert partner.corporate_number == "7000012050002"
    assert (partner.license_number, str(partner.license_since), str(partner.license_until)) == (
        "27-ユ-316864",
        "2020-04-01",
        "2030-03-31",
    )
    assert partner_names(session, cast)[-1] == "むすび株式会社"
    assert client.get("/agency").location.startswith("/account/notice"), "signed in, with the notice first"


def test_the_link_opens_once(client: FlaskClient, session: Session, cast: Cast) -> None:
    token = invite(session, cast)
    send(client, token)
    assert client.get(f"/invite/{token}").status_code == 404
    assert send(client, token, license_number="27-ユ-999999").status_code == 404
    assert agents(session) == 3


def test_a_school_needs_no_licence(client: FlaskClient, session: Session, cast: Cast) -> None:
    nothing = dict.fromkeys(("license_number", "license_since", "license_until", "manager", "free_introductions"), "")
    assert send(client, invite(session, cast), kind="school", name="学校法人いろは", **nothing).status_code == 303
    assert partner_names(session, cast)[-1] == "学校法人いろは"


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "紹介会社か学校か"),
        ({"license_number": ""}, "許可番号を入力してください"),
        ({"license_number": "13-316864"}, "許可番号を読み取れません"),
        ({"license_until": "令和2年3月31日"}, "この日付は過ぎています"),
        ({"license_until": "平成32年3月31日"}, "令和2年3月31日"),
        ({"license_until": "来年"}, "日付として読めません"),
        ({"manager": " "}, "職業紹介責任者"),
        ({"notices_url": "javascript:alert(1)"}, "アドレスを読み取れません"),
        ({"free_introductions": ""}, "0から99まで"),
        ({"free_introductions": "百"}, "0から99まで"),
        ({"rules": ""}, "同意が必要です"),
        ({"password": "short"}, "15文字"),
        ({"password": "むすび株式会社 むすび株式会社"}, "パスワード"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(
    client: FlaskClient, session: Session, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    answer = send(client, invite(session, cast), **typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "結城 さくら" in answer.text
    assert PASSWORD not in answer.text
    assert len(partner_names(session, cast)) == 2
    assert agents(session) == 2


def test_a_known_licence_is_asked_to_sign_in(client: FlaskClient, session: Session, cast: Cast) -> None:
    token = invite(session, cast)
    answer = send(client, token, license_number=str(cast.tsumugi.license_number))
    assert answer.status_code == 422
    assert "すでにRelayに登録されています" in answer.text
    assert f"/account/invitation/{token}" in answer.text
    assert agents(session) == 2


@pytest.mark.parametrize(
    ("email", "sentence"),
    [("agnes@tsumugi.example", "ログインして受け入れる"), ("mona@other.example", "別のメールアドレス")],
)
def test_an_address_that_signs_in_already_makes_no_second_login(
    client: FlaskClient, session: Session, cast: Cast, email: str, sentence: str
) -> None:
    token = invite(session, cast, email)
    assert sentence in client.get(f"/invite/{token}").text
    assert send(client, token).status_code == 422
    assert agents(session) == 2


def test_an_agent_accepts_one_more_company(app: Flask, session: Session, cast: Cast) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    token, agnes = invite(session, cast), browse(app, cast.agnes)
    path = f"/account/invitation/{token}"
    page = agnes.get(path).text
    assert "株式会社acme" in page
    assert agnes.post(path, data={"free_introductions": "1"}).status_code == 422, "the rules come first"
    answer = agnes.post(path, data={"free_introductions": "1", "rules": "y"})
    assert (answer.status_code, answer.location) == (303, "/agency")
    assert cast.tsumugi.name in partner_names(session, cast)
    assert agents(session) == 2
    assert agnes.get(path).status_code == 404
    assert agnes.post(path, data={"free_introductions": "1", "rules": "y"}).status_code == 404


def test_only_agents_accept_and_only_partner_invitations(app: Flask, session: Session, cast: Cast) -> None:
    token = invite(session, cast)
    assert browse(app, cast.adam).get(f"/account/invitation/{token}").status_code == 403
    member = invitations.invite_agent(session, cast.manabi, email="x@manabi.example", name="", by_user_id=None)
    other = tokens.mint(session, TokenPurpose.INVITE, member.id)
    assert browse(app, cast.agnes).get(f"/account/invitation/{other}").status_code == 404


def test_an_agent_is_told_that_a_lead_accepts(app: Flask, client: FlaskClient, session: Session, cast: Cast) -> None:
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    token = invite(session, cast, amy.email)
    assert "責任者の方に転送してください" in client.get(f"/invite/{token}").text
    assert browse(app, amy).get(f"/account/invitation/{token}").status_code == 403
    about = browse(app, amy).get("/agency").text
    assert cast.agnes.name in about, "whom to ask"
    assert "/account/partner" not in about


def test_a_stranger_signs_in_first_and_comes_back(client: FlaskClient, session: Session, cast: Cast) -> None:
    path = f"/account/invitation/{invite(session, cast)}"
    answer = client.get(path)
    assert answer.status_code == 302
    login = client.get(answer.location)
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', login.text)
    assert csrf is not None
    typed = {"email": "agnes@tsumugi.example", "password": PASSWORD, "next": path, "csrf_token": csrf[1]}
    assert client.post("/login", data=typed).location == path


def test_an_agent_keeps_the_partners_particulars_right(app: Flask, session: Session, cast: Cast) -> None:
    agnes = browse(app, cast.agnes)
    assert cast.tsumugi.name in agnes.get("/account/partner").text
    own = {
        name: TYPED[name] for name in TYPED if name not in {"kind", "password", "person", "rules", "corporate_number"}
    }
    licence = {"license_number": cast.tsumugi.license_number, "license_until": str(cast.tsumugi.license_until)}
    answer = agnes.post("/account/partner", data=own | licence)
    assert (answer.status_code, answer.location) == (303, "/account/partner")
    session.expire_all()
    assert (cast.tsumugi.name, cast.tsumugi.checked_on) == ("むすび株式会社", None)
    assert "候補者に表示していません" in browse(app, cast.adam).get("/settings/partners").text
    assert "企業の確認を待っています" in agnes.get("/agency").text


def test_a_licence_of_another_partner_is_refused(app: Flask, session: Session, cast: Cast) -> None:
    rival = make_partner(session, "rival", license_number="14-ユ-302439")
    ron = make_user(session, "ron", rival, cast.agnes.role)
    answer = browse(app, ron).post(
        "/account/partner", data=TYPED | {"license_number": str(cast.tsumugi.license_number)}
    )
    assert answer.status_code == 422
    assert "別の提携先に登録されています" in answer.text


def test_members_have_no_partners_page(app: Flask, cast: Cast) -> None:
    assert browse(app, cast.adam).get("/account/partner").status_code == 403


def test_an_invitation_over_time_opens_nothing(client: FlaskClient, session: Session, cast: Cast) -> None:
    token = invite(session, cast)
    with clock.at(clock.now() + timedelta(days=15)):
        assert client.get(f"/invite/{token}").status_code == 404
        assert send(client, token).status_code == 404
