"""The mail of a month is stopped from itself by one click, switched on one's own page, and says what the page says."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from relay import clock
from relay.insight import month_report
from relay.insight.costs import baseline, months
from relay.insight.costs.baseline import Baseline
from relay.introductions import endings
from relay.mail import compose, tokens
from relay.models import (
    Application,
    ApplicationResult,
    CostKind,
    IntroductionRequest,
    Position,
    TokenPurpose,
    User,
    scopes,
)
from relay.models.positions import SalaryPeriod
from tests.cast import Cast, browse, live_before_this_month, make_cast
from tests.db.introductions import build
from tests.db.network.build import mails
from tests.db.network.test_ledger import fill


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def mailed(session: Session, cast: Cast) -> str:
    """The path of the page that the mail leads to."""
    token = tokens.mint(session, TokenPurpose.MONTH_REPORT, cast.adam.id, company_id=cast.acme.id)
    session.commit()
    return f"/report-off/{token}"


def is_wanted(session: Session, user: User) -> bool:
    session.rollback()
    assert user.company_id
    return month_report.is_wanted(session, user.company_id, user.id)


def test_the_mail_leads_to_a_page_that_stops_it(app: Flask, session: Session, cast: Cast) -> None:
    path, stranger = mailed(session, cast), app.test_client()
    page = stranger.get(path).text
    assert "これからもログインしてご覧いただけます" in page
    assert is_wanted(session, cast.adam), "looking changes nothing"
    csrf = re.search(r'name="link_csrf" value="([^"]+)"', page)
    assert csrf
    assert stranger.post(path).status_code == 400, "not from this page"
    for _time in range(2):
        answer = stranger.post(path, data={"link_csrf": csrf[1]})
        assert (answer.status_code, answer.location) == (303, path)
    assert not is_wanted(session, cast.adam)
    assert is_wanted(session, cast.mona), "another company's reader"
    assert "月次レポートは停止しています" in stranger.get(path).text


def test_a_mail_program_stops_it_by_one_post(app: Flask, session: Session, cast: Cast) -> None:
    answer = app.test_client().post(mailed(session, cast), data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "Set-Cookie" not in answer.headers
    assert not is_wanted(session, cast.adam)


def test_the_link_of_a_member_who_left_opens_nothing(app: Flask, session: Session, cast: Cast) -> None:
    path = mailed(session, cast)
    cast.adam.disabled_at = cast.adam.created_at
    session.commit()
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert "「ログインとアカウント」の画面から停止できます" in answer.text


def test_members_switch_it_on_their_own_page_and_agents_have_no_such_page(
    app: Flask, session: Session, cast: Cast
) -> None:
    for user, at_first in ((cast.adam, True), (cast.vic, False)):
        browser: FlaskClient = browse(app, user)
        assert is_wanted(session, user) is at_first
        assert f"月次レポートを{'停止' if at_first else '再開'}する" in browser.get("/account").text
        for wanted in (not at_first, not at_first, at_first):
            answer = browser.post("/account/month-report", data={"on": "1" if wanted else "0"})
            assert answer.location == "/account"
            assert is_wanted(session, user) is wanted
    agnes = browse(app, cast.agnes)
    assert "月次レポート" not in agnes.get("/account").text
    assert agnes.post("/account/month-report", data={"on": "0"}).status_code == 403


def words(html: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html))


def hire(session: Session, desk: build.Desk, request: IntroductionRequest) -> None:
    """The person is met and hired, at a salary that is known; another request holds a credit."""
    endings.interview_held(session, desk.company.id, request.id)
    with scopes.company(session, desk.company.id):
        hired = update(Application).values(status=ApplicationResult.HIRED, decided_on=clock.today())
        session.execute(hired)
        position = update(Position).where(Position.id == desk.position.id)
        session.execute(position.values(salary_per=SalaryPeriod.YEAR, salary_from=4_321_000))
    endings.follow_result(session, desk.company.id, request.id)
    desk.ask()


@pytest.mark.parametrize("hired", [False, True])
def test_the_mail_says_the_numbers_that_the_page_says(app: Flask, session: Session, cast: Cast, hired: bool) -> None:
    desk = build.desk(session, cast, earned=3)
    fill(session, cast.acme, 13)
    if hired:
        request = desk.ask()
        desk.yes(desk.link(request))
    session.commit()
    with clock.at(build.first_time(session, desk.position) + timedelta(hours=2)):
        if hired:
            hire(session, desk, request)
        first, known = clock.today().replace(day=1), Baseline(fee_rate=Decimal(35))
        baseline.keep(session, cast.acme.id, known, by_user_id=cast.ada.id)
        with scopes.company(session, cast.acme.id):
            months.set_cost(session, cast.acme.id, first, CostKind.RELAY, "", 120_000, by_user_id=cast.ada.id)
            live_before_this_month(cast.acme)
            month_report.write_to(session, cast.acme.id)
        session.commit()
        page = browse(app, cast.ada).get("/insights").text
        [mail] = mails(session, month_report.LETTER)
        with scopes.company(session, cast.acme.id):
            said = compose.render(session, mail, preview=False, links={"report_url": "https://x.example/report-off/t"})
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td class="r">(.*?)</td></tr>', page)
    numbers = {words(label).partition("定義")[0]: words(number) for label, number in rows}
    assert len(numbers) == 8
    assert (numbers["紹介枠での採用"], numbers["いま確保中の紹介枠"]) == (("1名", "1件") if hired else ("0名", "0件"))
    for text in (said.text, said.html):
        assert dict(re.findall(r"([^\s・：>（]+)：([\d,]+[名件])", text)) == numbers
    yen = "約151万円（紹介枠での採用1名×年収×料率）を使わずに済みました。" if hired else "まだ0円です。次の一歩："
    headline = said.text.strip().split("\n")[0]
    assert yen in headline and headline.endswith("Relayの費用は12万円。")
    assert headline in page and headline in said.html
    assert "花野" not in said.text + said.html and desk.position.title not in said.text + said.html
