"""The first start: an address for one company, once, for a day."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.identity import first_start
from relay.identity.first_start import AlreadyBegun
from relay.mail import tokens
from relay.models import Company, TokenPurpose
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


def test_of_two_who_finish_at_the_same_moment_one_opens_the_company(app: Flask, session: Session) -> None:
    for _who in range(2):
        first_start.address(session)
    session.commit()
    ready = Barrier(2)

    def finish(slug: str) -> bool:
        with app.app_context():
            ready.wait(30)
            try:
                first_start.close(db.session())
                make_company(db.session(), slug)
                db.session.commit()
            except AlreadyBegun:
                return False
            finally:
                db.session.remove()
        return True

    with ThreadPoolExecutor(2) as pool:
        opened = [done.result(60) for done in [pool.submit(finish, slug) for slug in ("midori", "eve")]]
    assert sorted(opened) == [False, True]
    assert len(session.scalars(select(Company.id)).all()) == 1
