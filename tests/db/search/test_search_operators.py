"""Operators of the search box: the same people on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import notes, tags
from relay.indexing import search_rows
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    Company,
    FollowUp,
    RejectionReason,
    RetentionBasis,
    scopes,
)
from relay.search import candidate_search
from relay.search.candidate_search import Query
from relay.text import QueryProblem
from tests.cast import make_application, make_candidate, make_company, make_position

FINDS = {
    "tag:惜しい": "二一",
    "タグ：惜しい": "二一",
    "tag:c#": "五",
    "tag:惜しい,惜しい人": "三二一",
    "tag:惜しい tag:惜しい人": "",
    "-tag:惜しい": "五四三",
    "tag:知らない": "",
    "stage:最終": "二一",
    "見送り stage:最終": "二一",
    "stage:最終 channel:indeed": "二一",
    "channel:ＩＮＤＥＥＤ": "二一",
    "channel:Indeed stage:書類": "",
    "stage:書類 channel:doda": "二",
    "-stage:最終": "五四三",
    "position:経理": "二一",
    "求人:経理課長 stage:最終": "一",
    "reason:充足": "一",
    "reason:filled,skills": "二一",
    "-reason:充足": "五四三二",
    "end:辞退": "三",
    "結果:選考中": "二",
    "-end:見送り": "五四三",
    "exit:再スカウト": "一",
    "-exit:scout": "五四三二",
    "今後の対応:再スカウト候補": "一",
    "対応:再スカウト": "一",
    "出口:再スカウトする": "一",
    "-出口:リレー": "五四三二一",
    "-exit:リレーで送り出す -対応:こちらからは連絡しない": "五四三二一",
    "basis:同意": "二",
    "updated:<6m": "五四二一",
    "updated:>6m": "三",
    "更新:<=2年": "五四三二一",
    "-updated:<6m": "三",
    "updated:<2000-01-01": "",
    "updated:>=2000-01-01": "五四三二一",
    "updated:>2099-01-01": "",
    "応募日:<1か月": "三二一",
    "応募:<=1か月 結果:辞退": "三",
    "applied:>1m": "",
    "-applied:<1m": "五四",
    "応募日:2000-01〜2099-12": "三二一",
    "応募日:2000年": "",
    "応募日:>1999": "三二一",
    "更新:1999-01〜1999年12月": "",
    "score:>=4": "一",
    "score:>4": "",
    "score:<=3": "二一",
    "評価:４": "一",
    "score:3,4": "二一",
    "-score:>=4": "五四三二",
    "score:>=3 stage:最終 -tag:惜しい人": "二一",
    "辞退": "四三",
    '"辞退"': "四",
    "-辞退": "五二一",
    "花 -辞退 -tag:惜しい": "五",
    '"月次決算"': "五",
    "月次 決算": "五四",
    '"月次 決算を"': "四",
    "tag:惜しい stage:最終 channel:Indeed reason:充足 updated:<6m -辞退 花": "一",
    "花 -★": "五四三二一",
    "★": "",
    '"': "",
    "tag:★": "",
}
"""What is asked, and who is found."""


@pytest.fixture
def acme(session: Session) -> Company:
    return make_company(session, "acme")


@pytest.fixture
def pool(session: Session, acme: Company) -> Company:
    """Five people, of whom each operator means some."""
    today, year_ago = clock.today(), clock.now() - timedelta(days=365)
    ended = {"status": ApplicationResult.REJECTED, "decided_on": today}
    position = make_position(session, acme, "経理課長")
    first = make_candidate(session, acme, "一 花", follow_up=FollowUp.SCOUT)
    make_application(
        session, first, position, stage="最終面接", channel="Indeed", reason=RejectionReason.FILLED, **ended
    )
    scored(session, first, 4, 2)
    second = make_candidate(session, acme, "二 花", basis=RetentionBasis.CONSENTED)
    make_application(
        session, second, stage="最終面接", channel="ｉｎｄｅｅｄ Plus", reason=RejectionReason.SKILLS, **ended
    )
    make_application(session, second, position, stage="書類選考", channel="doda", status=ApplicationResult.OPEN)
    scored(session, second, 3, None)
    third = make_candidate(session, acme, "三 花", created_at=year_ago, updated_at=year_ago)
    make_application(
        session,
        third,
        stage="一次面接",
        channel="社員紹介",
        status=ApplicationResult.WITHDREW,
        decided_on=today,
        created_at=year_ago,
        updated_at=year_ago,
    )
    fourth = make_candidate(session, acme, "四 花")
    fifth = make_candidate(session, acme, "五 花")
    with scopes.company(session, acme.id):
        for name, people in {"惜しい": [first, second], "惜しい人": [third], "Ｃ＃": [fifth]}.items():
            tags.add_tag(session, tags.find_or_make(session, name), [each.id for each in people], by_user_id=None)
        notes.add_note(session, fourth, "前職を辞退。月次 決算を担当", by_user_id=None)
        notes.add_note(session, fifth, "月次決算を担当", by_user_id=None)
        search_rows.index(session, [each.id for each in (first, second, third, fourth, fifth)])
    return acme


def scored(session: Session, candidate: Candidate, *scores: int | None) -> None:
    """Steps of the candidate's first application with these scores."""
    with scopes.company(session, candidate.company_id):
        application = session.query(Application).filter_by(candidate_id=candidate.id).first()
        assert application is not None
        for place, score in enumerate(scores):
            session.add(
                ApplicationStep(
                    candidate_id=candidate.id,
                    application_id=application.id,
                    place=place,
                    name=f"{place}次",
                    score=score,
                    created_at=clock.now(),
                    updated_at=clock.now(),
                )
            )
        session.flush()


