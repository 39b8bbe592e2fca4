"""The second purpose of a school that notified (B-33): entered, looked up, chosen, ticked, added, taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, ConsentWithdrawal, Partner, Partnership, Profile, Referral, scopes
from relay.network import (
    consent_texts,
    consents,
    credits,
    item_choices,
    new_contents,
    particulars,
    partner_options,
    partners,
    placement,
    receipt_json,
    receipts,
    registration,
    renewals,
    sharing,
)
from relay.network.granting import PartnerGone, WordingChanged
from relay.network.own_acts import OwnAct
from relay.network.particulars import NotificationUnreadable
from relay.network.partner_options import PartnerOption
from relay.network.partners import Effect, NotificationNotLookedUp
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices, PurposeAlone
from relay.trust import provision_registers
from relay.trust.provision_registers import RegisterFilter
from tests.cast import PIN, Cast
from tests.db.network.build import EVIDENCE, mailed_link, mails, register, the_profile

MAIL = "hanako@mail.example"
NUMBER = "13-学-300001"
COURSES, BOTH = "present-courses", "present-courses introduce-jobs"


def look_up(session: Session, cast: Cast) -> None:
    """Ada records that she looked the school up."""
    seen = partners.fingerprint(partners.held(session, cast.manabi.id))
    partners.check_partnership(session, cast.acme.id, cast.manabi.id, seen=seen, note="", by_user_id=cast.ada.id)
    session.commit()


def enter(session: Session, cast: Cast, number: str | None = NUMBER) -> Effect:
    effect = partners.describe_itself(
        session, partners.held(session, cast.manabi.id), notification_number=number, introduces_jobs=False
    )
    session.commit()
    return effect


def introduce(session: Session, cast: Cast, number: str | None = NUMBER) -> None:
    partners.describe_itself(
        session, partners.held(session, cast.manabi.id), notification_number=number, introduces_jobs=True
    )
    session.commit()


@pytest.fixture
def introducing(session: Session, cast: Cast) -> None:
    """The school has the second purpose: entered, looked up, chosen."""
    enter(session, cast)
    look_up(session, cast)
    introduce(session, cast)


def offered(session: Session, cast: Cast) -> PartnerOption | None:
    company = partner_options.sharing_company(session, cast.acme.id)
    found = {each.id: each for each in partner_options.of_company(session, company)}
    return found.get(cast.manabi.id)


def sign_up(session: Session, cast: Cast, *, jobs: bool, email: str = MAIL) -> Profile:
    link = mailed_link(session, cast.acme, email)
    registration.register(
        session,
        link,
        token_id=None,
        choices=PartnerChoices((cast.manabi.id,), jobs=(cast.manabi.id,) if jobs else ()),
        fields=ProfileFields(name="高橋 花子"),
        address=None,
        number=PIN,
        evidence=EVIDENCE,
    )
    session.commit()
    return the_profile(session, email)


def given(session: Session, person: Profile) -> list[str]:
    """What each consent of the person is for, oldest first."""
    with scopes.profile(session, person.id):
        return list(session.scalars(select(Consent.purpose).order_by(Consent.id)))


def choose(session: Session, cast: Cast, person: Profile, *, jobs: bool) -> bool:
    school = placement.choices(session, person.id)[cast.manabi.id]
    shown = school.agreed_to(jobs=jobs).terms.hash
    changed = placement.choose(
        session, person.id, cast.manabi.id, jobs=jobs, shown=shown, token_id=None, evidence=EVIDENCE
    )
    session.commit()
    return changed


def seen_by_school(session: Session, cast: Cast, person: Profile) -> tuple[str, ...]:
    with scopes.partner(session, cast.manabi.id):
        opened = sharing.open_person(session, person.code, cast.sho.id)
        return placement.shown_purposes(session, cast.manabi.id, opened.purpose)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１３－学－３００００１", "13-学-300001"),
        ("届出受理番号：13-学-300001", "13-学-300001"),
        (" 13 - 学 - 300001 ", "13-学-300001"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_number_is_read_in_any_width_and_may_be_left_out(typed: str, kept: str | None) -> None:
    assert particulars.read_notification(typed) == kept


@pytest.mark.parametrize("typed", ["届出済み", "13-学-300001-300001-300001", "<13>", "なし"])
def test_what_cannot_be_a_number_is_refused_with_the_way_out(typed: str) -> None:
    with pytest.raises(NotificationUnreadable, match="空のままで結構です"):
        particulars.read_notification(typed)


def test_a_number_that_was_not_looked_up_is_shown_to_nobody_and_gives_no_purpose(session: Session, cast: Cast) -> None:
    assert enter(session, cast) is Effect.LOOKED_UP
    assert offered(session, cast) is None, "a change re-opens the look-up"
    with pytest.raises(NotificationNotLookedUp):
        introduce(session, cast)
    session.rollback()
    look_up(session, cast)
    school = offered(session, cast)
    assert school is not None and school.with_jobs is None and NUMBER not in school.terms.text, "not chosen yet"


def test_once_looked_up_and_chosen_both_purposes_are_named_each_with_its_tick(
    session: Session, cast: Cast, introducing: None
) -> None:
    school = offered(session, cast)
    assert school is not None and school.with_jobs is not None
    assert school.terms.purposes == (consent_texts.RecipientPurpose.PRESENT_COURSES,)
    assert "「求人の紹介」にも同意されたときだけ" in school.terms.text
    *base, added = school.with_jobs.paragraphs
    assert tuple(base) == school.terms.paragraphs, "what the page prints once is what either consent keeps"
    assert NUMBER in added.text and "33条の2" in added.text
    agency = next(
        each
        for each in partner_options.of_company(session, partner_options.sharing_company(session, cast.acme.id))
        if each.id == cast.tsumugi.id
    )
    assert agency.with_jobs is None


def test_another_number_takes_the_purpose_off_until_it_is_looked_up_and_chosen_again(
    session: Session, cast: Cast, introducing: None
) -> None:
    person = sign_up(session, cast, jobs=True)
    assert len(seen_by_school(session, cast, person)) == 2
    introduce(session, cast, "13-学-300002")
    assert offered(session, cast) is None
    assert not partners.held(session, cast.manabi.id).introduces_jobs
    assert seen_by_school(session, cast, person) == (COURSES,)
    look_up(session, cast)
    school = offered(session, cast)
    assert school is not None and school.with_jobs is None


def test_the_purpose_rests_while_a_change_waits_for_its_look_up(
    session: Session, cast: Cast, introducing: None
) -> None:
    person = sign_up(session, cast, jobs=True)
    partners.describe_itself(session, partners.held(session, cast.manabi.id), address="大阪市北区7-8-9")
    session.commit()
    assert seen_by_school(session, cast, person) == (COURSES,)
    look_up(session, cast)
    assert seen_by_school(session, cast, person) == (COURSES, "introduce-jobs")


def test_a_person_agrees_to_the_courses_alone_or_to_both(session: Session, cast: Cast, introducing: None) -> None:
    alone, both = sign_up(session, cast, jobs=False), sign_up(session, cast, jobs=True, email="b@mail.example")
    assert (given(session, alone), given(session, both)) == ([COURSES], [BOTH])
    with scopes.profile(session, both.id):
        kept = session.scalars(select(Consent)).one()
    assert NUMBER in kept.wording and consent_texts.purpose_words(kept.purpose) == "講座・コースの案内、求人の紹介"


def test_the_second_tick_alone_is_refused_and_nothing_is_kept(session: Session, cast: Cast, introducing: None) -> None:
    link = mailed_link(session, cast.acme, MAIL)
    with pytest.raises(PurposeAlone):
        registration.register(
            session,
            link,
            token_id=None,
            choices=PartnerChoices((cast.tsumugi.id,), jobs=(cast.manabi.id,)),
            fields=ProfileFields(name="高橋 花子"),
            address=None,
            number=PIN,
            evidence=EVIDENCE,
        )
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(Consent.id))) == 0


def test_a_tick_for_what_is_not_offered_any_more_is_no_consent(session: Session, cast: Cast) -> None:
    with pytest.raises(WordingChanged):
        sign_up(session, cast, jobs=True)


def test_it_earns_no_referral_and_no_credit(session: Session, cast: Cast, introducing: None) -> None:
    """Invariant 3: introducing jobs makes no agency of a school."""
    for each in range(10):
        sign_up(session, cast, jobs=True, email=f"{each}@mail.example")
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(Referral.id))) == 0
    meter = credits.meter(session, cast.acme.id)
    assert (meter.free, meter.total) == (0, 0)


def test_a_consent_from_before_never_widens(session: Session, cast: Cast) -> None:
    """Neither by the school's choice, nor by a renewal, new contents or other items."""
    person = sign_up(session, cast, jobs=False)
    enter(session, cast)
    look_up(session, cast)
    introduce(session, cast)
    assert seen_by_school(session, cast, person) == (COURSES,)
    with clock.at(clock.now().replace(year=clock.now().year + 1) - timedelta(days=20)):
        option = renewals.offers(session, person.id)[0].option
        assert option.with_jobs is not None and len(option.terms.purposes) == 1
        renewals.renew(
            session,
            person.id,
            [cast.manabi.id],
            shown={cast.manabi.id: option.terms.hash},
            token_id=None,
            evidence=EVIDENCE,
        )
    assert given(session, person) == [COURSES, COURSES]


