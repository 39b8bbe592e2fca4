"""The own page: what stands, what ended, taking a yes back, and the notice that leaves (A-11, A-13)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.mail import compose, letters, tokens
from relay.models import (
    Consent,
    ConsentWithdrawal,
    Message,
    Profile,
    ProvisionKind,
    Role,
    Share,
    TokenPurpose,
    scopes,
)
from relay.network import consents, granting, partners, profiles
from relay.trust import provisions
from tests.cast import Cast, make_partnership, make_user
from tests.db.network.build import EVIDENCE, confirming, mailed_link, mails, register, the_profile


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    """Registered with the agency and the school through Acme, and with the agency through Other too."""
    make_partnership(session, cast.other, cast.tsumugi)
    register(session, mailed_link(session, cast.acme, "hanako@mail.example"), cast.tsumugi, cast.manabi, place="長野県")
    register(session, mailed_link(session, cast.other, "hanako@mail.example"), cast.tsumugi)
    session.commit()
    return the_profile(session, "hanako@mail.example")


def test_what_stands_is_told_per_partner_with_items_companies_and_end(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    agency, school = consents.standing(session, hanako.id)
    assert agency.companies == (cast.acme.name, cast.other.name)
    assert agency.items == ("氏名", "メールアドレス"), "those of the newest yes, which is what the partner sees"
    assert (school.partner_id, school.companies, school.paused) == (cast.manabi.id, (cast.acme.name,), False)
    assert timedelta(days=364) < agency.until - clock.now() < timedelta(days=367)


def test_a_partner_that_may_see_nobody_is_shown_as_paused(session: Session, cast: Cast, hanako: Profile) -> None:
    cast.tsumugi.checked_on = None
    assert not consents.standing(session, hanako.id)[0].paused, "who said yes already is seen on"
    cast.tsumugi.license_until = clock.today() - timedelta(days=1)
    assert consents.standing(session, hanako.id)[0].paused


def test_the_end_of_a_partnership_ends_what_was_given_through_it(session: Session, cast: Cast, hanako: Profile) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    standing = {each.partner_id: each.companies for each in consents.standing(session, hanako.id)}
    assert standing == {cast.tsumugi.id: (cast.other.name,), cast.manabi.id: (cast.acme.name,)}
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    ended = consents.former(session, hanako.id)
    assert [(each.partner_id, each.way) for each in ended] == [(cast.tsumugi.id, "partnership-ended")]
    partners.start_partnership(session, cast.acme.id, cast.tsumugi.id)
    assert [each.partner_id for each in consents.standing(session, hanako.id)] == [cast.manabi.id]
    assert [each.id for each in consents.more(session, hanako.id)] == [cast.tsumugi.id], "it may be chosen anew"


def test_taking_a_yes_back_ends_it_through_every_company_once(session: Session, cast: Cast, hanako: Profile) -> None:
    assert consents.withdraw(session, hanako.id, cast.tsumugi.id) == 2
    assert consents.withdraw(session, hanako.id, cast.tsumugi.id) == 0
    session.commit()
    with scopes.profile(session, hanako.id):
        assert session.scalars(select(Share.partner_id)).all() == [cast.manabi.id]
        assert session.scalar(select(func.count()).select_from(Consent)) == 3
        assert session.scalars(select(ConsentWithdrawal.way)).all() == ["own-page", "own-page"]
    ended = consents.former(session, hanako.id)
    assert [(each.partner_id, each.way) for each in ended] == [(cast.tsumugi.id, "own-page")]
    assert [each.partner_id for each in consents.standing(session, hanako.id)] == [cast.manabi.id]


def test_taking_a_yes_back_leaves_other_people_alone(session: Session, cast: Cast, hanako: Profile) -> None:
    register(session, mailed_link(session, cast.acme, "taro@mail.example"), cast.tsumugi)
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    taro = the_profile(session, "taro@mail.example")
    assert len(consents.standing(session, taro.id)) == 1


def test_a_yes_may_be_given_again_after_it_was_taken_back(session: Session, cast: Cast, hanako: Profile) -> None:
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    assert len(consents.standing(session, hanako.id)[1].companies) == 2
    assert consents.withdraw(session, hanako.id, cast.tsumugi.id) == 2


def test_a_yes_that_ran_out_is_told_as_expired(session: Session, cast: Cast, hanako: Profile) -> None:
    with clock.at(clock.now() + timedelta(days=370)):
        assert consents.standing(session, hanako.id) == []
        assert {each.way for each in consents.former(session, hanako.id)} == {"expired"}
        assert {each.id for each in consents.more(session, hanako.id)} == {cast.tsumugi.id, cast.manabi.id}


def test_no_one_is_given_a_partner_their_companies_do_not_have(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "taro@mail.example"), cast.tsumugi)
    taro = the_profile(session, "taro@mail.example")
    partners.end_partnership(session, cast.acme.id, cast.manabi.id)
    make_partnership(session, cast.other, cast.manabi)
    with pytest.raises(granting.PartnerGone):
        consents.give_more(session, taro.id, cast.manabi.id, token_id=None, evidence=EVIDENCE)


def test_the_partners_agents_are_asked_by_code_alone_to_delete(session: Session, cast: Cast, hanako: Profile) -> None:
    make_user(session, "second", cast.tsumugi, Role.AGENT)
    gone = make_user(session, "gone", cast.tsumugi, Role.AGENT)
    gone.disabled_at = clock.now()
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    session.commit()
    while jobs.deliver_event(session, clock.now()):
        pass
    notices = mails(session, "withdrawal-notice")
    assert [each.to_address for each in notices] == [cast.agnes.email, "second@tsumugi.example"]
    with scopes.everyone(session, "test"):
        mail = compose.render(session, notices[0], preview=False)
    assert hanako.code in mail.subject
    for part in (mail.text, mail.html, str(notices[0].values)):
        assert hanako.code in part
        assert hanako.name not in part
        assert "hanako" not in part
    assert notices[0].company_id is None


def test_erasing_a_person_tells_each_partner(session: Session, cast: Cast, hanako: Profile) -> None:
    assert consents.withdraw_all(session, hanako.id, way="erased") == 3
    session.commit()
    while jobs.deliver_event(session, clock.now()):
        pass
    assert {each.to_address for each in mails(session, "withdrawal-notice")} == {cast.agnes.email, cast.sho.email}


def sent(session: Session, message: Message) -> tuple[compose.Mail, dict[str, str]]:
    """The mail as the worker writes it, with the links it makes."""
    with scopes.everyone(session, "test"):
        mint = letters.find(message.letter).mint
        made = mint(session, message) if mint else {}
        return compose.render(session, message, preview=False, links=made), made


def test_the_own_page_mail_carries_a_link_without_end_and_names_nobody(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    mail, made = sent(session, mails(session, "own-page")[0])
    token = made["own_url"].rpartition("/")[2]
    for part in (mail.text, mail.html):
        assert made["own_url"] in part
        assert part.count(cast.tsumugi.name) == part.count(cast.acme.name) == part.count(hanako.name) == 0
    found = tokens.find(session, token, TokenPurpose.OWN_PAGE)
    assert found is not None
    assert (found.subject_id, found.profile_id, found.expires_at) == (hanako.id, hanako.id, None)
    assert token not in str(mails(session, "own-page")[0].values)


def test_the_confirmation_mail_opens_the_waiting_row_for_a_day(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    register(session, link, cast.tsumugi, address="home@mail.example")
    waiting = confirming(session)
    mail, made = sent(session, mails(session, "confirm-address")[0])
    token = made["confirm_url"].rpartition("/")[2]
    assert made["confirm_url"] in mail.text
    assert cast.acme.name in mail.text
    assert "高橋" not in mail.text + mail.html
    found = tokens.find(session, token, TokenPurpose.CONFIRM_ADDRESS)
    assert found is not None
    assert found.subject_id == waiting
    with clock.at(clock.now() + timedelta(hours=25)):
        assert tokens.find(session, token, TokenPurpose.CONFIRM_ADDRESS) is None


def test_consents_and_provisions_are_never_changed(app: Flask, session: Session, hanako: Profile) -> None:
    consents.withdraw(session, hanako.id, 1)
    session.commit()
    for table, column in (
        ("consents", "wording"),
        ("consent_withdrawals", "way"),
        ("provision_records", "person_name"),
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            session.execute(text(f"UPDATE {table} SET {column} = 'x'"))
        session.rollback()


def test_the_person_sees_every_provision_newest_first(session: Session, cast: Cast, hanako: Profile) -> None:
    seen = provisions.of_profile(session, hanako.id, since=clock.EPOCH).rows
    assert [each.kind for each in seen] == [ProvisionKind.MADE_AVAILABLE] * 3
    assert seen[0].partner_name == cast.tsumugi.name
    assert profiles.item_labels(seen[-1].items) == ["氏名", "メールアドレス", "希望勤務地"]
