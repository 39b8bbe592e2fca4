"""Partners: licences as typed, what is needed before candidates are shown one, and partnerships with companies."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Partner, PartnerKind
from relay.network import partners
from relay.network.partners import LicenceTaken, LicenceUnreadable, SlugTaken
from tests.cast import Cast


def names(session: Session, cast: Cast) -> list[str]:
    return [card.name for card in partners.active_partners(session, cast.acme.id)]


def an_agency(session: Session, **values: object) -> Partner:
    given = {
        "slug": "musubi",
        "kind": PartnerKind.AGENCY,
        "name": "むすび株式会社",
        "address": "東京都",
        "representative": "結城 はな",
        "license_number": "13-ユ-316864",
        "checked_by": "operator",
    }
    return partners.create_partner(session, **given | values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed", ["13-ユ-316864", "１３－ユ－３１６８６４", "13‐ﾕ‐316864", " 13 ー ユ ー 316864 ", "13−ユ−316864"]
)
def test_a_licence_number_is_read_however_it_is_typed(typed: str) -> None:
    assert partners.read_licence(typed) == "13-ユ-316864"


@pytest.mark.parametrize(
    "typed", ["", "13-316864", "48-ユ-316864", "00-ユ-316864", "13-ヨ-316864", "13-ユ-31686", "13-ユ-31686٤"]
)
def test_what_is_no_licence_number_is_refused(typed: str) -> None:
    with pytest.raises(LicenceUnreadable):
        partners.read_licence(typed)


def test_an_agency_needs_a_licence_and_a_school_does_not(session: Session, cast: Cast) -> None:
    with pytest.raises(LicenceUnreadable):
        an_agency(session, license_number="")
    assert an_agency(session, kind=PartnerKind.SCHOOL, license_number="").license_number is None


def test_slug_and_licence_are_taken_once(session: Session, cast: Cast) -> None:
    agency = an_agency(session)
    with pytest.raises(SlugTaken):
        an_agency(session, license_number="14-ユ-302439")
    with pytest.raises(LicenceTaken):
        an_agency(session, slug="other-slug")
    partners.change_partner(session, agency, license_number="13-ユ-316864", contact="03-1111-2222")
    assert agency.contact == "03-1111-2222"


def test_candidates_are_shown_a_partner_only_with_everything_the_law_wants(session: Session, cast: Cast) -> None:
    agency = an_agency(session, address="", checked_by="")
    partners.start_partnership(session, cast.acme.id, agency.id)
    assert partners.missing(agency) == ["住所", "許可の確認"]
    assert agency.name not in names(session, cast)
    partners.change_partner(session, agency, address="東京都千代田区1-1", checked_by="operator")
    assert partners.missing(agency) == []
    assert agency.name in names(session, cast)
    partners.change_partner(session, agency, country="US")
    assert agency.name not in names(session, cast)


def test_an_expired_licence_takes_the_partner_off_the_page_that_day(session: Session, cast: Cast) -> None:
    cast.tsumugi.license_until = clock.today()
    assert cast.tsumugi.name in names(session, cast)
    with clock.at(clock.now() + timedelta(days=1)):
        assert cast.tsumugi.name not in names(session, cast)
        assert cast.manabi.name in names(session, cast)


def test_a_partnership_is_made_once_and_may_be_made_anew(session: Session, cast: Cast) -> None:
    first = partners.start_partnership(session, cast.other.id, cast.tsumugi.id, free_introductions_per_year=2)
    assert partners.start_partnership(session, cast.other.id, cast.tsumugi.id).id == first.id
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    assert partners.active_partners(session, cast.other.id) == []
    assert partners.start_partnership(session, cast.other.id, cast.tsumugi.id).id != first.id
    assert [card.id for card in partners.active_partners(session, cast.other.id)] == [cast.tsumugi.id]
