"""Partners arrive by themselves, are looked up by each company, and may change what they say about themselves."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import invitations
from relay.identity.invitations import InvitationGone
from relay.models import (
    Actor,
    Event,
    EventTag,
    Invitation,
    Partner,
    PartnerKind,
    Partnership,
    User,
    act_as,
    scopes,
)
from relay.network import joining, partners, partnerships, sharing
from relay.network.joining import AlreadySignsIn
from relay.network.particulars import LinkUnreadable, Particulars, read_link
from relay.network.partners import Effect, PartnerChangedMeanwhile, PartnershipGone
from tests.cast import PASSWORD, Cast
from tests.db.network.build import mailed_link, mails, register, the_profile

AGENCY = Particulars(
    PartnerKind.AGENCY,
    "むすび株式会社",
    "東京都千代田区1-1",
    "結城 はな",
    "03-1111-2222",
    corporate_number="7000012050002",
    license_number="27-ユ-316864",
    license_since=date(2020, 4, 1),
    license_until=date(2030, 3, 31),
    manager="佐藤 実",
    complaints="苦情窓口 03-1111-3333",
    notices_url="musubi.example/notices",
)
SCHOOL = Particulars(PartnerKind.SCHOOL, "学校法人いろは", "東京都", "代表 太郎", "03-0000-1111", manager="誰か")


def invited(session: Session, cast: Cast, email: str = "desk@musubi.example") -> Invitation:
    invitation = invitations.invite_partner(
        session, cast.acme, email=email, rules_version=partnerships.RULES_VERSION, by_user_id=cast.adam.id
    )
    session.commit()
    return invitation


def join(session: Session, cast: Cast, particulars: Particulars = AGENCY, **values: Any) -> joining.Joined:
    return joining.join(
        session,
        values.pop("invitation", None) or invited(session, cast),
        particulars,
        person="結城 はな",
        password=PASSWORD,
        free_introductions=3,
    )


def offered(session: Session, cast: Cast) -> list[int]:
    return [card.id for card in partners.active_partners(session, cast.acme.id)]


def check(session: Session, cast: Cast, partner: Partner, **values: Any) -> None:
    seen = values.pop("seen", partners.fingerprint(partner))
    partners.check_partnership(
        session, cast.acme.id, partner.id, seen=seen, note="人材サービス総合サイト", by_user_id=cast.adam.id
    )


def partnership_of(session: Session, partner: Partner) -> Partnership:
    with scopes.partner(session, partner.id):
        return session.scalars(select(Partnership)).one()


def test_an_agency_registers_itself_with_its_first_agent_and_partnership(session: Session, cast: Cast) -> None:
    joined = join(session, cast)
    assert (joined.partner.slug, joined.partner.license_number) == ("musubi", "27-ユ-316864")
    assert joined.partner.second_factor_required
    assert joined.partner.notices_url == "https://musubi.example/notices"
    assert (joined.user.email, joined.user.partner_id) == ("desk@musubi.example", joined.partner.id)
    partnership = joined.partnership
    assert (partnership.rules_version, partnership.free_introductions_per_year) == (partnerships.RULES_VERSION, 3)
    assert (partnership.company_accepted_on, partnership.company_accepted_by_user_id) == (clock.today(), cast.adam.id)
    assert (partnership.partner_accepted_on, partnership.partner_accepted_by_user_id) == (clock.today(), joined.user.id)
    assert [each.to_address for each in mails(session, "partner-joined")] == ["adam@acme.example"]


def test_until_the_company_looked_it_up_no_candidate_is_offered_it(session: Session, cast: Cast) -> None:
    partner = join(session, cast).partner
    assert partner.id not in offered(session, cast)
    with scopes.partner(session, partner.id):
        assert sharing.of_partner(session, partner.id).unchecked_by == (cast.acme.name,)
    check(session, cast, partner)
    partnership = partnership_of(session, partner)
    assert (partnership.checked_on, partnership.checked_by_user_id, partnership.checked_note) == (
        clock.today(),
        cast.adam.id,
        "人材サービス総合サイト",
    )
    assert partner.id in offered(session, cast)


def test_one_companys_look_up_speaks_for_itself_alone(session: Session, cast: Cast) -> None:
    partner = join(session, cast).partner
    partners.start_partnership(session, cast.other.id, partner.id)
    check(session, cast, partner)
    assert partner.id in offered(session, cast)
    assert partners.active_partners(session, cast.other.id) == []


def test_what_is_looked_up_is_what_was_seen(session: Session, cast: Cast) -> None:
    partner = join(session, cast).partner
    seen = partners.fingerprint(partner)
    partners.describe_itself(session, partner, address="大阪府大阪市1-1")
    with pytest.raises(PartnerChangedMeanwhile):
        check(session, cast, partner, seen=seen)
    partners.end_partnership(session, cast.acme.id, partner.id)
    with pytest.raises(PartnershipGone):
        check(session, cast, partner)


def test_what_changed_in_another_session_meanwhile_does_not_stand_as_looked_up(session: Session, cast: Cast) -> None:
    partner = join(session, cast).partner
    session.commit()
    with Session(session.get_bind()) as elsewhere:
        act_as(elsewhere, Actor("test"))
        partners.describe_itself(elsewhere, elsewhere.get_one(Partner, partner.id), license_number="27-ユ-999999")
        elsewhere.commit()
    with pytest.raises(PartnerChangedMeanwhile):
        check(session, cast, partner)
    assert partnership_of(session, partner).checked_on is None


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"address": "大阪府大阪市1-1"}, True),
        ({"name": "むすびキャリア株式会社"}, True),
        ({"license_number": "27-ユ-999999"}, True),
        ({"license_until": date(2029, 3, 31)}, True),
        ({"contact": "03-9999-9999"}, False),
        ({"address": "東京都千代田区1-1"}, False),
    ],
)
def test_what_was_looked_up_is_looked_up_again_when_it_changes(
    session: Session, cast: Cast, changed: dict[str, Any], again: bool
) -> None:
    partner = join(session, cast).partner
    check(session, cast, partner)
    effect = partners.describe_itself(session, partner, **changed)
    assert effect is (Effect.LOOKED_UP if again else Effect.NOTHING)
    assert (partner.id not in offered(session, cast)) is again
    assert len(mails(session, "partner-joined")) == (2 if again else 1)


def test_the_operators_look_up_falls_back_too(session: Session, cast: Cast) -> None:
    partners.describe_itself(session, cast.tsumugi, address="大阪府大阪市1-1")
    assert (cast.tsumugi.checked_on, cast.tsumugi.checked_by) == (None, "")
    assert cast.tsumugi.id not in offered(session, cast)


def test_a_school_has_no_licence_and_promises_no_introductions(session: Session, cast: Cast) -> None:
    joined = join(session, cast, SCHOOL)
    assert (joined.partner.license_number, joined.partner.manager) == (None, "")
    assert joined.partnership.free_introductions_per_year is None
    assert joined.partner.id not in offered(session, cast)
    check(session, cast, joined.partner)
    assert joined.partner.id in offered(session, cast)


def test_whoever_the_demos_company_invites_goes_with_the_demo(session: Session, cast: Cast) -> None:
    assert not join(session, cast).partner.demo
    cast.acme.demo = True
    assert join(session, cast, SCHOOL, invitation=invited(session, cast, "a@iroha.example")).partner.demo


def test_a_licence_that_is_known_leads_to_signing_in(session: Session, cast: Cast) -> None:
    taken = AGENCY.__class__(**AGENCY.__dict__ | {"license_number": cast.tsumugi.license_number})
    invitation = invited(session, cast)
    with pytest.raises(AlreadySignsIn):
        join(session, cast, taken, invitation=invitation)
    session.rollback()
    assert session.scalar(select(Partner.id).where(Partner.slug == "musubi")) is None
    assert invitations.load(session, invitation.id)


def test_whoever_signs_in_already_gets_a_partnership_and_no_second_login(session: Session, cast: Cast) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    invitation = invited(session, cast, "agnes@tsumugi.example")
    partnership = joining.accept(session, invitation, cast.tsumugi.id, user_id=cast.agnes.id, free_introductions=0)
    assert (partnership.partner_id, partnership.free_introductions_per_year) == (cast.tsumugi.id, 0)
    with scopes.partner(session, cast.tsumugi.id):
        assert session.scalars(select(User.email)).all() == ["agnes@tsumugi.example"]
    with pytest.raises(InvitationGone):
        joining.accept(session, invitation, cast.tsumugi.id, user_id=cast.agnes.id, free_introductions=0)


def test_short_names_come_from_the_mail_domain_and_are_numbered(session: Session, cast: Cast) -> None:
    first = join(session, cast, SCHOOL, invitation=invited(session, cast, "a@tsumugi.example"))
    second = join(session, cast, SCHOOL, invitation=invited(session, cast, "b@tsumugi.example"))
    assert (first.partner.slug, second.partner.slug) == ("tsumugi-2", "tsumugi-3")


def test_an_expired_licence_suspends_by_itself(session: Session, cast: Cast) -> None:
    partner = join(session, cast).partner
    check(session, cast, partner)
    with clock.at(clock.now() + timedelta(days=365 * 5)):
        assert partner.id not in offered(session, cast)
        with scopes.partner(session, partner.id):
            assert "許可の有効期限" in sharing.of_partner(session, partner.id).blocked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://musubi.example/a?b=c", "https://musubi.example/a?b=c"),
        ("ｈｔｔｐ：／／musubi.example", "http://musubi.example"),
        ("musubi.example", "https://musubi.example"),
    ],
)
def test_pages_are_kept_as_addresses_however_they_are_typed(typed: str, kept: str) -> None:
    assert read_link(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "javascript://musubi.example/%0aalert(1)",
        "https://",
        "ftp://a.example",
        "貴社",
        "https://a.example/ b",
        "https://u:p@a.example",
        "data:text/html,x",
        "http://[x",
    ],
)
def test_what_is_no_page_is_refused(typed: str) -> None:
    with pytest.raises(LinkUnreadable):
        read_link(typed)


def test_the_end_of_a_partnership_is_told_to_each_person_and_to_the_agents(session: Session, cast: Cast) -> None:
    partners.start_partnership(session, cast.other.id, cast.tsumugi.id)
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi, cast.manabi)
    register(session, mailed_link(session, cast.acme, "b@mail.example"), cast.tsumugi)
    register(session, mailed_link(session, cast.other, "b@mail.example"), cast.tsumugi)
    register(session, mailed_link(session, cast.acme, "c@mail.example"), cast.manabi)
    session.commit()
    with scopes.company(session, cast.acme.id):
        partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
        partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    told = mails(session, "partnership-ended")
    assert [(each.to_address, each.company_id) for each in told] == [("a@mail.example", None), ("b@mail.example", None)]
    [notice] = mails(session, "partnership-ended-notice")
    assert notice.to_address == "agnes@tsumugi.example"
    assert notice.values["codes"] == [the_profile(session, "a@mail.example").code], "b is seen through Other on"
    ended = select(Event).where(Event.tag == EventTag.PARTNERSHIP_ENDED.value)
    assert len(session.scalars(ended).all()) == 1
