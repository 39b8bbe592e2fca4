"""The sheet of a year on paper: one A4 at none, seven and seventy thousand referrals, the answer in its first line."""

from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock, config, create_app
from relay.extensions import begin_writing, db
from relay.models import Company, LinkSource, Referral, scopes
from relay.models.inserting import insert_rows
from tests.browser import people
from tests.browser.conftest import Window
from tests.browser.test_ticket import pages
from tests.db.network.test_ledger import fill
from tests.installation import Installation

A4 = (210, 297)
MANY = 70_000


def test_it_is_one_sheet_whatever_came(site: Installation, chromium: Browser) -> None:
    site.start()
    window = Window(chromium, width=1440, script=False)
    page = window.page
    people.open_session(page, site, people.HR)
    for came, first, said in (
        (0, "まだ0円です。次の一歩：見送りの結果連絡をRelayから送る。", "0名"),
        (7, "まだ0円です。次の一歩：あと3名の登録で紹介枠を1件獲得できます。", "7名"),
        (MANY, "まだ0円です。次の一歩：", "70,000名"),
    ):
        bring(site, came)
        page.goto(f"{site.url}/insights")
        expect(page.get_by_role("heading", level=2).first).to_contain_text(first)
        expect(page.get_by_role("row", name="リレー完了")).to_contain_text(said)
        sizes = pages(page.pdf(format="A4", print_background=True))
        assert [(round(width), round(height)) for width, height in sizes] == [A4], came
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="定義").first).to_be_hidden()
    window.close()


def bring(site: Installation, number: int) -> None:
    """Let so many be referred in all."""
    app = create_app(config.load(site.environment))
    with app.app_context():
        begin_writing()
        session = db.session()
        with scopes.everyone(session, "test"):
            company = session.scalars(select(Company).where(Company.slug == "hinata")).one()
            there = len(session.scalars(select(Referral.id)).all())
        if number < MANY:
            fill(session, company, number - there, first=there + 1)
        else:
            _many(session, company.id, range(there + 1, number + 1))
        session.commit()
        db.session.remove()
        db.engine.dispose()


def _many(session: Session, company_id: int, numbers: range) -> None:
    rows = [
        {
            "company_id": company_id,
            "number": number,
            "source": LinkSource.RESULT_MAIL,
            "completed_at": clock.now(),
            "void_reason": "",
            "mistaken": False,
        }
        for number in numbers
    ]
    insert_rows(session.connection(), Referral, rows)
