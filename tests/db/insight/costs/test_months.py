"""Sums of months as they are typed, fees of hires, and what the pages of figures read of both."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.sensitive import SensitiveWords
from relay.insight.costs import baseline, months, targets
from relay.insight.costs.baseline import Baseline, BaselineRefused
from relay.insight.costs.months import ChannelTooLong, CostSum, MonthOutOfReach, NotHired, SumOutOfReach, YearSum
from relay.insight.costs.targets import FigureTarget, TargetRefused, UnknownFigure
from relay.models import Application, ApplicationResult, Cost, CostKind, Event, EventTag, scopes
from relay.rights import erasure
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
ADVERTISING, AGENCY_FEE = CostKind.ADVERTISING, CostKind.AGENCY_FEE


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def put(session: Session, cast: Cast, yen: int, month: date = OCTOBER, channel: str = "Indeed") -> Cost:
    return months.set_cost(session, cast.acme.id, month, ADVERTISING, channel, yen, by_user_id=cast.ada.id)


def hired(session: Session, cast: Cast, name: str = "髙橋 花子", on: date = OCTOBER) -> Application:
    person = make_candidate(session, cast.acme, name)
    values = {"status": ApplicationResult.HIRED, "decided_on": on, "channel": "紹介会社"}
    return make_application(session, person, make_position(session, cast.acme, name), **values)


def events(session: Session, cast: Cast, tag: EventTag) -> list[Event]:
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(Event).where(Event.tag == tag, Event.company_id == cast.acme.id)))


def test_typing_a_sum_again_corrects_it_and_the_same_sum_is_no_act(session: Session, cast: Cast) -> None:
    put(session, cast, 100)
    put(session, cast, 250, date(2026, 10, 31), " Ｉndeed\u3000")
    put(session, cast, 300)
    put(session, cast, 300)
    with scopes.company(session, cast.acme.id):
        assert [row.yen for row in months.by_month(session, OCTOBER, OCTOBER)] == [300]
    told = events(session, cast, EventTag.COST_SET)
    assert {tuple(sorted(event.data)) for event in told} == {("kind", "month")}
    assert len(told) == 3


def test_nothing_was_paid_is_a_sum_and_removing_is_not(session: Session, cast: Cast) -> None:
    put(session, cast, 0)
    with scopes.company(session, cast.acme.id):
        assert months.by_month(session, OCTOBER, OCTOBER) == [CostSum(OCTOBER, ADVERTISING, "Indeed", 0)]
        assert months.remove(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed")
        assert not months.remove(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed")
        assert months.by_month(session, OCTOBER, OCTOBER) == []


def test_what_cannot_be_a_cost_is_refused_by_name(session: Session, cast: Cast) -> None:
    with clock.at(datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("Asia/Tokyo"))):
        put(session, cast, 1, date(2027, 11, 30))
        for month in (date(1999, 12, 31), date(2027, 12, 1)):
            with pytest.raises(MonthOutOfReach):
                put(session, cast, 1, month)
    for yen in (-1, months.MAX_YEN + 1):
        with pytest.raises(SumOutOfReach):
            put(session, cast, yen)
    put(session, cast, months.MAX_YEN, channel="経" * months.MAX_CHANNEL)
    with pytest.raises(ChannelTooLong):
        put(session, cast, 1, channel="経" * (months.MAX_CHANNEL + 1))


def test_sums_are_grouped_by_month_and_over_a_year_with_fees_of_hires(session: Session, cast: Cast) -> None:
    put(session, cast, 100)
    put(session, cast, 20, NOVEMBER)
    put(session, cast, 3, NOVEMBER, "doda")
    months.set_cost(session, cast.acme.id, NOVEMBER, AGENCY_FEE, "紹介会社", 1_000, by_user_id=None)
    months.hire_fee(session, cast.acme.id, hired(session, cast, on=date(2026, 11, 9)).id, 500, by_user_id=None)
    with scopes.company(session, cast.acme.id):
        rows = months.by_month(session, OCTOBER, date(2026, 11, 2))
        assert [row.month for row in rows] == [OCTOBER, NOVEMBER, NOVEMBER, NOVEMBER]
        assert set(rows) == {
            CostSum(OCTOBER, ADVERTISING, "Indeed", 100),
            CostSum(NOVEMBER, ADVERTISING, "Indeed", 20),
            CostSum(NOVEMBER, ADVERTISING, "doda", 3),
            CostSum(NOVEMBER, AGENCY_FEE, "紹介会社", 1_500),
        }
        assert set(months.of_year(session, OCTOBER, NOVEMBER)) == {
            YearSum(ADVERTISING, "Indeed", 120),
            YearSum(ADVERTISING, "doda", 3),
            YearSum(AGENCY_FEE, "紹介会社", 1_500),
        }
        assert months.fees_of_hires(session, [OCTOBER, NOVEMBER]) == {NOVEMBER: 500}
        assert months.typed_of(session, NOVEMBER)[AGENCY_FEE, "紹介会社"] == 1_000


def test_a_fee_is_of_a_hire_and_of_one_sum(session: Session, cast: Cast) -> None:
    hire = hired(session, cast)
    for yen in (900, 1_000):
        months.hire_fee(session, cast.acme.id, hire.id, yen, by_user_id=cast.ada.id)
    months.hire_fee(session, cast.acme.id, hire.id, 1_000, month=NOVEMBER, by_user_id=cast.ada.id)
    with scopes.company(session, cast.acme.id):
        assert months.by_month(session, OCTOBER, NOVEMBER) == [CostSum(NOVEMBER, AGENCY_FEE, "紹介会社", 1_000)]
        open_one = make_application(session, make_candidate(session, cast.acme, "別の方"))
        with pytest.raises(NotHired):
            months.hire_fee(session, cast.acme.id, open_one.id, 1, by_user_id=None)
        months.hire_fee(session, cast.acme.id, hire.id, None, by_user_id=None)
        assert months.by_month(session, OCTOBER, NOVEMBER) == []


def test_hires_are_listed_with_their_fees_and_one_taken_back_apart(session: Session, cast: Cast) -> None:
    with clock.at(datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("Asia/Tokyo"))):
        paid, free = hired(session, cast, "一人目"), hired(session, cast, "二人目", NOVEMBER)
        hired(session, cast, "昔の方", date(2024, 11, 1))
        months.hire_fee(session, cast.acme.id, paid.id, 700, by_user_id=None)
        with scopes.company(session, cast.acme.id):
            rows = months.hires(session).rows
            assert [(row.application_id, row.name, row.yen) for row in rows] == [
                (free.id, "二人目", None),
                (paid.id, "一人目", 700),
            ]
            assert months.fees_without_hire(session) == []
            paid.status, paid.decided_on = ApplicationResult.OPEN, None
            session.flush()
            assert [row.yen for row in months.fees_without_hire(session)] == [700]
            assert [row.name for row in months.hires(session).rows] == ["二人目"]


def test_the_fee_of_an_erased_person_stays_as_a_sum_and_names_nobody(session: Session, cast: Cast) -> None:
    hire = hired(session, cast)
    months.hire_fee(session, cast.acme.id, hire.id, 1_050_000, by_user_id=cast.ada.id)
    session.commit()
    erasure.erase_candidates(session, cast.acme.id, [hire.candidate_id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        row = session.scalars(select(Cost)).one()
        assert (row.candidate_id, row.application_id, row.of_hire, row.yen) == (None, None, True, 1_050_000)
        assert months.by_month(session, OCTOBER, OCTOBER)[0].yen == 1_050_000
        assert not months.hires(session).rows


def test_two_erased_hires_of_one_month_and_a_typed_sum_stay_apart(session: Session, cast: Cast) -> None:
    for name in ("一人目", "二人目"):
        months.hire_fee(session, cast.acme.id, hired(session, cast, name).id, 10, by_user_id=None)
    months.set_cost(session, cast.acme.id, OCTOBER, AGENCY_FEE, "紹介会社", 5, by_user_id=None)
    session.commit()
    with scopes.company(session, cast.acme.id):
        people = list(session.scalars(select(Cost.candidate_id).where(Cost.of_hire)))
    erasure.erase_candidates(session, cast.acme.id, [each for each in people if each])
    with scopes.company(session, cast.acme.id):
        assert months.by_month(session, OCTOBER, OCTOBER) == [CostSum(OCTOBER, AGENCY_FEE, "紹介会社", 25)]


def test_another_company_sees_and_changes_nothing(session: Session, cast: Cast) -> None:
    hire = hired(session, cast)
    put(session, cast, 100)
    baseline.keep(session, cast.acme.id, Baseline(hires=3), by_user_id=None)
    targets.keep(session, cast.acme.id, "a", FigureTarget(action="x"), known=("a",), by_user_id=None)
    with scopes.company(session, cast.other.id):
        assert months.by_month(session, OCTOBER, OCTOBER) == []
        assert months.of_year(session, OCTOBER, OCTOBER) == []
        assert months.typed_of(session, OCTOBER) == {}
        assert not months.hires(session).rows
        with pytest.raises(NotHired):
            months.hire_fee(session, cast.other.id, hire.id, 1, by_user_id=None)
    assert not months.remove(session, cast.other.id, OCTOBER, ADVERTISING, "Indeed")
    months.set_cost(session, cast.other.id, OCTOBER, ADVERTISING, "Indeed", 7, by_user_id=None)
    assert baseline.get(session, cast.other.id) == Baseline()
    assert targets.get(session, cast.other.id) == {}
    with scopes.company(session, cast.acme.id):
        assert months.by_month(session, OCTOBER, OCTOBER)[0].yen == 100


def test_what_a_year_cost_is_known_number_by_number(session: Session, cast: Cast) -> None:
    acme = cast.acme.id
    assert baseline.get(session, acme) == Baseline()
    baseline.keep(session, acme, Baseline(2_000_000, None, 8), by_user_id=cast.adam.id)
    assert not baseline.get(session, acme).is_known
    assert baseline.get(session, acme).cost_per_hire is None
    said = Baseline(2_000_000, 4_000_003, 8, Decimal("32.5"))
    baseline.keep(session, acme, said, by_user_id=cast.adam.id)
    baseline.keep(session, acme, said, by_user_id=cast.adam.id)
    assert baseline.get(session, acme) == said
    assert said.cost_per_hire == 750_000
    assert Baseline(1, 0, 0).is_known
    assert Baseline(1, 0, 0).cost_per_hire is None
    assert [event.data["fields"] for event in events(session, cast, EventTag.BASELINE_SET)] == [
        ["advertising_yen", "hires"],
        ["agency_fee_yen", "fee_rate"],
    ]


def test_numbers_that_no_year_has_are_refused(session: Session, cast: Cast) -> None:
    for said in (
        Baseline(advertising_yen=-1),
        Baseline(agency_fee_yen=baseline.MAX_YEN + 1),
        Baseline(hires=-1),
        Baseline(fee_rate=Decimal("100.01")),
        Baseline(fee_rate=Decimal("35.001")),
    ):
        with pytest.raises(BaselineRefused):
            baseline.keep(session, cast.acme.id, said, by_user_id=None)
    assert baseline.get(session, cast.acme.id) == Baseline()


def test_a_target_is_a_number_and_a_line_of_a_figure_that_is_known(session: Session, cast: Cast) -> None:
    acme, known = cast.acme.id, ("cost-per-hire", "reapplied")
    with pytest.raises(UnknownFigure):
        targets.keep(session, acme, "made-up", FigureTarget(), known=known, by_user_id=None)
    for said in (FigureTarget(Decimal(-1)), FigureTarget(Decimal("1.001")), FigureTarget(action="あ" * 201)):
        with pytest.raises(TargetRefused):
            targets.keep(session, acme, "reapplied", said, known=known, by_user_id=None)
    with pytest.raises(SensitiveWords):
        targets.keep(
            session, acme, "reapplied", FigureTarget(action="前科のある方を除く"), known=known, by_user_id=None
        )
    assert targets.get(session, acme) == {}
    said = FigureTarget(Decimal("12.5"), "媒体を見直す")
    for _twice in range(2):
        targets.keep(session, acme, "reapplied", said, known=known, by_user_id=cast.ada.id)
    assert targets.get(session, acme) == {"reapplied": said}
    assert [event.data for event in events(session, cast, EventTag.KPI_TARGET_SET)] == [{"key": "reapplied"}]
    targets.keep(session, acme, "reapplied", FigureTarget(), known=known, by_user_id=cast.ada.id)
    assert targets.get(session, acme) == {"reapplied": FigureTarget()}
