"""Invitations: mailed, accepted once and in time, sent again, taken back (C-17, C-18, C-20)."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import invitations, users
from relay.identity.invitations import InvitationGone, InvitationRefused
from relay.identity.users import PasswordRefused, UserRefused
from relay.mail import compose, letters, tokens
from relay.models import (
    Company,
    Event,
    EventTag,
    Invitation,
    InvitationKind,
    Message,
    MessageState,
    Role,
    Token,
    TokenPurpose,
    scopes,
)
from tests.cast import Cast, make_cast, make_user

OWN = "ume no hana ga saku hi"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def invite(session: Session, cast: Cast, email: str = "rin@acme.example", role: Role = Role.RECRUITER) -> Invitation:
    made = invitations.invite_member(session, cast.acme, email=email, name="凛", role=role, by_user_id=cast.adam.id)
    session.flush()
    return made


def mails(session: Session, letter: str = "invite-member") -> list[Message]:
    session.flush()
    with scopes.everyone(session, "test: mails of any house"):
        return list(session.scalars(select(Message).where(Message.letter == letter).order_by(Message.id)))


def link_of(session: Session, message: Message) -> str:
    """The token in the link that this mail would carry."""
    mint = letters.find(message.letter).mint
    assert mint is not None
    return mint(session, message)["invite_url"].rpartition("/")[2]


def tags(session: Session) -> list[str]:
    return [tag for tag in session.scalars(select(Event.tag).order_by(Event.id)) if tag.startswith("invitation")]


def test_whoever_follows_the_link_joins_in_the_role_offered(session: Session, cast: Cast) -> None:
    invite(session, cast, role=Role.VIEWER)
    [mail] = mails(session)
    invitation = invitations.by_token(session, link_of(session, mail))
    user = invitations.join(session, invitation, name="森 凛", password=OWN)
    assert (user.company_id, user.role, user.email, user.name) == (
        cast.acme.id,
        Role.VIEWER,
        "rin@acme.example",
        "森 凛",
    )
    assert tags(session) == [EventTag.INVITED, EventTag.INVITATION_ACCEPTED]
    with pytest.raises(InvitationGone):
        invitations.join(session, invitation, name="もう一度", password=OWN)


def test_nobody_invites_themselves_back_in_charge(session: Session, cast: Cast) -> None:
    """An administrator's link dies with the inviter's own role; a recruiter's does not."""
    make_user(session, "ben", cast.acme, Role.ADMIN)
    back = invite(session, cast, "adam-at-home@mail.example", Role.ADMIN)
    colleague = invite(session, cast)
    users.set_role(session, cast.adam, Role.VIEWER)
    with pytest.raises(InvitationGone):
        invitations.join(session, back, name="亜", password=OWN)
    assert invitations.join(session, colleague, name="凛", password=OWN).role is Role.RECRUITER


def test_a_partner_asks_its_own_people_and_no_company_sees_it(session: Session, cast: Cast) -> None:
    invitations.invite_agent(session, cast.tsumugi, email="n@tsumugi.example", name="", by_user_id=cast.agnes.id)
    [mail] = mails(session, "invite-agent")
    assert mail.company_id is None
    user = invitations.join(session, invitations.by_token(session, link_of(session, mail)), name="直", password=OWN)
    assert (user.partner_id, user.role) == (cast.tsumugi.id, Role.AGENT)
    assert invitations.open_ones(session, cast.acme) == []


def test_a_company_asks_a_partner_and_keeps_the_rules_it_accepted(session: Session, cast: Cast) -> None:
    made = invitations.invite_partner(
        session, cast.acme, email="hello@agency.example", rules_version="2026-11", by_user_id=cast.adam.id
    )
    assert (made.kind, made.role, made.rules_version) == (InvitationKind.PARTNER, None, "2026-11")
    assert made.expires_at - made.created_at == timedelta(days=14)
    assert [each.email for each in invitations.open_ones(session, cast.acme, InvitationKind.PARTNER)] == [made.email]
    assert invitations.open_ones(session, cast.acme, InvitationKind.MEMBER) == []


