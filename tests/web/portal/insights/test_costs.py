"""Pages of costs: a month as it is typed, the fee of a hire, the year before Relay, and who may do which."""

import re
from datetime import date
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from relay import clock
from relay.insight.costs import baseline, months
from relay.insight.costs.baseline import Baseline
from relay.models import Application, ApplicationResult, Cost, CostKind, scopes
from tests.cast import Cast, browse, make_application, make_candidate

MONTH = "/insights/costs/month?month=2026-10"
OCTOBER = date(2026, 10, 1)
ADVERTISING, AGENCY_FEE = CostKind.ADVERTISING, CostKind.AGENCY_FEE


def form_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of a form that nobody touched."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        said = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if "name" in said and said.get("type") not in ("radio", "checkbox", "file"):
            found.setdefault(said["name"], []).append(unescape(said.get("value", "")))
    return found


def field_of(page: str, label: str) -> str:
    [name] = re.findall(rf'<label class="field__label" for="([^"]+)">{re.escape(label)}', page)
    return str(name)


def typed(browser: FlaskClient, page: str, address: str = MONTH, **said: str) -> TestResponse:
    return browser.post(address, data=form_of(page) | said)


def stored(session: Session, cast: Cast) -> dict[tuple[CostKind, str], int]:
    with scopes.company(session, cast.acme.id):
        session.expire_all()
        return months.typed_of(session, OCTOBER)


@pytest.fixture
def hire(session: Session, cast: Cast) -> Application:
    person = make_candidate(session, cast.acme, "小平 陸")
    made = make_application(
        session, person, status=ApplicationResult.HIRED, decided_on=clock.today(), channel="紹介会社"
    )
    session.commit()
    return made


def test_a_month_is_typed_line_by_line_and_shown_in_the_table(session: Session, cast: Cast, ada: FlaskClient) -> None:
    page = ada.get(MONTH).text
    new = {"new-kind-0": "advertising", "new-channel-0": "Indeed", "new-yen-0": "12万円"}
    new |= {"new-kind-2": "agency_fee", "new-channel-2": "", "new-yen-2": "０"}
    answer = typed(ada, page, **new)
    assert answer.status_code == 303, answer.text
    assert stored(session, cast) == {(ADVERTISING, "Indeed"): 120_000, (AGENCY_FEE, ""): 0}
    assert typed(ada, page, **new).status_code == 422, "pressed twice: both are above by now"
    assert stored(session, cast) == {(ADVERTISING, "Indeed"): 120_000, (AGENCY_FEE, ""): 0}
    again = ada.get(answer.location).text
    name = field_of(again, "求人広告・媒体（Indeed）")
    assert form_of(again)[name] == ["120,000"]
    for _twice in range(2):
        assert typed(ada, again, **{name: "¥130,000"}).status_code == 303
    assert stored(session, cast)[ADVERTISING, "Indeed"] == 130_000
    assert typed(ada, ada.get(MONTH).text, **{name: ""}).status_code == 303
    assert stored(session, cast) == {(AGENCY_FEE, ""): 0}
    with clock.at(clock.start_of_day(date(2026, 11, 30))):
        months.set_cost(session, cast.acme.id, OCTOBER, ADVERTISING, "doda", 77_000, by_user_id=None)
        session.commit()
        shown = ada.get("/insights/costs").text
    assert "77,000" in shown
    assert shown.count('scope="col" class="r"') == 13


