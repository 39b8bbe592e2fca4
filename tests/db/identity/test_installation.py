"""Who runs the installation and the answer to the law (0.4): kept once, answered by one company, reminded each year."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation
from relay.identity.installation import Answer, AnswerRefused, NotOperator, Operator
from relay.models import Company, Event, EventTag, Installation
from tests.cast import make_company

NUMBER = "51-募-001733"
NOVEMBER = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def midori(session: Session) -> Company:
    return make_company(session, "midori", runs_installation=True)


def logged(session: Session) -> list[dict[str, object]]:
    return list(
        session.scalars(select(Event.data).where(Event.tag == EventTag.INSTALLATION_ANSWERED.value).order_by(Event.id))
    )


@pytest.mark.parametrize(
    "typed", [NUMBER, "５１－募－００１７３３", " 51‐募‐001733 ", "51ー募ー001733", "51 - 募 - 001733"]
)
def test_a_number_is_read_in_any_width_and_with_any_hyphen(app: object, typed: str) -> None:
    assert installation.read_number(typed) == NUMBER


@pytest.mark.parametrize(
    "typed", ["51-001733", "募-001733", "511-募-001733", "51-募-1733", "51-募-00173٣", "13-ユ-316864", "なし"]
)
def test_another_shape_is_refused_with_an_example(app: object, typed: str) -> None:
    with pytest.raises(AnswerRefused, match=NUMBER):
        installation.read_number(typed)


def test_nothing_is_answered_at_first(session: Session, midori: Company) -> None:
    assert installation.get(session) is None
    assert not installation.is_answered(session)


def test_a_number_answers(session: Session, midori: Company) -> None:
    installation.answer(session, midori, Answer(notification_number="５１－募－００１７３３"))
    assert installation.is_answered(session)
    assert logged(session) == [{"fields": ["notification_number"]}], "the log names fields, never their values"


def test_so_does_a_confirmation_with_its_day(session: Session, midori: Company) -> None:
    installation.answer(session, midori, Answer(waiver_with="長野労働局", waiver_on=clock.today()))
    row = installation.get(session)
    assert row is not None
    assert installation.is_answered(session)
    assert row.answered_at is not None


def test_saying_the_same_again_logs_nothing_and_taking_it_back_opens_the_question(
    session: Session, midori: Company
) -> None:
    for given in (Answer(NUMBER), Answer(NUMBER), Answer()):
        installation.answer(session, midori, given)
    assert not installation.is_answered(session)
    assert len(logged(session)) == 2


@pytest.mark.parametrize(
    "given",
    [
        Answer(waiver_with="長野労働局"),
        Answer(waiver_on=date(2026, 11, 1)),
        Answer(notification_number=NUMBER, waiver_with="長野労働局", waiver_on=date(2026, 11, 1)),
        Answer(waiver_with="長野労働局", waiver_on=date(2026, 11, 22)),
        Answer(waiver_with="長" * 201, waiver_on=date(2026, 11, 1)),
    ],
)
def test_half_an_answer_both_answers_and_a_day_to_come_are_refused(
    session: Session, midori: Company, given: Answer
) -> None:
    with clock.at(NOVEMBER), pytest.raises(AnswerRefused):
        installation.answer(session, midori, given)
    assert installation.get(session) is None


def test_another_company_answers_for_nobody(session: Session, midori: Company) -> None:
    other = make_company(session, "other")
    with pytest.raises(NotOperator):
        installation.answer(session, other, Answer(NUMBER))
    with pytest.raises(NotOperator):
        installation.describe(session, other, Operator("株式会社other"))
    with pytest.raises(NotOperator):
        installation.report_filed(session, other, 2026)
    assert installation.get(session) is None


def test_there_is_one_row_whoever_writes(session: Session, midori: Company) -> None:
    installation.describe(session, midori, Operator("株式会社みどり工業", "長野県岡谷市1-2-3", "0266-00-0000"))
    installation.answer(session, midori, Answer(NUMBER))
    assert session.scalars(select(func.count()).select_from(Installation)).one() == 1
    row = installation.get(session)
    assert row is not None
    assert (row.operator_name, row.notification_number) == ("株式会社みどり工業", NUMBER)


@pytest.mark.parametrize(
    ("day", "days_left"),
    [((5, 31), None), ((6, 1), 91), ((8, 30), 1), ((8, 31), 0), ((9, 1), 0), ((12, 31), 0)],
)
def test_the_yearly_report_is_named_from_june_on(
    session: Session, midori: Company, day: tuple[int, int], days_left: int | None
) -> None:
    with clock.at(NOVEMBER):
        installation.answer(session, midori, Answer(NUMBER))
    with clock.at(datetime(2027, *day, 3, tzinfo=UTC)):
        found = installation.reminders(session, midori.id)
    assert [each.days_left for each in found] == ([] if days_left is None else [days_left])
    assert all(each.due == date(2027, 8, 31) for each in found)


def test_once_handed_in_it_rests_until_the_next_year(session: Session, midori: Company) -> None:
    with clock.at(NOVEMBER):
        installation.answer(session, midori, Answer(NUMBER))
        assert installation.reminders(session, midori.id) == [], "answered after this year's report was due"
    installation.report_filed(session, midori, 2027)
    with clock.at(datetime(2027, 8, 1, tzinfo=UTC)):
        assert installation.reminders(session, midori.id) == []
    with clock.at(datetime(2028, 8, 1, tzinfo=UTC)):
        assert len(installation.reminders(session, midori.id)) == 1


def test_nobody_is_reminded_without_a_number_or_at_another_company(session: Session, midori: Company) -> None:
    other = make_company(session, "other")
    with clock.at(datetime(2027, 8, 1, tzinfo=UTC)):
        installation.answer(session, midori, Answer(waiver_with="長野労働局", waiver_on=date(2026, 11, 20)))
        assert installation.reminders(session, midori.id) == []
        installation.answer(session, midori, Answer(NUMBER))
        assert installation.reminders(session, other.id) == []
