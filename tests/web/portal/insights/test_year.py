"""The sheet of a year: its first line in yen, reckoned from what the company typed and from nothing else."""

import re
from datetime import timedelta
from decimal import Decimal

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.insight import savings
from relay.insight.costs import baseline, months
from relay.insight.costs.baseline import Baseline
from relay.models import ApplicationResult, CostKind, scopes
from relay.models.positions import SalaryPeriod
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.db.network.test_ledger import fill


def sheet(browser: FlaskClient) -> str:
    """The words of the page."""
    body = browser.get("/insights").text.partition("<main")[2]
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", body))


def position(session: Session, cast: Cast, title: str, period: SalaryPeriod | None, low: int | None) -> int:
    made = make_position(session, cast.acme, title)
    made.salary_per, made.salary_from = period, low
    session.flush()
    return made.id


def test_without_a_hire_it_is_nothing_and_says_the_next_step(session: Session, cast: Cast, ada: FlaskClient) -> None:
    assert "まだ0円です。次の一歩：見送りの結果連絡をRelayから送る。登録が10名になると" in sheet(ada)
    fill(session, cast.acme, 7)
    session.commit()
    assert "次の一歩：あと3名の登録で紹介枠を1件獲得できます。" in sheet(ada)
    fill(session, cast.acme, 3, first=8)
    session.commit()
    assert "次の一歩：空いている紹介枠1件で、紹介会社に紹介を依頼する。" in sheet(ada)


def test_a_fee_is_hires_by_salary_by_the_rate_and_what_is_unknown_is_left_out(session: Session, cast: Cast) -> None:
    by_year = position(session, cast, "経理", SalaryPeriod.YEAR, 4_000_000)
    by_month = position(session, cast, "営業", SalaryPeriod.MONTH, 250_000)
    by_hour = position(session, cast, "受付", SalaryPeriod.HOUR, 1_200)
    unknown = position(session, cast, "総務", None, None)
    hires = {by_year: 2, by_month: 1, by_hour: 1, unknown: 1}
    with scopes.company(session, cast.acme.id):
        found = savings.of(session, hires, Decimal("32.5"))
        assert [(fee.title, fee.hires, fee.salary, fee.yen) for fee in found.fees] == [
            ("経理", 2, 4_000_000, 2_600_000),
            ("営業", 1, 3_000_000, 975_000),
        ]
        assert (found.yen, found.unpriced) == (3_575_000, 2)
        nothing = savings.of(session, hires, None)
    assert (nothing.fees, nothing.unpriced) == ((), 5)
    with scopes.company(session, cast.other.id):
        assert savings.of(session, hires, Decimal(35)).fees == []


def test_what_a_hire_cost_before_and_now(session: Session, cast: Cast, ada: FlaskClient) -> None:
    assert "3つの数字を入力する" in sheet(ada)
    assert "Relayの費用は記入されていません。" in sheet(ada)
    known = Baseline(advertising_yen=1_000_000, agency_fee_yen=600_000, hires=2)
    baseline.keep(session, cast.acme.id, known, by_user_id=cast.ada.id)
    with scopes.company(session, cast.acme.id):
        month = clock.today().replace(day=1)
        months.set_cost(session, cast.acme.id, month, CostKind.RELAY, "", 120_000, by_user_id=cast.ada.id)
        months.set_cost(session, cast.acme.id, month, CostKind.ADVERTISING, "Indeed", 400_000, by_user_id=cast.ada.id)
    session.commit()
    said = sheet(ada)
    assert "Relayの費用は12万円。" in said
    assert "80万円求人広告100万円＋紹介手数料60万円、入社2名" in said
    assert "入社がまだないため計算できません費用の合計52万円、入社0名" in said
    person = make_candidate(session, cast.acme, "入社 一郎")
    day = clock.today() - timedelta(days=1)
    make_application(session, person, status=ApplicationResult.HIRED, applied_on=day, decided_on=day, channel="Indeed")
    session.commit()
    assert "この12か月52万円費用の合計52万円、入社1名" in sheet(ada)
    assert "35%の削減" in ada.get("/insights/rates").text
    assert "40万円" in ada.get("/insights/channels").text
