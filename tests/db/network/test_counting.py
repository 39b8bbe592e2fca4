"""A person counts once per company and for life, whatever tags and dots their address wears (invariants 1 and 3)."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.models import Job, Profile, Referral, ReferralAddress, scopes
from relay.network import consents, credits, ledger_check, mailboxes, referrals, registration
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, confirming, mailed_link, register, the_profile
from tests.db.network.test_at_once import all_at_once, registering
from tests.db.network.test_ledger import fill, referral_id

ONE_MAILBOX = (
    ("eve@akuma.example", "eve+1@akuma.example"),
    ("eve+1@akuma.example", "EVE+2@akuma.example"),
    ("eve.adams@gmail.com", "eveadams+jobs@gmail.com"),
    ("eveadams@gmail.com", "e.v.e.adams@googlemail.com"),
    ("eve.adams@googlemail.com", "Eve.Adams@gmail.com"),
)
OLD_KEY = (
    ("eve@akuma.example", "eve+1@akuma.example"),
    ("eveadams@gmail.com", "eve.adams+x@gmail.com"),
    ("eveadams@googlemail.com", "eve.adams@gmail.com"),
    ("eve+1@akuma.example", "eve+1@akuma.example"),
)
"""Who was counted by the address alone, and comes again."""
TWO_PEOPLE = (
    ("eve@akuma.example", "adam@akuma.example"),
    ("eve.adams@akuma.example", "eveadams@akuma.example"),
    ("eve@gmail.com", "eve@akuma.example"),
    ("+1@akuma.example", "+2@akuma.example"),
)


def count(session: Session, cast: Cast) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count(Referral.id))) or 0


@pytest.fixture(autouse=True)
def _sound(session: Session, cast: Cast) -> Iterator[None]:
    """Whatever happened, the ledger is exact afterwards."""
    yield
    assert ledger_check.verify(session, cast.acme.id) == []


@pytest.mark.parametrize(("first", "second"), ONE_MAILBOX)
def test_one_mailbox_counts_once(session: Session, cast: Cast, first: str, second: str) -> None:
    for address in (first, second):
        register(session, mailed_link(session, cast.acme, address), cast.tsumugi)
    assert count(session, cast) == 1


@pytest.mark.parametrize(("first", "second"), OLD_KEY)
def test_whoever_was_counted_by_the_address_alone_is_not_counted_by_the_mailbox(
    session: Session, cast: Cast, first: str, second: str
) -> None:
    register(session, mailed_link(session, cast.acme, first), cast.tsumugi)
    with scopes.company(session, cast.acme.id):
        session.execute(delete(ReferralAddress).where(ReferralAddress.address_hash != address_hash(first)))
    register(session, mailed_link(session, cast.acme, second), cast.tsumugi)
    assert count(session, cast) == 1


@pytest.mark.parametrize(("first", "second"), TWO_PEOPLE)
def test_two_mailboxes_count_twice(session: Session, cast: Cast, first: str, second: str) -> None:
    for address in (first, second):
        register(session, mailed_link(session, cast.acme, address), cast.tsumugi)
    assert count(session, cast) == 2


def test_the_mailbox_behind_the_link_counts_where_another_address_registers(session: Session, cast: Cast) -> None:
    """And later, on the own page: each way to a first agency asks the same hashes."""
    register(session, mailed_link(session, cast.acme, "eve+1@akuma.example"), cast.tsumugi, address="one@mail.example")
    registration.confirm(session, confirming(session), EVIDENCE)
    register(session, mailed_link(session, cast.acme, "eve+2@akuma.example"), cast.manabi, address="two@mail.example")
    registration.confirm(session, confirming(session), EVIDENCE)
    assert count(session, cast) == 1
    profile = the_profile(session, "two@mail.example")
    consents.give_more(session, profile.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    assert count(session, cast) == 1
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(Profile.id))) == 2, "nobody was refused"


def test_fifteen_tags_of_one_mailbox_at_once_count_once(app: Flask, session: Session, cast: Cast) -> None:
    sent = [mailed_link(session, cast.acme, f"eve+{each}@akuma.example") for each in range(15)]
    session.commit()
    all_at_once(app, [registering(link, cast.tsumugi) for link in sent])
    session.expire_all()
    assert count(session, cast) == 1
    assert credits.balance(session, cast.acme.id) == 0


def test_after_the_upgrade_whoever_is_still_known_is_counted_by_the_mailbox(session: Session, cast: Cast) -> None:
    """The link's address, and another that was typed; two referrals of one mailbox stay two, and a third is none."""
    register(session, mailed_link(session, cast.acme, "eve+1@akuma.example"), cast.tsumugi)
    register(session, mailed_link(session, cast.acme, "x@mail.example"), cast.tsumugi, address="adam+1@akuma.example")
    registration.confirm(session, confirming(session), EVIDENCE)
    old = {address_hash(each) for each in ("eve+1@akuma.example", "x@mail.example", "adam+1@akuma.example")}
    with scopes.company(session, cast.acme.id):
        session.execute(delete(ReferralAddress).where(ReferralAddress.address_hash.not_in(old)))
        again = Referral(company_id=cast.acme.id, number=3, completed_at=clock.now())
        again.candidate_id = mailed_link(session, cast.acme, "eve+2@akuma.example").candidate_id
        session.add(again)
        session.flush()
        session.add(ReferralAddress(referral_id=again.id, address_hash=address_hash("eve+2@akuma.example")))
    session.commit()
    for _twice in range(2):
        mailboxes.learn(session, Job())
    for further in ("eve+3@akuma.example", "adam@akuma.example", "x+y@mail.example"):
        register(session, mailed_link(session, cast.acme, further), cast.tsumugi)
    assert count(session, cast) == 3


def test_a_voided_person_does_not_count_again_under_another_tag(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 9)
    register(session, mailed_link(session, cast.acme, "eve+1@akuma.example"), cast.tsumugi)
    assert credits.balance(session, cast.acme.id) == 1
    assert referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 10), "本人ではなかった")
    register(session, mailed_link(session, cast.acme, "eve+2@akuma.example"), cast.tsumugi)
    assert credits.balance(session, cast.acme.id) == 0
    assert credits.meter(session, cast.acme.id).to_next == 1
