"""A consent is a snapshot: each partner holds what was agreed with it, whatever the person writes later (A-43)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, Partner, Profile, ProvisionKind, ProvisionRecord, Referral, Share, scopes
from relay.network import consents, finding, new_contents, partners, pins, sharing
from relay.network.finding import PeopleQuery
from relay.network.granting import PartnerGone, WordingChanged
from relay.trust import provisions
from tests.cast import Cast, make_partner, make_partnership
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile

EMAIL = "hanako@mail.example"
FIRST = {
    "name": "前田 花子",
    "phone": "090-0000-1111",
    "desired_role": "経理",
    "place": "長野県",
    "experience": "前の経験",
}
SECOND = {
    "name": "前田（旧姓）花子",
    "phone": "080-9999-8888",
    "desired_role": "人事",
    "place": "岡山県",
    "experience": "あとの相手だけに話したいこと",
}


@pytest.fixture
def later(session: Session, cast: Cast) -> Partner:
    """An agency of the other company alone."""
    made = make_partner(session, "michibiki")
    make_partnership(session, cast.other, made)
    return made


@pytest.fixture
def hanako(session: Session, cast: Cast, later: Partner) -> Profile:
    """Registered with Tsumugi through Acme, then, with other words, with Michibiki through Other."""
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, **FIRST)
    register(session, mailed_link(session, cast.other, EMAIL), later, **SECOND)
    session.commit()
    return the_profile(session, EMAIL)


def seen(session: Session, partner: Partner, profile: Profile) -> dict[str, str]:
    """Everything the partner is shown of the person: row, record, and whether search finds either place."""
    with scopes.partner(session, partner.id):
        [row] = finding.find(session).rows
        person = sharing.open_person(session, profile.code, None)
        found = [place for place in ("長野", "岡山") if finding.find(session, PeopleQuery(q=place)).rows]
    shown = {name: getattr(person, name) for name in FIRST} | {"found": "".join(found)}
    assert (row.role, row.place) == (person.desired_role, person.place)
    return shown


def typed(facts: dict[str, str], found: str) -> dict[str, str]:
    return facts | {"phone": facts["phone"].replace("-", ""), "found": found}


def answer(session: Session, profile: Profile, *told: Partner) -> None:
    asked = {each.id: each.terms.hash for each in new_contents.question(session, profile.id).offers}
    new_contents.answer(session, profile.id, [each.id for each in told], shown=asked, token_id=None, evidence=EVIDENCE)
    session.commit()


def test_a_later_registration_changes_nothing_at_earlier_partners(
    session: Session, cast: Cast, later: Partner, hanako: Profile
) -> None:
    assert seen(session, cast.tsumugi, hanako) == typed(FIRST, "長野")
    assert seen(session, later, hanako) == typed(SECOND, "岡山")


def test_the_record_of_provision_holds_the_name_that_was_seen(
    session: Session, cast: Cast, later: Partner, hanako: Profile
) -> None:
    for partner in (cast.tsumugi, later):
        seen(session, partner, hanako)
    with scopes.profile(session, hanako.id):
        rows = session.execute(select(ProvisionRecord.partner_id, ProvisionRecord.person_name)).all()
    assert set(rows) == {(cast.tsumugi.id, FIRST["name"]), (later.id, SECOND["name"])}


def test_a_yes_to_the_question_is_a_consent_of_its_own(
    session: Session, cast: Cast, later: Partner, hanako: Profile
) -> None:
    referrals = _count(session, Referral)
    asked = new_contents.question(session, hanako.id)
    assert [each.id for each in asked.offers] == [cast.tsumugi.id]
    answer(session, hanako, cast.tsumugi)
    assert seen(session, cast.tsumugi, hanako) == typed(SECOND, "岡山")
    with scopes.profile(session, hanako.id):
        first, second = session.scalars(
            select(Consent).where(Consent.partner_id == cast.tsumugi.id).order_by(Consent.id)
        ).all()
        made = session.scalars(select(ProvisionRecord.consent_id).where(ProvisionRecord.kind == "made_available")).all()
    assert (first.facts["desired_role"], second.facts["desired_role"]) == ("経理", "人事")
    assert (second.via_company_id, second.via_relay_link_id) == (first.via_company_id, first.via_relay_link_id)
    assert second.wording and second.ip == EVIDENCE.network
    assert second.id in made
    assert _count(session, Referral) == referrals, "no further referral comes of it"
    assert not new_contents.question(session, hanako.id)


def test_no_is_remembered_and_asked_again_only_after_something_new(
    session: Session, cast: Cast, later: Partner, hanako: Profile
) -> None:
    answer(session, hanako)
    assert not new_contents.question(session, hanako.id)
    assert seen(session, cast.tsumugi, hanako) == typed(FIRST, "長野")
    answer(session, hanako, cast.tsumugi)
    assert seen(session, cast.tsumugi, hanako) == typed(FIRST, "長野"), "answered is answered"
    register(session, mailed_link(session, cast.other, EMAIL), later, **SECOND | {"place": "東京都"})
    assert [each.id for each in new_contents.question(session, hanako.id).offers] == [cast.tsumugi.id]


def test_the_same_words_again_ask_nothing(session: Session, cast: Cast, later: Partner) -> None:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, **FIRST)
    register(session, mailed_link(session, cast.other, EMAIL), later, **FIRST)
    assert not new_contents.question(session, the_profile(session, EMAIL).id)


def test_only_who_was_chosen_is_told(session: Session, cast: Cast, later: Partner) -> None:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, cast.manabi, **FIRST)
    register(session, mailed_link(session, cast.other, EMAIL), later, **SECOND)
    profile = the_profile(session, EMAIL)
    assert len(new_contents.question(session, profile.id).offers) == 2
    answer(session, profile, cast.manabi)
    assert seen(session, cast.manabi, profile) == typed(SECOND, "岡山")
    assert seen(session, cast.tsumugi, profile) == typed(FIRST, "長野")


def test_partners_of_before_a_replaced_number_are_neither_named_nor_counted(
    session: Session, cast: Cast, later: Partner, hanako: Profile
) -> None:
    pins.adopt(session, hanako, pins.hash_of("6038"))
    assert not new_contents.question(session, hanako.id)
    with pytest.raises(PartnerGone):
        answer(session, hanako, cast.tsumugi)


def test_words_nobody_saw_and_partners_nobody_asked_about_are_refused(
    session: Session, cast: Cast, later: Partner, hanako: Profile
) -> None:
    for partner, refusal in ((cast.tsumugi, WordingChanged), (later, PartnerGone), (cast.manabi, PartnerGone)):
        with pytest.raises(refusal):
            new_contents.answer(
                session, hanako.id, [partner.id], shown={partner.id: "-"}, token_id=None, evidence=EVIDENCE
            )
    assert seen(session, cast.tsumugi, hanako) == typed(FIRST, "長野")


def test_what_stands_after_a_partnership_ended_is_what_was_agreed_through_the_other_company(
    session: Session, cast: Cast
) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, **FIRST)
    register(session, mailed_link(session, cast.other, EMAIL), cast.tsumugi, **SECOND)
    profile = the_profile(session, EMAIL)
    assert seen(session, cast.tsumugi, profile) == typed(SECOND, "岡山"), "the newest yes to this partner"
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    assert seen(session, cast.tsumugi, profile) == typed(FIRST, "長野")


def test_a_correction_through_a_new_link_reaches_the_partner_that_was_ticked(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, **FIRST)
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi, **FIRST | {"place": "岡山県"})
    profile = the_profile(session, EMAIL)
    assert seen(session, cast.tsumugi, profile)["place"] == "岡山県"
    with scopes.profile(session, profile.id):
        assert _count_in(session, Share) == 1


def test_the_name_agreed_to_stays_on_the_own_page(session: Session, cast: Cast, hanako: Profile) -> None:
    agreed = cast.tsumugi.name
    partners.describe_itself(session, cast.tsumugi, name="改名したつむぎ株式会社")
    assert agreed in {each.name for each in consents.standing(session, hanako.id)}
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    assert [each.name for each in consents.former(session, hanako.id)] == [agreed]


def test_reading_on_within_ten_minutes_is_one_viewing(session: Session, cast: Cast, hanako: Profile) -> None:
    start = clock.now()
    for minutes in (0, 1, 9, 10, 12):
        with clock.at(start + timedelta(minutes=minutes)), scopes.partner(session, cast.tsumugi.id):
            sharing.open_person(session, hanako.code, cast.agnes.id)
    with clock.at(start + timedelta(minutes=13)), scopes.partner(session, cast.tsumugi.id):
        sharing.open_person(session, hanako.code, None)
    session.commit()
    with scopes.profile(session, hanako.id):
        viewed = session.execute(
            select(ProvisionRecord.at, ProvisionRecord.user_id)
            .where(ProvisionRecord.kind == ProvisionKind.VIEWED)
            .order_by(ProvisionRecord.id)
        ).all()
    assert [(round((row.at - start).total_seconds() / 60), row.user_id) for row in viewed] == [
        (0, cast.agnes.id),
        (10, cast.agnes.id),
        (13, None),
    ], "somebody else's opening is their own"


def test_every_provision_is_on_some_page_and_on_one_only(session: Session, cast: Cast, hanako: Profile) -> None:
    start = clock.now()
    for each in range(40):
        with clock.at(start + timedelta(minutes=11 * each)), scopes.partner(session, cast.tsumugi.id):
            sharing.open_person(session, hanako.code, cast.agnes.id)
    read = provisions.of_profile(session, hanako.id, since=clock.EPOCH)
    listed, pages = list(read.rows), [read]
    while read.next:
        read = provisions.of_profile(session, hanako.id, since=clock.EPOCH, after=read.next)
        listed += read.rows
        pages.append(read)
    assert len(pages) == 3
    assert len(listed) == 42
    assert [each.kind for each in listed[-2:]] == [ProvisionKind.MADE_AVAILABLE] * 2
    while read.previous:
        read = provisions.of_profile(session, hanako.id, since=clock.EPOCH, before=read.previous)
        pages.pop()
        assert read.rows == pages[-1].rows
    assert len(pages) == 1


def _count(session: Session, model: type) -> int:
    with scopes.everyone(session, "test"):
        return _count_in(session, model)


def _count_in(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
