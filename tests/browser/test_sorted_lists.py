"""A hundred thousand people in any order, several ticked with shift, and ticks of 結果連絡 that survive a search."""

import sqlite3
import time
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation

MANY = 100_000
AT_ONCE = 10.0
"""Seconds, many times what a page takes, for a machine that does other things as well."""
_COMPANY = "SELECT id FROM companies WHERE slug = 'hinata'"
_NUMBERS = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
_FILL = (
    f"""INSERT INTO candidates (company_id, name, name_key, kana, kana_key, email, email_key, phone, phone_key,
        qualifications, desired_role, basis, retain_until, erasure_key, created_at, updated_at)
    {_NUMBERS} SELECT ({_COMPANY}), '候補 ' || i, '候補' || i, k, k, '', '', '', '', '', '', 'stated',
        date('2027-01-01', (i * 7 % 500) || ' days'), 'k' || i, '2026-11-01 00:00:00', '2026-11-01 00:00:00'
    FROM (SELECT i, char(12450 + i * 37 % 80) || char(12450 + i % 80) AS k FROM n)""",
    f"""INSERT INTO applications (company_id, candidate_id, channel, channel_detail, stage, status, applied_on,
        decided_on, decided_in_relay, notified_at, notified_by, created_at, updated_at)
    SELECT company_id, id, 'Indeed', '', CASE id % 3 WHEN 0 THEN '' WHEN 1 THEN '書類選考' ELSE '最終面接' END,
        'rejected', CASE WHEN id % 11 THEN date('2020-01-01', (id * 13 % 2400) || ' days') END, '2026-11-02', 0,
        CASE WHEN id % 1000 THEN '2026-11-03 00:00:00' END, CASE WHEN id % 1000 THEN 'elsewhere' END,
        created_at, updated_at
    FROM candidates WHERE company_id = ({_COMPANY})""",
)


@pytest.fixture
def crowded(site: Installation) -> Installation:
    """A company of a hundred thousand people, of whom a hundred wait for a result; the triggers do the rest."""
    with sqlite3.connect(site.folder / "relay.sqlite3") as database:
        for statement in _FILL:
            database.execute(statement)
        database.execute("ANALYZE")
    site.start()
    return site


def names(page: Page) -> list[str]:
    return page.locator("#list-body tbody .who").all_inner_texts()


def timed(page: Page, press: str) -> None:
    """Press, and wait until the rows are others, within AT_ONCE."""
    before, begun = names(page), time.monotonic()
    page.locator(press).first.click()
    expect(page.locator("#list-body tbody .who").first).not_to_have_text(before[0])
    assert time.monotonic() - begun < AT_ONCE


def test_sorting_paging_and_shift_among_a_hundred_thousand(crowded: Installation, chromium: Browser) -> None:
    office = Window(chromium, width=1440, script=True)
    page = office.page
    people.open_session(page, crowded, people.HR)
    page.goto(f"{crowded.url}/pool?sort=name")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("候補者")
    kana = page.locator("#list-body .kana").all_inner_texts()
    assert all(one <= other for one, other in pairwise(kana))
    timed(page, "thead .sort:has-text('保管期限')")
    timed(page, "thead .sort:has-text('応募日')")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("応募日")
    expect(page.locator("#sorting")).to_contain_text("応募日の新しい順")

    first = names(page)
    timed(page, "a[rel=next]")
    timed(page, "a[rel=next]")
    timed(page, "a[rel=prev]")
    timed(page, "a[rel=prev]")
    assert names(page) == first
    page.locator("#list-body tbody .who").nth(1).click()
    page.get_by_role("link", name="次の方").click()
    expect(page.locator("h1")).to_contain_text(first[2])
    page.go_back()
    page.go_back()
    assert "sort=-applied" in page.url

    boxes = page.locator("#rows tbody .pick")
    boxes.nth(1).click()
    boxes.nth(6).click(modifiers=["Shift"])
    expect(page.locator("#bulk [data-count]")).to_have_text("6")
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator("#bulk [data-count]")).to_have_text("2")
    assert not office.errors, office.errors
    office.close()

    plain = Window(chromium, width=390, script=False)
    people.open_session(plain.page, crowded, people.HR)
    plain.page.goto(f"{crowded.url}/pool?sort=-applied")
    assert names(plain.page) == first
    plain.page.get_by_role("link", name="次へ").click()
    assert "sort=-applied" in plain.page.url
    _tick_results(crowded, chromium)
    plain.close()


def _tick_results(crowded: Installation, chromium: Browser) -> None:
    """Two of the first page, one of the next, one found by name; then a record and back: all are written to."""
    for script in (True, False):
        office = Window(chromium, width=1440, script=script)
        page = office.page
        people.open_session(page, crowded, people.HR)
        page.goto(f"{crowded.url}/results")
        expect(page.locator("#list-body tbody tr")).to_have_count(50)
        wanted = names(page)[:2]
        for box in (0, 1):
            page.locator("#list-body tbody .pick").nth(box).check()
        page.get_by_role("button", name="次へ").click()
        expect(page.locator("#list-body tbody .who").first).not_to_have_text(wanted[0])
        wanted += names(page)[-1:]
        page.locator("#list-body tbody .pick").last.check()
        page.locator("#search").fill("候補 50000")
        if not script:
            page.locator("#search").press("Enter")
        expect(page.locator("#list-body tbody tr")).to_have_count(1)
        wanted += names(page)
        page.locator("#list-body tbody .pick").check()
        expect(page.locator(".bulkbar")).to_contain_text("ほかのページ・ほかの検索で選んだ3名を含みます")
        page.locator("#list-body .who").click()
        expect(page.locator("h1")).to_contain_text("候補 50000")
        page.go_back()
        expect(page.locator("#list-body tbody .pick")).to_be_checked()
        page.get_by_role("button", name="結果連絡を書く").click()
        page.wait_for_url("**/results/drafts/*")
        for name in wanted:
            expect(page.locator("main")).to_contain_text(name)
        assert not office.errors, office.errors
        office.close()
