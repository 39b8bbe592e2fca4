"""Free introductions are honoured by agencies that said so, whose fee table allows it, while licence and tie stand."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Event, EventTag, Partnership, event_data, scopes
from relay.network import honouring, partner_options, partners
from relay.network.honouring import FeeTableUnconfirmed, SchoolsHonourNone
from tests.cast import Cast, make_partnership
from tests.db.network.build import promised


def honoured(session: Session, cast: Cast) -> int:
    return honouring.honoured_per_year(session, cast.acme.id, cast.tsumugi.id)


def the_partnership(session: Session, cast: Cast) -> Partnership:
    with scopes.company(session, cast.acme.id):
        found = select(Partnership).where(Partnership.partner_id == cast.tsumugi.id)
        return session.scalars(found.execution_options(populate_existing=True)).one()


def test_a_promise_holds_with_its_day_and_its_person(session: Session, cast: Cast) -> None:
    assert honoured(session, cast) == 0
    promised(session, cast, 3)
    session.commit()
    assert honoured(session, cast) == 3
    kept = the_partnership(session, cast)
    assert (kept.fee_table_allows_on, kept.fee_table_allows_by_user_id) == (clock.today(), cast.agnes.id)
    with scopes.company(session, cast.acme.id):
        event = session.scalars(select(Event).where(Event.tag == EventTag.INTRODUCTIONS_PROMISED)).one()
    assert event_data.IntroductionsPromised.read(event.data) == event_data.IntroductionsPromised(per_year=3)
    assert honouring.honoured_per_year(session, cast.other.id, cast.tsumugi.id) == 0, "it is a promise to one company"


def test_none_at_all_takes_the_word_on_the_fee_table_back(session: Session, cast: Cast) -> None:
    promised(session, cast, 3)
    promised(session, cast, 0)
    kept = the_partnership(session, cast)
    assert (kept.free_introductions_per_year, kept.fee_table_allows_on, kept.fee_table_allows_by_user_id) == (
        0,
        None,
        None,
    )
    assert honoured(session, cast) == 0


def test_a_number_without_that_word_is_honoured_by_nobody(session: Session, cast: Cast) -> None:
    """What an agency said while joining, and in versions before, waits for its lead (B-18)."""
    the_partnership(session, cast).free_introductions_per_year = 5
    session.commit()
    assert honoured(session, cast) == 0
    with pytest.raises(FeeTableUnconfirmed):
        honouring.promise(session, cast.acme.id, cast.tsumugi.id, 5, fee_table_allows=False, by_user_id=cast.agnes.id)
    assert honoured(session, cast) == 0


def test_the_database_keeps_no_word_for_no_introduction(session: Session, cast: Cast) -> None:
    kept = the_partnership(session, cast)
    kept.fee_table_allows_on, kept.free_introductions_per_year = clock.today(), 0
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_a_school_honours_none(session: Session, cast: Cast) -> None:
    with pytest.raises(SchoolsHonourNone):
        honouring.promise(session, cast.acme.id, cast.manabi.id, 1, fee_table_allows=True, by_user_id=cast.sho.id)
    with scopes.company(session, cast.acme.id):
        session.execute(
            update(Partnership)
            .where(Partnership.partner_id == cast.manabi.id)
            .values(free_introductions_per_year=1, fee_table_allows_on=clock.today())
        )
    assert honouring.honoured_per_year(session, cast.acme.id, cast.manabi.id) == 0, "not even where a row says so"


@pytest.mark.parametrize("case", ["licence", "suspended", "look-up", "never-looked-up", "ended"])
def test_it_holds_while_licence_look_up_and_partnership_do(session: Session, cast: Cast, case: str) -> None:
    """What closes a partner to candidates closes its promise, and the consent page says so with the same word."""
    promised(session, cast)
    session.commit()
    assert partner_options.sharing_company(session, cast.acme.id).credits_honoured
    yesterday = clock.today() - timedelta(days=1)
    if case == "licence":
        cast.tsumugi.license_until = yesterday
    elif case == "suspended":
        cast.tsumugi.suspended_at = clock.now()
    elif case == "look-up":
        the_partnership(session, cast).look_up_by = yesterday
    elif case == "never-looked-up":
        cast.tsumugi.checked_on = None
    else:
        partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    session.commit()
    assert honoured(session, cast) == 0
    assert not partner_options.sharing_company(session, cast.acme.id).credits_honoured


def test_a_new_partnership_after_an_ended_one_promises_nothing(session: Session, cast: Cast) -> None:
    promised(session, cast)
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    with pytest.raises(partners.PartnershipGone):
        promised(session, cast)
    make_partnership(session, cast.acme, cast.tsumugi)
    assert honoured(session, cast) == 0
