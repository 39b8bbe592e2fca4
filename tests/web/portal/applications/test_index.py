"""The selection's lists: who is running or kept for the selection only, and positions with their counts."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.extensions import db
from relay.indexing import search_rows
from relay.models import ApplicationResult, Candidate, RetentionBasis, scopes
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.statements import counted
from tests.web.portal.conftest import HTMX


def ended(
    session: Session,
    cast: Cast,
    name: str,
    basis: RetentionBasis,
    status: ApplicationResult = ApplicationResult.REJECTED,
) -> Candidate:
    candidate = make_candidate(session, cast.acme, name, basis=basis)
    make_application(session, candidate, status=status, decided_on=date(2026, 11, 1), stage="最終面接")
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [candidate.id])
    return candidate


def test_running_ones_and_people_of_the_selection_only_are_listed(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, stranger: Candidate
) -> None:
    kept = ended(session, cast, "選考 次郎", RetentionBasis.SELECTION)
    ended(session, cast, "保管 三郎", RetentionBasis.STATED)
    page = ada.get("/applications").text
    assert "髙橋 花子" in page
    assert f"/pool/{kept.id}" in page
    assert "選考のみ" in page
    assert "保管 三郎" not in page
    assert "他社 太郎" not in page


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("?q=高橋", ["髙橋 花子"]),
        ("?q=次郎", ["選考 次郎"]),
        ("?q=！", []),
        ("?end=rejected", ["選考 次郎"]),
        ("?end=open&stage=一次選考", ["髙橋 花子"]),
        ("?stage=最終面接", ["選考 次郎"]),
        ("?position=1", ["髙橋 花子"]),
        ("?position=1&q=次郎", []),
        ("?tag=1&end=nonsense", ["髙橋 花子", "選考 次郎"]),
    ],
)
def test_conditions_narrow_the_list(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, address: str, found: list[str]
) -> None:
    ended(session, cast, "選考 次郎", RetentionBasis.SELECTION)
    page = ada.get(f"/applications{address}").text
    assert sorted(name for name in ("髙橋 花子", "選考 次郎") if name in page) == sorted(found)


def test_htmx_gets_the_list_alone(ada: FlaskClient, hanako: Candidate) -> None:
    part = ada.get("/applications?end=open", headers=HTMX).text
    assert part.lstrip().startswith('<div id="list-body"')
    assert "結果：選考中" in part


def test_chips_keep_the_other_conditions(ada: FlaskClient, hanako: Candidate) -> None:
    page = ada.get("/applications?end=open&stage=一次選考").text
    stage = "%E4%B8%80%E6%AC%A1%E9%81%B8%E8%80%83"
    assert f'href="/applications?stage={stage}"' in page
    assert 'href="/applications?end=open"' in page


def test_pages_lead_on_and_back(session: Session, cast: Cast, ada: FlaskClient) -> None:
    for n in range(60):
        make_application(session, make_candidate(session, cast.acme, f"番号 {n:03}"))
    first = ada.get("/applications").text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = ada.get(older[1]).text
    assert "番号 009" in second
    assert "番号 059" not in second
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer is not None
    assert "番号 059" in ada.get(newer[1]).text
    assert ada.get("/applications?before=1").location == "/applications"


def test_a_viewer_may_look(vic: FlaskClient, hanako: Candidate) -> None:
    assert vic.get("/applications").status_code == 200
    assert vic.get("/positions").status_code == 200


def test_positions_count_their_applications_by_end(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    sales = make_position(session, cast.acme, "営業")
    make_position(session, cast.other, "他社の求人")
    for status in (
        ApplicationResult.REJECTED,
        ApplicationResult.REJECTED,
        ApplicationResult.WITHDREW,
        ApplicationResult.HIRED,
        ApplicationResult.DUPLICATE,
    ):
        make_application(session, hanako, sales, status=status, decided_on=date(2026, 11, 1))
    page = ada.get("/positions").text
    row = page.split(">営業</a>")[1].split("</tr>")[0]
    assert [int(n) for n in re.findall(r">(\d+)<", row)] == [5, 0, 2, 1, 1, 1]
    assert f"/pool?position={sales.id}" in row
    assert "他社の求人" not in page


def test_positions_are_counted_by_one_statement(session: Session, cast: Cast, ada: FlaskClient) -> None:
    def questions() -> int:
        ada.get("/positions")
        with counted(db.engine) as said:
            ada.get("/positions")
        return len(said)

    make_position(session, cast.acme, "営業")
    one = questions()
    for n in range(20):
        make_position(session, cast.acme, f"求人{n}")
    assert questions() == one


def test_without_positions_the_page_says_where_they_come_from(ada: FlaskClient) -> None:
    assert "求人はまだありません" in ada.get("/positions").text