def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_is_kept(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    months.set_cost(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed", 5, by_user_id=None)
    session.commit()
    page = ada.get(MONTH).text
    name = field_of(page, "求人広告・媒体（Indeed）")
    said = {name: "▲500", "new-kind-0": "", "new-channel-0": "doda", "new-yen-0": "未定", "new-kind-1": "other"}
    answer = typed(ada, page, **said, **{"new-yen-1": "9"})
    assert answer.status_code == 422
    assert "0円より小さい" in answer.text
    assert "費目を選んでください" in answer.text
    assert "「未定」は金額として読めません" in answer.text
    back = form_of(answer.text)
    assert (back[name], back["new-channel-0"], back["new-yen-1"]) == (["▲500"], ["doda"], ["9"])
    assert stored(session, cast) == {(ADVERTISING, "Indeed"): 5}


def test_of_two_tabs_the_second_is_asked_and_loses_nothing(session: Session, cast: Cast, ada: FlaskClient) -> None:
    months.set_cost(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed", 100, by_user_id=None)
    session.commit()
    first = second = ada.get(MONTH).text
    name = field_of(first, "求人広告・媒体（Indeed）")
    assert typed(ada, first, **{name: "200"}).status_code == 303
    other = {"new-kind-0": "other", "new-channel-0": "説明会", "new-yen-0": "7"}
    answer = typed(ada, second, **{name: "300"}, **other)
    assert answer.status_code == 409
    assert "まだ保存していません" in answer.text
    back = form_of(answer.text)
    assert (back[name], back["new-channel-0"]) == (["300"], ["説明会"])
    assert stored(session, cast) == {(ADVERTISING, "Indeed"): 200}
    mark = re.findall(rf'name="keep-{name}" value="typed:(\w+)"', answer.text)[0]
    assert typed(ada, answer.text, **{name: "300", f"keep-{name}": f"typed:{mark}"}, **other).status_code == 303
    assert stored(session, cast) == {(ADVERTISING, "Indeed"): 300, (CostKind.OTHER, "説明会"): 7}


def test_a_new_line_never_overwrites_one_that_came_meanwhile(session: Session, cast: Cast, ada: FlaskClient) -> None:
    page = ada.get(MONTH).text
    months.set_cost(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed", 100, by_user_id=None)
    session.commit()
    answer = typed(ada, page, **{"new-kind-0": "advertising", "new-channel-0": "Indeed", "new-yen-0": "5"})
    assert answer.status_code == 422
    assert "すでに上にあります" in answer.text
    assert stored(session, cast) == {(ADVERTISING, "Indeed"): 100}


@pytest.mark.parametrize("month", ["2026-13", "1999-12", "9999-01", "x", "2026-1"])
def test_a_month_that_cannot_be_is_not_there(ada: FlaskClient, month: str) -> None:
    assert ada.get(f"/insights/costs/month?month={month}").status_code == 404
    assert ada.get(f"/insights/costs?until={month}").status_code == 200


def test_the_fee_of_a_hire_is_typed_corrected_and_removed(
    session: Session, cast: Cast, ada: FlaskClient, hire: Application
) -> None:
    address = f"/insights/costs/hires/{hire.id}"
    assert "小平 陸" in ada.get("/insights/costs/hires").text
    page = ada.get(address).text
    assert typed(ada, page, address, yen="105万円").status_code == 303
    shown = ada.get("/insights/costs/hires").text
    assert "1,050,000" in shown
    second = ada.get(address).text
    assert typed(ada, second, address, yen="90万円", month="2026年10月").status_code == 303
    stale = typed(ada, second, address, yen="80万円")
    assert stale.status_code == 409
    assert form_of(stale.text)["yen"] == ["80万円"]
    bad = typed(ada, ada.get(address).text, address, yen="-1", month="来月")
    assert bad.status_code == 422
    assert form_of(bad.text)["month"] == ["来月"]
    assert typed(ada, ada.get(address).text, address, month="2031年1月").status_code == 422
    with scopes.company(session, cast.acme.id):
        row = session.scalars(select(Cost)).one()
        assert (row.yen, row.month, row.kind, row.channel) == (900_000, OCTOBER, AGENCY_FEE, "紹介会社")
    assert "900,000円あります" in ada.get(MONTH).text
    assert typed(ada, ada.get(address).text, address, yen="").status_code == 303
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Cost)).all() == []


def test_an_application_that_is_no_hire_has_no_fee(ada: FlaskClient, application: Application) -> None:
    assert ada.get(f"/insights/costs/hires/{application.id}").status_code == 404
    assert ada.post(f"/insights/costs/hires/{application.id}", data={"yen": "5"}).status_code == 404


def test_the_year_before_is_kept_number_by_number_and_told_apart_in_two_tabs(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    address = "/insights/baseline"
    page = ada.get(address).text
    assert typed(ada, page, address, advertising_yen="240万円", hires="8名", fee_rate="32.5%").status_code == 303
    kept = baseline.get(session, cast.acme.id)
    assert (kept.advertising_yen, kept.agency_fee_yen, kept.hires, str(kept.fee_rate)) == (2_400_000, None, 8, "32.5")
    assert form_of(ada.get(address).text)["fee_rate"] == ["32.5"]
    stale = typed(ada, page, address, advertising_yen="300万円")
    assert stale.status_code == 409
    assert form_of(stale.text)["advertising_yen"] == ["300万円"]
    bad = typed(ada, ada.get(address).text, address, advertising_yen="-1", hires="多数", fee_rate="101")
    assert bad.status_code == 422
    assert all(part in bad.text for part in ("0円より小さい", "「多数」は人数", "「101」は料率"))


def test_the_first_start_asks_for_the_year_before_and_lets_it_go(app: Flask, session: Session, cast: Cast) -> None:
    adam = browse(app, cast.adam)
    page = adam.get("/setup/baseline").text
    assert "あとで" in page
    assert "始める前の1年" in adam.get("/setup").text
    assert "始める前の1年" not in adam.get("/setup/done").text.partition("あとで行う設定")[2]
    answer = typed(adam, page, "/setup/baseline", advertising_yen="1", agency_fee_yen="0", hires="1")
    assert answer.location.endswith("/setup/done")
    assert baseline.get(session, cast.acme.id) == Baseline(1, 0, 1)
    assert typed(adam, page, "/setup/baseline", hires="x").status_code == 422


def test_a_viewer_reads_and_changes_nothing(
    app: Flask, session: Session, cast: Cast, vic: FlaskClient, hire: Application
) -> None:
    months.set_cost(session, cast.acme.id, OCTOBER, ADVERTISING, "Indeed", 123_456, by_user_id=None)
    session.commit()
    for address in ("/insights/costs", MONTH, "/insights/costs/hires", "/insights/baseline"):
        page = vic.get(address)
        assert page.status_code == 200, address
        assert "保存する" not in page.text
    assert "123,456" in vic.get(MONTH).text
    for address in (MONTH, f"/insights/costs/hires/{hire.id}", "/insights/baseline", "/insights/costs/file"):
        assert vic.post(address).status_code == 403, address
    mona = browse(app, cast.mona)
    assert "123,456" not in mona.get(MONTH).text
    assert "小平" not in mona.get("/insights/costs/hires").text
    assert mona.get(f"/insights/costs/hires/{hire.id}").status_code == 404