def test_the_link_lives_as_long_as_the_invitation(session: Session, cast: Cast) -> None:
    start = clock.now()
    with clock.at(start):
        invite(session, cast)
    [mail] = mails(session)
    with clock.at(start + timedelta(hours=5)):
        token = link_of(session, mail)
    with clock.at(start + timedelta(hours=71, minutes=59)):
        assert invitations.by_token(session, token).email == "rin@acme.example"
    with clock.at(start + timedelta(hours=72)), pytest.raises(InvitationGone):
        invitations.by_token(session, token)


def test_sent_again_there_is_a_new_link_and_a_new_term_and_the_old_link_is_dead(session: Session, cast: Cast) -> None:
    invitation = invite(session, cast)
    [first] = mails(session)
    old = link_of(session, first)
    first.state = MessageState.SENT
    with clock.at(clock.now() + timedelta(days=5)):
        assert [each.expired for each in invitations.open_ones(session, cast.acme)] == [True]
        invitations.again(session, invitation, by_user_id=cast.adam.id)
        [_first, second] = mails(session)
        with pytest.raises(InvitationGone):
            invitations.by_token(session, old)
        assert invitations.by_token(session, link_of(session, second)) is invitation
        assert [each.expired for each in invitations.open_ones(session, cast.acme)] == [False]


def test_sent_again_before_the_first_mail_left_only_one_leaves(session: Session, cast: Cast) -> None:
    invitations.again(session, invite(session, cast), by_user_id=cast.adam.id)
    assert [mail.state for mail in mails(session)] == [MessageState.CANCELLED, MessageState.SCHEDULED]


def test_taken_back_no_link_opens_and_no_mail_leaves(session: Session, cast: Cast) -> None:
    invitation = invite(session, cast)
    [mail] = mails(session)
    token = link_of(session, mail)
    invitations.revoke(session, invitation)
    invitations.revoke(session, invitation)
    assert mail.state is MessageState.CANCELLED
    with pytest.raises(InvitationGone):
        invitations.by_token(session, token)
    with pytest.raises(InvitationGone):
        invitations.again(session, invitation, by_user_id=cast.adam.id)
    assert invitations.open_ones(session, cast.acme) == []
    assert tags(session).count(EventTag.INVITATION_REVOKED) == 1


def test_a_mail_already_in_the_workers_hands_carries_no_link_when_it_was_taken_back(
    session: Session, cast: Cast
) -> None:
    invitation = invite(session, cast)
    [mail] = mails(session)
    mail.state = MessageState.SENDING
    invitations.revoke(session, invitation)
    assert link_of(session, mail) == ""
    written = compose.render(session, mail, preview=False, links={"invite_url": ""})
    assert "取り消されました" in written.text
    assert "取り消されました" in written.html
    assert session.scalar(select(func.count(Token.id)).where(Token.purpose == TokenPurpose.INVITE)) == 0


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "入力してください"),
        ("nobody", "@"),
        ("ADA@acme.example", "この組織のユーザー"),
        ("ｒｉｎ＠acme.example", "すでに招待"),
    ],
)
def test_who_cannot_be_invited(session: Session, cast: Cast, email: str, sentence: str) -> None:
    invite(session, cast)
    with pytest.raises(InvitationRefused, match=sentence):
        invite(session, cast, email)


def test_inviting_does_not_tell_who_signs_in_elsewhere(session: Session, cast: Cast) -> None:
    """Only the invited person learns that their address is taken (E-6)."""
    invite(session, cast, cast.mona.email)
    [mail] = mails(session)
    with pytest.raises(UserRefused, match="すでにログイン"):
        invitations.join(session, invitations.by_token(session, link_of(session, mail)), name="", password=OWN)


def test_a_weak_password_keeps_the_invitation_open(session: Session, cast: Cast) -> None:
    invite(session, cast)
    [mail] = mails(session)
    token = link_of(session, mail)
    session.commit()
    with pytest.raises(PasswordRefused):
        invitations.join(session, invitations.by_token(session, token), name="", password="short")
    session.rollback()
    assert invitations.by_token(session, token).accepted_at is None


