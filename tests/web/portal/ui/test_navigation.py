"""The menu is fixed: seven sections in one order, each led by a page; every other page belongs to one of them."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relay.models import Candidate
from relay.portal.ui import navigation
from relay.portal.ui.navigation import MenuSection
from tests.cast import Cast, browse

MENU = ["ホーム", "人材プール", "求人", "結果連絡", "紹介枠", "数字", "設定"]
TABS = {
    MenuSection.HOME: ["ホーム", "お知らせ"],
    MenuSection.POOL: ["候補者", "重複の可能性", "情報が足りない方", "タグの自動設定", "一括操作の履歴"],
    MenuSection.POSITIONS: ["求人", "選考"],
    MenuSection.RESULTS: ["未連絡", "下書き", "送信待ち", "送信済み", "届いていない", "テンプレート"],
    MenuSection.CREDITS: ["紹介枠", "紹介の依頼", "面談確約の内容"],
    MenuSection.FIGURES: [
        "この1年", "いま止まっているところ", "応募経路", "見送りの理由", "リレー", "指標", "費用", "連携用データ",
        "数字の定義",
    ],
    MenuSection.SETTINGS: [
        "会社の情報", "ユーザー", "ログインのセキュリティ", "誰が何を見られるか", "提携先", "結果連絡", "メールの送信",
        "個人情報の取扱い", "運営者", "操作ログ", "連携",
    ],
}  # fmt: skip


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def menu(page: str) -> list[str]:
    """The words of the menu, in its order."""
    bar = page[page.index('<nav class="nav"') : page.index("</nav>")]
    return [re.sub(r"<[^>]+>", "", link).strip() for link in re.findall(r"<a [^>]*>.*?</a>", bar, re.DOTALL)]


def tabs(page: str) -> list[str]:
    """The words of the row of tabs, without their numbers."""
    row = re.search(r'<nav class="views tabs".*?</nav>', page, re.DOTALL)
    links = re.findall(r"<a [^>]*>(.*?)</a>", row[0], re.DOTALL) if row else []
    return [link.partition("<")[0].strip() for link in links]


def current_tab(page: str) -> list[str]:
    row = re.search(r'<nav class="views tabs".*?</nav>', page, re.DOTALL)
    return [word.strip() for word in re.findall(r'aria-current="page">([^<]+)', row[0])] if row else []


def test_there_are_seven_sections_and_never_an_eighth() -> None:
    assert [str(section.label) for section in MenuSection] == MENU


def test_the_menu_leads_only_to_sections_that_have_a_page(adam: FlaskClient) -> None:
    assert menu(adam.get("/credits").text) == MENU


def test_a_role_is_offered_what_it_may_enter(vic: FlaskClient) -> None:
    assert menu(vic.get("/credits").text) == MENU[:-1]
    assert tabs(vic.get("/settings/roles").text) == [], "one tab alone is no choice"


def test_every_page_belongs_to_one_section(app: Flask) -> None:
    pages = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("portal.")]
    assert len(pages) > 100
    for rule in pages:
        assert navigation.section_of(app, rule.endpoint) in MenuSection, rule


def test_every_tab_shows_its_row_with_itself_in_it(app: Flask, adam: FlaskClient) -> None:
    shown = {}
    for section in MenuSection:
        for tab in navigation.tabs_of(app, section):
            with app.test_request_context():
                path = app.url_for(tab.endpoint)
            page = adam.get(path).text
            if len(navigation.tabs_of(app, section)) > 1:
                shown.setdefault(section, tabs(page))
                assert tabs(page) == shown[section], path
                assert current_tab(page) == [str(tab.label)], path
    assert shown == TABS


def test_pages_behind_a_tab_are_of_its_section(ada: FlaskClient, adam: FlaskClient, hanako: Candidate) -> None:
    for path, section in {
        f"/pool/{hanako.id}": "人材プール",
        "/pool/import": "人材プール",
        "/pool/leaving": "人材プール",
        "/applications": "求人",
        "/templates/new": "結果連絡",
    }.items():
        page = ada.get(path).text
        current = re.findall(r'nav__item" href="[^"]*" aria-current="page">(?:<svg.*?</svg>)?([^<]+)', page, re.DOTALL)
        assert current == [section], path
    assert "data-current" in adam.get("/setup").text, "the settings stand under その他"
    assert current_tab(adam.get("/settings/mail/server").text) == ["メールの送信"]
    assert current_tab(adam.post("/settings/company", data={"name": ""}).text) == ["会社の情報"]
