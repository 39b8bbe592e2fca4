"""What an administrator, or a lead, does to a colleague's login: ending its sessions, replacing a lost factor."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import vault
from relay.models import Event, EventTag, Message, RecoveryCode, Role, User, UserSession, scopes
from tests.cast import Cast, browse, make_cast, make_user

ENDED, REMOVED = "sessions/end", "second-factor/remove"
HAPPENED = {ENDED: "sessions-ended-by-colleague", REMOVED: "factor-removed-by-colleague"}


@dataclass
class Organisation:
    """Who does it to whom, who else is told, and where; at a company and at a partner."""

    by: User
    colleague: User
    other: User
    stranger: User
    place: str

    def path(self, recorder: str, user: User | None = None) -> str:
        return f"{self.place}/{(user or self.colleague).id}/{recorder}"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture(params=["company", "partner"])
def organisation(request: pytest.FixtureRequest, session: Session, cast: Cast) -> Organisation:
    if request.param == "company":
        other = make_user(session, "olga", cast.acme, Role.ADMIN)
        made = Organisation(cast.adam, cast.ada, other, cast.mona, "/settings/members")
    else:
        colleague = make_user(session, "amy", cast.tsumugi, Role.AGENT)
        other = make_user(session, "olga", cast.tsumugi, Role.LEAD)
        made = Organisation(cast.agnes, colleague, other, cast.sho, "/account/colleagues")
    for person in (made.by, made.colleague, made.stranger):
        person.totp_secret = vault.seal("a secret")
    session.add(RecoveryCode(user_id=made.colleague.id, code_hash="x", created_at=clock.now()))
    session.commit()
    return made


@pytest.fixture
def client(app: Flask, organisation: Organisation) -> FlaskClient:
    return browse(app, organisation.by)


def told(session: Session) -> dict[str, str]:
    """Which notice waits for which address."""
    with scopes.everyone(session, "test: of any house"):
        return {mail.to_address: mail.values["what"] for mail in session.scalars(select(Message))}


def logged(session: Session, tag: EventTag) -> list[tuple[int | None, int | None]]:
    found = session.scalars(select(Event).where(Event.tag == tag.value))
    return [(event.actor_id, event.subject_id) for event in found]


def has_factor(session: Session, user: User) -> bool:
    session.expire_all()
    with scopes.everyone(session, "test: of any house"):
        return bool(session.scalars(select(User.totp_secret).where(User.id == user.id)).one())


@pytest.mark.parametrize(
    ("act", "form", "happened"),
    [
        ("role", {}, "role-changed-by-colleague"),
        ("leave", {}, "login-shut-by-colleague"),
        ("back", {}, "login-opened-by-colleague"),
    ],
)
def test_a_role_an_end_and_a_return_are_told_to_the_colleague_and_the_others(
    session: Session, organisation: Organisation, client: FlaskClient, act: str, form: dict[str, str], happened: str
) -> None:
    if act == "role":
        form = {"role": "viewer" if organisation.place.startswith("/settings") else "lead"}
    if act == "back":
        organisation.colleague.disabled_at = clock.now()
        session.commit()
    for _again in range(2):
        assert client.post(organisation.path(act), data=form).status_code == 303
    assert told(session) == {
        organisation.colleague.email: happened,
        organisation.other.email: f"{happened}-to-others",
    }


def test_every_browser_of_the_colleague_is_signed_out(
    app: Flask, session: Session, organisation: Organisation, client: FlaskClient
) -> None:
    theirs = [browse(app, organisation.colleague) for _browser in range(2)]
    answer = client.post(organisation.path(ENDED), follow_redirects=True)
    assert "すべての端末からログアウトさせました（2件）" in answer.text
    assert [browser.get("/account").status_code for browser in theirs] == [302, 302]
    assert has_factor(session, organisation.colleague), "the factor stays"
    assert logged(session, EventTag.SESSION_ENDED) == [(organisation.by.id, organisation.colleague.id)]
    nobody = client.post(organisation.path(ENDED), follow_redirects=True)
    assert "ありませんでした" in nobody.text
    assert len(logged(session, EventTag.SESSION_ENDED)) == 1


def test_a_lost_factor_goes_with_its_codes_and_is_set_up_anew(
    app: Flask, session: Session, cast: Cast, organisation: Organisation, client: FlaskClient
) -> None:
    cast.acme.second_factor_required = cast.tsumugi.second_factor_required = True
    session.commit()
    theirs = browse(app, organisation.colleague)
    assert theirs.get("/account").status_code == 200
    answer = client.post(organisation.path(REMOVED), follow_redirects=True)
    assert "二段階認証を外しました" in answer.text
    assert not has_factor(session, organisation.colleague)
    assert session.scalars(select(RecoveryCode)).all() == []
    assert theirs.get("/account").status_code == 302, "signed out"
    assert browse(app, organisation.colleague).get("/account").location.startswith("/account/second-factor")
    assert logged(session, EventTag.SECOND_FACTOR_REMOVED) == [(organisation.by.id, organisation.colleague.id)]
    assert client.post(organisation.path(REMOVED)).status_code == 409, "there is nothing left to take away"


@pytest.mark.parametrize("recorder", [ENDED, REMOVED])
def test_the_colleague_and_whoever_else_answers_are_told(
    app: Flask, session: Session, organisation: Organisation, client: FlaskClient, recorder: str
) -> None:
    browse(app, organisation.colleague)
    client.post(organisation.path(recorder))
    assert told(session) == {
        organisation.colleague.email: HAPPENED[recorder],
        organisation.other.email: f"{HAPPENED[recorder]}-to-others",
    }, "not who did it, nobody who only reads or recruits, no other house"


@pytest.mark.parametrize("recorder", [ENDED, REMOVED])
def test_ones_own_login_is_not_changed_here(
    session: Session, organisation: Organisation, client: FlaskClient, recorder: str
) -> None:
    assert client.post(organisation.path(recorder, organisation.by)).status_code == 409
    assert has_factor(session, organisation.by)
    assert client.get("/account").status_code == 200, "still signed in"


@pytest.mark.parametrize("recorder", [ENDED, REMOVED])
def test_another_organisation_finds_nobody(
    app: Flask, session: Session, organisation: Organisation, client: FlaskClient, recorder: str
) -> None:
    theirs = browse(app, organisation.stranger)
    assert client.post(organisation.path(recorder, organisation.stranger)).status_code == 404
    assert has_factor(session, organisation.stranger)
    assert theirs.get("/account").status_code == 200
    assert told(session) == {}


@pytest.mark.parametrize("recorder", [ENDED, REMOVED])
@pytest.mark.parametrize("who", ["ada", "vic"])
def test_only_administrators_do_it_at_a_company(
    app: Flask, session: Session, cast: Cast, who: str, recorder: str
) -> None:
    cast.adam.totp_secret = vault.seal("a secret")
    session.commit()
    answer = browse(app, getattr(cast, who)).post(f"/settings/members/{cast.adam.id}/{recorder}")
    assert answer.status_code == 403
    assert has_factor(session, cast.adam)


@pytest.mark.parametrize("recorder", [ENDED, REMOVED])
def test_only_leads_do_it_at_a_partner(app: Flask, session: Session, cast: Cast, recorder: str) -> None:
    cast.agnes.totp_secret = vault.seal("a secret")
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    session.commit()
    assert browse(app, amy).post(f"/account/colleagues/{cast.agnes.id}/{recorder}").status_code == 403
    assert has_factor(session, cast.agnes)


@pytest.mark.parametrize("recorder", [ENDED, REMOVED])
def test_it_wants_a_fresh_proof(
    app: Flask, session: Session, organisation: Organisation, client: FlaskClient, recorder: str
) -> None:
    theirs = browse(app, organisation.colleague)
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    assert "ご本人の確認" in client.post(organisation.path(recorder)).text
    assert has_factor(session, organisation.colleague)
    assert theirs.get("/account").status_code == 200


def test_the_page_offers_both_for_colleagues_and_neither_for_oneself(
    organisation: Organisation, client: FlaskClient
) -> None:
    page = client.get(organisation.path("").rstrip("/")).text
    assert organisation.path(ENDED) in page
    assert organisation.path(REMOVED) in page
    own = client.get(organisation.path("", organisation.by).rstrip("/")).text
    assert organisation.path(ENDED, organisation.by) not in own
    assert organisation.path(REMOVED, organisation.by) not in own
