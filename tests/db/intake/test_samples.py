"""The sample files, applied: counts, fields, and what a second time changes."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.retention import GRACE
from relay.extensions import db
from relay.intake.planning.plan import Past
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    CandidateTag,
    Company,
    Import,
    ImportState,
    Note,
    NotifiedBy,
    Position,
    RetentionBasis,
    SourceRecord,
    scopes,
)
from relay.search import candidate_search
from tests.cast import make_cast
from tests.db.intake.bringing import bring, sample
from tests.statements import counted


@pytest.fixture
def acme(session: Session) -> Iterator[Company]:
    """Acme, on the day the samples were made for."""
    company = make_cast(session).acme
    with clock.at(datetime(2026, 11, 21, 3, tzinfo=UTC)), scopes.company(session, company.id):
        yield company


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_herp_brings_everyone_with_their_own_end(session: Session, acme: Company) -> None:
    report = bring(session, acme, sample("herp.csv"))
    assert report.counts() | {"past_date": 0} == {
        "format": "herp",
        "rows": 240,
        "created": 240,
        "updated": 0,
        "rejected": 171,
        "withdrew": 25,
        "hired": 10,
        "duplicates": 0,
        "in_selection": 34,
        "past_date": 0,
        "left_out": 0,
    }
    results = Counter(session.scalars(select(Application.status)))
    assert results == {
        ApplicationResult.OPEN: 34,
        ApplicationResult.REJECTED: 171,
        ApplicationResult.WITHDREW: 25,
        ApplicationResult.HIRED: 10,
    }
    assert count(session, Position) == 10
    assert count(session, SourceRecord) == 240


def test_herp_brings_what_the_row_says(session: Session, acme: Company) -> None:
    bring(session, acme, sample("herp.csv"))
    person = session.scalars(select(Candidate).where(Candidate.email == "yoshino.takuya1002@mail.example")).one()
    application = session.scalars(select(Application).where(Application.candidate_id == person.id)).one()
    position = session.scalars(select(Position).where(Position.id == application.position_id)).one()
    note = session.scalars(select(Note).where(Note.candidate_id == person.id)).one()
    assert (person.name, person.phone, person.basis) == ("𠮷野 拓也", "09004758644", RetentionBasis.STATED)
    assert (position.title, application.stage, application.channel) == (
        "[中途]製造オペレーター",
        "最終選考",
        "求人媒体",
    )
    assert (application.status, str(application.decided_on)) == (ApplicationResult.REJECTED, "2025-11-25")
    assert (application.notified_by, application.decided_in_relay) == (NotifiedBy.ELSEWHERE, False)
    assert note.body == "フォークリフト 品質管理。評価2"
    assert note.imported


def test_the_same_file_again_changes_nothing(session: Session, acme: Company) -> None:
    first = bring(session, acme, sample("herp.csv"))
    before = everything(session)
    again = bring(session, acme, sample("herp.csv"))
    assert (again.created, again.updated) == (0, 0)
    assert again.counts() == first.counts() | {"created": 0}
    assert everything(session) == before


def test_a_week_later_only_phones_and_new_people_change(session: Session, acme: Company) -> None:
    bring(session, acme, sample("herp.csv"))
    before = {row.id: row for row in session.execute(select(Candidate.id, Candidate.name, Candidate.phone))}
    others = everything(session, but=Candidate)
    report = bring(session, acme, sample("herp-a-week-later.csv"))
    after = {row.id: row for row in session.execute(select(Candidate.id, Candidate.name, Candidate.phone))}
    changed = [one for one, row in before.items() if after[one].phone != row.phone]
    assert (report.rows, report.created, report.updated) == (160, 40, 17)
    assert len(changed) == 17
    assert all(after[one].name == before[one].name for one in before)
    assert len(after) == 280
    for table, rows in everything(session, but=Candidate).items():
        if table not in ("source_records", "candidate_search"):
            assert set(others[table]) <= set(rows), table


def test_doda_brings_kana_and_birth_dates_but_no_addresses(session: Session, acme: Company) -> None:
    report = bring(session, acme, sample("doda.csv"))
    person = session.scalars(select(Candidate).where(Candidate.email == "watanabe.daisuke5000@mail.example")).one()
    assert (report.format, report.rows, report.created, report.in_selection) == ("doda", 120, 120, 120)
    assert (person.name, person.kana, str(person.birth_date)) == ("渡邉 大輔", "ワタナベ ダイスケ", "2002-07-27")
    assert person.retain_until is None
    brought = session.scalars(select(SourceRecord.values)).all()
    assert not [values for values in brought if "中央区" in str(values) or "女" in values.values()]


def test_doda_has_no_ids_and_still_changes_nothing_the_second_time(session: Session, acme: Company) -> None:
    bring(session, acme, sample("doda.csv"))
    before = everything(session)
    again = bring(session, acme, sample("doda.csv"))
    assert (again.created, again.updated) == (0, 0)
    assert everything(session) == before


def test_hrmos_brings_the_selection_as_it_went(session: Session, acme: Company) -> None:
    report = bring(session, acme, sample("hrmos.tsv"))
    assert (report.format, report.rows, report.created) == ("hrmos", 180, 180)
    assert (report.rejected, report.withdrew, report.hired, report.duplicates, report.in_selection) == (
        *(119, 19, 6),
        *(6, 30),
    )
    steps = Counter(session.scalars(select(ApplicationStep.name)))
    assert steps == {"書類選考": 180, "一次面接": 120, "最終面接": 62, "辞退理由": 19}
    person = session.scalars(select(Candidate).where(Candidate.email == "suzuki.ken3000@mail.example")).one()
    taken = select(ApplicationStep).where(ApplicationStep.candidate_id == person.id).order_by(ApplicationStep.place)
    assert [(step.place, step.name, str(step.on), step.result) for step in session.scalars(taken)] == [
        (1, "書類選考", "2025-05-14", "通過"),
        (2, "一次面接", "2025-05-21", "不通過"),
    ]


def test_the_hand_kept_workbook_brings_scores_skills_and_wishes(session: Session, acme: Company) -> None:
    report = bring(session, acme, sample("hand-kept.xlsx"))
    assert (report.format, report.rows, report.created) == ("sheet", 60, 60)
    assert (report.rejected, report.withdrew, report.hired) == (47, 8, 5)
    scores = Counter(session.scalars(select(ApplicationStep.score).where(ApplicationStep.name == "面接官コメント")))
    assert scores == {3: 16, 5: 15, 1: 11, 2: 11, 4: 7}
    person = session.scalars(select(Candidate).where(Candidate.email == "watanabe.hikari7000@mail.example")).one()
    assert (person.qualifications, person.desired_role) == ("日商簿記2級", "経理")
    found = candidate_search.find(session, acme.id, candidate_search.Query(q="丁寧な受け答え", limit=100))
    assert len(found.rows) == 60


@pytest.mark.parametrize("name", ["hrmos.tsv", "hand-kept.xlsx"])
def test_steps_are_brought_once_however_often(session: Session, acme: Company, name: str) -> None:
    bring(session, acme, sample(name))
    before = everything(session)
    again = bring(session, acme, sample(name))
    assert (again.created, again.updated) == (0, 0)
    assert everything(session) == before


@pytest.mark.parametrize("basis", list(RetentionBasis))
def test_those_past_their_date_stay_thirty_days_or_are_left_out(
    session: Session, acme: Company, basis: RetentionBasis
) -> None:
    left = bring(session, acme, sample("herp.csv"), basis=basis, past=Past.LEAVE)
    assert left.past_date == left.left_out > 0
    assert left.created == 240 - left.left_out
    assert not session.scalars(select(Candidate).where(Candidate.retain_until < clock.today())).all()
    kept = bring(session, acme, sample("herp.csv"), basis=basis, past=Past.KEEP)
    assert (kept.created, kept.left_out) == (left.left_out, 0)
    soon = select(func.count()).select_from(Candidate).where(Candidate.retain_until == clock.today() + GRACE)
    assert session.scalar(soon) >= left.left_out


def test_told_no_leaves_the_rejected_to_be_told(session: Session, acme: Company) -> None:
    bring(session, acme, sample("herp.csv"), told=False)
    assert session.scalar(select(func.count()).where(Application.notified_at.is_not(None))) == 0


def test_the_imported_are_found_by_search_and_tag(session: Session, acme: Company) -> None:
    bring(session, acme, sample("herp.csv"))
    found = candidate_search.find(session, acme.id, candidate_search.Query(q="製造オペレーター", limit=240))
    titles = select(func.count()).select_from(Application).join(Position, Position.id == Application.position_id)
    assert len(found.rows) == session.scalar(titles.where(Position.title == "[中途]製造オペレーター")) > 20
    assert count(session, CandidateTag) == 171


def test_a_file_of_any_length_takes_a_fixed_number_of_queries(session: Session, acme: Company) -> None:
    with counted(db.engine) as few:
        bring(session, acme, sample("herp-a-week-later.csv"))
    with counted(db.engine) as many:
        bring(session, acme, sample("herp.csv"))
    assert len(few) < 60
    assert len(many) <= len(few)


def test_only_figures_are_left_once_applied(session: Session, acme: Company) -> None:
    bring(session, acme, sample("herp.csv"))
    row = session.scalars(select(Import)).one()
    assert (row.state, row.basis) == (ImportState.APPLIED, RetentionBasis.STATED)
    assert row.report["rejected"] == 171


def everything(session: Session, but: type | None = None) -> dict[str, list[tuple[object, ...]]]:
    """Every row an import may write, without the log and the imports themselves."""
    models = (Candidate, Application, ApplicationStep, SourceRecord, CandidateTag, Note, Position)
    return {
        model.__tablename__: sorted(
            tuple(str(value) for value in row)
            for row in session.execute(select(*model.__table__.columns).order_by(model.id))
        )
        for model in models
        if model is not but
    }
