"""Whatever the files say: a second time changes nothing, and HR's word stands (invariant 8)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import decisions
from relay.intake.planning.plan import Past
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    CandidateSearch,
    CandidateTag,
    Company,
    Note,
    RejectionReason,
    RetentionBasis,
    SourceRecord,
    scopes,
)
from tests.cast import make_company
from tests.db.intake.bringing import bring, herp, sheet

Rows = list[Mapping[str, str]]

FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_numbers = count()


def shares_one_address(them: list[dict[str, str]]) -> bool:
    """Whether one address stands in so many rows that it is asked whose it is."""
    written = [each["メールアドレス"].casefold() for each in them if each["メールアドレス"]]
    return len(written) > 4 and len(set(written)) * 5 <= len(written)


people = st.fixed_dictionaries(
    {
        "名前": st.sampled_from(["高橋 花子", "髙橋花子", "佐藤 健", "𠮷野 拓也"]),
        "メールアドレス": st.sampled_from(["", "a@mail.example", "A@mail.example", "b@mail.example"]),
        "電話番号": st.sampled_from(["", "090-1111-2222", "０９０－１１１１－２２２２", "03-1234-5678"]),
        "応募時刻": st.sampled_from(["", "2025/01/10 09:00", "2026/10/01 09:00"]),
        "募集職種": st.sampled_from(["", "経理", "法人営業"]),
        "選考ステップ": st.sampled_from(["", "一次選考", "最終選考"]),
        "選考終了理由": st.sampled_from(["", "不採用", "応募者辞退", "入社決定", "重複"]),
        "タグ": st.sampled_from(["", "惜しい", "惜しい,スキル不足"]),
        "メモ": st.sampled_from(["", "経理5年", "経理5年。簿記2級。評価3"]),
        "一次面接日": st.sampled_from(["", "2026/10/05"]),
        "一次面接評価": st.sampled_from(["", "3", "4"]),
        "面接官コメント": st.sampled_from(["", "説明が具体的", "評価2。声が小さい"]),
        "保有資格": st.sampled_from(["", "日商簿記2級"]),
        "再応募意向": st.sampled_from(["", "あり", "なし"]),
    }
)
rows = st.lists(people, min_size=1, max_size=6).filter(lambda them: not shares_one_address(them))
answers = st.fixed_dictionaries(
    {
        "basis": st.sampled_from(list(RetentionBasis)),
        "told": st.booleans(),
        "past": st.sampled_from(list(Past)),
        "words_checked": st.booleans(),
    }
)

LINKED_BY_THE_LAST: Rows = [
    {"名前": "高橋 花子", "電話番号": "090-1111-2222", "応募時刻": "2025/01/10 09:00", "選考終了理由": "不採用"},
    {"名前": "高橋 花子", "メールアドレス": "a@mail.example", "募集職種": "経理"},
    {"名前": "高橋 花子", "メールアドレス": "a@mail.example", "電話番号": "090-1111-2222"},
]
"""Only the last row shows that the first, which alone would be left out, speaks of the same person."""
LEAVING = {"basis": RetentionBasis.SELECTION, "told": False, "past": Past.LEAVE, "words_checked": False}


@given(rows=rows, said=answers, with_ids=st.booleans())
@example(rows=LINKED_BY_THE_LAST, said=LEAVING, with_ids=False)
@FEW
def test_the_same_file_again_changes_nothing(
    session: Session, rows: Rows, said: dict[str, Any], with_ids: bool
) -> None:
    company = somewhere(session)
    data = exported(rows) if with_ids else kept_by_hand(rows)
    with standing_in(session, company):
        bring(session, company, data, **said)
        before = everything(session)
        again = bring(session, company, data, **said)
        assert (again.created, again.updated) == (0, 0)
        assert everything(session) == before


@given(first=rows, second=rows, said=answers)
@example(first=[{"名前": "高橋 花子"}], second=[{"名前": "高橋 花子"}, *LINKED_BY_THE_LAST], said=LEAVING)
@FEW
def test_a_later_file_is_idempotent_too(session: Session, first: Rows, second: Rows, said: dict[str, Any]) -> None:
    company = somewhere(session)
    with standing_in(session, company):
        bring(session, company, exported(first), **said)
        bring(session, company, exported(second), **said)
        before = everything(session)
        again = bring(session, company, exported(second), **said)
        assert (again.created, again.updated) == (0, 0)
        assert everything(session) == before


@given(first=rows, second=rows, said=answers, field=st.sampled_from(["name", "phone", "email"]), with_ids=st.booleans())
@FEW
def test_what_hr_changed_or_decided_is_never_overruled(
    session: Session, first: Rows, second: Rows, said: dict[str, Any], field: str, with_ids: bool
) -> None:
    company = somewhere(session)
    write = exported if with_ids else kept_by_hand
    with standing_in(session, company):
        bring(session, company, write(first), **said)
        changed = session.scalars(select(Candidate)).all()
        for one in changed:
            setattr(one, field, f"HR{one.id}")
        decided = session.scalars(select(Application).where(Application.status == ApplicationResult.OPEN)).all()
        for application in decided:
            decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=None)
        session.commit()
        told = {one.id: one.notified_at for one in session.scalars(select(Application)) if one.notified_at}
        bring(session, company, write(second), **said)
        session.expire_all()
        assert all(getattr(one, field) == f"HR{one.id}" for one in changed)
        assert all(one.status is ApplicationResult.REJECTED and one.reason is RejectionReason.FILLED for one in decided)
        for one in session.scalars(select(Application).where(Application.id.in_(told))):
            assert one.notified_at in (told[one.id], None)
            assert one.notified_at or one.status is ApplicationResult.OPEN, (
                "only taking a selection up again makes it untold"
            )


@given(first=rows, second=rows, said=answers)
@FEW
def test_nobody_ends_without_a_day_to_leave(session: Session, first: Rows, second: Rows, said: dict[str, Any]) -> None:
    company = somewhere(session)
    with standing_in(session, company):
        for data in (exported(first), kept_by_hand(second)):
            bring(session, company, data, **said)
        still = set(
            session.scalars(select(Application.candidate_id).where(Application.status == ApplicationResult.OPEN))
        )
        for one in session.scalars(select(Candidate)):
            assert (one.retain_until is None) == (one.id in still)
            assert one.retain_until is None or one.retain_until >= clock.today()


def somewhere(session: Session) -> Company:
    """A company of its own for each example."""
    company = make_company(session, f"company-{next(_numbers)}")
    session.commit()
    return company


@contextmanager
def standing_in(session: Session, company: Company) -> Iterator[None]:
    """The company's scope, on one fixed day."""
    with clock.at(datetime(2026, 11, 21, 3, tzinfo=UTC)), scopes.company(session, company.id):
        yield


def exported(rows: Rows) -> bytes:
    """The rows as HERP writes them, with an id each."""
    return herp(*({"応募ID": f"H{place}"} | dict(row) for place, row in enumerate(rows)))


def kept_by_hand(rows: Rows) -> bytes:
    """The rows as a sheet, without ids."""
    return sheet([dict(row) for row in rows])


def everything(session: Session) -> dict[str, list[tuple[str, ...]]]:
    """Every row an import may write, in the company in scope."""
    session.expire_all()
    models = (Candidate, Application, ApplicationStep, SourceRecord, CandidateTag, Note)
    rows = {model.__tablename__: session.scalars(select(model).order_by(model.id)).all() for model in models}
    rows["search"] = session.scalars(select(CandidateSearch).order_by(CandidateSearch.candidate_id)).all()
    return {
        name: [tuple(str(getattr(one, column.key)) for column in one.__mapper__.columns) for one in found]
        for name, found in rows.items()
    }
