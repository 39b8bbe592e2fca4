"""Search uses Core tables, which the scope guard does not bind: no word, filter or cursor may cross a company."""

from itertools import product

import pytest
from sqlalchemy.orm import Session

from relay.candidates import tags
from relay.errors import ScopeMissing
from relay.extensions import db
from relay.models import ApplicationResult, Company, scopes
from relay.search import candidate_search, completion, facets
from relay.search.candidate_search import LastDay, Query
from relay.search.orders import COLUMNS, ListOrder
from tests.cast import make_application, make_candidate, make_company, make_position
from tests.statements import counted

QUERIES = (
    Query(),
    Query(q="高橋"),
    Query(q="高"),
    Query(q="惜しい"),
    Query(q="c12"),
    Query(q="organisation"),
    Query(results=(ApplicationResult.REJECTED,)),
    Query(tags=(1, 2)),
    Query(positions=(1, 2)),
    Query(q="高橋", results=(ApplicationResult.REJECTED,), tags=(1, 2), positions=(1, 2)),
    Query(q="高橋", before_id=10**9),
    Query(after_id=0),
    Query(q="tag:惜しい"),
    Query(q="-tag:なし"),
    Query(q="-高橋太郎"),
    Query(q="stage:最終,一次,書類"),
    Query(q="channel:Indeed"),
    Query(q="position:経理,人事,営業"),
    Query(q="end:見送り"),
    Query(q="-end:入社 updated:<9y -exit:scout basis:通知"),
    Query(q="見送り"),
    Query(q="応募日:<9y"),
    Query(channels=("Indeed",), follow_ups=(None,), deadlines=tuple(LastDay)),
    *(Query(q=q, order=ListOrder(by, falling)) for q in ("", "高橋") for by in COLUMNS for falling in (True, False)),
)


@pytest.fixture
def organisations(session: Session) -> tuple[Company, Company]:
    """Two companies with the same person, position and tag; company 1 and company 12 share a first figure."""
    made = [make_company(session, f"house{n}") for n in range(12)]
    for organisation in (made[0], made[11]):
        candidate = make_candidate(session, organisation, f"高橋 {organisation.slug}")
        make_application(
            session,
            candidate,
            make_position(session, organisation),
            status=ApplicationResult.REJECTED,
            decided_on=candidate.created_at,
        )
        with scopes.company(session, organisation.id):
            tags.add_tag(session, tags.find_or_make(session, "惜しい"), [candidate.id], by_user_id=None)
    return made[0], made[11]


def test_a_company_finds_its_own_people_only(session: Session, organisations: tuple[Company, Company]) -> None:
    for organisation, query in product(organisations, QUERIES):
        with scopes.company(session, organisation.id):
            rows = candidate_search.find(session, organisation.id, query).rows
            assert {row.name for row in rows} <= {f"高橋 {organisation.slug}"}
            assert candidate_search.count(session, organisation.id, query) == len(rows)


def test_counts_and_ways_to_go_on_are_a_companys_own(session: Session, organisations: tuple[Company, Company]) -> None:
    for organisation in organisations:
        with scopes.company(session, organisation.id):
            for query in (Query(), Query(q="高橋"), Query(q="tag:惜しい")):
                counted = facets.count(session, organisation.id, query)
                assert counted.total == 1
                assert counted.counts["end"] == {"rejected": 1}
                assert list(counted.counts["tag"].values()) == [1]
            tags.find_or_make(session, f"内輪 {organisation.slug}")
            assert [contact_channel.query for contact_channel in completion.suggestions(session, "tag:内輪")] == [
                f'tag:"内輪 {organisation.slug}"'
            ]
            for typed in ("position:", "channel:", "stage:"):
                assert len(completion.suggestions(session, typed)) <= 1


def test_another_companys_words_cannot_be_asked_for_by_number(
    session: Session, organisations: tuple[Company, Company]
) -> None:
    first, _twelfth = organisations
    with scopes.company(session, first.id):
        found = candidate_search.matching(session, first.id, "高橋 house")
        assert found is not None
        assert len(session.scalars(found).all()) == 1


def test_without_a_scope_nothing_is_answered(session: Session, organisations: tuple[Company, Company]) -> None:
    with pytest.raises(ScopeMissing):
        candidate_search.find(session, organisations[0].id, Query())


def test_a_page_is_one_statement(session: Session, organisations: tuple[Company, Company]) -> None:
    for n in range(5):
        make_candidate(session, organisations[0], f"多く 名{n}")
    session.commit()
    with scopes.company(session, organisations[0].id):
        for query in (Query(), Query(q="高橋"), Query(tags=(1,))):
            with counted(db.engine) as said:
                candidate_search.find(session, organisations[0].id, query)
            assert len(said) == 1


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_words_drive_the_search_on_sqlite(session: Session, organisations: tuple[Company, Company]) -> None:
    """A plan that walks the company and probes the words once per person took nine minutes."""
    hits = candidate_search.ids_of(session, organisations[0].id, Query(q="高橋", tags=(1,)), limit=51)
    assert hits is not None
    written = hits.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all()
    assert plan[0][3].startswith("SCAN candidate_fts VIRTUAL TABLE")
