"""Search tokens find the same people on SQLite and on PostgreSQL, and no query can hurt."""

import sqlite3
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text

from relay.text import company_token, index_tokens, name_key, search_body, spelled, tsvector_literal
from relay.text.reading import respelled
from relay.text.search import SYMBOL_WORDS
from relay.text.sought import Sought, fts_match, phrase, tsquery, words

Finder = Callable[[list[str], str], bool]
SAME_FIXTURE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NASTY = [
    '"',
    "NEAR(",
    "a:b",
    "'); drop table x",
    "*",
    "body:",
    "AND OR NOT",
    "\\",
    "^",
    "{",
    "-",
    "\x00",
    "'",
    "!&|<->:*",
]


@pytest.fixture(scope="module")
def fts() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE f USING fts5(body, company, tokenize='unicode61 remove_diacritics 0')")
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def engine(postgresql: str) -> Iterator[Engine]:
    engine = create_engine(postgresql)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def finds(request: pytest.FixtureRequest) -> Finder:
    """Ask one of the two databases whether a query finds a person with these fields in company 7."""
    if request.param == "sqlite":
        fts = request.getfixturevalue("fts")
        return lambda fields, query: _sqlite_finds(fts, fields, query)
    engine = request.getfixturevalue("engine")
    return lambda fields, query: _postgresql_finds(engine, fields, query)


def sought(query: str) -> Sought | None:
    return phrase(query[1:-1]) if query[:1] == query[-1:] == '"' else words(query)


def _sqlite_finds(fts: sqlite3.Connection, fields: list[str], query: str, *, company: int = 7) -> bool:
    fts.execute("DELETE FROM f")
    fts.execute("INSERT INTO f (body, company) VALUES (?, ?)", (search_body(fields), company_token(7)))
    wanted = sought(query)
    if wanted is None:
        return False
    return bool(fts.execute("SELECT 1 FROM f WHERE f MATCH ?", (fts_match(company, wanted),)).fetchone())


def _postgresql_finds(engine: Engine, fields: list[str], query: str) -> bool:
    wanted = sought(query)
    if wanted is None:
        return False
    ask = text("SELECT CAST(:tokens AS tsvector) @@ CAST(:wanted AS tsquery)")
    with engine.connect() as connection:
        return bool(connection.execute(ask, {"tokens": tsvector_literal(fields), "wanted": tsquery(wanted)}).scalar())


PERSON = [
    "髙橋 健太",
    name_key("髙橋 健太"),
    "タカハシ ケンタ",
    "法人営業・営業企画 7年",
    "C++ と C#、ASP.NET、Node.js",
    "TOEIC 820点",
    spelled("タカハシ ケンタ"),
]


@pytest.mark.parametrize(
    "query",
    [
        "営業",
        "高橋",
        "髙橋",
        "髙橋健太",
        "高橋 健太",
        "たかはし",
        "ﾀｶﾊｼ",
        "営",
        "企",
        "営業企画",
        "法人営業 企画",
        "C++",
        "c#",
        "Ｃ＃",
        ".NET",
        "asp.net",
        "node",
        "toe",
        "820",
        "TOEIC 営業 高橋",
        '"営業"',
        '"法人営業 営業企画"',
        '"営業企画 7"',
        '"node js"',
        "takahashi",
        "TAKAH",
        "kenta",
    ],
)
def test_a_person_is_found(finds: Finder, query: str) -> None:
    assert finds(PERSON, query)


@pytest.mark.parametrize(
    "query",
    [
        "経理",
        "業法",
        "企画営業",
        "橋健太郎",
        "太タカ",
        "oeic",
        "営業 経理",
        "java",
        "C++ 経理",
        "",
        "！？",
        '"営業企画 法人営業"',
        '"高橋 ケンタ"',
        '"nod"',
        "tanaka",
    ],
)
def test_others_are_not(finds: Finder, query: str) -> None:
    assert not finds(PERSON, query)


@pytest.mark.parametrize("query", NASTY)
def test_operators_of_the_databases_are_words_or_nothing(finds: Finder, query: str) -> None:
    finds(PERSON, query)
    finds([query], f"{query} 営業 {query}")


def test_nobody_is_found_in_another_company(fts: sqlite3.Connection) -> None:
    assert _sqlite_finds(fts, PERSON, "営業", company=7)
    assert not _sqlite_finds(fts, PERSON, "営業", company=70)
    assert not _sqlite_finds(fts, PERSON, company_token(7), company=70)
    assert not _sqlite_finds(fts, PERSON, company_token(7), company=7), "the company is no word of the person"


def test_fields_are_kept_apart() -> None:
    assert search_body(["山本", "", "太郎"]).split(" ") == ["山本", "本", "\ue000", "太郎", "郎"]
    assert tsvector_literal(["山本", "山本"]) == "'山本':1,4 '本':2,5 '\ue000':3"


def test_tokens_of_a_text() -> None:
    assert index_tokens("山本 SQL統計") == ["山本", "本", "sql", "統計", "計"]
    assert index_tokens("C++/C#/.NET") == ["cplusplus", "csharp", "dotnet"]
    assert index_tokens("c++ c# f# .net") == [*SYMBOL_WORDS], "what looks for them looks for no letters of the text"


def test_a_long_résumé_stays_within_what_both_databases_hold(finds: Finder) -> None:
    assert finds(["高橋", "営業を担当。" * 20_000, "x" * 5_000], "高橋 営業")
    assert finds(["x" * 5_000], "x" * 3_000)


@SAME_FIXTURE
@given(words=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6), data=st.data())
def test_whatever_is_written_is_found_by_any_part_of_it(finds: Finder, words: list[str], data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(words))
    if index_tokens(word):
        assert finds([" ".join(words), "別の項目"], word)
    finds(words, data.draw(st.text(max_size=20)))


@SAME_FIXTURE
@given(query=st.text(max_size=40) | st.text("\"*:()^-&|!<>\\'営業aA1 ", max_size=30))
def test_no_query_raises(finds: Finder, query: str) -> None:
    finds(PERSON, query)


@pytest.mark.parametrize(
    ("reading", "typed"),
    [
        ("ショウタ", ["shota", "shouta", "syouta", "SHO", "sy"]),
        ("ユウコ", ["yuko", "yuuko"]),
        ("オオノ", ["ono", "oono", "ohno"]),
        ("ジュンイチ", ["junichi", "jun'ichi", "zyunichi"]),
        ("ツツミ", ["tsutsumi", "tutumi"]),
        ("ナンバ", ["namba", "nanba"]),
        ("サトー", ["sato", "satoh", "satou"]),
    ],
)
def test_a_reading_is_found_however_it_is_spelled_in_latin_letters(reading: str, typed: list[str]) -> None:
    for word in typed:
        assert spelled(reading).startswith(respelled(word.lower())), word


def test_years_of_notes_full_of_long_words_are_still_indexed(finds: Finder) -> None:
    """PostgreSQL takes one megabyte of words per person; whatever is written, a person can be saved."""
    words = [sha256(b"%d" % n).hexdigest() for n in range(20_000)]
    assert finds(["山田 太郎", " ".join(words)], "山田")
    assert finds(["山田 太郎", " ".join(words)], words[0])
