"""Numbers of the pages: each opens as many cases as it says, whatever a company holds; rates wait for enough cases."""

import re
from datetime import datetime, timedelta
from html import unescape
from random import Random

import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.kpis import month_counts
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    CaseKind,
    NotifiedBy,
    RejectionReason,
    Stay,
    StepKind,
    scopes,
)
from relay.rights import erasure
from tests.cast import Cast, browse, make_application, make_candidate, make_position
from tests.db.network.test_ledger import fill

PAGES = ("", "/stuck", "/channels", "/rejections", "/relay", "/rates")
CHANNELS = ("Indeed", "自社サイト", "紹介 & 縁故", "")
NUMBER = re.compile(r'<a class="num" href="(/insights/cases\?[^"]+)">([0-9,]+)')
ROWS = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)
NEXT = re.compile(r'rel="next" href="([^"]+)"')


@pytest.fixture
def people(session: Session, cast: Cast) -> list[int]:
    """Ninety people of Acme with up to two applications each, every result and channel, two referred tens."""
    chosen = Random(21)  # noqa: S311  (the same people each time)
    positions = [make_position(session, cast.acme, title) for title in ("経理", "営業")]
    everybody = []
    for number in range(90):
        person = make_candidate(session, cast.acme, f"候補 {number}")
        everybody.append(person.id)
        for _each in range(chosen.choice((1, 1, 2))):
            applied = clock.today() - timedelta(days=chosen.randrange(700))
            status = chosen.choice(tuple(ApplicationResult))
            decided = None if status is ApplicationResult.OPEN else min(clock.today(), applied + timedelta(days=20))
            rejected = status is ApplicationResult.REJECTED
            facts = (
                {"notified_at": clock.now() - timedelta(days=3), "notified_by": NotifiedBy.RELAY} if rejected else {}
            )
            application = make_application(
                session,
                person,
                chosen.choice((*positions, None)),
                status=status,
                applied_on=applied,
                decided_on=decided,
                decided_in_relay=decided is not None,
                reason=chosen.choice((*RejectionReason, None)) if rejected else None,
                channel=chosen.choice(CHANNELS),
                stage=chosen.choice(("書類選考", "一次面接", "")),
                **facts,
            )
            _steps(session, application, chosen)
            if status is ApplicationResult.HIRED and decided and chosen.random() < 0.7:
                _stay(session, application, there=chosen.random() < 0.8)
    fill(session, cast.acme, 23)
    session.commit()
    return everybody


def _steps(session: Session, application: Application, chosen: Random) -> None:
    on = application.applied_on
    assert on is not None
    for place, kind in enumerate((StepKind.DOCUMENTS, StepKind.FIRST)[: chosen.randrange(3)]):
        on += timedelta(days=chosen.randrange(9))
        session.add(
            ApplicationStep(
                company_id=application.company_id,
                candidate_id=application.candidate_id,
                application_id=application.id,
                place=place,
                name=("書類", "一次")[place],
                kind=kind,
                on=on,
                created_at=clock.now(),
                updated_at=clock.now(),
            )
        )


def _stay(session: Session, application: Application, *, there: bool) -> None:
    session.add(
        Stay(
            company_id=application.company_id,
            candidate_id=application.candidate_id,
            application_id=application.id,
            hired_on=application.decided_on,
            months=6,
            there=there,
            at=clock.now(),
        )
    )


def numbers(browser: FlaskClient, page: str) -> list[tuple[str, int]]:
    """The numbers of a page that lead to their cases, with what they say."""
    body = browser.get(f"/insights{page}").text.partition("<main")[2]
    return [(unescape(url), int(said.replace(",", ""))) for url, said in NUMBER.findall(body)]


def listed(browser: FlaskClient, url: str) -> int:
    """How many rows the list has, all its pages together."""
    answer = browser.get(url)
    assert answer.status_code == 200, url
    body = answer.text.partition("<main")[2]
    rows = sum(part.count("<tr>") for part in ROWS.findall(body))
    further = NEXT.search(body)
    return rows + (listed(browser, unescape(further[1])) if further else 0)


