"""The talent pool page: the list, its part for htmx, filters as addresses, and tags on several people."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import tags
from relay.extensions import db
from relay.indexing import search_rows
from relay.models import ApplicationResult, Candidate, CandidateTag, NotifiedBy, RetentionBasis, Tag, scopes
from tests.cast import Cast, make_application, make_candidate
from tests.conftest import ON_ONE
from tests.statements import counted
from tests.web.portal.conftest import HTMX


def tagged(session: Session, cast: Cast) -> list[tuple[int, str]]:
    with scopes.company(session, cast.acme.id):
        rows = session.execute(
            select(CandidateTag.candidate_id, Tag.name)
            .join(Tag, Tag.id == CandidateTag.tag_id)
            .order_by(CandidateTag.id)
        )
        return [(row[0], row[1]) for row in rows]


def test_the_list_shows_people_with_application_relay_and_date(ada: FlaskClient, hanako: Candidate) -> None:
    page = ada.get("/pool").text
    for words in ("髙橋 花子", "タカハシ ハナコ", "経理", "選考中", "対象外", "結果待ち", "<title>人材プール"):
        assert words in page
    assert f"/pool/{hanako.id}" in page


@pytest.mark.parametrize("standing", list(ApplicationResult))
@pytest.mark.parametrize("told", [False, True])
def test_only_who_still_awaits_a_rejection_is_before_the_invitation(
    session: Session, cast: Cast, ada: FlaskClient, standing: ApplicationResult, told: bool
) -> None:
    candidate = make_candidate(session, cast.acme, "佐藤 健")
    knows = {"notified_at": clock.now(), "notified_by": NotifiedBy.ELSEWHERE} if told else {}
    decided = None if standing is ApplicationResult.OPEN else clock.today()
    make_application(session, candidate, status=standing, decided_on=decided, **knows)
    session.commit()
    word, other = ("案内前", "対象外") if standing is ApplicationResult.REJECTED and not told else ("対象外", "案内前")
    listed, record = ada.get("/pool").text, ada.get(f"/pool/{candidate.id}").text
    assert word in listed and other not in listed
    assert ("対象外" in record) == (word == "対象外")
    assert ("結果待ち" in listed) == (standing is ApplicationResult.OPEN)


@pytest.mark.parametrize("asked", ["高橋", "たかはし", "高", "経理", "090-1234"])
def test_the_search_finds(ada: FlaskClient, hanako: Candidate, asked: str) -> None:
    assert "髙橋 花子" in ada.get("/pool", query_string={"q": asked}).text


def test_a_search_without_hits_says_so_and_keeps_its_words(ada: FlaskClient, hanako: Candidate) -> None:
    page = ada.get("/pool?q=該当なし").text
    assert "この条件に合う方はいません" in page
    assert 'value="該当なし"' in page
    assert "髙橋 花子" not in page


def test_htmx_gets_the_list_alone_and_a_restored_visit_the_page(ada: FlaskClient, hanako: Candidate) -> None:
    part = ada.get("/pool?q=高橋", headers=HTMX)
    assert part.text.lstrip().startswith('<div id="list-body"')
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]
    whole = ada.get("/pool?q=高橋", headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in whole.text


def test_applied_conditions_are_chips_that_lead_to_the_list_without_them(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    with scopes.company(session, cast.acme.id):
        tag = tags.find_or_make(session, "惜しい")
        tags.add_tag(session, tag, [hanako.id], by_user_id=None)
    page = ada.get(f"/pool?q=高橋&end=open&tag={tag.id}").text
    for chip in ("「高橋」を含む", "結果：選考中", "タグ：惜しい"):
        assert chip in page
    assert re.search(rf'href="/pool\?end=open&amp;tag={tag.id}"', page)
    assert "髙橋 花子" in page
    assert "髙橋 花子" not in ada.get(f"/pool?end=hired&tag={tag.id}").text


@pytest.mark.parametrize(
    "address", ["?end=nonsense&tag=x&position=-1&before=zzz&after=", "?tag=99999999999999999999999"]
)
def test_conditions_that_cannot_be_read_are_left_out(ada: FlaskClient, hanako: Candidate, address: str) -> None:
    assert "髙橋 花子" in ada.get(f"/pool{address}").text


def test_people_of_other_companies_and_of_the_selection_only_are_not_in_it(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, stranger: Candidate
) -> None:
    kept = make_candidate(session, cast.acme, "選考 次郎", basis=RetentionBasis.SELECTION)
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [kept.id])
    for address in ("/pool", "/pool?q=次郎", "/pool?q=他社"):
        page = ada.get(address).text
        assert "選考 次郎" not in page
        assert "他社 太郎" not in page


def test_pages_lead_on_and_back_and_never_to_an_empty_one(session: Session, cast: Cast, ada: FlaskClient) -> None:
    people = [make_candidate(session, cast.acme, f"番号 {n:03}") for n in range(60)]
    first = ada.get("/pool").text
    assert "番号 059" in first
    assert "番号 009" not in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = ada.get(older[1]).text
    assert "番号 009" in second
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer is not None
    assert "番号 059" in ada.get(newer[1]).text
    gone = ada.get(f"/pool?before={people[0].id}")
    assert (gone.status_code, gone.location) == (302, "/pool")


def test_an_empty_pool_says_how_to_begin(ada: FlaskClient, vic: FlaskClient) -> None:
    assert "まだどなたもいません" in ada.get("/pool").text
    assert "/pool/import" in ada.get("/pool").text
    assert "/pool/import" not in vic.get("/pool").text


def test_the_page_asks_the_same_number_of_questions_for_one_and_for_fifty(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    def questions() -> int:
        ada.get("/pool")
        with counted(db.engine) as said:
            assert ada.get("/pool").status_code == 200
        return len(said)

    one = questions()
    for n in range(60):
        make_application(session, make_candidate(session, cast.acme, f"番号 {n:03}"))
    assert questions() == one


# tags on several people


def test_a_tag_goes_on_the_ticked_people_and_comes_off_again(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    taro = make_candidate(session, cast.acme, "山本 太郎")
    ids = {"id": [str(hanako.id), str(taro.id)]}
    added = ada.post("/pool/bulk?end=open", data=ids | {"name": "惜しい", "act": "add"})
    assert (added.status_code, added.location) == (303, "/pool?end=open")
    assert sorted(tagged(session, cast)) == [(hanako.id, "惜しい"), (taro.id, "惜しい")]
    assert "2名に「惜しい」を付けました" in ada.get("/pool").text
    ada.post("/pool/bulk", data={"id": str(taro.id), "name": " 惜しい ", "act": "remove"})
    assert tagged(session, cast) == [(hanako.id, "惜しい")]


def test_htmx_gets_the_list_with_a_word_that_it_is_done(ada: FlaskClient, hanako: Candidate) -> None:
    answer = ada.post("/pool/bulk", data={"id": hanako.id, "name": "惜しい", "act": "add"}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="list-body"')
    assert "1名に「惜しい」を付けました" in answer.text
    assert re.search(rf'value="{hanako.id}" form="bulk"[^>]* checked', answer.text)


@ON_ONE
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": "惜しい", "act": "add"}, "どなたも選ばれていません"),
        ({"name": "惜しい", "act": "remove"}, "どなたも選ばれていません"),
        ({"id": "HANAKO", "name": "  ", "act": "add"}, "タグの名前を入力してください"),
        ({"id": "HANAKO", "name": "長" * 51, "act": "add"}, "50文字まで"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_cannot_be_done_is_said_above_the_list(
    session: Session,
    cast: Cast,
    ada: FlaskClient,
    hanako: Candidate,
    data: dict[str, str],
    sentence: str,
    headers: dict[str, str],
) -> None:
    given = {key: value.replace("HANAKO", str(hanako.id)) for key, value in data.items()}
    answer = ada.post("/pool/bulk", data=given, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "髙橋 花子" in answer.text
    assert tagged(session, cast) == []


def test_a_tag_with_words_the_law_keeps_out_is_asked_about(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    data = {"id": hanako.id, "name": "妊娠中", "act": "add"}
    asked = ada.post("/pool/bulk", data=data)
    assert asked.status_code == 422
    assert "「妊娠」" in asked.text
    assert tagged(session, cast) == []
    assert ada.post("/pool/bulk", data=data | {"confirmed": "1"}).status_code == 303
    assert tagged(session, cast) == [(hanako.id, "妊娠中")]


def test_a_viewer_may_look_but_not_tag(session: Session, cast: Cast, vic: FlaskClient, hanako: Candidate) -> None:
    page = vic.get("/pool")
    assert page.status_code == 200
    assert "bulkbar" not in page.text
    assert "tag--add" not in page.text
    assert vic.post("/pool/bulk", data={"id": hanako.id, "name": "惜しい"}).status_code == 403
    assert tagged(session, cast) == []


def test_people_of_another_company_cannot_be_tagged(
    session: Session, cast: Cast, ada: FlaskClient, stranger: Candidate
) -> None:
    ada.post("/pool/bulk", data={"id": stranger.id, "name": "惜しい", "act": "add"})
    with scopes.everyone(session, "test"):
        assert session.scalars(select(CandidateTag)).all() == []


def test_the_list_is_sorted_by_its_heads_and_stays_so(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    """The order is in the address: of the other direction, of pages, of the next person and of the way back."""
    later = make_candidate(session, cast.acme, "後藤 進", kana="ゴトウ ススム", kana_key="ゴトウススム")
    make_application(session, later, applied_on=clock.today() + timedelta(days=400))
    session.commit()
    page = ada.get("/pool?sort=-applied").text
    assert page.index("後藤 進") < page.index("髙橋 花子")
    assert re.search(r'aria-sort="descending"><a class="sort" href="/pool\?sort=applied"', page)
    assert '<input type="hidden" name="sort" value="-applied" form="find">' in page
    assert f'href="/pool/{later.id}?sort=-applied"' in page
    turned = ada.get("/pool?sort=applied").text
    assert turned.index("髙橋 花子") < turned.index("後藤 進")
    assert 'aria-sort="ascending"' in turned
    assert "応募日の早い順" in turned
    following = ada.get(f"/pool/{later.id}/next?sort=-applied")
    assert following.location == f"/pool/{hanako.id}?sort=-applied"
    assert ada.get(f"/pool/{hanako.id}/previous?sort=-applied").location == f"/pool/{later.id}?sort=-applied"
    assert 'href="/pool?sort=-applied"' in ada.get(f"/pool/{hanako.id}?sort=-applied").text
    assert "後藤 進" in ada.get("/pool?sort=nonsense").text


def test_the_list_is_narrowed_by_step_channel_follow_up_and_deadline(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    taro = make_candidate(session, cast.acme, "山本 太郎", retain_until=clock.today() + timedelta(days=3))
    made = make_application(session, taro, stage="最終 面接", channel="紹介&会社")
    session.commit()
    page = ada.get("/pool").text
    for name, value in (("step", made.stage), ("channel", "紹介&amp;会社"), ("exit", "none"), ("until", "30")):
        assert f'name="{name}" value="{value}"' in page
    found = ada.get("/pool", query_string={"step": made.stage, "channel": made.channel, "exit": "none", "until": "30"})
    assert "山本 太郎" in found.text
    assert "髙橋 花子" not in found.text
    for chip in ("選考段階：最終 面接", "応募経路：紹介&amp;会社", "今後の対応：決めていない", "保管期限：30日以内"):
        assert chip in found.text
    counts = ada.get("/pool/counts", query_string={"until": "30"}, headers=HTMX).text
    assert re.search(r'id="n-until-30" hx-swap-oob="true">1</span>', counts)
    assert re.search(r'id="n-exit-none" hx-swap-oob="true">1</span>', counts)
    assert len(re.findall(r'id="n-(?:step|channel)-[0-9a-f]{8}" hx-swap-oob="true">1</span>', counts)) == 2
