"""Acts on many from the pool: the page first, then everybody who fits; the toast, the activity, the way back."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import runs
from relay.candidates import holds
from relay.indexing import search_rows
from relay.models import ApplicationResult, Candidate, CandidateTag, FollowUp, HoldReason, JournalEntry, scopes
from tests.cast import Cast, browse, make_application, make_candidate
from tests.web.portal.conftest import HTMX

TICKED = r'<input class="pick" type="checkbox" name="id"[^>]* checked'


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    """The administrator's browser."""
    return browse(app, cast.adam)


@pytest.fixture
def sixty(session: Session, cast: Cast) -> list[int]:
    """More than one page of people."""
    made = [make_candidate(session, cast.acme, f"番号 {n:03}", email="").id for n in range(60)]
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, made)
    return made


def tagged(session: Session, cast: Cast) -> list[int]:
    with scopes.company(session, cast.acme.id):
        return sorted(session.scalars(select(CandidateTag.candidate_id)))


def follow_ups(session: Session, cast: Cast) -> set[FollowUp | None]:
    with scopes.company(session, cast.acme.id):
        return set(session.scalars(select(Candidate.follow_up)))


def entry_id(session: Session, cast: Cast) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(JournalEntry.id).order_by(JournalEntry.id.desc())).first() or 0


def test_the_page_is_chosen_first_and_everybody_by_a_word_of_ones_own(ada: FlaskClient, sixty: list[int]) -> None:
    page = ada.get("/pool?q=番号").text
    assert "条件に合う60名すべてを選択" in page
    assert not re.search(TICKED, page)
    [there] = set(re.findall(r'href="(/pool\?[^"]*all=1)"', page))
    everybody = ada.get(there.replace("&amp;", "&")).text
    assert len(re.findall(TICKED, everybody)) == 50
    assert "60</span>名を選択中" in everybody
    assert "全員の選択を外す" in everybody
    assert "すべてを選択" not in ada.get("/pool?q=番号 001").text, "one page holds them all"


def test_an_act_on_everybody_reaches_the_pages_behind_and_spares_the_unticked(
    session: Session, cast: Cast, ada: FlaskClient, sixty: list[int]
) -> None:
    shown, ticked = sixty[10:], sixty[12:]
    answer = ada.post(
        "/pool/bulk?q=番号&all=1",
        data={"id": ticked, "shown": shown, "name": "惜しい", "act": "add"},
    )
    assert answer.status_code == 303
    assert tagged(session, cast) == sixty[:10] + ticked
    assert "58名に「惜しい」を付けました" in ada.get(answer.location).text


