"""Memos put right and removed: kept track of, never overwritten unseen, taken back by one click."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.candidates import notes
from relay.models import Candidate, Event, JournalEntry, Note, scopes
from relay.search import candidate_search
from relay.search.candidate_search import Query
from tests.cast import Cast
from tests.conftest import ON_ONE


@pytest.fixture
def note(session: Session, cast: Cast, hanako: Candidate) -> Note:
    with scopes.company(session, cast.acme.id):
        made = notes.add_note(session, hanako, "簿記二級と聞いた", by_user_id=cast.ada.id)
        session.commit()
    return made


def address(note: Note) -> str:
    return f"/pool/{note.candidate_id}/notes/{note.id}"


def seen(browser: FlaskClient, note: Note) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', browser.get(address(note)).text)
    assert found
    return found[1]


def bodies(session: Session, cast: Cast) -> list[str]:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(Note.body)))


def finds(session: Session, cast: Cast, word: str) -> bool:
    with scopes.company(session, cast.acme.id):
        return candidate_search.count(session, cast.acme.id, Query(q=word)) == 1


def test_a_memo_is_put_right_and_no_longer_found_by_what_it_said(
    session: Session, cast: Cast, ada: FlaskClient, note: Note
) -> None:
    assert address(note) in ada.get(f"/pool/{note.candidate_id}").text
    answer = ada.post(address(note), data={"body": "簿記一級と聞いた", "seen": seen(ada, note)})
    assert (answer.status_code, answer.location) == (303, f"/pool/{note.candidate_id}")
    assert bodies(session, cast) == ["簿記一級と聞いた"]
    assert (finds(session, cast, "簿記一級"), finds(session, cast, "簿記二級")) == (True, False)
    events = session.scalars(select(Event).where(Event.tag == "note:changed")).all()
    assert [event.data for event in events] == [{"note_id": note.id}], "never what it said"
    assert "メモを編集しました" in ada.get(f"/pool/{note.candidate_id}?show=log").text


def test_a_memo_is_removed_and_brought_back_by_one_click(
    session: Session, cast: Cast, ada: FlaskClient, note: Note
) -> None:
    there, version = address(note), seen(ada, note)
    for _twice in range(2):
        assert ada.post(f"{there}/removal", data={"seen": version}).status_code == 303
    assert bodies(session, cast) == []
    assert not finds(session, cast, "簿記二級")
    assert [event.tag for event in session.scalars(select(Event).where(Event.tag == "note:removed"))] == [
        "note:removed"
    ]
    with scopes.company(session, cast.acme.id):
        entry_id = session.scalars(select(JournalEntry.id)).one()
    ada.post(f"/pool/activity/{entry_id}/undo")
    assert bodies(session, cast) == ["簿記二級と聞いた"]
    assert finds(session, cast, "簿記二級")


@pytest.mark.parametrize("recorder", ["", "/removal"])
def test_of_two_tabs_the_second_is_told_and_keeps_what_it_typed(
    session: Session, cast: Cast, ada: FlaskClient, note: Note, recorder: str
) -> None:
    version = seen(ada, note)
    ada.post(address(note), data={"body": "先に直した", "seen": version})
    refused = ada.post(address(note) + recorder, data={"body": "あとから直した", "seen": version})
    assert refused.status_code == 409
    assert "ほかの画面から先に変更されました" in refused.text
    assert "先に直した" in refused.text
    assert recorder or "あとから直した" in refused.text
    assert bodies(session, cast) == ["先に直した"]


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "メモの内容を入力してください"), ("あ" * 10_001, "文字までです"), ("持病があると聞いた", "確認")],
)
def test_what_cannot_be_kept_is_said(
    session: Session, cast: Cast, ada: FlaskClient, note: Note, typed: str, sentence: str
) -> None:
    refused = ada.post(address(note), data={"body": typed, "seen": seen(ada, note)})
    assert refused.status_code in (409, 422)
    assert sentence in refused.text
    assert bodies(session, cast) == ["簿記二級と聞いた"]


def test_who_only_reads_changes_no_memo(vic: FlaskClient, note: Note) -> None:
    assert address(note) not in vic.get(f"/pool/{note.candidate_id}").text
    assert vic.get(address(note)).status_code == 403
    assert vic.post(address(note)).status_code == vic.post(f"{address(note)}/removal").status_code == 403
