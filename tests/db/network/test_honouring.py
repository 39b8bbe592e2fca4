"""Free introductions are honoured by agencies that said so, whose fee table allows it, while licence and tie stand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.models import (
    CreditKind,
    DeclineReason,
    Event,
    EventTag,
    GuaranteeKind,
    IntroductionRequest,
    IntroductionState,
    MeetingForm,
    Partner,
    Partnership,
    RequestEnd,
    event_data,
    scopes,
)
from relay.models.introductions import SPENT
from relay.network import credits, honouring, partner_options, partners
from relay.network.honouring import CreditYear, FeeTableUnconfirmed, SchoolsHonourNone
from tests.cast import Cast, make_partner, make_partnership, make_position
from tests.db.network.build import promised


def honoured_of(session: Session, company_id: int, partner_id: int) -> int:
    """How many credits of the company the partner takes a year; 0 where it takes none now."""
    taking = {each.partner_id: each.year.per_year for each in honouring.agencies(session, company_id)}
    return taking.get(partner_id, 0)


def honoured(session: Session, cast: Cast) -> int:
    return honoured_of(session, cast.acme.id, cast.tsumugi.id)


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
    assert honoured_of(session, cast.other.id, cast.tsumugi.id) == 0, "it is a promise to one company"


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
    assert honoured_of(session, cast.acme.id, cast.manabi.id) == 0, "not even where a row says so"


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


ENDS = {
    IntroductionState.LAPSED: RequestEnd.PARTNER_SILENT,
    IntroductionState.CANCELLED: RequestEnd.CANCELLED,
    IntroductionState.DECLINED: RequestEnd.DECLINED,
    IntroductionState.FAILED: RequestEnd.COMPANY_FAULT,
}
NEW_YEARS_DAY = datetime(2027, 1, 1, 3, tzinfo=UTC)


def stored(
    session: Session, cast: Cast, state: IntroductionState, *, partner: Partner | None = None, restored: bool = False
) -> None:
    """A request in this state with the lines of the ledger that belong to it."""
    position = make_position(session, cast.acme, f"求人{state}{restored}{clock.now():%f}")
    company_id = cast.acme.id
    with scopes.company(session, company_id):
        credits.append_entry(session, company_id, CreditKind.EARNED)
        reserved = credits.reserve(session, company_id, "test")
        spent = credits.spend(session, company_id, reserved.id, "test") if state in SPENT else None
        back = credits.restore(session, company_id, spent.id, "test") if spent and restored else None
        over = state in ENDS or state in SPENT[1:]
        session.add(
            IntroductionRequest(
                partner_id=(partner or cast.tsumugi).id,
                position_id=position.id,
                title=position.title,
                posting=[],
                guarantee=GuaranteeKind.CASUAL,
                meets_with="採用担当者",
                minutes=30,
                form=MeetingForm.ONLINE,
                reservation_id=reserved.id,
                spent_id=spent.id if spent else None,
                restored_id=back.id if back else None,
                state=state,
                due_on=None if over else clock.today(),
                made_at=clock.now(),
                ended_at=clock.now() if over else None,
                end_reason=RequestEnd.NO_FAULT if restored else ENDS.get(state),
                declined_for=DeclineReason.NOBODY_FITS if state is IntroductionState.DECLINED else None,
            )
        )
        session.flush()


def test_both_sides_read_what_is_owed_given_and_refused_in_the_year(session: Session, cast: Cast) -> None:
    """A credit that came back can be used again: declined, lapsed, cancelled, and an interview that failed for it."""
    promised(session, cast, 9)
    for state in IntroductionState:
        stored(session, cast, state)
    stored(session, cast, IntroductionState.FAILED, restored=True)
    elsewhere = make_partner(session, "elsewhere")
    make_partnership(session, cast.acme, elsewhere)
    stored(session, cast, IntroductionState.OPEN, partner=elsewhere)
    session.commit()

    [companys] = honouring.agencies(session, cast.acme.id)
    assert (companys.partner_id, companys.name, companys.allowed_on) == (
        cast.tsumugi.id,
        cast.tsumugi.name,
        clock.today(),
    )
    assert companys.year == CreditYear(per_year=9, owed=3, given=3, refused=1, taken=7)
    assert companys.year.left == 2
    both = honouring.years_with(session, cast.tsumugi.id, [cast.acme.id, cast.other.id])
    assert both == {cast.acme.id: companys.year, cast.other.id: CreditYear(0)}
    assert honouring.years_with(session, elsewhere.id, [cast.acme.id]) == {
        cast.acme.id: CreditYear(per_year=0, owed=1, taken=1)
    }
    assert honouring.years_with(session, cast.tsumugi.id, []) == {}
    assert honouring.agencies(session, cast.other.id) == []


def test_a_new_year_begins_with_the_whole_number_and_what_is_still_owed(session: Session, cast: Cast) -> None:
    """The last second of December in Japan belongs to the old year."""
    with clock.at(datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC)):
        promised(session, cast, 2)
        stored(session, cast, IntroductionState.OFFERED)
        stored(session, cast, IntroductionState.HELD)
        assert [each.year.left for each in honouring.agencies(session, cast.acme.id)] == [0]
    with clock.at(NEW_YEARS_DAY):
        [agency] = honouring.agencies(session, cast.acme.id)
        assert agency.year == CreditYear(per_year=2, owed=1)
        assert agency.year.left == 2


def test_fewer_than_were_asked_for_leaves_none(session: Session, cast: Cast) -> None:
    promised(session, cast, 2)
    stored(session, cast, IntroductionState.OPEN)
    stored(session, cast, IntroductionState.ACCEPTED)
    promised(session, cast, 1)
    assert [each.year.left for each in honouring.agencies(session, cast.acme.id)] == [0]
