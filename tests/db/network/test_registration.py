"""Registering: once per person and company for life, on proof of the address, all or nothing (invariant 3)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra.keyed_hash import address_hash
from relay.mail import tokens
from relay.models import (
    Consent,
    LinkState,
    Message,
    PendingRegistration,
    Profile,
    ProvisionKind,
    ProvisionRecord,
    Referral,
    ReferralAddress,
    Share,
    TokenPurpose,
    scopes,
)
from relay.network import consents, links, partner_options, pending, registration
from relay.network.granting import OutcomeState, PartnerGone, WordingChanged
from relay.network.pending import TooManyAddresses
from relay.network.pins import PinMalformed, PinTooEasy
from relay.network.profiles import ProfileFields, RegistrantNameMissing
from relay.network.registration import AddressUnusable, NoPartnerChosen, PartnerChoices
from tests.cast import PIN, Cast, make_candidate, make_partner, make_partnership
from tests.db.network.build import EVIDENCE, confirming, mailed_link, mails, mint_confirmation, register, the_profile


def numbers(session: Session, company_id: int) -> list[int]:
    with scopes.company(session, company_id):
        return list(session.scalars(select(Referral.number).order_by(Referral.number)))


def count(session: Session, model: type) -> int:
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_first_yes_to_an_agency_counts_and_everything_is_written_together(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "hanako@mail.example")
    outcome = register(session, link, cast.tsumugi, phone="090-1234-5678", place="長野県")
    session.commit()
    assert outcome.state is OutcomeState.REGISTERED
    assert outcome.partners == (cast.tsumugi.name,)
    profile = the_profile(session, "hanako@mail.example")
    with scopes.profile(session, profile.id):
        consent = session.scalars(select(Consent)).one()
        share = session.scalars(select(Share)).one()
        record = session.scalars(select(ProvisionRecord)).one()
    assert consent.items == ["name", "email", "phone", "place"]
    assert cast.tsumugi.name in consent.wording
    assert str(cast.tsumugi.license_number) in consent.wording
    assert consent.ip == "192.0.2.0"
    assert consent.via_relay_link_id == link.id
    assert (share.company_id, share.consent_id) == (cast.acme.id, consent.id)
    assert record.kind is ProvisionKind.MADE_AVAILABLE
    assert record.person_name == profile.name
    assert record.company_snapshot["representative"] == cast.acme.representative
    assert record.partner_snapshot["address"] == cast.tsumugi.address
    assert record.keep_until.year == clock.today().year + 3
    assert numbers(session, cast.acme.id) == [1]
    assert links_state(session, link) is LinkState.REGISTERED


def links_state(session: Session, link: object) -> LinkState:
    session.refresh(link)
    return link.state  # type: ignore[attr-defined,no-any-return]


def test_a_yes_to_a_school_does_not_count_and_an_agency_later_does(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "hanako@mail.example")
    register(session, link, cast.manabi)
    assert numbers(session, cast.acme.id) == []
    profile = the_profile(session, "hanako@mail.example")
    offered = consents.more(session, profile.id)
    assert [each.id for each in offered] == [cast.tsumugi.id]
    for _again in range(2):
        consents.give_more(session, profile.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
        session.commit()
    assert numbers(session, cast.acme.id) == [1]
    assert consents.more(session, profile.id) == []
    with scopes.profile(session, profile.id):
        assert session.scalar(select(func.count()).select_from(Consent)) == 2


def test_sending_twice_changes_nothing(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "hanako@mail.example")
    register(session, link, cast.tsumugi)
    again = register(session, link, cast.tsumugi, cast.manabi)
    assert again.state is OutcomeState.REGISTERED
    assert again.repeated
    assert again.partners == ()
    assert (count(session, Consent), count(session, Share), count(session, Referral)) == (1, 1, 1)
    assert len(mails(session, "own-page")) == 1


def test_another_application_of_the_same_person_gives_consents_but_no_second_referral(
    session: Session, cast: Cast
) -> None:
    first = mailed_link(session, cast.acme, "hanako@mail.example")
    second = mailed_link(session, cast.acme, "HANAKO@mail.example")
    register(session, first, cast.tsumugi)
    register(session, second, cast.tsumugi, cast.manabi)
    session.commit()
    assert numbers(session, cast.acme.id) == [1]
    assert (count(session, Profile), count(session, Share), count(session, Consent)) == (1, 2, 3)


def test_each_company_counts_the_person_once(session: Session, cast: Cast) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    register(session, mailed_link(session, cast.acme, "hanako@mail.example"), cast.tsumugi, place="岡山県")
    other = mailed_link(session, cast.other, "hanako@mail.example")
    register(session, other, cast.tsumugi, name="髙橋 花子", experience="経理 5年")
    session.commit()
    assert numbers(session, cast.acme.id) == numbers(session, cast.other.id) == [1]
    profile = the_profile(session, "hanako@mail.example")
    assert (profile.name, profile.place, profile.experience) == ("髙橋 花子", "岡山県", "経理 5年")
    assert count(session, Share) == 2


def test_another_address_waits_until_it_is_proven_from_its_mailbox(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    asked = register(session, link, cast.tsumugi, address="Home@mail.example")
    session.commit()
    assert asked.state is OutcomeState.CONFIRM_ADDRESS
    assert asked.address == "Home@mail.example"
    assert (count(session, Profile), count(session, Consent), count(session, Referral)) == (0, 0, 0)
    pending_id = confirming(session)
    assert mails(session, "confirm-address")[-1].to_address == "Home@mail.example"
    assert mails(session, "confirm-address")[-1].company_id is None
    assert registration.pending_of(session, pending_id).usable
    token = mint_confirmation(session, pending_id, cast.acme)
    done = registration.confirm(session, pending_id, EVIDENCE)
    session.commit()
    assert done.state is OutcomeState.REGISTERED
    assert done.partners == (cast.tsumugi.name,)
    assert the_profile(session, "Home@mail.example").name == "高橋 花子"
    assert numbers(session, cast.acme.id) == [1]
    with scopes.company(session, cast.acme.id):
        owned = set(session.scalars(select(ReferralAddress.address_hash)))
    assert owned == {address_hash("work@mail.example"), address_hash("home@mail.example")}
    assert tokens.find(session, token, TokenPurpose.CONFIRM_ADDRESS) is not None
    assert registration.pending_of(session, pending_id).confirmed
    assert registration.confirm(session, pending_id, EVIDENCE).repeated
    assert count(session, Referral) == 1


def test_a_person_counts_once_whichever_of_their_addresses_comes_next(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "work@mail.example"), cast.tsumugi, address="home@mail.example")
    registration.confirm(session, confirming(session), EVIDENCE)
    register(session, mailed_link(session, cast.acme, "home@mail.example"), cast.tsumugi)
    register(session, mailed_link(session, cast.acme, "work@mail.example"), cast.tsumugi)
    third = mailed_link(session, cast.acme, "third@mail.example")
    register(session, third, cast.tsumugi, address="work@mail.example")
    registration.confirm(session, confirming(session), EVIDENCE)
    register(session, mailed_link(session, cast.acme, "third@mail.example"), cast.tsumugi)
    session.commit()
    assert numbers(session, cast.acme.id) == [1]


def test_a_newer_attempt_replaces_the_waiting_one_and_its_way_in(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    register(session, link, cast.tsumugi, address="typo@mail.example")
    first = confirming(session)
    assert [each.to_address for each in mails(session, "confirm-address")] == ["typo@mail.example"]
    token = mint_confirmation(session, first, cast.acme)
    register(session, link, cast.manabi, address="home@mail.example")
    session.commit()
    assert tokens.find(session, token, TokenPurpose.CONFIRM_ADDRESS) is None
    with pytest.raises(links.LinkGone):
        registration.confirm(session, first, EVIDENCE)
    second = confirming(session)
    assert [each.to_address for each in mails(session, "confirm-address")] == ["", "home@mail.example"]
    assert [each.to_address for each in mails(session, "other-address-asked")] == ["", "work@mail.example"]
    assert second != first
    registration.confirm(session, confirming(session), EVIDENCE)
    assert numbers(session, cast.acme.id) == []
    assert count(session, Share) == 1


def test_what_is_not_confirmed_in_a_day_is_gone_with_the_typed_address(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    register(session, link, cast.tsumugi, address="home@mail.example")
    waiting = confirming(session)
    session.commit()
    with clock.at(clock.now() + timedelta(hours=25)):
        with pytest.raises(links.LinkGone):
            registration.confirm(session, waiting, EVIDENCE)
        assert pending.purge(session) == 1
    assert count(session, PendingRegistration) == 0
    for letter in ("confirm-address", "other-address-asked"):
        assert [each.to_address for each in mails(session, letter)] == [""]


def test_a_link_does_not_serve_to_write_to_strangers(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    for each in range(5):
        register(session, link, cast.tsumugi, address=f"stranger{each}@mail.example")
    with pytest.raises(TooManyAddresses):
        register(session, link, cast.tsumugi, address="stranger6@mail.example")
    assert mails(session, "confirm-address") == [], "nobody is written to before the owner of the link agrees"
    assert [each.to_address for each in mails(session, "other-address-asked")][:4] == [""] * 4
    assert register(session, link, cast.tsumugi).state is OutcomeState.REGISTERED


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_an_import_under_way_does_not_hold_a_registration_up(app: Flask, session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    session.commit()
    with Session(db.engine) as importing, scopes.company(importing, cast.acme.id):
        make_candidate(importing, cast.acme, "佐藤 次郎", email="jiro@mail.example")
        session.execute(text("SET LOCAL lock_timeout = '2s'"))
        assert register(session, link, cast.tsumugi).state is OutcomeState.REGISTERED
        session.commit()


def test_the_words_agreed_to_are_kept_until_the_address_is_proven(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    register(session, link, cast.tsumugi, address="home@mail.example")
    shown = cast.tsumugi.name
    cast.tsumugi.name = "改名エージェント株式会社"
    registration.confirm(session, confirming(session), EVIDENCE)
    with scopes.everyone(session, "test"):
        assert shown in session.scalars(select(Consent.wording)).one()


def test_a_partner_that_stopped_meanwhile_is_not_written(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    register(session, link, cast.tsumugi, address="home@mail.example")
    cast.tsumugi.license_until = clock.today() - timedelta(days=1)
    with pytest.raises(PartnerGone):
        registration.confirm(session, confirming(session), EVIDENCE)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"choices": PartnerChoices(())}, NoPartnerChosen),
        ({"choices": PartnerChoices((999,))}, PartnerGone),
        ({"fields": ProfileFields(name=" \u3000 ")}, RegistrantNameMissing),
        ({"address": "not an address"}, AddressUnusable),
        ({"number": "729"}, PinMalformed),
        ({"number": "4321"}, PinTooEasy),
    ],
)
def test_what_cannot_be_registered_writes_nothing(
    session: Session, cast: Cast, change: dict[str, object], error: type[Exception]
) -> None:
    link = mailed_link(session, cast.acme, "hanako@mail.example")
    usual = {
        "choices": PartnerChoices((cast.tsumugi.id,)),
        "fields": ProfileFields(name="高橋"),
        "address": None,
        "number": PIN,
    }
    with pytest.raises(error):
        registration.register(session, link, token_id=None, evidence=EVIDENCE, **usual | change)  # type: ignore[arg-type]
    assert (count(session, Profile), count(session, PendingRegistration)) == (0, 0)


def test_words_nobody_saw_are_not_agreed_to(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "hanako@mail.example")
    shown = partner_options.registration_options(session, link).partners[0]
    choices = PartnerChoices((shown.id,), {shown.id: shown.terms.hash})
    cast.tsumugi.representative = "別の 代表"
    session.flush()
    with pytest.raises(WordingChanged):
        registration.register(
            session,
            link,
            token_id=None,
            choices=choices,
            fields=ProfileFields(name="高橋"),
            address=None,
            number=PIN,
            evidence=EVIDENCE,
        )


def test_another_companys_partner_cannot_be_chosen(session: Session, cast: Cast) -> None:
    stranger = make_partner(session, "stranger")
    make_partnership(session, cast.other, stranger)
    link = mailed_link(session, cast.acme, "hanako@mail.example")
    with pytest.raises(PartnerGone):
        register(session, link, stranger)


def test_an_expired_link_opens_nothing(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "hanako@mail.example")
    with clock.at(clock.now() + timedelta(days=61)), pytest.raises(links.LinkGone):
        register(session, link, cast.tsumugi)


def test_a_used_link_offers_nothing_and_mails_the_own_page_to_the_registered_address(
    session: Session, cast: Cast
) -> None:
    link = mailed_link(session, cast.acme, "work@mail.example")
    register(session, link, cast.tsumugi, address="home@mail.example")
    registration.confirm(session, confirming(session), EVIDENCE)
    session.refresh(link)
    offer = partner_options.registration_options(session, link)
    assert offer.used
    assert offer.partners == ()
    registration.mail_own_page(session, link)
    assert [each.to_address for each in mails(session, "own-page")] == ["home@mail.example"]
    assert all(each.company_id is None for each in mails(session, "own-page"))
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Message.id).where(Message.letter != "result")).all() == []
