"""A credit on paper: Chromium prints its ticket as two pages of A6, front and back, and nothing else of the page."""

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from relay import clock, config, create_app
from relay.extensions import begin_writing, db
from relay.models import Company, CreditEntry, scopes
from tests.browser import people
from tests.browser.conftest import Window
from tests.db.network.test_ledger import fill
from tests.installation import Installation

A6 = (105, 148)
"""Millimetres."""
POINTS = 72 / 25.4


@pytest.fixture
def earned(site: Installation) -> int:
    """The id of a credit that ten people earned."""
    app = create_app(config.load(site.environment))
    with app.app_context():
        begin_writing()
        session = db.session()
        with scopes.everyone(session, "test"):
            company = session.scalars(select(Company).where(Company.slug == "hinata")).one()
        fill(session, company, 10)
        session.commit()
        with scopes.company(session, company.id):
            return session.scalars(select(CreditEntry.id)).one()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_ticket_is_two_pages_of_a6(site: Installation, chromium: Browser, earned: int, script: bool) -> None:
    site.start()
    window = Window(chromium, width=1440, script=script)
    page = window.page
    people.open_session(page, site, people.HR)
    page.goto(f"{site.url}/credits")
    page.get_by_role("link", name="この紹介枠の券を印刷").click()
    expect(page).to_have_url(re.compile(f"/credits/{earned}/ticket$"))
    expect(page.get_by_role("list", name="もとになった登録").get_by_role("listitem")).to_have_count(10)
    sizes = pages(page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(sizes) == 2
    for width, height in sizes:
        assert (width, height) == (pytest.approx(A6[0], abs=0.5), pytest.approx(A6[1], abs=0.5))
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="紹介枠に戻る")).to_be_hidden()
    for heading in ("無料紹介枠", "紹介枠のきまり"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    window.close()


@pytest.mark.usefixtures("earned")
def test_a_month_prints_without_what_leads_elsewhere(site: Installation, chromium: Browser) -> None:
    site.start()
    window = Window(chromium, width=390, script=False)
    page = window.page
    people.open_session(page, site, people.HR)
    page.goto(f"{site.url}/credits")
    page.get_by_role("link", name="月ごとの明細").click()
    expect(page.get_by_role("link", name="この月の明細をCSVで保存")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="この月の明細をCSVで保存")).to_be_hidden()
    today = clock.today()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"紹介枠の明細（{today.year}年{today.month}月）")
    expect(page.get_by_role("table")).to_contain_text("1番の紹介枠のもとになった登録：登録1番（")
    window.close()


def pages(paper: bytes) -> list[tuple[float, float]]:
    """Width and height of each page of a PDF, in millimetres."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", paper)
    return [(float(width) / POINTS, float(height) / POINTS) for width, height in boxes]
