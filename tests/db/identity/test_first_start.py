"""The first start: an address for one company, once, for a day."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import first_start
from relay.identity.first_start import AlreadyBegun
from relay.mail import tokens
from relay.models import TokenPurpose
from tests.cast import make_company


def opens(session: Session, address: str) -> bool:
    return tokens.find(session, address.rpartition("/")[2], TokenPurpose.SETUP) is not None


def test_an_address_is_good_for_a_day(session: Session) -> None:
    address = first_start.address(session)
    assert "/setup/" in address
    assert opens(session, address)
    with clock.at(clock.now() + timedelta(hours=24, seconds=1)):
        assert not opens(session, address)


def test_an_earlier_address_stays_good_beside_a_new_one(session: Session) -> None:
    """The web server prints one at each start; the one in somebody's hand must not die of a restart."""
    first, second = first_start.address(session), first_start.address(session)
    assert opens(session, first)
    assert opens(session, second)


def test_whoever_finishes_first_closes_it_for_everybody(session: Session) -> None:
    first, second = first_start.address(session), first_start.address(session)
    first_start.close(session)
    assert not opens(session, first)
    assert not opens(session, second)
    with pytest.raises(AlreadyBegun):
        first_start.close(session)


def test_it_is_over_once_a_company_is_there(session: Session) -> None:
    address = first_start.address(session)
    make_company(session, "midori")
    with pytest.raises(AlreadyBegun, match="relay user password"):
        first_start.address(session)
    assert opens(session, address)
    with pytest.raises(AlreadyBegun):
        first_start.close(session)


def test_the_demo_does_not_count(session: Session) -> None:
    make_company(session, "hinata", demo=True)
    assert first_start.is_ahead(session)
    assert opens(session, first_start.address(session))
