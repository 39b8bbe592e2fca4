"""A file of costs: looked at, applied whole or not at all, the same twice for nothing, taken back by one act."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.insight.costs import files, months
from relay.insight.costs.files import CostPlan, CostReading, CostsChangedSince, FileAnswers, FileProblems, Unanswered
from relay.insight.costs.months import SumOutOfReach
from relay.intake.reading.refusals import FileRefused
from relay.models import (
    ApplicationResult,
    Cost,
    CostFile,
    CostFileState,
    CostKind,
    Event,
    EventTag,
    scopes,
)
from tests.cast import Cast, make_application, make_candidate, make_cast

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
ADVERTISING, AGENCY_FEE = CostKind.ADVERTISING, CostKind.AGENCY_FEE
PLAIN = '月,経路,費目,金額\n2026-10,Indeed,求人広告,"1,200円"\n2026年11月,,紹介手数料,12万円\n合計,,,"121,200"\n'
Sums = dict[tuple[date, CostKind, str], int]


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def come(session: Session, cast: Cast) -> Callable[..., CostFile]:
    """A file that Ada brings to Acme."""

    def bring(content: str | bytes, **said: str) -> CostFile:
        with TemporaryFile() as sent:
            sent.write(content if isinstance(content, bytes) else content.encode())
            sent.flush()
            return files.receive(session, cast.acme.id, sent, by_user_id=cast.ada.id, **said)

    return bring


def planned(session: Session, row: CostFile, answers: FileAnswers | None = None) -> CostPlan:
    with scopes.company(session, row.company_id):
        found = files.plan(session, row, answers or FileAnswers())
    assert found is not None
    return found


def applied(session: Session, row: CostFile, answers: FileAnswers | None = None) -> bool:
    with scopes.company(session, row.company_id):
        done = files.apply(session, row, answers or FileAnswers(), by_user_id=row.by_user_id)
    session.commit()
    return done


def taken_back(session: Session, row: CostFile) -> bool:
    with scopes.company(session, row.company_id):
        return files.take_back(session, row, by_user_id=row.by_user_id)


def sums(session: Session, cast: Cast) -> Sums:
    with scopes.company(session, cast.acme.id):
        rows = months.by_month(session, date(2000, 1, 1), date(2100, 1, 1))
    return {(row.month, row.kind, row.channel): row.yen for row in rows}


def test_a_file_is_looked_at_and_then_applied_as_a_whole(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    row = come(PLAIN)
    plan = planned(session, row)
    assert [(each.key, each.rows, each.yen, each.before) for each in plan.costs] == [
        ((OCTOBER, ADVERTISING, "Indeed"), (2,), 1_200, None),
        ((NOVEMBER, AGENCY_FEE, ""), (3,), 120_000, None),
    ]
    assert [note.row for note in CostReading(row.reading).notes] == [4]
    assert sums(session, cast) == {}, "a look changes nothing"
    assert applied(session, row)
    assert not applied(session, row), "pressed twice"
    assert sums(session, cast) == {(OCTOBER, ADVERTISING, "Indeed"): 1_200, (NOVEMBER, AGENCY_FEE, ""): 120_000}
    assert (row.state, row.added, row.changed, row.reading) == (CostFileState.APPLIED, 2, 0, {})
    with scopes.everyone(session, "test"):
        told = session.scalars(select(Event).where(Event.tag == EventTag.COST_FILE_APPLIED)).one()
    assert told.data == {"added": 2, "changed": 0}


def test_the_same_file_again_changes_nothing(session: Session, cast: Cast, come: Callable[..., CostFile]) -> None:
    applied(session, come(PLAIN))
    before = sums(session, cast)
    again = come(PLAIN)
    plan = planned(session, again)
    assert (plan.added, plan.changed) == (0, 0)
    assert applied(session, again)
    assert sums(session, cast) == before
    assert again.changes == []


def test_two_files_never_add_up_and_the_second_says_what_it_takes_the_place_of(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    applied(session, come(PLAIN))
    second = come("月,経路,費目,金額\n2026-10,Indeed,求人広告,900\n2026-10,Indeed,求人広告,600\n")
    [each] = planned(session, second).costs
    assert (each.rows, each.before, each.yen) == ((2, 3), 1_200, 1_500)
    applied(session, second)
    assert sums(session, cast)[OCTOBER, ADVERTISING, "Indeed"] == 1_500
    assert taken_back(session, second)
    assert sums(session, cast)[OCTOBER, ADVERTISING, "Indeed"] == 1_200


def test_taking_back_puts_every_sum_as_it_was(session: Session, cast: Cast, come: Callable[..., CostFile]) -> None:
    months.set_cost(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed", 5, by_user_id=None)
    before = sums(session, cast)
    row = come(PLAIN)
    applied(session, row)
    assert taken_back(session, row)
    assert not taken_back(session, row), "pressed twice"
    assert sums(session, cast) == before
    assert row.state is CostFileState.UNDONE


@pytest.mark.parametrize("typed", [7, None])
def test_a_sum_that_changed_since_keeps_the_file_in_and_is_named(
    session: Session, cast: Cast, come: Callable[..., CostFile], typed: int | None
) -> None:
    row = come(PLAIN)
    applied(session, row)
    if typed is None:
        months.remove(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed")
    else:
        months.set_cost(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed", typed, by_user_id=None)
    before = sums(session, cast)
    with pytest.raises(CostsChangedSince) as refused:
        taken_back(session, row)
    assert "2026年10月のIndeed（求人広告・媒体）" in str(refused.value)
    assert "2026年11月" not in str(refused.value)
    assert sums(session, cast) == before


def test_problems_are_named_by_row_and_column_and_nothing_is_kept(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    content = "月,経路,費目,金額\n10月,Indeed,求人広告,100\n2026-10,Indeed,求人広告,▲500\n2026-10,doda,求人広告,未定\n"
    with pytest.raises(FileProblems) as refused:
        come(content + "2031-01,doda,求人広告,1\n,doda,求人広告,1\n2026-10,doda,求人広告,300\n")
    told = {(each.row, each.column): each.message for each in refused.value.problems}
    assert refused.value.count == len(told) == 5
    assert "年がありません" in told[2, "月"]
    assert "0円より小さい" in told[3, "金額"]
    assert "金額として読めません" in told[4, "金額"]
    assert "1年先の月まで" in told[5, ""]
    assert "空欄" in told[6, "月"]
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(CostFile)).all() == []


def test_which_column_of_sums_is_asked_and_never_guessed(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    row = come("対象月,媒体,費目,税抜金額,消費税,税込金額,メモ\n2026/10,Indeed,媒体費,100,10,110,山田\n")
    reading = CostReading(row.reading)
    assert list(reading.amounts) == ["税抜金額", "税込金額"]
    assert reading.dropped == ["消費税", "メモ"]
    assert "山田" not in str(row.reading), "a column that was not read leaves nothing"
    with scopes.company(session, cast.acme.id):
        assert files.plan(session, row, FileAnswers()) is None
        assert files.plan(session, row, FileAnswers(amount=2)) is None
        with pytest.raises(Unanswered):
            files.apply(session, row, FileAnswers(), by_user_id=None)
    assert sums(session, cast) == {}
    applied(session, row, FileAnswers(amount=1))
    assert sums(session, cast) == {(OCTOBER, ADVERTISING, "Indeed"): 110}


def test_the_kind_of_a_strange_word_is_asked_and_proposed_by_what_was_said_before(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    content = "月,Indeed,リクナビ,紹介手数料\n2026-10,100,200,300\n"
    row = come(content)
    assert CostReading(row.reading).strange == ["Indeed", "リクナビ"]
    kinds = {"Indeed": ADVERTISING, "リクナビ": CostKind.OTHER}
    with scopes.company(session, cast.acme.id):
        assert files.plan(session, row, FileAnswers(kinds={"Indeed": ADVERTISING})) is None
    applied(session, row, FileAnswers(kinds=kinds))
    assert sums(session, cast) == {
        (OCTOBER, ADVERTISING, "Indeed"): 100,
        (OCTOBER, CostKind.OTHER, "リクナビ"): 200,
        (OCTOBER, AGENCY_FEE, ""): 300,
    }
    months.set_cost(session, cast.acme.id, OCTOBER, AGENCY_FEE, "リクナビ", 1, by_user_id=None)
    with scopes.company(session, cast.acme.id):
        assert files.usual_kinds(session, ["Indeed", "リクナビ", "doda"]) == {"Indeed": ADVERTISING}


def test_a_channel_is_written_as_the_company_writes_it(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    months.set_cost(session, cast.acme.id, NOVEMBER, ADVERTISING, "Indeed", 1, by_user_id=None)
    make_application(session, make_candidate(session, cast.acme), channel="リクナビNEXT")
    applied(
        session, come("月,経路,費目,金額\n2026-10,ＩＮＤＥＥＤ,広告,5\n2026-10,ﾘｸﾅﾋﾞnext,広告,6\n2026-10,Ｘ社,広告,7\n")
    )
    assert {channel for month, _kind, channel in sums(session, cast) if month == OCTOBER} == {
        "Indeed",
        "リクナビNEXT",
        "X社",
    }


def test_fees_that_were_typed_hire_by_hire_are_pointed_at(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    person = make_candidate(session, cast.acme)
    hire = make_application(session, person, status=ApplicationResult.HIRED, decided_on=NOVEMBER)
    months.hire_fee(session, cast.acme.id, hire.id, 120_000, by_user_id=None)
    row = come(PLAIN)
    assert planned(session, row).typed_by_hire == {NOVEMBER: 120_000}
    applied(session, row)
    taken_back(session, row)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Cost.yen).where(Cost.of_hire)).one() == 120_000, "no file touches a fee of a hire"


def test_rows_that_add_up_to_more_than_a_month_may_cost_are_refused(
    session: Session, come: Callable[..., CostFile]
) -> None:
    row = come("月,経路,費目,金額\n" + f"2026-10,Indeed,広告,{months.MAX_YEN}\n" * 2)
    with pytest.raises(SumOutOfReach):
        planned(session, row)


def test_what_is_no_table_of_costs_is_refused_and_nothing_is_kept(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    for content in (
        b"",
        b"%PDF-1.7",
        b"\xff\xfe\x00",
        "氏名,電話\n山田,090".encode(),
        b"PK\x03\x04broken",
        b"\x00" * 9,
    ):
        with pytest.raises(FileRefused):
            come(content)
    with pytest.raises(FileRefused, match="4MB"):
        come("月,金額\n" + "," * (files.MAX_BYTES + 1))
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(CostFile)).all() == []


def test_few_files_wait_and_none_for_longer_than_a_day(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    begun = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    with clock.at(begun):
        kept = come(PLAIN)
        applied(session, kept)
        rows = [come(PLAIN).id for _each in range(files.MAX_WAITING + 1)]
    with scopes.company(session, cast.acme.id):
        waiting = select(CostFile.id).where(CostFile.state == CostFileState.PREVIEWED).order_by(CostFile.id)
        assert list(session.scalars(waiting)) == rows[1:]
        with clock.at(begun + timedelta(days=1)):
            assert [each.id for each in files.listed(session)] == [kept.id]
            newest = come(PLAIN)
            assert list(session.scalars(waiting)) == [newest.id]
        assert files.discard(session, newest)
        assert not files.discard(session, kept)
        assert files.find(session, newest.id) is None


def test_a_file_is_seen_and_applied_by_its_company_alone(
    session: Session, cast: Cast, come: Callable[..., CostFile]
) -> None:
    row = come(PLAIN)
    with scopes.company(session, cast.other.id):
        assert files.find(session, row.id) is None
        assert files.listed(session) == []
        assert not files.apply(session, row, FileAnswers(), by_user_id=None)
        assert not files.discard(session, row)
    assert sums(session, cast) == {}
