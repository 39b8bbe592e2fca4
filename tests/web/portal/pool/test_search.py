"""The search box of the pool: operators, words marked, what cannot be read, completion, and counts after the page."""

import re
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.candidates import notes, tags
from relay.extensions import db
from relay.indexing import search_rows
from relay.models import ApplicationResult, Candidate, scopes
from relay.portal.ui import conditions
from relay.search import candidate_search, facets
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.conftest import ON_ONE
from tests.statements import counted
from tests.web.portal.conftest import HTMX


def pool(client: FlaskClient, q: str, **others: object) -> str:
    return client.get("/pool", query_string={"q": q, **others}).text


@pytest.fixture
def noted(session: Session, cast: Cast, hanako: Candidate) -> Candidate:
    """髙橋 花子 with a tag and a memo."""
    with scopes.company(session, cast.acme.id):
        tags.add_tag(session, tags.find_or_make(session, "惜しい <1>"), [hanako.id], by_user_id=None)
        notes.add_note(session, hanako, "長い前置き。" * 20 + "前職では<b>月次決算</b>を担当", by_user_id=None)
    session.commit()
    return hanako


def test_what_was_found_is_marked_and_escaped(ada: FlaskClient, noted: Candidate) -> None:
    assert "<mark>髙橋</mark> 花子" in pool(ada, "高橋")
    assert "<mark>タカハシ</mark> ハナコ" in pool(ada, "takahashi")
    assert "<mark>惜しい &lt;1&gt;</mark>" in pool(ada, 'tag:"惜しい <1>"')
    assert "<mark>" not in pool(ada, "")


def test_a_word_of_a_memo_is_shown_where_it_stands(ada: FlaskClient, noted: Candidate) -> None:
    page = pool(ada, "月次決算 高橋")
    assert re.search(r"…[^<]*前職では&lt;b&gt;<mark>月次決算</mark>&lt;/b&gt;を担当", page)
    assert "<mark>髙橋</mark> 花子" in page
    assert "found-in" not in pool(ada, "高橋")


def test_each_part_is_a_chip_that_leads_to_the_rest(ada: FlaskClient, noted: Candidate) -> None:
    page = pool(ada, "高橋 -辞退 stage:一次,最終 reason:filled score:>=4 updated:<6m")
    for words in (
        "「高橋」を含む",
        "「辞退」を除く",
        "選考段階：一次または最終",
        "見送りの理由：充足",
        "評価：4以上",
        "更新：&lt;6m",
    ):
        assert words in page, words
    assert 'href="/pool?q=%E9%AB%98%E6%A9%8B' in page