def test_the_added_purpose_takes_an_act_of_its_own_that_is_a_consent_of_its_own(session: Session, cast: Cast) -> None:
    person = sign_up(session, cast, jobs=False)
    assert placement.choices(session, person.id) == {}
    enter(session, cast)
    look_up(session, cast)
    introduce(session, cast)
    with pytest.raises(WordingChanged):
        placement.choose(session, person.id, cast.manabi.id, jobs=True, shown="-", token_id=None, evidence=EVIDENCE)
    session.rollback()
    assert choose(session, cast, person, jobs=True)
    assert not choose(session, cast, person, jobs=True), "said twice, it is one consent"
    assert given(session, person) == [COURSES, BOTH]
    assert seen_by_school(session, cast, person) == (COURSES, "introduce-jobs")
    (told,) = mails(session, "done-on-own-page")
    assert [kind for kind, _at in told.values["acts"]] == [OwnAct.PURPOSE_ADDED.value]


def test_the_second_purpose_is_taken_back_alone_and_survives_other_acts(
    session: Session, cast: Cast, introducing: None
) -> None:
    person = sign_up(session, cast, jobs=True)
    option = item_choices.forms(session, person.id)[cast.manabi.id].option
    assert len(option.terms.purposes) == 2
    item_choices.choose(
        session, person.id, cast.manabi.id, ["name", "email"], shown=option.terms.hash, token_id=None, evidence=EVIDENCE
    )
    (until,) = {each.until for each in consents.standing(session, person.id)}
    with clock.at(clock.now() + timedelta(days=100)):
        assert choose(session, cast, person, jobs=False)
    assert [each.until for each in consents.standing(session, person.id)] == [until], "taken back, nothing lasts longer"
    assert seen_by_school(session, cast, person) == (COURSES,)
    assert given(session, person)[-1] == COURSES
    with scopes.profile(session, person.id):
        assert session.scalars(select(ConsentWithdrawal.way)).all()[-1] == placement.PURPOSE_CHANGED
    assert [each.purposes for each in consents.standing(session, person.id)] == ["講座・コースの案内"]
    with pytest.raises(PartnerGone):
        placement.choose(session, person.id, cast.tsumugi.id, jobs=True, shown="", token_id=None, evidence=EVIDENCE)


