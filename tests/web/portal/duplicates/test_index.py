"""The review queue: pairs side by side, one record made field by field and taken back, two people told apart."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.duplicates import jobs
from relay.indexing import search_rows
from relay.models import Candidate, DuplicatePair, Message, MessageState, scopes
from tests.cast import Cast, browse, make_application, make_candidate, make_cast, make_position


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def ada(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.ada)


@pytest.fixture
def pair(session: Session, cast: Cast) -> DuplicatePair:
    """高橋 花子 came twice, once with an old address."""
    for name, email in (("高橋 花子", "old@mail.example"), ("髙橋花子", "new@mail.example")):
        one = make_candidate(session, cast.acme, name, email=email, phone="09011112222")
        make_application(session, one, None)
    session.commit()
    jobs.run(session)
    session.commit()
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(DuplicatePair)).one()


def names(session: Session, cast: Cast) -> list[str]:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(Candidate.name).order_by(Candidate.id)))


def chosen(pair: DuplicatePair, **picked: int) -> dict[str, Any]:
    fields = ("name", "kana", "email", "phone", "birth_date", "follow_up")
    return dict.fromkeys(fields, pair.one_id) | picked


def test_the_queue_shows_both_with_what_agrees_and_what_differs(ada: FlaskClient, pair: DuplicatePair) -> None:
    text = ada.get("/pool/duplicates").get_data(as_text=True)
    assert "電話番号が同じ" in text
    assert "old@mail.example" in text and "new@mail.example" in text
    assert text.count("（違いあり）") == 2


def test_the_page_of_one_pair_offers_what_is_fuller(ada: FlaskClient, pair: DuplicatePair) -> None:
    text = ada.get(f"/pool/duplicates/{pair.id}").get_data(as_text=True)
    assert f'name="name" value="{pair.one_id}" checked' in text, "the name whose parts are told apart"
    assert f'name="email" value="{pair.other_id}" checked' in text, "the later address"


def test_merging_and_taking_it_back(ada: FlaskClient, session: Session, cast: Cast, pair: DuplicatePair) -> None:
    answer = ada.post(
        f"/pool/duplicates/{pair.id}/merge", data=chosen(pair, email=pair.other_id), follow_redirects=True
    )
    text = answer.get_data(as_text=True)
    assert "記録を一つにまとめました" in text
    assert "確認する組はありません" in text
    assert names(session, cast) == ["高橋 花子"]

    assert "同じ方の記録を一つにまとめた" in ada.get("/pool/activity").get_data(as_text=True)
    ada.post("/pool/activity/undo-last")
    assert names(session, cast) == ["高橋 花子", "髙橋花子"]
    assert "電話番号が同じ" in ada.get("/pool/duplicates").get_data(as_text=True)


def test_an_answer_that_names_no_record_changes_nothing(
    ada: FlaskClient, session: Session, cast: Cast, pair: DuplicatePair
) -> None:
    for wrong in ({}, chosen(pair, email=999), {"name": "x"}):
        answer = ada.post(f"/pool/duplicates/{pair.id}/merge", data=wrong)
        assert answer.status_code == 422
        assert "まだまとめていません" in answer.get_data(as_text=True)
    assert len(names(session, cast)) == 2


def test_while_a_result_waits_the_reason_is_said(
    ada: FlaskClient, session: Session, cast: Cast, pair: DuplicatePair
) -> None:
    with scopes.company(session, cast.acme.id):
        session.add(
            Message(
                letter="result",
                once_per_subject=True,
                mail_class="transactional",
                candidate_id=pair.other_id,
                to_address="new@mail.example",
                state=MessageState.SCHEDULED,
                due_at=clock.now(),
                message_id="<x@acme.example>",
                created_at=clock.now(),
            )
        )
        session.commit()
    answer = ada.post(f"/pool/duplicates/{pair.id}/merge", data=chosen(pair), follow_redirects=True)
    assert "送信を待っている結果連絡がある" in answer.get_data(as_text=True)
    assert len(names(session, cast)) == 2


def test_two_people_are_told_apart_and_asked_about_again(ada: FlaskClient, pair: DuplicatePair) -> None:
    ada.post(f"/pool/duplicates/{pair.id}/apart")
    assert "確認する組はありません" in ada.get("/pool/duplicates").get_data(as_text=True)
    listed = ada.get("/pool/duplicates/apart").get_data(as_text=True)
    assert "髙橋花子" in listed
    ada.post("/pool/duplicates/apart/1/removal")
    assert "電話番号が同じ" in ada.get("/pool/duplicates").get_data(as_text=True)


def test_who_may_only_look_sees_the_queue_without_buttons(app: Flask, cast: Cast, pair: DuplicatePair) -> None:
    vic = browse(app, cast.vic)
    text = vic.get("/pool/duplicates").get_data(as_text=True)
    assert "電話番号が同じ" in text
    assert "別の方として残す" not in text
    assert vic.post(f"/pool/duplicates/{pair.id}/apart").status_code == 403


def test_another_companys_pair_is_not_there(app: Flask, cast: Cast, pair: DuplicatePair) -> None:
    mona = browse(app, cast.mona)
    assert "高橋" not in mona.get("/pool/duplicates").get_data(as_text=True)
    assert mona.get(f"/pool/duplicates/{pair.id}").status_code == 404
    assert mona.post(f"/pool/duplicates/{pair.id}/merge", data=chosen(pair)).status_code == 404


def test_the_page_asks_the_database_as_often_for_many_pairs_as_for_one(
    ada: FlaskClient, session: Session, cast: Cast, pair: DuplicatePair
) -> None:
    from tests.statements import counted

    with counted(session.get_bind()) as few:
        ada.get("/pool/duplicates")
    position = make_position(session, cast.acme)
    for n in range(4):
        one = make_candidate(session, cast.acme, "高橋 花子", email=f"{n}@mail.example", phone="09011112222")
        make_application(session, one, position)
    session.commit()
    jobs.run(session)
    session.commit()
    with counted(session.get_bind()) as many:
        ada.get("/pool/duplicates")
    assert len(many) == len(few)


def test_the_address_of_the_record_that_went_leads_to_the_one_with_its_history(
    ada: FlaskClient, pair: DuplicatePair
) -> None:
    kept, gone = pair.one_id, pair.other_id
    ada.get(f"/pool/{gone}")
    ada.post(f"/pool/duplicates/{pair.id}/merge", data=chosen(pair))
    answer = ada.get(f"/pool/{gone}")
    assert (answer.status_code, answer.location) == (302, f"/pool/{kept}")
    text = ada.get(f"/pool/{kept}?show=log").get_data(as_text=True)
    assert "同じ方の記録を一つにまとめました" in text
    assert "記録を開きました" in text
    assert ada.get("/pool/99999").status_code == 404


def test_somebody_entered_under_another_spelling_is_met_before_anything_is_saved(
    ada: FlaskClient, session: Session, pair: DuplicatePair
) -> None:
    typed = {"name": "タカハシ　ハナコ", "phone": "+81 90-1111-2222", "basis": "stated"}
    answer = ada.post("/pool/new", data=typed)
    assert answer.status_code == 409
    assert "電話番号が同じ" in answer.get_data(as_text=True)


def test_two_records_that_hr_knows_to_be_one_are_found_compared_merged_and_taken_back(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    """佐藤 花子 married: nothing but HR knows that 鈴木 花子 is she."""
    one = make_candidate(session, cast.acme, "佐藤 花子", email="hana@mail.example", phone="09011112222")
    other = make_candidate(session, cast.acme, "鈴木 花子", email="suzuki@mail.example", phone="")
    stranger = make_candidate(session, cast.acme, "森 凛", email="mori@mail.example")
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [one.id, other.id, stranger.id])
    session.commit()
    record = f"/pool/{one.id}"
    assert f'href="{record}/same-person"' in ada.get(record).text
    page = ada.get(f"{record}/same-person").text
    assert "鈴木 花子" not in page
    for q in ("鈴木", "suzuki@mail.example"):
        part = ada.get(f"{record}/same-person", query_string={"q": q}, headers={"HX-Request": "true"}).text
        assert f"{record}/same-person/{other.id}" in part
        assert "森 凛" not in part
    assert "ほかの方はいません" in ada.get(f"{record}/same-person", query_string={"q": "佐藤"}).text

    compare = f"{record}/same-person/{other.id}"
    assert "suzuki@mail.example" in ada.get(compare).text
    assert ada.post(compare, data={}).status_code == 422
    fields = dict.fromkeys(("name", "kana", "email", "phone", "birth_date", "follow_up"), one.id)
    told = ada.post(compare, data=fields | {"name": other.id}, follow_redirects=True).text
    assert "鈴木 花子さんの記録を一つにまとめました" in told
    assert names(session, cast) == ["鈴木 花子", "森 凛"]
    assert "すでにまとめられたか消去されています" in ada.post(compare, data=fields, follow_redirects=True).text
    undo = re.findall(r'action="(/pool/activity/\d+/undo)"', told)
    ada.post(undo[0])
    assert names(session, cast) == ["佐藤 花子", "鈴木 花子", "森 凛"]
    assert ada.get(f"{record}/same-person/{one.id}").status_code == 404
