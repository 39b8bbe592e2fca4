"""A person's id is not an application's: one person, as many applications as they made, in whatever file they stand."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Application, ApplicationResult, Candidate, Company, Position, SourceRecord, scopes
from tests.cast import make_cast
from tests.db.intake.bringing import bring, sheet

GREENHOUSE = (
    "Candidate ID,Application ID,First Name,Last Name,Email,Job,Stage,Status,Rejection Reason,Applied On\n"
    "5001,7001,Hanako,Mori,gh1@mail.example,Sales,Application Review,Rejected,Lacks skills,2026-10-01\n"
    "5001,7009,Hanako,Mori,gh1@mail.example,Support,Face to Face,Active,,2026-10-20\n"
)
HRMOS = (
    "応募者ID,応募ID,求人ID,選考ポジション名,氏名,メールアドレス,選考ステータス,応募日\n"
    "P-1,A-1,J1,営業,応募 二子,ob2@mail.example,不合格,2026/10/01\n"
    "P-1,A-2,J2,経理,応募 二子,ob2@mail.example,選考中,2026/10/20\n"
)
OCTOBER = {
    "候補者ID": "9100",
    "候補者名": "月 替子",
    "メールアドレス": "tsuki@mail.example",
    "求人タイトル": "店長",
    "応募媒体": "Indeed",
    "選考ステップ": "書類選考",
    "選考状況": "不採用",
    "応募日": "2026-10-01",
    "不採用日": "2026-10-05",
}
NOVEMBER = OCTOBER | {
    "求人タイトル": "調理",
    "選考ステップ": "一次面接",
    "選考状況": "選考中",
    "応募日": "2026-11-20",
    "不採用日": "",
}


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    company = make_cast(session).acme
    with clock.at(datetime(2026, 11, 21, 3, tzinfo=UTC)), scopes.company(session, company.id):
        yield company


def turned(text: str, order: list[int]) -> bytes:
    """The table with its columns in another order."""
    out = io.StringIO()
    csv.writer(out).writerows([row[place] for place in order] for row in csv.reader(io.StringIO(text)))
    return out.getvalue().encode()


def people(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Candidate)) or 0


def applications(session: Session) -> dict[str, ApplicationResult]:
    rows = select(Position.title, Application.status).join(Position, Position.id == Application.position_id)
    return dict(session.execute(rows).all())


@pytest.mark.parametrize("text", [GREENHOUSE, HRMOS], ids=["greenhouse", "hrmos"])
@pytest.mark.parametrize("person_first", [True, False], ids=["the person's id first", "the application's id first"])
def test_one_person_and_two_applications_whatever_the_order_of_columns(
    session: Session, acme: Company, text: str, person_first: bool
) -> None:
    width = text.split("\n", 1)[0].count(",") + 1
    order = list(range(width)) if person_first else [1, 0, *range(2, width)]
    report = bring(session, acme, turned(text, order))
    assert (report.created, people(session)) == (1, 1)
    assert sorted(applications(session).values()) == [ApplicationResult.OPEN, ApplicationResult.REJECTED]
    other = [*reversed(range(width))]
    assert bring(session, acme, turned(text, other)).updated == 0
    assert len(applications(session)) == 2


def test_the_next_months_application_leaves_the_last_ones_rejection_alone(session: Session, acme: Company) -> None:
    bring(session, acme, sheet([OCTOBER]))
    bring(session, acme, sheet([NOVEMBER]))
    assert people(session) == 1
    assert applications(session) == {"店長": ApplicationResult.REJECTED, "調理": ApplicationResult.OPEN}
    assert bring(session, acme, sheet([NOVEMBER])).updated == 0
    assert bring(session, acme, sheet([OCTOBER])).updated == 0


def test_both_in_one_file_too(session: Session, acme: Company) -> None:
    bring(session, acme, sheet([OCTOBER, NOVEMBER]))
    assert (people(session), applications(session)) == (
        1,
        {"店長": ApplicationResult.REJECTED, "調理": ApplicationResult.OPEN},
    )


def test_the_id_finds_a_person_whose_address_and_name_changed(session: Session, acme: Company) -> None:
    bring(session, acme, sheet([OCTOBER]))
    bring(session, acme, sheet([NOVEMBER | {"メールアドレス": "new@mail.example", "候補者名": "日 替子"}]))
    assert people(session) == 1
    assert session.scalars(select(Candidate.email)).one() == "new@mail.example"


def test_the_end_of_an_application_reaches_it_by_the_persons_id(session: Session, acme: Company) -> None:
    bring(session, acme, sheet([OCTOBER | {"選考状況": "選考中", "不採用日": ""}]))
    report = bring(session, acme, sheet([OCTOBER]))
    assert (report.created, report.updated) == (0, 1)
    assert applications(session) == {"店長": ApplicationResult.REJECTED}


def test_what_an_older_version_kept_under_the_persons_id_is_found_again(session: Session, acme: Company) -> None:
    """It took 候補者ID for the application's: the record stands under 9100 and knows no person's id."""
    bring(session, acme, sheet([OCTOBER]))
    record = session.scalars(select(SourceRecord)).one()
    record.source_id, record.person_id = "9100", ""
    session.commit()
    report = bring(session, acme, sheet([OCTOBER, NOVEMBER | {"メールアドレス": "new@mail.example"}]))
    assert (report.created, people(session)) == (0, 1)
    assert applications(session) == {"店長": ApplicationResult.REJECTED, "調理": ApplicationResult.OPEN}


def test_a_persons_number_in_a_sheet_holds_beside_the_name_alone(session: Session, acme: Company) -> None:
    rows = [
        {"応募者番号": "1", "氏名": "月 替子", "応募職種": "店長", "結果": "不採用"},
        {"応募者番号": "1", "氏名": "月 替子", "応募職種": "調理", "結果": "選考中"},
        {"応募者番号": "1", "氏名": "日 替子", "応募職種": "店長", "結果": "選考中"},
    ]
    bring(session, acme, sheet(rows))
    assert people(session) == 2
    assert session.scalar(select(func.count()).select_from(Application)) == 3
    assert bring(session, acme, sheet(rows)).updated == 0
