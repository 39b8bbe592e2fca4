"""A consent names a legal person: who is another one sees nobody, who is the same is looked up again (A-43)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, ConsentWithdrawal, Partner, PartnerKind, Partnership, scopes
from relay.network import consents, finding, partners, registration, sharing
from relay.network.legal_person import NumberWithOthers, RenewalTooEarly
from relay.network.partners import Effect, NotSure
from tests.cast import Cast, make_partnership
from tests.db.network.build import mailed_link, mails, register, the_profile

OWN, ANOTHER = "7000012050002", "1180301018771"
EMAIL = "hanako@mail.example"
DAY = timedelta(days=1)


@pytest.fixture
def agency(session: Session, cast: Cast) -> Partner:
    """Tsumugi, whose number is known, with one person through Acme; the company looked it up."""
    cast.tsumugi.corporate_number = OWN
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    look_up(session, cast, cast.tsumugi)
    session.commit()
    return cast.tsumugi


def look_up(session: Session, cast: Cast, partner: Partner) -> None:
    partners.check_partnership(
        session, cast.acme.id, partner.id, seen=partners.fingerprint(partner), note="", by_user_id=cast.adam.id
    )
    session.commit()


def change(session: Session, partner: Partner, *, sure: bool = False, **given: Any) -> Effect:
    effect = partners.describe_itself(session, partner, sure=sure, **given)
    session.commit()
    return effect


def seen(session: Session, partner: Partner, *, in_days: int = 0) -> int:
    """How many people the partner sees on that day: in its list, by number and by record."""
    with clock.at(clock.now() + in_days * DAY), scopes.partner(session, partner.id):
        rows = finding.find(session).rows
        assert sharing.count(session) == len(rows)
        return len(rows)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "改名した株式会社"},
        {"license_number": "27-ユ-999999"},
        {"name": "改名", "license_number": "27-ユ-999999"},
    ],
)
def test_the_same_person_under_another_name_or_number_is_looked_up_within_fourteen_days(
    session: Session, cast: Cast, agency: Partner, changed: dict[str, str]
) -> None:
    assert change(session, agency, **changed) is Effect.LOOKED_UP
    assert (seen(session, agency), seen(session, agency, in_days=14)) == (1, 1)
    assert seen(session, agency, in_days=15) == 0
    look_up(session, cast, agency)
    assert seen(session, agency, in_days=15) == 1


def test_changing_again_puts_no_day_off(session: Session, cast: Cast, agency: Partner) -> None:
    change(session, agency, name="改名した株式会社")
    with clock.at(clock.now() + 10 * DAY):
        change(session, agency, address="大阪府大阪市1-1")
        with pytest.raises(NotSure) as asked:
            change(session, agency, name="さらに改名した株式会社")
        assert asked.value.effect is Effect.CLOSED
    session.rollback()
    assert (seen(session, agency, in_days=14), seen(session, agency, in_days=15)) == (1, 0)
    assert change(session, agency, sure=True, name="さらに改名した株式会社") is Effect.CLOSED
    assert seen(session, agency) == 0
    look_up(session, cast, agency)
    assert seen(session, agency) == 1


def test_a_renewal_entered_ahead_closes_nobody_and_carries_no_further_than_the_old_licence(
    session: Session, cast: Cast, agency: Partner
) -> None:
    today = clock.today()
    agency.license_until = today + 90 * DAY
    session.commit()
    assert change(session, agency, license_until=today + 1900 * DAY) is Effect.LOOKED_UP
    assert (seen(session, agency, in_days=90), seen(session, agency, in_days=91)) == (1, 0)
    look_up(session, cast, agency)
    assert seen(session, agency, in_days=91) == 1


def test_a_renewal_is_not_entered_earlier_than_ninety_days_ahead(session: Session, agency: Partner) -> None:
    agency.license_until = clock.today() + 91 * DAY
    session.commit()
    with pytest.raises(RenewalTooEarly):
        change(session, agency, license_until=clock.today() + 1900 * DAY)


def test_a_licence_that_has_run_out_is_not_opened_by_a_new_date_alone(
    session: Session, cast: Cast, agency: Partner
) -> None:
    agency.license_until = clock.today() - DAY
    session.commit()
    assert seen(session, agency) == 0
    with pytest.raises(NotSure):
        change(session, agency, license_until=clock.today() + 1000 * DAY)
    session.rollback()
    assert change(session, agency, sure=True, license_until=clock.today() + 1000 * DAY) is Effect.CLOSED
    assert seen(session, agency) == 0
    assert consents.standing(session, the_profile(session, EMAIL).id)[0].paused
    change(session, agency, contact="03-0000-9999")
    assert seen(session, agency) == 0
    look_up(session, cast, agency)
    assert seen(session, agency) == 1


def test_each_company_opens_its_own_people(session: Session, cast: Cast, agency: Partner) -> None:
    make_partnership(session, cast.other, agency)
    register(session, mailed_link(session, cast.other, "taro@mail.example"), agency)
    session.commit()
    change(session, agency, name="改名した株式会社")
    look_up(session, cast, agency)
    assert (seen(session, agency, in_days=14), seen(session, agency, in_days=15)) == (2, 1)
    partners.change_partner(session, agency, checked_by="operator")
    assert seen(session, agency, in_days=15) == 2


def test_another_number_closes_everybody_for_good_also_when_changed_back(
    session: Session, cast: Cast, agency: Partner
) -> None:
    make_partnership(session, cast.other, agency)
    register(session, mailed_link(session, cast.other, EMAIL), agency)
    agreed = agency.name
    session.commit()
    with pytest.raises(NotSure) as asked:
        change(session, agency, name="まったく別の会社", corporate_number=ANOTHER)
    assert asked.value.effect is Effect.ENDED
    session.rollback()
    assert seen(session, agency) == 1
    assert change(session, agency, sure=True, name="まったく別の会社", corporate_number=ANOTHER) is Effect.ENDED
    assert seen(session, agency) == 0
    profile = the_profile(session, EMAIL)
    assert [(each.name, each.way, each.contact) for each in consents.former(session, profile.id)] == [
        (agreed, "another-person", "")
    ]
    assert [each.to_address for each in mails(session, "partner-replaced")] == [EMAIL], "one mail, for both companies"
    assert [each.values["codes"] for each in mails(session, "partnership-ended-notice")] == [[profile.code]]
    assert {each.values["what"] for each in mails(session, "partner-joined")} == {"replaced"}
    change(session, agency, name=agreed, corporate_number=OWN, sure=True)
    partners.start_partnership(session, cast.acme.id, agency.id)
    assert agency.id not in {each.id for each in partners.active_partners(session, cast.acme.id)}
    look_up(session, cast, agency)
    assert seen(session, agency) == 0, "what ended has ended"
    assert [each.id for each in consents.more(session, profile.id)][-1] == agency.id, "and people are asked anew"
    with scopes.everyone(session, "test"):
        assert len(session.scalars(select(ConsentWithdrawal)).all()) == len(session.scalars(select(Consent)).all()) == 2
        assert len(session.scalars(select(Partnership).where(Partnership.partner_id == agency.id)).all()) == 3


def test_a_sole_proprietors_licence_number_stands_for_the_number(session: Session, cast: Cast, agency: Partner) -> None:
    agency.corporate_number = None
    session.commit()
    with pytest.raises(NotSure) as asked:
        change(session, agency, license_number="27-ユ-999999")
    assert asked.value.effect is Effect.ENDED
    session.rollback()
    assert change(session, agency, name="屋号を変えた紹介所") is Effect.LOOKED_UP


def test_the_first_number_is_no_other_person_and_comes_alone(session: Session, cast: Cast, agency: Partner) -> None:
    agency.corporate_number = None
    session.commit()
    for along in ({"name": "まったく別の会社"}, {"license_number": "27-ユ-999999"}):
        with pytest.raises(NumberWithOthers):
            change(session, agency, corporate_number=OWN, **along)
        session.rollback()
    assert change(session, agency, corporate_number=OWN) is Effect.LOOKED_UP
    assert (seen(session, agency, in_days=14), seen(session, agency, in_days=15)) == (1, 0)
    with pytest.raises(NotSure):
        change(session, agency, name="まったく別の会社")
    session.rollback()
    look_up(session, cast, agency)
    assert change(session, agency, name="改名した株式会社") is Effect.LOOKED_UP


def test_a_school_without_any_number_is_closed_by_another_name(session: Session, cast: Cast) -> None:
    assert cast.manabi.kind is PartnerKind.SCHOOL
    register(session, mailed_link(session, cast.acme, EMAIL), cast.manabi)
    with pytest.raises(NotSure):
        change(session, cast.manabi, name="学校法人べつ")
    session.rollback()
    register(session, mailed_link(session, cast.acme, EMAIL), cast.manabi)
    assert change(session, cast.manabi, sure=True, name="学校法人べつ") is Effect.CLOSED
    assert seen(session, cast.manabi) == 0


def test_a_yes_that_waited_for_its_address_is_none_to_another_person(
    session: Session, cast: Cast, agency: Partner
) -> None:
    from relay.network.granting import PartnerGone
    from tests.db.network.build import EVIDENCE, confirming

    register(session, mailed_link(session, cast.acme, "taro@mail.example"), agency, address="jiro@mail.example")
    session.commit()
    change(session, agency, sure=True, corporate_number=ANOTHER)
    partners.start_partnership(session, cast.acme.id, agency.id)
    look_up(session, cast, agency)
    with pytest.raises(PartnerGone):
        registration.confirm(session, confirming(session), EVIDENCE)
