"""Signs of farmed registrations: noted for the operator, refusing nobody, and dropped or kept as promised."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import HintKind, Referral, RelayLink, scopes
from relay.network import referrals, registration
from relay.rights.erasure import erase_candidates
from tests.cast import Cast
from tests.db.network.build import EVIDENCE, confirming, mailed_link, register

MORNING = datetime(2026, 11, 2, 0, 0, tzinfo=clock.JAPAN)


def kinds(session: Session, cast: Cast) -> dict[int, set[HintKind]]:
    """The hints of each referral of Acme, by number."""
    return {each.number: set(each.kinds) for each in referrals.listed(session, cast.acme.id, only_hints=False)}


def complete(session: Session, link: RelayLink, email: str, *, at: datetime, ip: str) -> None:
    with clock.at(at):
        assert referrals.complete_for(session, [link], email, replace(EVIDENCE, ip=ip)) is not None


def people(session: Session, cast: Cast, pause: timedelta, ips: list[str]) -> dict[int, set[HintKind]]:
    """Let one person after another register, each from its address."""
    for number, ip in enumerate(ips):
        email = f"person{number}@mail.example"
        complete(session, mailed_link(session, cast.acme, email), email, at=MORNING + number * pause, ip=ip)
    return kinds(session, cast)


def test_three_within_a_minute_are_a_sign_and_two_are_none(session: Session, cast: Cast) -> None:
    found = people(session, cast, timedelta(seconds=25), [f"192.0.{each}.1" for each in range(2)])
    assert found == {1: set(), 2: set()}
    complete(
        session,
        mailed_link(session, cast.acme, "third@mail.example"),
        "third@mail.example",
        at=MORNING + timedelta(seconds=50),
        ip="192.0.9.1",
    )
    assert kinds(session, cast) == {number: {HintKind.SAME_MINUTE} for number in (1, 2, 3)}


def test_three_from_one_network_within_a_day_are_a_sign(session: Session, cast: Cast) -> None:
    ips = ["198.51.100.7", "203.0.113.1", "198.51.100.99", "198.51.100.200"]
    found = people(session, cast, timedelta(hours=7), ips)
    assert found == {1: {HintKind.SAME_NETWORK}, 2: set(), 3: {HintKind.SAME_NETWORK}, 4: {HintKind.SAME_NETWORK}}


def test_the_same_network_on_other_days_is_none_and_is_forgotten(session: Session, cast: Cast) -> None:
    assert people(session, cast, timedelta(hours=13), ["198.51.100.7"] * 4) == {
        number: set() for number in (1, 2, 3, 4)
    }
    with clock.at(MORNING + timedelta(days=5)):
        referrals.forget_networks(session)
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(Referral.network_hash))) == 0


@pytest.mark.parametrize(
    ("email", "odd"),
    [("eve@acme.example", True), ("eve@mail.example", False), ("eve@gmail.com", False), ("eve@x.acme.example", False)],
)
def test_an_invitation_to_the_companys_own_mail_domain_is_a_sign(
    session: Session, cast: Cast, email: str, odd: bool
) -> None:
    cast.ada.email = cast.ada.email_key = "ada@gmail.com"
    register(session, mailed_link(session, cast.acme, email), cast.tsumugi)
    assert kinds(session, cast) == {1: {HintKind.OWN_DOMAIN} if odd else set()}


def test_another_address_than_the_mailed_one_is_a_sign(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "eve@mail.example"), cast.tsumugi, address="adam@mail.example")
    registration.confirm(session, confirming(session), EVIDENCE)
    assert kinds(session, cast) == {1: {HintKind.OTHER_ADDRESS}}


def test_a_registration_with_a_school_alone_is_never_listed(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "eve@acme.example"), cast.manabi)
    assert referrals.listed(session, cast.acme.id, only_hints=False) == []


def test_erasing_the_person_leaves_number_and_sign_and_no_network(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "eve@acme.example")
    register(session, link, cast.tsumugi)
    assert link.candidate_id is not None
    erase_candidates(session, cast.acme.id, [link.candidate_id])
    assert kinds(session, cast) == {1: {HintKind.OWN_DOMAIN}}
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Referral.network_hash)).all() == [None]


def test_another_companys_referrals_are_not_listed(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "eve@acme.example"), cast.tsumugi)
    assert referrals.listed(session, cast.other.id, only_hints=True) == []
