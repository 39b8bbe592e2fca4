"""The bench's builders make rows the product would have made; the bench itself is no test (`make bench`)."""

import importlib
import re

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.indexing.search_rows import index
from relay.models import Candidate, Company, Note, Profile, Referral, Share, scopes
from relay.network import confirmations
from relay.network.finding import PeopleOrder
from relay.network.ledger_check import verify
from relay.rights import record_ends
from relay.search import candidate_search, facets
from relay.search.application_search import SORTS
from relay.search.orders import COLUMNS
from tests.bench import build, floors, measure, pages, plans, sets
from tests.bench.world import YEAR
from tests.conftest import ON_ONE
from tests.statements import said

PEOPLE, MANY = 200, 1000
FLOORS = [page for page in pages.named(floors.Place("sqlite", 1, 1, [1], 1, clock.EPOCH)) if page.floor]
LISTS = (
    "/", "/applications", "/applications?end=open", "/applications?position=1", "/applications?stage=書類選考",
    "/alerts", "/applications/stalled", "/applications/stays", "/pool/leaving",
    *(f"/applications?sort={sign}{by.value}" for by in SORTS for sign in ("", "-")),
    "/applications?sort=-until&before=2026-12-31-9", "/applications?sort=name&end=open", "/results?sort=-applied",
    "/positions?sort=-running", "/positions?sort=name",
    "/positions", "/positions?state=open", "/positions/1", "/positions/1?stage=書類選考", "/positions/1/merge",
    "/results", "/results?position=1", "/results?stage=書類選考", "/results/drafts", "/agency/people", "/practice",
    "/credits", "/applications?end=open&position=1",
    "/agency/people?state=new", "/agency/people?unopened=1", "/agency/people?company=1", "/agency/people?new=1",
    "/agency/people?q=営業", "/agency/people?role=営業&place=長野", "/agency/people?first=2026-01-01", "/agency",
    *(f"/agency/people?order={order}" for order in PeopleOrder),
    *(f"/agency/people?order={order}&state=new" for order in PeopleOrder),
    "/agency/people?q=営業", "/agency/people?role=経理&place=松本", "/agency/people?unopened=1&order=place",
    "/agency", "/agency/companies", "/agency/ended", "/agency/ended?all=1", "/agency/records", "/agency/records?who=1",
)  # fmt: skip
"""Pages whose statements are looked at one by one; the bench measures every other."""
INDEXES = {"step": "stage"}


@pytest.fixture
def acme(session: Session) -> int:
    """The id of the company whose pages are measured, with a small set around it."""
    build.build(db.engine, PEOPLE, now=clock.now())
    return session.scalars(select(Company.id).where(Company.slug == "acme")).one()


def test_the_bench_can_be_started() -> None:
    assert importlib.import_module("tests.bench.__main__").main


