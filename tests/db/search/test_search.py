"""The pool's search: the same people, in the same order, on SQLite and PostgreSQL."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import notes, tags
from relay.indexing import search_rows
from relay.models import ApplicationResult, Candidate, Company, RetentionBasis, scopes
from relay.search import candidate_search, facets
from relay.search.candidate_search import Query
from relay.text import kana_key
from tests.cast import make_application, make_candidate, make_company, make_position


@pytest.fixture
def acme(session: Session) -> Company:
    return make_company(session, "acme")


def found(session: Session, company: Company, **asked: object) -> list[str]:
    with scopes.company(session, company.id):
        return [row.name for row in candidate_search.find(session, company.id, Query(**asked)).rows]  # type: ignore[arg-type]


def person(session: Session, company: Company, name: str, kana: str = "", **values: object) -> int:
    candidate = make_candidate(session, company, name, kana=kana, kana_key=kana_key(kana), **values)
    with scopes.company(session, company.id):
        search_rows.index(session, [candidate.id])
    return candidate.id


def test_newest_come_first_without_a_question(session: Session, acme: Company) -> None:
    for name in ("山本 一", "田中 二", "鈴木 三"):
        person(session, acme, name)
    assert found(session, acme) == ["鈴木 三", "田中 二", "山本 一"]


@pytest.mark.parametrize(
    ("asked", "name", "kana"),
    [
        ("高橋", "髙橋 直人", "タカハシ ナオト"),
        ("たかはし", "髙橋 直人", "タカハシ ナオト"),
        ("ﾀｶﾊｼ", "髙橋 直人", "タカハシ ナオト"),
        ("山本太郎", "山本 太郎", ""),
        ("山", "山本 太郎", ""),
        ("斎藤", "齋藤 学", ""),
        ("zoe", "Zoë O'Brien-Łęcka", ""),
        ("𠮷野", "𠮷野 家", ""),
    ],
)
def test_names_are_found_however_they_are_typed(
    session: Session, acme: Company, asked: str, name: str, kana: str
) -> None:
    person(session, acme, name, kana)
    person(session, acme, "伊藤 別人", "イトウ ベツヒト")
    assert found(session, acme, q=asked) == [name]


def test_two_characters_find_a_word_inside_a_position_a_tag_and_a_memo(session: Session, acme: Company) -> None:
    applied = make_candidate(session, acme, "応募 者")
    make_application(session, applied, make_position(session, acme, "法人営業企画"))
    tagged, noted = make_candidate(session, acme, "タグ 者"), make_candidate(session, acme, "メモ 者")
    person(session, acme, "無関係 者")
    with scopes.company(session, acme.id):
        tags.add_tag(session, tags.find_or_make(session, "営業向き"), [tagged.id], by_user_id=None)
        notes.add_note(session, noted, "前職では営業を5年", by_user_id=None)
        search_rows.index(session, [applied.id])
    assert found(session, acme, q="営業") == ["メモ 者", "タグ 者", "応募 者"]


def test_every_word_must_occur_and_words_do_not_run_from_one_field_into_the_next(
    session: Session, acme: Company
) -> None:
    candidate = make_candidate(session, acme, "山本 太郎")
    with scopes.company(session, acme.id):
        notes.add_note(session, candidate, "経理の経験", by_user_id=None)
    assert found(session, acme, q="山本 経理") == ["山本 太郎"]
    assert found(session, acme, q="山本 営業") == []
    assert found(session, acme, q="郎経") == []


@pytest.mark.parametrize("asked", ["090-1234-5678", "09012345678", "０９０１２３４５６７８", "hana@mail"])
def test_numbers_and_addresses_are_found(session: Session, acme: Company, asked: str) -> None:
    person(session, acme, "高橋 花", email="hana@mail.example", phone="09012345678")
    person(session, acme, "伊藤 別", email="betsu@other.example", phone="0312345678")
    assert found(session, acme, q=asked) == ["高橋 花"]


@pytest.mark.parametrize("asked", ['"', "NEAR(", "'); drop table candidates; --", "！？", "\\", "%", "a & | !"])
def test_no_input_breaks_the_search(session: Session, acme: Company, asked: str) -> None:
    person(session, acme, "高橋 花")
    assert found(session, acme, q=asked) == []


def test_people_who_may_only_be_kept_for_the_selection_are_not_in_the_pool(session: Session, acme: Company) -> None:
    person(session, acme, "選考 太郎", basis=RetentionBasis.SELECTION)
    person(session, acme, "同意 花子", basis=RetentionBasis.CONSENTED)
    assert found(session, acme) == ["同意 花子"]
    assert found(session, acme, q="選考") == []
    assert found(session, acme, q="同意") == ["同意 花子"]


def test_a_filter_asks_one_application_and_shows_that_one(session: Session, acme: Company) -> None:
    sales, books = make_position(session, acme, "営業"), make_position(session, acme, "経理")
    both, other = make_candidate(session, acme, "両方 者"), make_candidate(session, acme, "経理 者")
    today = both.created_at.date()
    make_application(session, both, sales, status=ApplicationResult.REJECTED, decided_on=today)
    make_application(session, both, books)
    make_application(session, other, books, status=ApplicationResult.HIRED, decided_on=today)
    with scopes.company(session, acme.id):
        shown = candidate_search.find(session, acme.id, Query(positions=(sales.id,))).rows
        assert [(row.name, row.position, row.status) for row in shown] == [
            ("両方 者", "営業", ApplicationResult.REJECTED)
        ]
        latest = candidate_search.find(session, acme.id, Query()).rows
        assert [(row.name, row.position) for row in latest] == [("経理 者", "経理"), ("両方 者", "経理")]
    assert found(session, acme, results=(ApplicationResult.REJECTED,), positions=(books.id,)) == []
    assert found(session, acme, results=(ApplicationResult.REJECTED, ApplicationResult.HIRED)) == ["経理 者", "両方 者"]


def test_words_and_filters_narrow_together(session: Session, acme: Company) -> None:
    first, second = person(session, acme, "高橋 一"), person(session, acme, "高橋 二")
    with scopes.company(session, acme.id):
        tag = tags.find_or_make(session, "惜しい")
        tags.add_tag(session, tag, [first], by_user_id=None)
    assert found(session, acme, q="高橋", tags=(tag.id,)) == ["高橋 一"]
    assert found(session, acme, q="高橋") == ["高橋 二", "高橋 一"]
    assert second > first


@pytest.mark.parametrize("asked", ["", "同じ", "同じ -tag:惜しい"])
def test_pages_walk_back_and_forth_without_losing_anyone(session: Session, acme: Company, asked: str) -> None:
    ids = [
        person(session, acme, f"同じ 名{n}", basis=(RetentionBasis.STATED, RetentionBasis.CONSENTED)[n % 2])
        for n in range(7)
    ]
    newest = ids[::-1]
    with scopes.company(session, acme.id):
        first = candidate_search.find(session, acme.id, Query(q=asked, limit=3))
        second = candidate_search.find(session, acme.id, Query(q=asked, limit=3, before_id=int(first.next)))
        third = candidate_search.find(session, acme.id, Query(q=asked, limit=3, before_id=int(second.next)))
        back = candidate_search.find(session, acme.id, Query(q=asked, limit=3, after_id=int(third.previous)))
        home = candidate_search.find(session, acme.id, Query(q=asked, limit=3, after_id=int(back.previous)))
    assert [[row.id for row in page.rows] for page in (first, second, third)] == [newest[:3], newest[3:6], newest[6:]]
    assert (first.previous, third.next) == ("", "")
    assert [row.id for row in back.rows] == newest[3:6]
    assert [row.id for row in home.rows] == newest[:3]
    assert home.previous == ""


def test_the_count_stops_where_counting_stops(session: Session, acme: Company) -> None:
    for n in range(5):
        person(session, acme, f"数 {n}")
    with scopes.company(session, acme.id):
        assert candidate_search.count(session, acme.id, Query()) == 5
        assert candidate_search.count(session, acme.id, Query(q="数", before_id=1)) == 5
        assert candidate_search.count(session, acme.id, Query(q="数"), most=3) == 4
        assert candidate_search.count(session, acme.id, Query(q="！")) == 0


@pytest.mark.parametrize("asked", ["", "同じ", "同じ -tag:惜しい"])
@pytest.mark.parametrize(("most", "counted"), [(50, 7), (5, 6), (2, 3)])
def test_every_page_says_how_many_there_are(
    session: Session, acme: Company, asked: str, most: int, counted: int
) -> None:
    for n in range(7):
        person(session, acme, f"同じ 名{n}", basis=(RetentionBasis.STATED, RetentionBasis.CONSENTED)[n % 2])
    with scopes.company(session, acme.id):
        first = candidate_search.find(session, acme.id, Query(q=asked, limit=3), most=most)
        second = candidate_search.find(session, acme.id, Query(q=asked, limit=3, before_id=int(first.next)), most=most)
    assert [(len(page.rows), page.total) for page in (first, second)] == [(3, counted), (3, counted)]


def test_what_is_taken_away_is_not_found_any_more(session: Session, acme: Company) -> None:
    candidate = make_candidate(session, acme, "旧姓 花子")
    with scopes.company(session, acme.id):
        search_rows.index(session, [candidate.id])
        tag = tags.find_or_make(session, "再会")
        tags.add_tag(session, tag, [candidate.id], by_user_id=None)
        tags.remove_tag(session, tag, [candidate.id])
        candidate.name, candidate.name_key = "新姓 花子", "新姓花子"
        search_rows.index(session, [candidate.id])
    assert found(session, acme, q="再会") == []
    assert found(session, acme, q="旧姓") == []
    assert found(session, acme, q="新姓") == ["新姓 花子"]


@pytest.mark.parametrize("q", ["", "山本"])
def test_choices_are_counted_of_all_who_fit_or_of_the_newest_where_too_many_do(
    session: Session, acme: Company, monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    sales = make_position(session, acme, "営業")
    for n in range(4):
        basis = RetentionBasis.STATED if n % 2 else RetentionBasis.CONSENTED
        candidate_id = person(session, acme, f"山本 名{n}", basis=basis)
        with scopes.company(session, acme.id):
            for _twice in range(2):
                make_application(session, session.get_one(Candidate, candidate_id), sales, channel=f"経路{n}")
    monkeypatch.setattr(facets, "LOOKED_AT", 2)
    for most, total, newest, channels in (
        (4, 4, 0, {f"経路{n}": 1 for n in range(4)}),
        (3, 4, 2, {"経路2": 1, "経路3": 1}),
    ):
        monkeypatch.setattr(facets, "COUNT_CAP", most)
        with scopes.company(session, acme.id):
            counted = facets.count(session, acme.id, Query(q=q))
        assert (counted.total, counted.newest, counted.counts["channel"]) == (total, newest, channels)
        assert counted.counts["end"] == {"open": len(channels)}


@pytest.mark.parametrize("gathered", [0, candidate_search.GATHERED_OF_DAYS])
def test_who_applied_on_the_days_is_found_once_and_newest_first(
    session: Session, acme: Company, monkeypatch: pytest.MonkeyPatch, gathered: int
) -> None:
    """Whether those of the days are gathered, or applications are walked by their people."""
    for most in ("GATHERED_OF_DAYS", "GATHERED_TO_COUNT"):
        monkeypatch.setattr(candidate_search, most, gathered)
    today = clock.today()
    for name, basis, applied in (
        ("二度 応募", RetentionBasis.STATED, {3: "書類選考", 5: "一次面接"}),
        ("以前 応募", RetentionBasis.STATED, {90: "一次面接"}),
        ("選考 のみ", RetentionBasis.SELECTION, {3: "一次面接"}),
        ("別々 応募", RetentionBasis.CONSENTED, {3: "書類選考", 90: "一次面接"}),
        ("最近 応募", RetentionBasis.STATED, {1: "書類選考"}),
    ):
        candidate_id = person(session, acme, name, basis=basis)
        for days, stage in applied.items():
            with scopes.company(session, acme.id):
                candidate = session.get_one(Candidate, candidate_id)
                make_application(session, candidate, applied_on=today - timedelta(days=days), stage=stage)
    wanted = ["最近 応募", "別々 応募", "二度 応募"]
    assert found(session, acme, q="応募日:<1か月") == wanted
    assert found(session, acme, q="応募日:<1か月 stage:一次面接") == ["二度 応募"]
    assert found(session, acme, q="応募日:<1か月", steps=("書類選考",), limit=2) == wanted[:2]
    with scopes.company(session, acme.id):
        first = candidate_search.find(session, acme.id, Query(q="応募日:<1か月", limit=1), most=500)
        assert (first.total, first.rows[0].name) == (3, wanted[0])
        here = Query(q="応募日:<1か月", before_id=first.rows[0].id)
        assert [row.name for row in candidate_search.find(session, acme.id, here).rows] == wanted[1:]
        assert candidate_search.count(session, acme.id, here) == 3
        assert facets.count(session, acme.id, here).counts["step"] == {"書類選考": 3, "一次面接": 2}
