"""Logins: made, changed, shut; what takes rights away ends the open sessions (E-7)."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.identity import sessions, users
from relay.identity.passwords import check_password
from relay.identity.users import PasswordRefused, UserRefused, UserUnknown
from relay.models import Event, EventTag, Role, UserSession
from tests.cast import PASSWORD, Cast, make_cast

OWN = "ume no hana ga saku hi"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def open_sessions(session: Session) -> int:
    return int(session.scalar(select(func.count(UserSession.id))) or 0)


def events(session: Session, tag: EventTag) -> list[dict[str, str]]:
    return list(session.scalars(select(Event.data).where(Event.tag == tag.value).order_by(Event.id)))


def test_a_new_login_belongs_to_its_organisation_and_its_password_works(session: Session, cast: Cast) -> None:
    user = users.create_user(session, cast.acme, email="Rin@ACME.example", name="凛", role=Role.RECRUITER, password=OWN)
    assert (user.company_id, user.partner_id) == (cast.acme.id, None)
    assert check_password(user.password_hash, OWN)
    assert users.by_address(session, "rin@acme.example").id == user.id
    assert events(session, EventTag.USER_CREATED) == [{"role": "recruiter"}]


def test_an_agent_belongs_to_a_partner(session: Session, cast: Cast) -> None:
    user = users.create_user(session, cast.tsumugi, email="n@x.example", name="", role=Role.AGENT, password=OWN)
    assert (user.company_id, user.partner_id, user.name) == (None, cast.tsumugi.id, "n")


def test_an_address_signs_in_once_in_the_whole_installation(session: Session, cast: Cast) -> None:
    with pytest.raises(UserRefused, match="すでにログイン"):
        users.create_user(session, cast.other, email="ADA@acme.example", name="", role=Role.ADMIN, password=OWN)


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c.example", "a b@c.example"])
def test_an_unusable_address_is_refused(session: Session, cast: Cast, email: str) -> None:
    with pytest.raises(UserRefused):
        users.create_user(session, cast.acme, email=email, name="", role=Role.VIEWER, password=OWN)


def test_roles_stay_on_their_side(session: Session, cast: Cast) -> None:
    with pytest.raises(UserRefused, match="担当者（agent）"):
        users.create_user(session, cast.tsumugi, email="a@x.example", name="", role=Role.ADMIN, password=OWN)
    with pytest.raises(UserRefused, match="閲覧のみ"):
        users.create_user(session, cast.acme, email="a@x.example", name="", role=Role.AGENT, password=OWN)
    with pytest.raises(UserRefused, match="担当者（agent）"):
        users.set_role(session, cast.agnes, Role.VIEWER)


def test_a_password_known_from_a_breach_is_refused_however_it_is_chosen(session: Session, cast: Cast) -> None:
    known = "!audia329!#1123"
    with pytest.raises(PasswordRefused):
        users.create_user(session, cast.acme, email="x@acme.example", name="", role=Role.VIEWER, password=known)
    with pytest.raises(PasswordRefused):
        users.set_password(session, cast.ada, known)


def test_a_password_made_of_the_company_and_the_address_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(PasswordRefused):
        users.create_user(
            session, cast.acme, email="rin@x.example", name="", role=Role.VIEWER, password="acme-acme-rin-relay"
        )


def test_disabling_ends_every_session_and_says_so_once(session: Session, cast: Cast) -> None:
    for agent in ("phone", "desk"):
        sessions.start(session, cast.ada.id, ip="", agent=agent)
    sessions.start(session, cast.vic.id, ip="", agent="other")
    users.disable(session, cast.ada)
    users.disable(session, cast.ada)
    assert open_sessions(session) == 1
    assert events(session, EventTag.USER_CHANGED) == [{"what": "disabled"}]


def test_a_new_role_ends_sessions_opened_under_the_old_one(session: Session, cast: Cast) -> None:
    sessions.start(session, cast.ada.id, ip="", agent="")
    users.set_role(session, cast.ada, Role.RECRUITER)
    assert open_sessions(session) == 1
    users.set_role(session, cast.ada, Role.VIEWER)
    assert open_sessions(session) == 0
    assert events(session, EventTag.USER_CHANGED) == [{"what": "role", "role": "viewer"}]


def test_a_new_password_ends_sessions_and_replaces_the_old(session: Session, cast: Cast) -> None:
    sessions.start(session, cast.ada.id, ip="", agent="")
    users.set_password(session, cast.ada, OWN)
    assert open_sessions(session) == 0
    assert check_password(cast.ada.password_hash, OWN)
    assert not check_password(cast.ada.password_hash, PASSWORD)


def test_a_company_keeps_an_administrator(session: Session, cast: Cast) -> None:
    with pytest.raises(UserRefused, match="最後の管理者"):
        users.disable(session, cast.adam)
    with pytest.raises(UserRefused, match="最後の管理者"):
        users.set_role(session, cast.adam, Role.VIEWER)
    users.set_role(session, cast.ada, Role.ADMIN)
    users.disable(session, cast.adam)
    assert cast.adam.disabled_at is not None


def test_members_of_one_organisation_only(session: Session, cast: Cast) -> None:
    users.disable(session, cast.ada)
    assert [member.name for member in users.members(session, cast.acme)] == ["Adam", "Vic", "Ada"]
    assert [member.name for member in users.members(session, cast.tsumugi)] == ["Agnes"]


def test_nobody_goes_by_an_unknown_address(app: Flask, session: Session) -> None:
    with pytest.raises(UserUnknown):
        users.by_address(session, "nobody@x.example")


def test_the_log_names_nobody(session: Session, cast: Cast) -> None:
    users.create_user(session, cast.acme, email="rin@acme.example", name="凛", role=Role.VIEWER, password=OWN)
    session.flush()
    assert not [row for row in session.scalars(select(Event)) if "rin" in str(row.data) or "凛" in str(row.data)]