def test_every_page_it_measures_opens_and_its_floor_answers(
    app: Flask, acme: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WARM", "TIMES"):
        monkeypatch.setattr(measure, name, 1)
    settings = app.config["RELAY"]
    db.session.rollback()  # another application opens the database
    kept = sets.Kept(db.engine.dialect.name, PEOPLE, settings.instance, settings.database_url, clock.now())
    found = list(measure.measured(kept))
    assert all(page.queries for page in found)
    assert sum(page.floor is not None and page.floor > 0 for page in found) == len(FLOORS)


def test_a_page_of_a_new_kind_is_measured_or_refused(app: Flask, session: Session) -> None:
    everybody = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    assert pages.NOT_MEASURED.keys() <= everybody.keys()
    for endpoint, rule in everybody.items():
        if endpoint.startswith(("portal.", "agency.")) and "GET" in (rule.methods or ()):
            assert endpoint in pages.NOT_MEASURED or rule.arguments <= pages.FILLERS.keys(), (
                f"{endpoint}: fill its address in tests/bench/pages.py"
            )


def test_no_list_reads_all_rows_of_a_company(app: Flask, session: Session) -> None:
    """The number of people decides nothing: by the plan on SQLite, by the rows that were read on PostgreSQL."""
    build.build(db.engine, MANY, now=clock.now())
    ids = build.ada(session), build.agnes(session)
    ada, agnes = (measure.signed_in(app, session, user_id, base_url="http://localhost") for user_id in ids)
    read = {}
    for address in LISTS:
        with said(db.engine) as statements:
            assert (agnes if address.startswith("/agency") else ada).get(address).status_code == 200
        read[address] = list(plans.reading_all(db.engine, statements, most=MANY // 2))
    assert {address: found for address, found in read.items() if found} == {}


def test_every_order_of_the_pool_walks_its_index(app: Flask, session: Session) -> None:
    """From the top and from a place in it: no more of the company's rows are read than a page has, and none sorted.

    Of a thousand people PostgreSQL counts some along the primary key, which costs the same as their own index.
    """
    build.build(db.engine, 4 * MANY, now=clock.now())
    ada = measure.signed_in(app, session, build.ada(session), base_url="http://localhost")
    places = ("", "&before=2026-03-01-400", "&after=9999-12-31-9", "&before=3-400", "&before=ミ-400", "&before=99-9")
    for order in (f"{sign}{by.value}" for by in COLUMNS for sign in ("", "-")):
        for place in places:
            with said(db.engine) as statements:
                assert ada.get(f"/pool?sort={order}{place}").status_code in (200, 302)  # a page without anybody
            listed = [each for each in statements if "candidate_orders" in each[0]]
            assert listed
            assert list(plans.reading_all(db.engine, listed, most=2 * MANY)) == [], (order, place)
            if db.engine.dialect.name == "sqlite":
                walks = "\n".join(plans.explained(db.engine, listed))
                assert f"ix_candidate_orders_{INDEXES.get(order.removeprefix('-'), order.removeprefix('-'))}" in walks
                inside = [each for each in listed if re.search(r"candidate_id\) [<>] \(", each[0])]
                for plan in plans.explained(db.engine, inside):
                    assert re.search(r",candidate_id\)[<>]\(", plan), plan


@ON_ONE
def test_very_many_of_some_days_are_walked_along_an_index_that_holds_the_days(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.build(db.engine, MANY, now=clock.now())
    ada = measure.signed_in(app, session, build.ada(session), base_url="http://localhost")
    monkeypatch.setattr(candidate_search, "GATHERED_OF_DAYS", 0)
    with said(db.engine) as statements:
        assert ada.get("/pool?q=応募日:<6か月").status_code == 200
    [plan] = [each for each in plans.explained(db.engine, statements) if "AS applied" in each and "hit" in each]
    walk = plan.partition("MATERIALIZE found\n")[2].partition("SCAN found")[0]
    assert "SEARCH applied USING COVERING INDEX ix_applications_company_candidate (company_id=?)" in walk
    assert "TEMP B-TREE" not in walk, "it ends with the page"
    assert " AS wanted" not in plan, "the days alone are asked once"


def test_the_choices_of_a_large_pool_are_counted_without_reading_it(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.build(db.engine, MANY, now=clock.now())
    ada = measure.signed_in(app, session, build.ada(session), base_url="http://localhost")
    for name, most in (("COUNT_CAP", 200), ("LOOKED_AT", 50)):
        monkeypatch.setattr(facets, name, most)
    with said(db.engine) as statements:
        assert "登録の新しい50名" in ada.get("/pool/counts").text
    counted = [each for each in statements if "looked_at" in each[0]]
    assert list(plans.reading_all(db.engine, counted, most=MANY // 2)) == []
    if db.engine.dialect.name == "sqlite":
        [plan] = plans.explained(db.engine, counted)
        assert "MERGE (UNION ALL)" in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan, "two walks are merged as they are"


def test_a_set_is_as_the_product_would_have_made_it(session: Session, acme: int) -> None:
    """It has the people it says, a sound ledger, the search rows of its people; its agency sees who registered."""
    with scopes.company(session, acme):
        assert session.scalar(select(func.count()).select_from(Candidate)) == PEOPLE
        referrals = session.scalar(select(func.count()).select_from(Referral))
        assert referrals
        assert session.scalar(select(func.count()).select_from(Note))
    assert verify(session, acme) == []
    with scopes.everyone(session, "test: all shares with the agency"):
        partner_id = session.scalars(select(Share.partner_id).order_by(Share.id)).all()[0]
    with scopes.partner(session, partner_id):
        assert session.scalar(select(func.count()).select_from(Share)) == referrals
    with scopes.company(session, acme):
        before = {q: _found(session, acme, q) for q in ("営業", "髙橋", "Python", "惜しい", "繁忙期")}
        index(session, list(session.scalars(select(Candidate.id).order_by(Candidate.id))))
        assert {q: _found(session, acme, q) for q in before} == before
        assert all(before.values())


def _found(session: Session, company_id: int, q: str) -> list[int]:
    return [
        row.id for row in candidate_search.find(session, company_id, candidate_search.Query(q=q, limit=PEOPLE)).rows
    ]


def test_the_letters_of_each_day_find_people_by_their_day(session: Session) -> None:
    """By the index on the day, so nobody else is read; a walk along the ids would read everybody."""
    build.build(db.engine, MANY, now=clock.now())
    with scopes.everyone(session, "test: almost nobody is due, as every day"):
        last = session.scalar(select(func.max(Profile.id)))
        session.execute(update(Profile).where(Profile.id < last).values(last_confirmed_at=clock.now()))
        session.execute(update(Profile).where(Profile.id == last).values(last_confirmed_at=clock.now() - YEAR))
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
    company_ids = session.scalars(select(Company.id)).all()
    with said(db.engine) as statements:
        assert [each.id for each in confirmations.write_to(session).rows] == [last]
        for company_id in company_ids:
            record_ends.write_to(session, company_id)
    session.rollback()
    found = plans.explained(db.engine, statements, small=False)
    asked = [plan for plan in found if "profiles.confirm_by IS NULL" in plan and "LIMIT" in plan]
    written = [plan for plan in found if "retain_until <=" in plan and "LIMIT" in plan]
    assert (len(asked), len(written)) == (1, len(company_ids))
    of_the_day = {"ix_candidates_company_retain", "ix_candidates_retain"}  # with few companies PostgreSQL takes either
    for plans_of, indexes in ((asked, {"ix_profiles_unasked"}), (written, of_the_day)):
        for plan in plans_of:
            assert any(index in plan for index in indexes), plan