@pytest.mark.parametrize("page", PAGES)
def test_every_number_opens_as_many_cases_as_it_says(ada: FlaskClient, people: list[int], page: str) -> None:
    found = numbers(ada, page)
    assert found or not page
    for url, said in found:
        assert listed(ada, url) == said, url


def test_so_it_is_where_the_worker_counts_and_people_were_erased(
    session: Session, cast: Cast, ada: FlaskClient, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with scopes.company(session, cast.acme.id):
        erasure.erase_candidates(session, cast.acme.id, people[::4])
    session.commit()
    monkeypatch.setattr(month_counts, "_is_small", lambda _session: False)
    assert "はじめての集計を待っています" in ada.get("/insights/channels").text
    month_counts.recount(session, cast.acme.id)
    session.commit()
    assert "消去済み" in ada.get("/insights/channels").text
    for page in PAGES[1:]:
        for url, said in numbers(ada, page):
            assert listed(ada, url) == said, url


def test_reasons_of_one_position_add_up(ada: FlaskClient, people: list[int]) -> None:
    page = ada.get("/insights/rejections").text
    choices = re.findall(r'<option value="(\d+)"', page)
    assert len(choices) == 3
    (everybody,) = {said for url, said in numbers(ada, "/rejections") if "key" not in url and "number" not in url}
    by_position = []
    for choice in choices:
        rows = numbers(ada, f"/rejections?position={choice}")
        by_position += [said for url, said in rows if f"number={choice}" in url and "key" not in url]
        for url, said in rows:
            assert listed(ada, url) == said, url
    assert sum(by_position) == everybody


def test_with_four_cases_no_rate_is_told_and_with_five_it_is(session: Session, cast: Cast, ada: FlaskClient) -> None:
    for number in range(4):
        turned_down(session, cast, number)
    session.commit()
    assert "少なくて言えません" in rate(ada)
    turned_down(session, cast, 4)
    session.commit()
    assert "0%（0〜43%）" in rate(ada)


def rate(browser: FlaskClient) -> str:
    body = browser.get("/insights/rates").text
    return body.partition('id="rate-reapplication-h"')[2].partition("</section>")[0]


def turned_down(session: Session, cast: Cast, number: int) -> None:
    person = make_candidate(session, cast.acme, f"見送 {number}")
    day = clock.today() - relativedelta(months=1)
    make_application(session, person, status=ApplicationResult.REJECTED, applied_on=day, decided_on=day)


def test_an_empty_company_gets_pages_that_say_what_will_be_there(ada: FlaskClient) -> None:
    for page in PAGES[1:]:
        assert ada.get(f"/insights{page}").status_code == 200
        assert numbers(ada, page) == []
    assert "この6か月のリレー完了が0名のため、何か月かかるかはまだ言えません。" in ada.get("/insights/relay").text


def test_the_pace_of_the_next_credit_is_of_whole_months_and_no_promise(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    first = clock.today().replace(day=1)
    with clock.at(datetime.combine(first, datetime.min.time(), clock.JAPAN) - timedelta(days=3)):
        fill(session, cast.acme, 6)
    session.commit()
    said = ada.get("/insights/relay").text
    assert "あと4名です。" in said
    assert "この6か月のリレー完了は6名でした。同じ割合が続けば、あと4か月ほどです（約束ではありません）。" in said


def test_each_kind_of_case_has_a_written_definition(ada: FlaskClient) -> None:
    page = ada.get("/insights/definitions").text
    for kind in CaseKind:
        assert f'id="{kind}"' in page


def test_a_list_of_an_unknown_kind_is_not_there_and_odd_conditions_find_nothing(
    ada: FlaskClient, people: list[int]
) -> None:
    assert ada.get("/insights/cases?kind=nobody").status_code == 404
    for odd in (
        "key=none",
        "key=" + "x" * 5000,
        "number=9" * 3,
        "since=2026-13",
        "until=x",
        "after=~",
        "number=" + "9" * 18,
    ):
        assert ada.get(f"/insights/cases?kind=hired&{odd}").status_code == 200, odd


def test_another_company_has_numbers_of_its_own(mona: FlaskClient, people: list[int]) -> None:
    for page in PAGES[1:]:
        assert numbers(mona, page) == []


@pytest.fixture
def mona(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.mona)