def test_the_follow_up_of_the_ticked_is_set_and_opened_again(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    told = ada.post("/pool/bulk", data={"id": hanako.id, "act": "follow_up", "follow_up": "scout"}, headers=HTMX)
    assert "1名の今後の対応を「再スカウト候補」にしました" in told.text
    assert follow_ups(session, cast) == {FollowUp.SCOUT}
    ada.post("/pool/bulk", data={"id": hanako.id, "act": "follow_up", "follow_up": "none"})
    assert follow_ups(session, cast) == {None}
    refused = ada.post("/pool/bulk", data={"id": hanako.id, "act": "follow_up", "follow_up": "elsewhere"})
    assert (refused.status_code, "一覧にない値です" in refused.text) == (422, True)


def test_the_toast_takes_the_act_back(session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate) -> None:
    told = ada.post("/pool/bulk", data={"id": hanako.id, "name": "惜しい", "act": "add"}, headers=HTMX).text
    [way_back] = set(re.findall(r'action="(/pool/activity/\d+/undo)"', told))
    undone = ada.post(way_back, headers=HTMX)
    assert "元に戻しました" in undone.text
    assert undone.headers["HX-Trigger"] == "people-changed"
    assert tagged(session, cast) == []


def test_without_script_the_toast_comes_with_the_next_page(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    ada.post("/pool/bulk", data={"id": hanako.id, "name": "惜しい", "act": "add"})
    assert f"/pool/activity/{entry_id(session, cast)}/undo" in ada.get("/pool").text
    answer = ada.post(f"/pool/activity/{entry_id(session, cast)}/undo")
    assert (answer.status_code, answer.location) == (303, "/pool/activity")
    assert tagged(session, cast) == []


def test_the_last_act_of_ones_own_is_taken_back_by_one_key(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    for name in ("一", "二"):
        ada.post("/pool/bulk", data={"id": hanako.id, "name": name, "act": "add"})
    ada.post("/pool/activity/undo-last")
    assert len(tagged(session, cast)) == 1
    ada.post("/pool/activity/undo-last")
    assert tagged(session, cast) == []
    answer = ada.post("/pool/activity/undo-last", follow_redirects=True)
    assert "元に戻せる操作はありません" in answer.text


def test_colleagues_acts_stand_in_the_record_and_can_be_taken_back(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    from tests.cast import browse

    ada.post("/pool/bulk", data={"id": hanako.id, "name": "惜しい", "act": "add"})
    adam = browse(ada.application, cast.adam)
    page = adam.get("/pool/activity").text
    assert "1名に「惜しい」を付けた" in page
    assert "Ada" in page
    adam.post(f"/pool/activity/{entry_id(session, cast)}/undo")
    assert tagged(session, cast) == []
    assert "Adam" in ada.get("/pool/activity").text


def test_what_was_changed_since_is_named_and_nothing_is_undone(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    taro = make_candidate(session, cast.acme, "山本 太郎")
    ada.post("/pool/bulk", data={"id": [hanako.id, taro.id], "act": "follow_up", "follow_up": "scout"})
    first = entry_id(session, cast)
    ada.post(f"/pool/{hanako.id}/follow-up", data={"follow_up": "relay"})
    answer = ada.post(f"/pool/activity/{first}/undo", follow_redirects=True)
    assert "元に戻しませんでした（髙橋 花子）" in answer.text
    assert follow_ups(session, cast) == {FollowUp.SCOUT, FollowUp.RELAY}


def test_more_than_a_request_can_wait_for_is_left_to_the_worker(
    session: Session, cast: Cast, ada: FlaskClient, sixty: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "SYNC_LIMIT", 20)
    answer = ada.post("/pool/bulk?q=番号&all=1", data={"name": "惜しい", "act": "add"})
    assert answer.location == "/pool/activity"
    page = ada.get("/pool/activity").text
    assert "<progress" in page
    assert "進めています" in page
    assert "元に戻す</button>" not in page
    assert tagged(session, cast) == []


def test_a_viewer_sees_the_record_of_acts_and_changes_nothing(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    ada.post("/pool/bulk", data={"id": hanako.id, "name": "惜しい", "act": "add"})
    page = vic.get("/pool/activity").text
    assert "1名に「惜しい」を付けた" in page
    assert "元に戻す</button>" not in page
    assert vic.post(f"/pool/activity/{entry_id(session, cast)}/undo").status_code == 403
    assert tagged(session, cast) == [hanako.id]


# tags


def test_a_tag_is_renamed_coloured_merged_and_given_up(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    for name in ("おしい", "惜しい"):
        ada.post("/pool/tags", data={"name": name, "kind": "evaluation", "colour": "green"})
    ada.post("/pool/bulk", data={"id": hanako.id, "name": "おしい", "act": "add"})
    page = ada.get("/pool/tags").text
    assert page.count("tag--green") >= 2
    old = re.findall(r'href="/pool/tags/(\d+)"', page)[0]
    taken = ada.post(f"/pool/tags/{old}", data={"name": "惜しい", "kind": "free", "colour": "plain"})
    assert (taken.status_code, "すでにあります" in taken.text) == (422, True)
    assert ada.post(f"/pool/tags/{old}/merge", data={"into": "おしい"}).status_code == 422
    merged = ada.post(f"/pool/tags/{old}/merge", data={"into": "惜しい"}, follow_redirects=True).text
    assert "「おしい」を「惜しい」にまとめました" in merged
    assert tagged(session, cast) == [hanako.id]
    assert ada.get(f"/pool/tags/{old}").status_code == 404
    [left] = set(re.findall(r'href="/pool/tags/(\d+)"', merged))
    gone = ada.post(f"/pool/tags/{left}/removal", follow_redirects=True).text
    assert "タグ「惜しい」を削除しました" in gone
    assert tagged(session, cast) == []
    ada.post(re.findall(r'action="(/pool/activity/\d+/undo)"', gone)[0])
    assert tagged(session, cast) == [hanako.id]


def test_ready_made_tags_are_offered_until_they_are_there(ada: FlaskClient) -> None:
    assert "経験を積めば" in ada.get("/pool/tags").text
    ada.post("/pool/tags", data={"name": "経験を積めば", "kind": "evaluation", "colour": "green"})
    page = ada.get("/pool/tags").text
    assert "「経験を積めば」を追加する" not in page
    assert "「他職種向き」を追加する" in page


def test_a_tag_with_words_the_law_keeps_out_is_asked_about_there_too(ada: FlaskClient) -> None:
    asked = ada.post("/pool/tags", data={"name": "妊娠中"})
    assert (asked.status_code, "「妊娠」" in asked.text) == (422, True)
    assert ada.post("/pool/tags", data={"name": "妊娠中", "confirmed": "1"}).status_code == 303


def test_names_are_suggested_while_typing(ada: FlaskClient) -> None:
    for name in ("営業経験", "経理"):
        ada.post("/pool/tags", data={"name": name})
    part = ada.get("/pool/tags/names?name=営業&list=names-7", headers=HTMX).text
    assert 'id="names-7"' in part
    assert "営業経験" in part
    assert "経理" not in part


def test_those_chosen_are_exported_alone(ada: FlaskClient, sixty: list[int]) -> None:
    """The page of the export is about the ticked, or about all that match but the unticked."""
    two = ada.post("/pool/bulk", data={"id": sixty[:2], "act": "export"})
    assert two.location == f"/pool/export?among={sixty[0]}&among={sixty[1]}"
    assert "2名" in ada.get(two.location).text
    rest = ada.post("/pool/bulk?q=番号&all=1", data={"id": sixty[12:], "shown": sixty[10:], "act": "export"})
    assert "58名" in ada.get(rest.location).text
    file = ada.post(rest.location, data={"purpose": "report", "format": "csv"}).text
    assert "番号 009" in file
    assert "番号 010" not in file


def test_results_are_written_to_those_who_wait_for_one(
    session: Session, cast: Cast, ada: FlaskClient, sixty: list[int]
) -> None:
    nobody = ada.post("/pool/bulk", data={"id": sixty[:2], "act": "results"})
    assert nobody.status_code == 422
    assert "まだ連絡していない方はいません" in nobody.text
    with scopes.company(session, cast.acme.id):
        waiting = session.get_one(Candidate, sixty[0])
        made = make_application(
            session, waiting, status=ApplicationResult.REJECTED, decided_on=clock.today(), stage="最終面接"
        )
    session.commit()
    written = ada.post("/pool/bulk", data={"id": sixty[:2], "act": "results"})
    assert written.location.startswith("/results/drafts/")
    page = ada.get(written.location).text
    assert "1名の結果連絡を書きます。選んだほかの方は" in page
    assert "番号 000" in page
    assert made.notified_at is None


def test_several_are_erased_after_their_number_was_typed(
    session: Session, cast: Cast, ada: FlaskClient, adam: FlaskClient, sixty: list[int]
) -> None:
    """By whoever may erase one person, and never the hundreds at once."""
    assert ada.post("/pool/bulk", data={"id": sixty[:2], "act": "erase"}).status_code == 403
    assert "記録を消去する" not in ada.get("/pool").text
    there = adam.post("/pool/bulk", data={"id": sixty[:2], "act": "erase"}).location
    assert there == f"/pool/erasure?id={sixty[0]}&id={sixty[1]}"
    page = adam.get(there).text
    for words in ("2名の記録を消去します", "番号 000", "番号 001", "すぐに消えるもの", "残るものと、その期間"):
        assert words in page
    typed = {"id": sixty[:2], "reason": "mistaken", "sure": "y"}
    for number in ("", "3", "二"):
        refused = adam.post("/pool/erasure", data=typed | {"number": number})
        assert refused.status_code == 422
        assert "消去する人数（2）を数字で入力してください。まだ誰も消去していません。" in refused.text
    done = adam.post("/pool/erasure", data=typed | {"number": "２名"})
    assert "2名の記録を消去しました" in adam.get(done.location).text
    again = adam.post("/pool/erasure", data=typed | {"number": "2"})
    assert "すでに消去しています" in adam.get(again.location).text
    with scopes.company(session, cast.acme.id):
        assert not set(session.scalars(select(Candidate.id))) & set(sixty[:2])
        assert len(set(session.scalars(select(Candidate.id))) & set(sixty)) == 58


def test_who_is_held_stays_and_is_named_while_the_others_are_erased(
    session: Session, cast: Cast, adam: FlaskClient, sixty: list[int]
) -> None:
    until = clock.today() + timedelta(days=30)
    with scopes.company(session, cast.acme.id):
        held = session.get_one(Candidate, sixty[1])
        hold = holds.set_hold(session, held, HoldReason.DISPUTE, until, owner_user_id=cast.adam.id)
    session.commit()
    page = adam.get("/pool/erasure", query_string={"id": sixty[:3]}).text
    for words in ("2名の記録を消去します", "消去しない方（1名）", "争いに備えて、記録が必要なため"):
        assert words in page
    typed = {"id": sixty[:3], "reason": "mistaken", "sure": "y"}
    assert "消去する人数（2）" in adam.post("/pool/erasure", data=typed | {"number": "3"}).text
    answer = adam.post("/pool/erasure", data=typed | {"number": "2"})
    told = adam.get(answer.location).text
    assert "2名の記録を消去しました" in told
    assert f"消去が保留されている{held.name}さんの記録は、消去していません。" in told
    again = adam.post("/pool/erasure", data=typed | {"number": "0"})
    assert again.status_code == 422
    assert "いま消去できる記録はありません" in again.text
    with scopes.company(session, cast.acme.id):
        session.expire_all()
        assert set(session.scalars(select(Candidate.id))) & set(sixty[:3]) == {sixty[1]}
        holds.release(session, held, hold.id, by_user_id=cast.adam.id)
    session.commit()
    assert (
        "1名の記録を消去しました"
        in adam.post("/pool/erasure", data=typed | {"number": "1"}, follow_redirects=True).text
    )
