"""/feeds/<token>: the counts of one company for a spreadsheet, and nothing for whoever holds no living address."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.access import rate_limits
from relay.kpis import feeds, month_counts
from relay.models import ApplicationResult, CaseKind, Event, Feed, RateCount, RejectionReason, UserSession, scopes
from relay.rights import erasure
from tests.cast import Cast, make_application, make_candidate, make_cast

COLUMNS = ["月", "記号", "種類", "内訳", "数"]
FORMULA = '=HYPERLINK("https://evil.example","見る")'
MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def in_november() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 30, 12, tzinfo=clock.JAPAN)):
        yield


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> int:
    """Hired in March by a channel that a spreadsheet would run; ten others rejected, and one at another company."""
    person = make_candidate(session, cast.acme, "見本 花子", email="hanako@person.example")
    hired = {"applied_on": MARCH, "decided_on": MARCH, "status": ApplicationResult.HIRED}
    make_application(session, person, channel=FORMULA, **hired)
    for number in range(10):
        other = make_candidate(session, cast.acme, f"見本 {number}")
        told = hired | {"status": ApplicationResult.REJECTED, "reason": RejectionReason.SKILLS}
        make_application(session, other, channel="Indeed", **told)
    make_application(session, make_candidate(session, cast.other, "よその 太郎"), channel="よその経路", **hired)
    session.commit()
    return person.id


@pytest.fixture
def token(session: Session, cast: Cast) -> str:
    return make(session, cast)


@pytest.fixture
def sheet(app: Flask) -> FlaskClient:
    """A program that sends no header and keeps no cookie."""
    return app.test_client(use_cookies=False)


def make(session: Session, cast: Cast) -> str:
    token = feeds.make(session, cast.acme.id, "役員会の表", by_user_id=cast.adam.id)
    session.commit()
    return token


def revoke(session: Session, cast: Cast) -> None:
    [feed] = feeds.living(session, cast.acme.id)
    feeds.revoke(session, cast.acme.id, feed.id, by_user_id=cast.adam.id)
    session.commit()


def address(token: str, kind: str = "csv") -> str:
    return f"/feeds/{token}/kpis.{kind}"


def table(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.data.decode(), newline="")))


def essence(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    return answer.status_code, answer.data, sorted(answer.headers)


def test_both_read_back_to_the_counts_of_the_company(
    sheet: FlaskClient, session: Session, cast: Cast, hanako: int, token: str
) -> None:
    read, told = table(sheet.get(address(token))), json.loads(sheet.get(address(token, "json")).data)
    with scopes.company(session, cast.acme.id):
        counted = month_counts.of(session, tuple(CaseKind), date(2024, 12, 1), date(2026, 11, 1))
    expected = {
        (cell.month.isoformat(), kind.value): counted.by_month(kind)[cell.month].all
        for kind in CaseKind
        for cell in counted.cells[kind]
    }
    sums: dict[tuple[str, str], int] = {}
    for row in told["rows"]:
        sums[row["month"], row["kind"]] = sums.get((row["month"], row["kind"]), 0) + row["count"]
    assert expected and sums == expected
    assert list(read[0]) == COLUMNS
    unguarded = [{name: value.removeprefix("'") for name, value in row.items()} for row in read]
    names = dict(zip(COLUMNS, ("month", "kind", "label", "key", "count"), strict=True))
    assert unguarded == [{name: str(row[of]) for name, of in names.items()} for row in told["rows"]]
    of_march = {(row["kind"], row["key"]): row["count"] for row in told["rows"] if row["month"] == "2026-03-01"}
    assert of_march["hired", FORMULA] == 1 and of_march["applied", "Indeed"] == 10
    assert of_march["rejected", str(RejectionReason.SKILLS.label)] == 10
    assert told["as_of"] == "2026-11-30T12:00:00+09:00"


def test_no_cell_is_a_formula_and_no_row_is_of_a_person_or_another_company(
    sheet: FlaskClient, session: Session, cast: Cast, hanako: int, token: str
) -> None:
    answer = sheet.get(address(token))
    for row in csv.reader(StringIO(answer.data.decode(), newline="")):
        assert not any(cell[:1] in {"=", "+", "-", "@"} for cell in row)
    assert f"'{FORMULA}" in [row["内訳"] for row in table(answer)]
    for kind in ("csv", "json"):
        for word in ("花子", "hanako", "よその", "見本", "Acme", "アクメ"):
            assert word not in sheet.get(address(token, kind)).text


def test_who_was_erased_goes_on_counting_and_nothing_else_is_left(
    sheet: FlaskClient, session: Session, cast: Cast, hanako: int, token: str
) -> None:
    of_the_past = {kind.value for kind, cases in month_counts.CASES.items() if cases.kept}

    def read() -> list[dict[str, str]]:
        return [row for row in table(sheet.get(address(token))) if row["記号"] in of_the_past]

    before = read()
    with scopes.company(session, cast.acme.id):
        erasure.erase_candidates(session, cast.acme.id, [hanako])
    session.commit()
    assert read() == before


def test_excel_is_told_the_encoding_where_it_asks(sheet: FlaskClient, hanako: int, token: str) -> None:
    plain, marked = sheet.get(address(token)), sheet.get(f"{address(token)}?bom=1")
    assert marked.data == b"\xef\xbb\xbf" + plain.data
    assert plain.headers["Content-Type"] == marked.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sheet.get(address(token, "json")).headers["Content-Type"] == "application/json"


def test_what_is_revoked_malformed_or_unknown_is_one_and_the_same_404(
    sheet: FlaskClient, session: Session, cast: Cast, token: str
) -> None:
    assert sheet.get(address(token)).status_code == 200
    revoke(session, cast)
    for kind in ("csv", "json"):
        revoked = sheet.get(address(token, kind))
        assert revoked.status_code == 404
        for other in ("x" * 43, "x", "あ", "x" * 300, "%00"):
            assert essence(sheet.get(address(other, kind))) == essence(revoked), other
    assert sheet.get(f"/feeds/{token}/other.csv").status_code == 404


def test_head_answers_as_get_does_without_a_body_and_nothing_else_is_taken(
    sheet: FlaskClient, hanako: int, token: str
) -> None:
    for kind in ("csv", "json"):
        head, got = sheet.head(address(token, kind)), sheet.get(address(token, kind))
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.data))
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert sheet.open(address(token, kind), method=method).status_code == 405


def test_nobody_keeps_it_and_nothing_is_signed_in(
    sheet: FlaskClient, session: Session, hanako: int, token: str
) -> None:
    for path in (address(token), address(token, "json"), address("x" * 43)):
        answer = sheet.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in answer.headers
    assert session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_reading_writes_its_day_and_nothing_that_counts(
    sheet: FlaskClient, session: Session, cast: Cast, hanako: int, token: str
) -> None:
    events = session.scalar(select(func.count()).select_from(Event))
    for day in (29, 29, 30):
        with clock.at(datetime(2026, 11, day, 23, 59, tzinfo=clock.JAPAN)):
            sheet.get(address(token))
            session.rollback()
            with scopes.company(session, cast.acme.id):
                assert session.scalar(select(Feed.last_used_on)) == date(2026, 11, day)
    assert session.scalar(select(func.count()).select_from(Event)) == events


def test_too_many_in_a_minute_are_held_back_whether_they_open_anything_or_not(
    sheet: FlaskClient, session: Session, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "READS_PER_FEED", 2)
    assert [sheet.get(address(token)).status_code for _ in range(3)] == [200, 200, 429]
    assert sheet.get(address(token)).headers["Retry-After"] == "60"
    monkeypatch.setattr(rate_limits, "FEEDS_PER_ADDRESS", 6)
    assert [sheet.get(address(made_up)).status_code for made_up in ("x" * 43, "y", "z")] == [404, 404, 429]
    session.execute(delete(RateCount))
    session.commit()
    for number in range(5):
        sheet.get(address(f"{number}" * 43))
    assert session.scalar(select(func.count()).select_from(RateCount)) == 1, "made-up tokens leave no rows"


def test_a_company_that_is_not_counted_yet_is_asked_to_come_again(
    sheet: FlaskClient, hanako: int, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(month_counts, "_is_small", lambda _session: False)
    answer = sheet.get(address(token))
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, "503\n", "3600")
