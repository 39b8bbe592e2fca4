"""HR and its partners: inviting, recording what was looked up, ending."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import compose
from relay.models import Company, Invitation, Message, User, UserSession, scopes
from relay.network import links, partners, partnerships
from tests.cast import Cast, browse
from tests.db.network.build import mailed_link, mails, register


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def offered(session: Session, cast: Cast) -> list[int]:
    return [card.id for card in partners.active_partners(session, cast.acme.id)]


def test_an_invitation_goes_out_under_the_rules_that_were_accepted(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    assert adam.post("/settings/partners/invitations", data={"email": "desk@musubi.example"}).status_code == 422
    typed = {"email": "desk@musubi.example", "rules": "y"}
    assert adam.post("/settings/partners/invitations", data=typed).status_code == 303
    with scopes.company(session, cast.acme.id):
        invitation = session.scalars(select(Invitation)).one()
    assert (invitation.rules_version, invitation.by_user_id) == (partnerships.RULES_VERSION, cast.adam.id)
    assert timedelta(days=13) < invitation.expires_at - clock.now() <= timedelta(days=14)
    assert [each.to_address for each in mails(session, "invite-partner")] == ["desk@musubi.example"]
    assert "desk@musubi.example" in adam.get("/settings/partners").text
    again = adam.post("/settings/partners/invitations", data=typed)
    assert again.status_code == 422
    assert "すでに招待を送っています" in again.text


def test_an_invitation_is_sent_again_and_taken_back(adam: FlaskClient, session: Session, cast: Cast) -> None:
    adam.post("/settings/partners/invitations", data={"email": "desk@musubi.example", "rules": "y"})
    path = "/settings/partners/invitations/1"
    assert adam.post(f"{path}/again").status_code == 303
    assert len(mails(session, "invite-partner")) == 2
    assert adam.post(f"{path}/revoke").status_code == 303
    assert "desk@musubi.example" not in adam.get("/settings/partners").text.split("</main>")[0].split("notice")[-1]
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Invitation.revoked_at)).one() is not None


def test_what_was_looked_up_is_recorded_with_name_and_day(adam: FlaskClient, session: Session, cast: Cast) -> None:
    cast.tsumugi.checked_on = None
    path = f"/settings/partners/{cast.tsumugi.id}/check"
    page = adam.get(path).text
    assert str(cast.tsumugi.license_number) in page
    seen = partners.fingerprint(cast.tsumugi)
    assert adam.post(path, data={"seen": seen}).status_code == 422, "without the tick nothing is recorded"
    assert cast.tsumugi.id not in offered(session, cast)
    typed = {"seen": seen, "same": "y", "note": "番号と期限を確認"}
    assert adam.post(path, data=typed).status_code == 303
    assert cast.tsumugi.id in offered(session, cast)
    page = adam.get("/settings/partners").text
    assert "Adam" in page
    assert "番号と期限を確認" in page


def test_what_changed_meanwhile_is_looked_at_again(adam: FlaskClient, session: Session, cast: Cast) -> None:
    cast.tsumugi.checked_on = None
    seen = partners.fingerprint(cast.tsumugi)
    cast.tsumugi.address = "大阪府大阪市北区1-1"
    answer = adam.post(f"/settings/partners/{cast.tsumugi.id}/check", data={"seen": seen, "same": "y"})
    assert answer.status_code == 422
    assert "たったいま変わりました" in answer.text
    assert "大阪府大阪市北区1-1" in answer.text
    assert partners.fingerprint(cast.tsumugi) in answer.text
    assert cast.tsumugi.id not in offered(session, cast)


def test_ending_asks_again_who_is_there_then_stops_sharing_and_tells(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi)
    path = f"/settings/partners/{cast.tsumugi.id}/end"
    assert cast.tsumugi.name in adam.get(path).text
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(hours=1)))
    assert adam.post(path).status_code != 303, "the password comes first (E-8)"
    assert cast.tsumugi.id in offered(session, cast)
    session.execute(update(UserSession).values(proven_at=clock.now()))
    assert adam.post(path).location == "/settings/partners"
    assert cast.tsumugi.id not in offered(session, cast)
    assert [each.to_address for each in mails(session, "partnership-ended")] == ["a@mail.example"]
    with scopes.company(session, cast.acme.id):
        assert (
            "a@mail.example" not in session.scalars(select(Message.to_address).where(Message.letter != "result")).all()
        )
    assert adam.get(path).status_code == 404


def test_a_recruiter_and_another_company_change_nothing(app: Flask, session: Session, cast: Cast) -> None:
    for path in ("check", "end"):
        there = f"/settings/partners/{cast.tsumugi.id}/{path}"
        for who, status in ((cast.ada, 403), (cast.mona, 404)):
            assert browse(app, who).get(there).status_code == status
            assert browse(app, who).post(there).status_code == status
    assert cast.tsumugi.id in offered(session, cast)


def test_candidates_are_shown_the_partners_own_pages(app: Flask, session: Session, cast: Cast) -> None:

    cast.tsumugi.notices_url, cast.tsumugi.complaints = "https://tsumugi.example/notices", "苦情相談窓口"
    link = mailed_link(session, cast.acme, "a@mail.example")
    with scopes.company(session, cast.acme.id):
        token = links.mint(session, link, None)
    page = app.test_client().get(f"/r/{token}").text
    assert 'href="https://tsumugi.example/notices"' in page
    assert "苦情相談窓口" in page


def test_whoever_has_not_proven_themselves_lately_invites_nobody(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    typed = {"email": "desk@musubi.example", "rules": "y"}
    adam.post("/settings/partners/invitations", data=typed)
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    for path, fields in (
        ("/settings/partners/invitations", typed | {"email": "other@musubi.example"}),
        ("/settings/partners/invitations/1/again", {}),
    ):
        asked = adam.post(path, data=fields)
        assert asked.status_code == 200
        assert f'value="{path}"' in asked.text, "the form waits on the page of the proof"
    assert len(mails(session, "invite-partner")) == 1


def test_an_invitation_carries_no_words_that_lead_elsewhere(adam: FlaskClient, session: Session, cast: Cast) -> None:
    session.execute(update(Company).values(name="至急 https://evil.example/a へ", contact="evil@evil.example"))
    with scopes.company(session, cast.acme.id):
        session.execute(update(User).where(User.id == cast.adam.id).values(name="www.evil.example"))
    session.commit()
    adam.post("/settings/partners/invitations", data={"email": "desk@musubi.example", "rules": "y"})
    adam.post(
        "/settings/members/invitations", data={"email": "x@musubi.example", "name": "//evil.example", "role": "viewer"}
    )
    written = [*mails(session, "invite-partner"), *mails(session, "invite-member")]
    assert len(written) == 2
    for message in written:
        with scopes.company(session, cast.acme.id):
            mail = compose.render(session, message, preview=False, links={"invite_url": "https://relay.example/i"})
        carried = f"{mail.subject}{mail.text}{mail.html}{mail.headers['From']}"
        assert "evil" not in carried
        assert "至急 へ" in mail.subject
