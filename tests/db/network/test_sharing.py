"""What a partner sees: exactly the people whose share stands, with the next request (invariants 4 and 5)."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Event, Partner, PartnerKind, ProvisionKind, ProvisionRecord, scopes
from relay.network import consents, credits, finding, granting, partners, sharing
from relay.network.finding import PeopleQuery
from tests.cast import Cast, make_partner, make_partnership
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile


def codes(session: Session, partner: Partner, **search: str) -> list[str]:
    with scopes.partner(session, partner.id):
        return [row.code for row in finding.find(session, PeopleQuery(**search)).rows]


def registered(session: Session, cast: Cast, email: str, *chosen: Partner, **fields: str) -> str:
    """The code of a person who registered through Acme's link."""
    register(session, mailed_link(session, cast.acme, email), *chosen, **fields)
    session.commit()
    return the_profile(session, email).code


def test_each_partner_sees_exactly_those_who_chose_it(session: Session, cast: Cast) -> None:
    both = registered(session, cast, "both@mail.example", cast.tsumugi, cast.manabi)
    agency = registered(session, cast, "agency@mail.example", cast.tsumugi)
    school = registered(session, cast, "school@mail.example", cast.manabi)
    assert set(codes(session, cast.tsumugi)) == {both, agency}
    assert set(codes(session, cast.manabi)) == {both, school}
    with scopes.partner(session, cast.manabi.id), pytest.raises(sharing.Gone):
        sharing.open_person(session, agency, cast.sho.id)
    with scopes.partner(session, cast.manabi.id):
        assert sharing.count(session) == 2


def test_the_list_tells_no_name_and_only_what_was_agreed_to(session: Session, cast: Cast) -> None:
    registered(session, cast, "a@mail.example", cast.tsumugi, desired_role="経理", place="")
    with scopes.partner(session, cast.tsumugi.id):
        row = finding.find(session).rows[0]
    assert (row.role, row.place) == ("経理", "")
    assert not {"name", "email", "phone"} & set(vars(row))


def test_what_came_later_through_another_company_is_not_shown_to_an_earlier_partner(
    session: Session, cast: Cast
) -> None:
    later = make_partner(session, "later")
    make_partnership(session, cast.other, later)
    code = registered(session, cast, "a@mail.example", cast.tsumugi)
    register(session, mailed_link(session, cast.other, "a@mail.example"), later, phone="090-1234-5678", place="岡山県")
    session.commit()
    with scopes.partner(session, cast.tsumugi.id):
        person = sharing.open_person(session, code, cast.agnes.id)
        assert (person.phone, person.place, person.email) == ("", "", "a@mail.example")
        assert codes(session, cast.tsumugi, q="岡山") == []
    with scopes.partner(session, later.id):
        assert sharing.open_person(session, code, None).phone == "09012345678"


def test_opening_a_record_is_written_down_and_the_person_sees_it(session: Session, cast: Cast) -> None:
    code = registered(session, cast, "a@mail.example", cast.tsumugi, experience="経理 5年")
    with scopes.partner(session, cast.tsumugi.id):
        person = sharing.open_person(session, code.replace("-", "").lower(), cast.agnes.id)
        session.commit()
        written = session.scalars(select(ProvisionRecord).where(ProvisionRecord.kind == ProvisionKind.VIEWED)).one()
    assert (person.name, person.experience) == ("高橋 花子", "経理 5年")
    assert person.sources[0].representative == cast.acme.representative
    assert (written.user_id, written.items) == (cast.agnes.id, ["name", "email", "experience"])
    assert session.scalars(select(Event.tag).order_by(Event.id.desc()).limit(1)).one() == "profile:viewed"


def test_a_withdrawal_hides_the_person_with_the_next_request_while_referral_and_credit_stay(
    session: Session, cast: Cast
) -> None:
    for each in range(10):
        registered(session, cast, f"{each}@mail.example", cast.tsumugi)
    code = the_profile(session, "3@mail.example").code
    assert consents.withdraw(session, the_profile(session, "3@mail.example").id, cast.tsumugi.id) == 1
    session.commit()
    assert code not in codes(session, cast.tsumugi)
    with scopes.partner(session, cast.tsumugi.id), pytest.raises(sharing.Gone):
        sharing.open_person(session, code, cast.agnes.id)
    meter = credits.meter(session, cast.acme.id)
    assert (meter.total, meter.free) == (10, 1)


