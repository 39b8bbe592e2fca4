"""A file as HR has it, from the upload to taking it back, in a browser: the sheet, the headers, a row, a word."""

import io
import re

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import Window
from tests.installation import Installation

HEADERS = ("No.", "氏名", "", "メールアドレス", "応募日", "合否")
PARTS = ("", "姓", "名", "", "", "")


def workbook(day: str) -> bytes:
    """Last year's people first, this year's below a title and headers in two lines; names of this run alone."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        for name, rows in {
            "2025年度": (HEADERS, PARTS, (1, "前田", day, "last@mail.example", "2025/4/1", "不採用")),
            "2026年度": (
                ("応募者管理表",), ("※社外秘",), HEADERS, PARTS,
                (1, "秋山", day, "one@mail.example", "2026/4/1", f"ご縁{day}"),
                (2, "秋山", f"{day}二", "two@mail.example", "昨日", "辞退"),
                (3, "秋山", f"{day}三", "three@mail.example", "2026/4/2", "不採用"),
            ),
        }.items():  # fmt: skip
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return out.getvalue()


def upload(page: Page, site: Installation, day: str) -> None:
    page.goto(f"{site.url}/pool/import")
    page.set_input_files("input[type=file]", {"name": "採用.xlsx", "mimeType": "", "buffer": workbook(day)})
    page.get_by_role("button", name="読み取って確認する").click()


@pytest.mark.parametrize(("width", "script", "day"), [(1440, True, "葵"), (390, False, "凛")])
def test_sheet_headers_row_word_and_the_way_back(
    chromium: Browser, shared: Installation, width: int, script: bool, day: str
) -> None:
    window = Window(chromium, width=width, script=script)
    page = window.page
    people.sign_in(page, shared, people.HR)
    upload(page, shared, day)
    expect(page.get_by_role("heading", name="シートと見出しの行")).to_be_visible()
    page.get_by_label(re.compile("^2026年度")).check()
    page.get_by_role("button", name="このシートを読み取る").click()
    expect(page.get_by_text("1か所を修正してから")).to_be_visible()
    page.get_by_role("link", name="シートと見出しの行を選ぶ").click()
    expect(page.get_by_label("3行目", exact=True)).to_be_checked()
    page.get_by_label("5行目", exact=True).check()
    page.get_by_role("button", name="この行を見出しとして読み取る").click()
    page.get_by_role("link", name="シートと見出しの行を選ぶ").click()
    page.get_by_label("3行目", exact=True).check()
    page.get_by_role("button", name="この行を見出しとして読み取る").click()
    expect(page.get_by_label("行の番号")).to_have_value("6")
    page.get_by_role("button", name="この行を除いて読み取る").click()
    page.get_by_label(re.compile(f"^ご縁{day}")).select_option("見送り")
    page.get_by_role("button", name="この意味で読み取る").click()
    expect(page.locator("body")).to_contain_text("言葉の意味を覚えました")
    page.locator("input[name=basis][value=stated]").check()
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_text("2名が新しく加わりました")).to_be_visible()
    page.get_by_role("button", name="この取り込みを元に戻す").click()
    page.goto(f"{shared.url}/pool?q=秋山{day}")
    expect(page.get_by_text(f"秋山 {day}", exact=True)).to_have_count(0)
    window.close()