def test_it_is_taken_back_also_while_the_school_offers_it_no_more(
    session: Session, cast: Cast, introducing: None
) -> None:
    """Else it would come back with the number, by a consent that the person could not end alone."""
    person = sign_up(session, cast, jobs=True)
    enter(session, cast, None)
    look_up(session, cast)
    with pytest.raises(PartnerGone):
        choose(session, cast, person, jobs=True)
    session.rollback()
    assert choose(session, cast, person, jobs=False)
    assert given(session, person) == [BOTH, COURSES]
    assert not placement.choices(session, person.id), "nothing to take back, and nothing to add"
    enter(session, cast)
    look_up(session, cast)
    introduce(session, cast)
    assert seen_by_school(session, cast, person) == ("present-courses",)


def test_receipt_record_of_provision_and_both_registers_keep_the_purposes(
    session: Session, cast: Cast, introducing: None
) -> None:
    person = sign_up(session, cast, jobs=True)
    register(session, mailed_link(session, cast.acme, "b@mail.example"), cast.tsumugi, cast.manabi)
    (entry,) = receipts.of_profile(session, person.id).entries
    assert entry.purpose == BOTH and NUMBER in entry.words
    assert receipt_json._record(entry)["dpv:hasPurpose"] == ["present-courses", "introduce-jobs"]
    lines = list(provision_registers.given(session, RegisterFilter()))
    said = [consent_texts.recorded_purposes(each.recipient) for each in lines]
    assert said == ["講座・コースの案内、求人の紹介", "求人の紹介", "講座・コースの案内"]
    with scopes.partner(session, cast.manabi.id):
        received = list(provision_registers.all_received(session))
    assert [consent_texts.recorded_purposes(each.recipient) for each in received] == [said[0], said[2]]
    assert consent_texts.recorded_purposes({"kind": "school"}) == "講座・コースの案内", "as those before had it"


def test_new_contents_are_told_for_the_purposes_agreed_to(session: Session, cast: Cast, introducing: None) -> None:
    both, alone = sign_up(session, cast, jobs=True), sign_up(session, cast, jobs=False, email="b@mail.example")
    with scopes.profile(session, both.id):
        assert len(new_contents.options(session, both)[cast.manabi.id].terms.purposes) == 2
    with scopes.profile(session, alone.id):
        assert len(new_contents.options(session, alone)[cast.manabi.id].terms.purposes) == 1


def test_the_database_lets_no_agency_and_no_school_without_a_number_have_it(session: Session, cast: Cast) -> None:
    for each in (cast.tsumugi, cast.manabi):
        chosen = update(Partner).where(Partner.id == each.id).values(introduces_jobs=True)
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(chosen)


def test_an_ended_partnership_is_no_look_up(session: Session, cast: Cast, introducing: None) -> None:
    person = sign_up(session, cast, jobs=True)
    with scopes.partner(session, cast.manabi.id):
        for each in session.scalars(select(Partnership)):
            each.checked_on = None
        session.flush()
        assert placement.shown_purposes(session, cast.manabi.id, BOTH) == (COURSES,)
    assert given(session, person) == [BOTH]