def test_licence_suspension_partnership_and_term_are_asked_at_each_request(session: Session, cast: Cast) -> None:
    code = registered(session, cast, "a@mail.example", cast.tsumugi)
    tsumugi, valid = cast.tsumugi, cast.tsumugi.license_until
    assert valid is not None
    assert codes(session, tsumugi) == [code]
    tsumugi.license_until = clock.today() - timedelta(days=1)
    assert codes(session, tsumugi) == []
    tsumugi.license_until = clock.today()
    assert codes(session, tsumugi) == [code]
    partners.suspend(session, tsumugi)
    assert codes(session, tsumugi) == []
    partners.resume(session, tsumugi)
    tsumugi.license_until = None
    assert codes(session, tsumugi) == [code], "the operator vouched for it"
    with clock.at(clock.now() + timedelta(days=370)):
        assert codes(session, tsumugi) == []
    tsumugi.checked_on = None
    assert codes(session, tsumugi) == []
    tsumugi.license_until = clock.today()
    assert codes(session, tsumugi) == [code], "only new consents wait for a look-up"
    partners.end_partnership(session, cast.acme.id, tsumugi.id)
    assert codes(session, tsumugi) == []
    partners.start_partnership(session, cast.acme.id, tsumugi.id)
    assert codes(session, tsumugi) == [], "what ended with the tie has ended for good"


def test_a_partnership_of_another_company_does_not_open_the_share(session: Session, cast: Cast) -> None:
    registered(session, cast, "a@mail.example", cast.tsumugi)
    make_partnership(session, cast.other, cast.tsumugi)
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    assert codes(session, cast.tsumugi) == []


def test_a_school_needs_no_licence(session: Session, cast: Cast) -> None:
    assert cast.manabi.kind is PartnerKind.SCHOOL
    code = registered(session, cast, "a@mail.example", cast.manabi)
    assert codes(session, cast.manabi) == [code]


def test_search_finds_codes_roles_and_places(session: Session, cast: Cast) -> None:
    books = registered(session, cast, "a@mail.example", cast.tsumugi, desired_role="経理", place="長野県岡谷市")
    sales = registered(session, cast, "b@mail.example", cast.tsumugi, desired_role="営業100%", place="東京都")
    assert codes(session, cast.tsumugi, q="経理") == [books]
    assert codes(session, cast.tsumugi, q="東京") == [sales]
    assert codes(session, cast.tsumugi, q=" " + sales.lower().replace("-", " ")) == [sales]
    assert codes(session, cast.tsumugi, q=books[:3]) == [books]
    assert codes(session, cast.tsumugi, q="%") == []
    assert codes(session, cast.tsumugi, q="_") == []


def test_pages_follow_each_other_in_both_directions(session: Session, cast: Cast) -> None:
    start = clock.now() - timedelta(days=10)
    for each in range(7):
        with clock.at(start + timedelta(days=each // 2)):
            registered(session, cast, f"{each}@mail.example", cast.tsumugi)
    everyone = codes(session, cast.tsumugi)
    with scopes.partner(session, cast.tsumugi.id):
        first = finding.find(session, limit=3)
        second = finding.find(session, limit=3, after=first.next)
        third = finding.find(session, limit=3, after=second.next)
        back = finding.find(session, limit=3, before=third.previous)
        top = finding.find(session, limit=3, before=second.previous)
        nonsense = finding.find(session, limit=3, after="'; --")
    assert [row.code for row in (*first.rows, *second.rows, *third.rows)] == everyone
    assert (first.previous, third.next) == ("", "")
    assert (back.rows, top.rows, nonsense.rows) == (second.rows, first.rows, first.rows)
    assert top.previous == ""


def test_a_person_through_two_companies_is_one_person(session: Session, cast: Cast) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    code = registered(session, cast, "a@mail.example", cast.tsumugi, phone="090-1234-5678")
    register(session, mailed_link(session, cast.other, "a@mail.example"), cast.tsumugi)
    session.commit()
    assert codes(session, cast.tsumugi) == [code]
    with scopes.partner(session, cast.tsumugi.id):
        person = sharing.open_person(session, code, cast.agnes.id)
    assert [source.name for source in person.sources] == [cast.acme.name, cast.other.name]
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    with scopes.partner(session, cast.tsumugi.id):
        assert sharing.open_person(session, code, cast.agnes.id).phone == ""


def test_another_yes_through_a_new_link_renews_the_term(session: Session, cast: Cast) -> None:
    with clock.at(clock.now() - timedelta(days=200)):
        code = registered(session, cast, "a@mail.example", cast.tsumugi)
    first = the_profile(session, "a@mail.example")
    before = consents.standing(session, first.id)[0].until
    registered(session, cast, "a@mail.example", cast.tsumugi)
    assert consents.standing(session, first.id)[0].until > before
    assert codes(session, cast.tsumugi) == [code]


def test_registering_without_a_partnership_is_refused(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "a@mail.example")
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    with pytest.raises(granting.PartnerGone):
        register(session, link, cast.tsumugi)


def test_evidence_is_needed_to_give_more(session: Session, cast: Cast) -> None:
    registered(session, cast, "a@mail.example", cast.manabi)
    profile = the_profile(session, "a@mail.example")
    offered = consents.more(session, profile.id)[0]
    with pytest.raises(granting.WordingChanged):
        consents.give_more(session, profile.id, offered.id, token_id=None, evidence=EVIDENCE, shown="0" * 64)
    consents.give_more(session, profile.id, offered.id, token_id=7, evidence=EVIDENCE, shown=offered.terms.hash)
    assert [each.partner_id for each in consents.standing(session, profile.id)] == [cast.manabi.id, cast.tsumugi.id]
