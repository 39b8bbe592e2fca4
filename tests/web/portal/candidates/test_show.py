"""A record page: why and until when someone is here, what happened, tags, memos, the follow-up, and that it was
opened."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import notes, tags
from relay.extensions import db
from relay.hiring import decisions
from relay.indexing import search_rows
from relay.models import (
    Application,
    ApplicationStep,
    Candidate,
    CandidateTag,
    Event,
    EventTag,
    FollowUp,
    Note,
    RejectionReason,
    RetentionBasis,
    Tag,
    scopes,
)
from tests.cast import Cast, make_application, make_candidate
from tests.db.intake.bringing import bring, herp
from tests.statements import counted
from tests.web.portal.conftest import HTMX


def test_it_says_who_this_is_and_why_and_until_when(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    page = ada.get(f"/pool/{hanako.id}").text
    for words in (
        "髙橋 花子",
        "タカハシ ハナコ",
        "hanako@mail.example",
        "090-1234-5678",
        "応募のときにお伝えしています",
        "選考が続いているあいだ保管します",
        "経理に応募",
    ):
        assert words in page
    assert "<title>候補者の記録" in page


def test_after_a_decision_it_names_the_last_day(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    with scopes.company(session, cast.acme.id):
        decisions.reject(session, application, reason=RejectionReason.FILLED, by_user_id=cast.ada.id)
    page = ada.get(f"/pool/{hanako.id}").text
    assert hanako.retain_until is not None
    day = hanako.retain_until
    assert f"{day.year}年{day.month}月{day.day}日</strong>まで保管します" in page
    assert "見送りにしました" in page
    assert "採用人数の都合" in page
    assert "結果はまだ伝えていません" in page


def test_who_is_kept_for_the_selection_only_is_marked_so(session: Session, cast: Cast, ada: FlaskClient) -> None:
    candidate = make_candidate(session, cast.acme, "選考 次郎", basis=RetentionBasis.SELECTION)
    page = ada.get(f"/pool/{candidate.id}").text
    assert "選考のみ" in page
    assert "人材プールの検索には出ません" in page
    assert "follow-up-choice" not in page


def test_opening_is_logged_once_in_ten_minutes_and_shown_in_the_log(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    for client in (ada, ada, vic):
        client.get(f"/pool/{hanako.id}")
    with clock.at(clock.now() + timedelta(minutes=11)):
        ada.get(f"/pool/{hanako.id}")
    viewed = session.execute(
        select(Event.subject_id, Event.actor_id).where(Event.tag == EventTag.CANDIDATE_VIEWED.value).order_by(Event.id)
    ).all()
    assert [tuple(row) for row in viewed] == [
        (hanako.id, cast.ada.id),
        (hanako.id, cast.vic.id),
        (hanako.id, cast.ada.id),
    ]
    assert "記録を開きました" not in ada.get(f"/pool/{hanako.id}").text
    log = ada.get(f"/pool/{hanako.id}?show=log").text
    assert log.count("記録を開きました") == 3
    assert "Vic" in log


def test_a_stranger_is_not_there(ada: FlaskClient, hanako: Candidate, stranger: Candidate) -> None:
    for method, path in (
        ("get", ""),
        ("get", "/tags"),
        ("post", "/tags"),
        ("post", "/tags/1/removal"),
        ("post", "/notes"),
        ("post", "/follow-up"),
    ):
        assert ada.open(f"/pool/{stranger.id}{path}", method=method.upper()).status_code == 404
    assert ada.get("/pool/999999").status_code == 404


def test_a_viewer_reads_and_changes_nothing(vic: FlaskClient, hanako: Candidate) -> None:
    page = vic.get(f"/pool/{hanako.id}")
    assert page.status_code == 200
    assert "<textarea" not in page.text
    assert vic.get(f"/pool/{hanako.id}/tags").status_code == 403
    for path in ("tags", "tags/1/removal", "notes", "follow-up"):
        assert vic.post(f"/pool/{hanako.id}/{path}", data={"name": "惜しい", "body": "メモ"}).status_code == 403


def test_htmx_gets_what_happened_alone_older_page_by_page(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    with scopes.company(session, cast.acme.id):
        for n in range(25):
            notes.add_note(session, hanako, f"メモその{n:02}", by_user_id=cast.ada.id)
    part = ada.get(f"/pool/{hanako.id}?show=notes", headers=HTMX).text
    assert part.lstrip().startswith('<section class="panel" id="happened"')
    assert "メモその24" in part
    assert "メモその04" not in part
    before = part.split("before=")[1].split('"')[0]
    rest = ada.get(f"/pool/{hanako.id}?show=notes&before={before}").text
    assert "メモその04" in rest
    assert "メモその05" not in rest


def test_the_record_asks_the_same_number_of_questions_however_much_happened(
    app: Flask, session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    def questions() -> int:
        ada.get(f"/pool/{hanako.id}")
        with counted(db.engine) as said:
            assert ada.get(f"/pool/{hanako.id}").status_code == 200
        return len(said)

    few = questions()
    with scopes.company(session, cast.acme.id):
        for n in range(12):
            tags.add_tag(session, tags.find_or_make(session, f"札{n}"), [hanako.id], by_user_id=cast.ada.id)
            notes.add_note(session, hanako, f"メモ{n}", by_user_id=cast.ada.id)
            make_application(session, hanako)
    assert questions() == few


# tags


def test_a_tag_is_added_and_removed_in_place(session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate) -> None:
    added = ada.post(f"/pool/{hanako.id}/tags", data={"name": "惜しい"}, headers=HTMX)
    assert added.status_code == 200
    assert added.text.lstrip().startswith(f'<div class="stack stack--tight" id="tags-{hanako.id}"')
    assert "「惜しい」を外す" in added.text
    with scopes.company(session, cast.acme.id):
        tag = session.scalars(select(Tag)).one()
    removed = ada.post(f"/pool/{hanako.id}/tags/{tag.id}/removal")
    assert (removed.status_code, removed.location) == (303, f"/pool/{hanako.id}#tags")
    assert ada.post(f"/pool/{hanako.id}/tags/{tag.id}/removal").status_code == 303
    page = ada.get(f"/pool/{hanako.id}").text
    assert "「惜しい」を付けました" in page
    assert "「惜しい」を外しました" in page


def test_in_a_list_the_tags_open_in_place_and_close_again(ada: FlaskClient, hanako: Candidate) -> None:
    editing = ada.get(f"/pool/{hanako.id}/tags", headers=HTMX).text
    assert 'name="in_list"' in editing
    saved = ada.post(f"/pool/{hanako.id}/tags", data={"name": "惜しい", "in_list": "1"}, headers=HTMX).text
    assert f"/pool/{hanako.id}/tags?shown=1" in saved
    closed = ada.get(f"/pool/{hanako.id}/tags?shown=1", headers=HTMX).text
    assert closed.lstrip().startswith(f'<div class="row cell" id="tags-{hanako.id}"')
    assert "<html" in ada.get(f"/pool/{hanako.id}/tags").text


@pytest.mark.parametrize(("name", "sentence"), [("", "タグの名前を入力してください"), ("妊娠中", "「妊娠」")])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_tag_that_cannot_be_is_said_beside_what_was_typed(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, name: str, sentence: str, headers: dict[str, str]
) -> None:
    answer = ada.post(f"/pool/{hanako.id}/tags", data={"name": name}, headers=headers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{name}"' in answer.text
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(CandidateTag.id))) == 0


# memos


def test_a_memo_is_kept_and_shown_with_its_author(ada: FlaskClient, hanako: Candidate) -> None:
    saved = ada.post(f"/pool/{hanako.id}/notes", data={"body": "また声をかけたい\n<b>春</b>に"})
    assert (saved.status_code, saved.location) == (303, f"/pool/{hanako.id}")
    page = ada.get(f"/pool/{hanako.id}").text
    assert "また声をかけたい\n&lt;b&gt;春&lt;/b&gt;に" in page
    assert "メモを残しました" in page
    assert "・Ada" in page


def test_htmx_gets_the_memo_in_what_happened(ada: FlaskClient, hanako: Candidate) -> None:
    part = ada.post(f"/pool/{hanako.id}/notes", data={"body": "また声をかけたい"}, headers=HTMX)
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<section class="panel" id="happened"')
    assert "また声をかけたい" in part.text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_memo_with_words_the_law_keeps_out_is_asked_about_and_kept_as_typed(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, headers: dict[str, str]
) -> None:
    data = {"body": "持病があると聞いた"}
    asked = ada.post(f"/pool/{hanako.id}/notes", data=data, headers=headers)
    assert asked.status_code == 422
    assert "「持病」" in asked.text
    assert "持病があると聞いた</textarea>" in asked.text
    assert 'name="confirmed"' in asked.text
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(Note.id))) == 0
    ada.post(f"/pool/{hanako.id}/notes", data=data | {"confirmed": "1"}, headers=headers)
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(Note.id))) == 1


def test_an_empty_memo_is_said_so(ada: FlaskClient, hanako: Candidate) -> None:
    answer = ada.post(f"/pool/{hanako.id}/notes", data={"body": " \n "})
    assert answer.status_code == 422
    assert "メモの内容を入力してください" in answer.text
    assert 'aria-invalid="true"' in answer.text


# the follow-up


def test_the_follow_up_is_chosen_and_logged(session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate) -> None:
    saved = ada.post(f"/pool/{hanako.id}/follow-up", data={"follow_up": "scout"})
    assert (saved.status_code, saved.location) == (303, f"/pool/{hanako.id}")
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(Candidate.follow_up).where(Candidate.id == hanako.id)) is FollowUp.SCOUT
    assert "今後の対応を「再スカウト候補」にしました" in ada.get(f"/pool/{hanako.id}?show=log").text
    part = ada.post(f"/pool/{hanako.id}/follow-up", data={"follow_up": ""}, headers=HTMX)
    assert part.text.lstrip().startswith('<div id="follow-up"')


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_follow_up_that_does_not_exist_changes_nothing(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, headers: dict[str, str]
) -> None:
    answer = ada.post(f"/pool/{hanako.id}/follow-up", data={"follow_up": "sold"}, headers=headers)
    assert answer.status_code == 422
    assert "一覧にない値です" in answer.text
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(Candidate.follow_up).where(Candidate.id == hanako.id)) is None


# what files brought of a selection, and the way through the list


def test_the_steps_of_a_selection_stand_under_their_days(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, application: Application
) -> None:
    now = clock.now()
    with scopes.company(session, cast.acme.id):
        steps = {"candidate_id": hanako.id, "application_id": application.id, "created_at": now, "updated_at": now}
        session.add(
            ApplicationStep(
                **steps, place=1, name="一次面接", on=clock.today(), score=4, result="通過", comment="話が明快"
            )
        )
        session.add(ApplicationStep(**steps, place=2, name="書類選考", on=None, score=None, result="", comment=""))
    page = ada.get(f"/pool/{hanako.id}?show=selection").text
    for words in ("一次面接", "評価4／5", "通過", "話が明快", "書類選考", "日付の記録なし"):
        assert words in page
    assert page.count("結果はまだ伝えていません") == 1, "an application is shown once, however many steps it has"


def test_who_was_brought_by_a_file_leads_to_the_import_for_whoever_may_see_it(
    session: Session, cast: Cast, ada: FlaskClient, vic: FlaskClient
) -> None:
    bring(session, cast.acme, herp({"応募ID": "X1", "名前": "森 凛", "メールアドレス": "rin@mail.example"}))
    with scopes.company(session, cast.acme.id):
        candidate_id = session.scalars(select(Candidate.id)).one()
    session.commit()
    assert "/pool/import/" in ada.get(f"/pool/{candidate_id}").text
    page = vic.get(f"/pool/{candidate_id}").text
    assert "ファイルから登録しました" in page
    assert "/pool/import/" not in page


def test_the_next_and_the_previous_record_are_those_of_the_list(session: Session, cast: Cast, ada: FlaskClient) -> None:
    people = [make_candidate(session, cast.acme, name, email="") for name in ("甲 一", "乙 二", "甲 三", "甲 四")]
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [person.id for person in people])
    session.commit()
    first, _other, middle, last = (person.id for person in people)
    found = "?q=%E7%94%B2"
    assert f'href="/pool/{last}{found}"' in ada.get(f"/pool{found}").text
    page = ada.get(f"/pool/{last}{found}").text
    assert f'href="/pool/{last}/next{found}"' in page
    assert f'href="/pool{found}"' in page, "the way back keeps the search"
    assert ada.get(f"/pool/{last}/next{found}").location == f"/pool/{middle}{found}"
    assert ada.get(f"/pool/{middle}/next{found}").location == f"/pool/{first}{found}"
    assert ada.get(f"/pool/{middle}/previous{found}").location == f"/pool/{last}{found}"
    end = ada.get(f"/pool/{first}/next{found}")
    assert end.location == f"/pool/{first}{found}"
    assert "この一覧は、ここまでです" in ada.get(end.location).text
    assert ada.get(f"/pool/{first}/next?q=tag:(").status_code == 302


def test_what_happened_is_paged_within_the_list(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    with scopes.company(session, cast.acme.id):
        for n in range(25):
            notes.add_note(session, hanako, f"メモその{n:02}", by_user_id=cast.ada.id)
    page = ada.get(f"/pool/{hanako.id}?end=open&show=notes").text
    older = page.split("before=")[1].split('"')[0]
    assert f"/pool/{hanako.id}?end=open&amp;show=notes&amp;before={older}" in page
    assert f"/pool/{hanako.id}/next?end=open" in page