def test_a_organisation_has_so_many_invitations_out_and_no_more(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_OPEN", 2)
    invite(session, cast, "one@acme.example")
    invite(session, cast, "two@acme.example")
    with pytest.raises(InvitationRefused, match="2件"):
        invite(session, cast, "three@acme.example")


def test_nobodys_mailbox_is_flooded_with_invitations(session: Session, cast: Cast) -> None:
    invitation = invite(session, cast)
    for _time in range(3):
        invitations.again(session, invitation, by_user_id=cast.adam.id)
    invitations.revoke(session, invitation)
    again = invite(session, cast)
    with pytest.raises(InvitationRefused, match="1時間ほど"):
        invitations.again(session, again, by_user_id=cast.adam.id)
    invite(session, cast, "another@acme.example")
    with clock.at(clock.now() + timedelta(hours=1)):
        invitations.again(session, again, by_user_id=cast.adam.id)


def test_a_organisation_does_not_mail_the_world_by_inviting_and_taking_back(session: Session, cast: Cast) -> None:
    for number in range(20):
        invitations.revoke(session, invite(session, cast, f"n{number}@elsewhere.example"))
    with pytest.raises(InvitationRefused, match="1時間ほど"):
        invite(session, cast, "more@elsewhere.example")


def test_ten_partners_an_hour_are_invited_and_no_more(session: Session, cast: Cast) -> None:
    def invite_partner(number: int) -> None:
        email = f"desk{number}@elsewhere.example"
        with scopes.company(session, cast.acme.id):
            invitations.invite_partner(
                session, cast.acme, email=email, rules_version="2026-11", by_user_id=cast.adam.id
            )

    invite(session, cast, "staff@acme.example")  # counted by itself
    for number in range(10):
        invite_partner(number)
    with pytest.raises(InvitationRefused, match="1時間ほど"):
        invite_partner(10)
    with clock.at(clock.now() + timedelta(hours=1)):
        invite_partner(11)


def test_companies_have_no_agents(session: Session, cast: Cast) -> None:
    with pytest.raises(UserRefused, match="閲覧のみ"):
        invite(session, cast, role=Role.AGENT)


def test_one_organisation_does_not_find_anothers_invitation(session: Session, cast: Cast) -> None:
    invitation = invite(session, cast)
    assert invitations.of_organisation(session, cast.acme, invitation.id) is invitation
    assert invitations.of_organisation(session, cast.other, invitation.id) is None
    assert invitations.of_organisation(session, cast.tsumugi, invitation.id) is None


def test_a_month_after_their_end_invitations_are_forgotten(session: Session, cast: Cast) -> None:
    accepted, over = invite(session, cast, "one@acme.example"), invite(session, cast, "two@acme.example")
    invitations.accept(session, accepted)
    with clock.at(clock.now() + timedelta(days=31)):
        fresh = invite(session, cast, "three@acme.example")
        invitations.sweep(session)
        with scopes.everyone(session, "test: what is left"):
            assert session.scalars(select(Invitation.email).order_by(Invitation.id)).all() == [over.email, fresh.email]
    with clock.at(clock.now() + timedelta(days=34)):
        invitations.sweep(session)
        with scopes.everyone(session, "test: what is left"):
            assert session.scalars(select(Invitation.email)).all() == [fresh.email]


@pytest.mark.parametrize("letter", ["invite-member", "invite-agent"])
def test_the_mail_says_who_invites_to_what_and_until_when(
    app: Flask, session: Session, cast: Cast, letter: str
) -> None:
    organisation = cast.acme if letter == "invite-member" else cast.tsumugi
    with clock.at(clock.now()):
        if isinstance(organisation, Company):
            invite(session, cast)
        else:
            invitations.invite_agent(session, organisation, email="n@x.example", name="", by_user_id=cast.agnes.id)
    [mail] = mails(session, letter)
    url = tokens.url_of(TokenPurpose.INVITE, "x" * 43)
    written = compose.render(session, mail, preview=False, links={"invite_url": url})
    assert organisation.name in written.subject
    for words in (organisation.name, "Adam" if isinstance(organisation, Company) else "Agnes", url):
        assert words in written.text
        assert words in written.html
    assert ("採用担当" in written.text) is isinstance(organisation, Company)
    assert re.search(r"有効期限は\d{4}年\d+月\d+日 \d\d:\d\dです", written.text)


def test_the_log_names_nobody(session: Session, cast: Cast) -> None:
    invitations.accept(session, invite(session, cast), user_id=cast.ada.id)
    session.flush()
    assert not [row for row in session.scalars(select(Event)) if "rin" in str(row.data) or "凛" in str(row.data)]


def test_the_invited_address_is_nobodys_yet(session: Session, cast: Cast) -> None:
    invite(session, cast)
    assert not users.signs_in(session, "rin@acme.example")
