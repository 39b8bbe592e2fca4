"""What the letters around partners say, in text and HTML."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import invitations
from relay.mail import compose, letters, outbox
from relay.mail.mailbox import Mailbox
from relay.mail.transport import ToMailbox
from relay.models import Message, MessageState, scopes
from relay.network import licences, partners, partnerships
from tests.cast import Cast, make_user
from tests.db.network.build import mailed_link, mails, register


def written(session: Session, message: Message) -> compose.Mail:
    """The mail as it would leave, links included."""
    with scopes.everyone(session, "test"):
        mint = letters.find(message.letter).mint
        return compose.render(session, message, preview=False, links=mint(session, message) if mint else {})


def test_the_invitation_says_who_invites_and_opens_the_door(session: Session, cast: Cast) -> None:
    invitation = invitations.invite_partner(
        session,
        cast.acme,
        email="desk@musubi.example",
        rules_version=partnerships.RULES_VERSION,
        by_user_id=cast.adam.id,
    )
    [message] = mails(session, "invite-partner")
    mail = written(session, message)
    assert "株式会社acme" in mail.subject
    for body in (mail.text, mail.html):
        assert "Adam" in body
        assert "/invite/" in body
    invitations.revoke(session, invitation)
    assert "/invite/" not in written(session, message).text


@pytest.mark.parametrize(("days", "words"), [(60, "近づいています"), (-1, "過ぎました")])
def test_warnings_speak_to_hr_and_to_the_partner(session: Session, cast: Cast, days: int, words: str) -> None:
    cast.tsumugi.license_until = clock.today() + timedelta(days=days)
    licences.warn(session)
    hr, agent = (written(session, each) for each in mails(session, "licence-ends"))
    assert words in hr.subject
    assert "/settings/partners" in hr.text
    assert "/account/partner" in agent.text
    assert "貴社（tsumugi" in agent.text


def test_hr_is_asked_to_look_a_changed_partner_up(session: Session, cast: Cast) -> None:
    partners.describe_itself(session, cast.tsumugi, address="大阪府大阪市1-1")
    [message] = mails(session, "partner-joined")
    mail = written(session, message)
    assert (message.company_id, message.to_address) == (cast.acme.id, "adam@acme.example")
    assert "情報が変わりました" in mail.subject
    assert "/settings/partners" in mail.html


def test_a_renewal_is_told_as_one_with_its_last_day(session: Session, cast: Cast) -> None:
    cast.tsumugi.license_until = clock.today() + timedelta(days=20)
    later = date(clock.today().year + 5, 3, 31)
    partners.describe_itself(session, cast.tsumugi, license_until=later)
    [message] = mails(session, "partner-joined")
    mail = written(session, message)
    assert "許可が更新されました" in mail.subject
    for body in (mail.text, mail.html):
        assert f"{later.year}年3月31日" in body
        assert "もとの満了日まで提携先に表示され" in body


def test_a_warning_does_not_leave_once_the_licence_is_renewed(session: Session, cast: Cast, tmp_path: Path) -> None:
    cast.tsumugi.license_until = clock.today() + timedelta(days=7)
    licences.warn(session)
    partners.describe_itself(session, cast.tsumugi, license_until=clock.today() + timedelta(days=1800))
    session.commit()
    mailbox = Mailbox(tmp_path)
    while outbox.deliver_one(session, now=clock.now(), transport=ToMailbox(mailbox)):
        pass
    assert {each.state for each in mails(session, "licence-ends")} == {MessageState.CANCELLED}
    assert {each.state for each in mails(session, "partner-joined")} == {MessageState.SENT}


def test_the_end_of_a_partnership_names_nobody_and_leads_home(session: Session, cast: Cast) -> None:
    make_user(session, "anton", cast.tsumugi, cast.agnes.role)
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi)
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    [message] = mails(session, "partnership-ended")
    person = written(session, message)
    for body in (person.subject, person.text, person.html):
        for word in (cast.acme.name, cast.tsumugi.name, cast.tsumugi.contact):
            assert word not in body, word
    assert "/me/" in person.text
    assert "/me/" in person.html
    notices = mails(session, "partnership-ended-notice")
    assert [each.to_address for each in notices] == ["agnes@tsumugi.example", "anton@tsumugi.example"]
    notice = written(session, notices[0])
    assert notices[0].values["codes"][0] in notice.text
    assert "a@mail.example" not in notice.text + notice.html
    assert "高橋" not in notice.text + notice.html


def test_only_candidates_letters_wait_while_a_company_practises() -> None:
    audiences = {name: letters.find(name).audience for name in letters.names()}
    assert audiences["invite-partner"] == audiences["partnership-ended-notice"] == "partner"
    assert audiences["partner-joined"] == audiences["licence-ends"] == "member"
    assert audiences["partnership-ended"] == "candidate"
