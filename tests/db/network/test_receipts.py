"""A receipt says what the rows of consents say: each yes once, with its facts, words and end, in any order of acts."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation
from relay.identity.installation import Operator
from relay.mail import tokens
from relay.models import Consent, ConsentWithdrawal, OpeningsConsent, Partner, Profile, TokenPurpose, scopes
from relay.network import consents, new_contents, next_openings, own_pages, partners, pins, receipt_json, receipts
from relay.network.granting import PartnerGone
from relay.network.receipts import ConsentEnd
from relay.trust import receipt_keys
from tests.cast import Cast, make_partner, make_partnership
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEY = receipt_keys.key_of("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
PUBLIC = {"keys": [KEY.as_dict(private=False)]}
BASE = "https://relay.example"
_people = count(1)


@pytest.fixture
def noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def register_with(session: Session, cast: Cast, email: str, place: str) -> Profile:
    register(session, mailed_link(session, cast.acme, email), cast.tsumugi, phone="090-0000-1111", place=place)
    session.commit()
    return the_profile(session, email)


def test_it_names_recipient_company_items_words_and_moments(noon: None, session: Session, cast: Cast) -> None:
    cast.acme.runs_installation = True
    installation.describe(session, cast.acme, Operator("みずうみ株式会社", "長野県", "0266-00-0000"))
    profile = register_with(session, cast, "hanako@mail.example", "長野県")
    with clock.at(NOON + timedelta(days=1)):
        consents.withdraw(session, profile.id, cast.tsumugi.id)
        receipt = receipt_json.written(receipts.of_profile(session, profile.id), BASE)
    assert receipt["dct:publisher"] == {
        "@type": "dpv:DataController",
        "dpv:hasName": "みずうみ株式会社",
        "dpv:hasAddress": "長野県",
        "dpv:hasContact": "0266-00-0000",
        "relay:keys": f"{BASE}/.well-known/relay-keys.json",
    }
    assert receipt["dpv:hasDataSubject"]["dct:identifier"] == profile.code
    [record] = receipt["dpv:hasRecordOfActivity"]
    assert record["dpv:hasRecipient"] == {
        "dpv:hasName": cast.tsumugi.name,
        "dpv:hasAddress": cast.tsumugi.address,
        "dpv:hasRepresentative": cast.tsumugi.representative,
        "dpv:hasIdentifier": [each for each in (cast.tsumugi.corporate_number, cast.tsumugi.license_number) if each],
    }
    assert record["relay:via"]["dpv:hasName"] == cast.acme.name
    assert {each["dct:identifier"]: each["rdf:value"] for each in record["dpv:hasPersonalData"]} == {
        "name": "高橋 花子",
        "email": "hanako@mail.example",
        "phone": "09000001111",
        "place": "長野県",
    }
    assert [(each["@type"], each["dpv:isIndicatedAtTime"]) for each in record["dpv:hasConsentStatus"]] == [
        ("dpv:ConsentGiven", "2026-11-21T03:00:00Z"),
        ("dpv:ConsentWithdrawn", "2026-11-22T03:00:00Z"),
    ]
    assert record["dct:valid"] == "2027-11-21T14:59:59Z"


def test_it_keeps_the_recipient_as_it_was_named_on_that_day(session: Session, cast: Cast) -> None:
    was = (cast.tsumugi.name, cast.tsumugi.address)
    profile = register_with(session, cast, "hanako@mail.example", "長野県")
    cast.tsumugi.name, cast.tsumugi.address, cast.acme.name = "別の名前", "別の所", "別の会社"
    session.commit()
    [entry] = receipts.of_profile(session, profile.id).entries
    assert (entry.recipient.name, entry.recipient.address) == was
    assert entry.via.name == "株式会社acme"


def test_what_had_expired_is_not_taken_back_afterwards(noon: None, session: Session, cast: Cast) -> None:
    profile = register_with(session, cast, "hanako@mail.example", "長野県")
    with clock.at(NOON + timedelta(days=366)):
        [expired] = receipts.of_profile(session, profile.id).entries
        consents.withdraw(session, profile.id, cast.tsumugi.id)
        assert receipts.of_profile(session, profile.id).entries == (expired,)
    assert (expired.end, expired.ended_at) == (ConsentEnd.EXPIRED, datetime(2027, 11, 21, 14, 59, 59, tzinfo=UTC))


@dataclass
class Someone:
    """A registered person, Acme with an agency that may end the partnership, and everything that can happen."""

    session: Session
    cast: Cast
    rival: Partner
    email: str
    profile_id: int

    def registers(self, *partners: Partner, **fields: str) -> None:
        register(self.session, mailed_link(self.session, self.cast.acme, self.email), *partners, **fields)

    def gives(self) -> None:
        consents.give_more(self.session, self.profile_id, self.rival.id, token_id=None, evidence=EVIDENCE)

    def answers(self) -> None:
        offers = new_contents.question(self.session, self.profile_id).offers
        shown = {each.id: each.terms.hash for each in offers}
        new_contents.answer(self.session, self.profile_id, list(shown), shown=shown, token_id=None, evidence=EVIDENCE)

    def replaces_number(self) -> None:
        token = tokens.mint(self.session, TokenPurpose.CHOOSE_PIN, self.profile_id, profile_id=self.profile_id)
        pins.choose(self.session, token, "7391")


ACTS: dict[str, Callable[[Someone], object]] = {
    "registers": lambda one: one.registers(one.cast.tsumugi, one.cast.manabi, place="岡山県"),
    "registers with other words": lambda one: one.registers(one.rival, place=f"{clock.now():%H:%M}"),
    "gives": Someone.gives,
    "answers": Someone.answers,
    "withdraws": lambda one: consents.withdraw(one.session, one.profile_id, one.cast.tsumugi.id),
    "withdraws the other": lambda one: consents.withdraw(one.session, one.profile_id, one.rival.id),
    "asks for openings": lambda one: next_openings.give(one.session, one.profile_id, one.cast.acme.id, EVIDENCE),
    "ends openings": lambda one: next_openings.take_back(one.session, one.profile_id, one.cast.acme.id),
    "stops all": lambda one: own_pages.stop_all(one.session, one.profile_id),
    "replaces the number": Someone.replaces_number,
    "partnership ends": lambda one: partners.end_partnership(one.session, one.cast.acme.id, one.rival.id),
    "a month passes": lambda one: None,
    "a year passes": lambda one: None,
}
PASSES = {"a month passes": timedelta(days=30), "a year passes": timedelta(days=380)}


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), min_size=6, max_size=12))
def test_in_any_order_of_acts_it_says_exactly_what_the_rows_say(session: Session, cast: Cast, acts: list[str]) -> None:
    moment = NOON
    with clock.at(moment):
        one = _someone(session, cast)
    for act in acts:
        moment += PASSES.get(act, timedelta(minutes=1))
        with clock.at(moment):
            with suppress(PartnerGone):
                ACTS[act](one)
            session.commit()
            receipt = receipts.of_profile(session, one.profile_id)
            assert _said(receipt) == _expected(session, one.profile_id)
            written = receipt_json.written(receipt, BASE)
            assert receipt_keys.verify(receipt_keys.sign(written, KEY), PUBLIC) == written


def _someone(session: Session, cast: Cast) -> Someone:
    rival = make_partner(session, f"rival{next(_people)}")
    make_partnership(session, cast.acme, rival)
    email = f"someone{next(_people)}@mail.example"
    return Someone(session, cast, rival, email, register_with(session, cast, email, "長野県").id)


def _said(receipt: receipts.Receipt) -> dict[str, tuple[Any, ...]]:
    assert len({each.number for each in receipt.entries}) == len(receipt.entries)
    return {
        each.number: (
            each.recipient.name,
            {item.code: item.value for item in each.items},
            (each.version, each.words, each.words_hash),
            (each.given_at, each.until),
            (each.end, each.ended_at),
        )
        for each in receipt.entries
    }


def _expected(session: Session, profile_id: int) -> dict[str, tuple[Any, ...]]:
    """What the rows say, read one by one."""
    with scopes.everyone(session, "test"):
        since = session.scalars(select(Profile.visible_since).where(Profile.id == profile_id)).one() or clock.EPOCH
        given = session.scalars(select(Consent).where(Consent.profile_id == profile_id)).all()
        ended = {each.consent_id: each for each in session.scalars(select(ConsentWithdrawal)).all()}
        words = session.scalars(select(OpeningsConsent).where(OpeningsConsent.profile_id == profile_id)).all()
    found = {}
    for each in given:
        ends = [(each.until, ConsentEnd.EXPIRED)] if each.until < clock.now() else []
        if each.id in ended:
            mine = ended[each.id].way in {"own-page", "stopped-all"}
            ends.append((ended[each.id].at, ConsentEnd.WITHDRAWN if mine else ConsentEnd.REVOKED))
        at, how = min(ends, default=(None, None), key=lambda end: end[0])
        text = (each.wording_version, each.wording, each.wording_hash)
        said = (each.partner_name, dict(each.facts), text, (each.given_at, each.until), (how, at))
        found |= {f"consent-{each.id}": said} if each.given_at >= since else {}
    for word in words:
        text = (word.wording_version, word.wording, word.wording_hash)
        end = (ConsentEnd.WITHDRAWN if word.ended_at else None, word.ended_at)
        said = ("株式会社acme", {}, text, (word.given_at, None), end)
        found |= {f"openings-{word.id}": said} if word.given_at >= since else {}
    return found