@ON_ONE
@pytest.mark.parametrize(
    ("asked", "wrong", "sentence"),
    [
        ("高橋 tga:惜しい", "tga:惜しい", "「tga:惜しい」という条件はありません"),
        ("score:>=九 高橋", "score:&gt;=九", "1から5まで"),
        ("reason:<b>", "reason:&lt;b&gt;", "「&lt;b&gt;」は「見送りの理由」の条件に使えません"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_part_that_cannot_be_read_is_pointed_at_and_finds_nobody(
    ada: FlaskClient, noted: Candidate, asked: str, wrong: str, sentence: str, headers: dict[str, str]
) -> None:
    answer = ada.get("/pool", query_string={"q": asked}, headers=headers)
    assert answer.status_code == 200
    assert f'<mark class="wrong">{wrong}</mark>' in answer.text
    assert sentence in answer.text
    assert "入力はそのまま残っています" in answer.text
    assert "花子" not in answer.text
    assert "この条件に合う方はいません" not in answer.text


OFFERED: list[tuple[str, list[str]]] = [
    ("", ["tag:", "stage:", "updated:"]),
    ("高橋 ta", ["高橋 tag:"]),
    ("高橋 タ", ["高橋 tag:"]),
    ("高橋 -st", ["高橋 -stage:"]),
    ("惜", ["tag:&#34;惜しい &lt;1&gt;&#34;"]),
    ("高橋 tag:惜", ["高橋 tag:&#34;惜しい &lt;1&gt;&#34;"]),
    ("タグ：", ["tag:&#34;惜しい &lt;1&gt;&#34;"]),
    ("position:", ["position:経理"]),
    ("channel:", ["channel:Indeed"]),
    ("reason:充", ["reason:充足"]),
    ("end:", ["end:選考中", "end:辞退"]),
    ("score:>", ["score:&gt;=4"]),
    ("updated:<6", ["updated:&lt;6m"]),
]
"""What is typed, and what the browser offers to go on with."""


def test_the_word_being_typed_is_gone_on_with(ada: FlaskClient, noted: Candidate) -> None:
    for typed, offered in OFFERED:
        page = ada.get("/pool/words", query_string={"q": typed}, headers=HTMX).text
        assert page.lstrip().startswith('<datalist id="search-words"')
        for words in offered:
            assert f'<option value="{words}"' in page, (typed, page)


def test_without_script_the_browser_offers_the_operators(ada: FlaskClient, noted: Candidate) -> None:
    page = pool(ada, "")
    assert 'list="search-words"' in page
    assert '<option value="tag:" label="タグ">' in page
    assert "探し方の例" in page


def test_the_counts_come_after_the_page_and_without_script_by_a_link(
    session: Session, cast: Cast, ada: FlaskClient, noted: Candidate
) -> None:
    taro = make_candidate(session, cast.acme, "山本 太郎")
    sales = make_position(session, cast.acme, "営業")
    for _twice in range(2):
        make_application(session, taro, sales, status=ApplicationResult.REJECTED, decided_on=taro.created_at.date())
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [taro.id])
    session.commit()
    page = pool(ada, "")
    assert 'hx-get="/pool/counts"' in page
    assert re.search(r'id="n-end-rejected"></span>', page)
    counts = ada.get("/pool/counts", headers=HTMX).text
    assert re.search(r'id="n-end-rejected" hx-swap-oob="true">1</span>', counts)
    assert re.search(r'id="n-end-hired" data-none hx-swap-oob="true">0</span>', counts)
    assert re.search(rf'id="n-position-{sales.id}" hx-swap-oob="true">1</span>', counts)
    assert re.search(r'id="n-end-open" data-none hx-swap-oob="true">0</span>', ada.get("/pool/counts?q=太郎").text)
    plain = pool(ada, "", counts=1)
    assert re.search(r'id="n-end-rejected">1</span>', plain)
    assert "条件ごとの人数を数える" in page
    assert "条件ごとの人数を数える" not in plain


def test_where_very_many_fit_the_newest_are_counted_and_the_page_says_so(
    session: Session, cast: Cast, ada: FlaskClient, noted: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "条件ごとの人数は、登録の新しい1名について数えています。"
    for name in ("山本 太郎", "山本 次郎"):
        make_candidate(session, cast.acme, name)
    session.commit()
    assert said not in pool(ada, "", counts=1)
    assert re.search(r'id="counted-of" hidden hx-swap-oob="true"></p>', ada.get("/pool/counts", headers=HTMX).text)
    monkeypatch.setattr(facets, "COUNT_CAP", 2)
    monkeypatch.setattr(facets, "LOOKED_AT", 1)
    counts = ada.get("/pool/counts", headers=HTMX).text
    assert re.search(rf'id="counted-of" hx-swap-oob="true">[^<]*{said}</p>', counts)
    assert re.search(r'id="n-exit-none" hx-swap-oob="true">1</span>', counts)
    assert said in pool(ada, "", counts=1)


def test_words_and_counts_are_of_the_own_company(
    session: Session, cast: Cast, ada: FlaskClient, stranger: Candidate
) -> None:
    with scopes.company(session, cast.other.id):
        tags.add_tag(session, tags.find_or_make(session, "他社の言葉"), [stranger.id], by_user_id=None)
    session.commit()
    assert "他社の言葉" not in ada.get("/pool/words?q=tag:").text
    assert "Indeed" not in ada.get("/pool/words?q=channel:").text
    assert ">0</span>" in ada.get("/pool/counts?q=他社").text
    assert ">1</span>" not in ada.get("/pool/counts").text


def test_nothing_is_counted_for_a_search_that_cannot_be_read(ada: FlaskClient, noted: Candidate) -> None:
    counts = ada.get("/pool/counts?q=評価:高い", headers=HTMX).text
    assert re.search(r'id="n-end-rejected" hx-swap-oob="true"></span>', counts)
    assert re.search(r'id="pool-count" hx-swap-oob="true"></span>', counts)
    assert 'hx-get="/pool/counts?q=' in ada.get("/pool?q=評価:高い", headers=HTMX).text


def test_a_search_asks_as_many_questions_for_fifty_as_for_one(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, noted: Candidate
) -> None:
    def questions(address: str) -> int:
        ada.get(address)
        with counted(db.engine) as said:
            assert ada.get(address).status_code == 200
        return len(said)

    addresses = ("/pool?q=月次決算", "/pool/counts?q=月次決算", "/pool/words?q=tag:")
    one = [questions(address) for address in addresses]
    for n in range(30):
        person = make_candidate(session, cast.acme, f"番号 {n:03}")
        with scopes.company(session, cast.acme.id):
            notes.add_note(session, person, "月次決算の経験", by_user_id=None)
    session.commit()
    assert [questions(address) for address in addresses] == one


def test_an_act_on_everybody_who_fits_reaches_nobody_where_the_search_cannot_be_read(
    session: Session, cast: Cast, ada: FlaskClient, noted: Candidate
) -> None:
    refused = ada.post("/pool/bulk?q=tga:x&all=1", data={"act": "add", "name": "新しい札"})
    assert refused.status_code in (409, 422)
    assert "「tga:x」という条件はありません" in refused.text
    assert "「tga:x」という条件はありません" in ada.get("/pool/export?q=tga:x").text
    assert ada.get(f"/pool/{noted.id}?q=tga:x").status_code == 200
    with scopes.company(session, cast.acme.id):
        assert tags.find(session, "新しい札") is None


def test_hundreds_of_chosen_tags_stay_cheap(app: Flask, ada: FlaskClient, hanako: Candidate) -> None:
    """A page of 399 conditions names 30 of them, says how many more there are, and lets go of each or of those."""
    tags = tuple(range(1, 400))
    begun = time.process_time()
    page = ada.get("/pool?" + "&".join(f"tag={number}" for number in tags)).text
    assert time.process_time() - begun < 1
    assert "ほかに369件の条件があります" in page
    with app.test_request_context():
        chips = conditions.chips(
            "portal.pool", candidate_search.Query(q="髙橋", tags=tags), conditions.FilterChoices({}, {})
        )
    text, first, *_others, rest = chips
    assert len(chips) == 1 + 30 + 1
    assert (text.url.count("tag="), "q=" in text.url) == (399, False)
    assert (first.url.count("tag="), "tag=1&" in first.url, "q=" in first.url) == (398, False, True)
    assert re.findall(r"tag=(\d+)", rest.url) == [str(number) for number in tags[:30]]