def found(session: Session, company: Company, q: str) -> str:
    """The people found, by the figure in their name, in their order."""
    with scopes.company(session, company.id):
        rows = candidate_search.find(session, company.id, Query(q=q)).rows
        assert candidate_search.count(session, company.id, Query(q=q)) == len(rows)
        return "".join(row.name[0] for row in rows)


def test_each_operator_finds_whom_it_means(session: Session, pool: Company) -> None:
    assert {asked: found(session, pool, asked) for asked in FINDS} == FINDS


def test_the_row_shows_the_application_that_was_meant(session: Session, pool: Company) -> None:
    with scopes.company(session, pool.id):
        rows = candidate_search.find(session, pool.id, Query(q="tag:惜しい stage:最終")).rows
        assert [row.stage for row in rows] == ["最終面接", "最終面接"]
        rows = candidate_search.find(session, pool.id, Query(q="二")).rows
        assert [row.stage for row in rows] == ["書類選考"]


def test_operators_page_like_any_search(session: Session, pool: Company) -> None:
    with scopes.company(session, pool.id):
        for q in ("updated:<2y", "辞退", "-end:open", "花"):
            everyone = [row.id for row in candidate_search.find(session, pool.id, Query(q=q)).rows]
            first = candidate_search.find(session, pool.id, Query(q=q, limit=1))
            rest = candidate_search.find(session, pool.id, Query(q=q, limit=5, before_id=first.rows[0].id))
            assert [row.id for row in (*first.rows, *rest.rows)] == everyone
            back = candidate_search.find(session, pool.id, Query(q=q, limit=5, after_id=everyone[-1]))
            assert [row.id for row in back.rows] == everyone[:-1]


@pytest.mark.parametrize(
    ("asked", "wrong", "said"),
    [
        ("花 reason:ほげ", "reason:ほげ", "経験・スキル、比較、充足"),
        ("花 end:採用かも 他", "end:採用かも", "「採用かも」は「結果」の条件に使えません"),
        ("updated:<6q", "updated:<6q", "「更新:<6か月」（6か月以内）"),
        ("score:>=9 花", "score:>=9", "1から5まで"),
        ("basis:選考", "basis:選考", "通知、同意"),
    ],
)
def test_a_value_that_cannot_be_understood_is_pointed_at(asked: str, wrong: str, said: str) -> None:
    with pytest.raises(QueryProblem) as problem:
        _understood = Query(q=asked).asked
    assert asked[problem.value.start : problem.value.end] == wrong
    assert said in str(problem.value.message)


def test_what_is_searched_changes_with_the_person(session: Session, pool: Company) -> None:
    with scopes.company(session, pool.id):
        application = session.query(Application).filter_by(stage="一次面接").one()
        application.stage = "最終面接"
        search_rows.index(session, [application.candidate_id])
        assert session.get_bind() is not None
        person = session.query(Candidate).filter_by(name="三 花").one()
        assert person.id == application.candidate_id
    assert found(session, pool, "stage:最終") == "三二一"
