"""Somebody entered by hand, and a record put right: kept as typed, asked about before it is doubled."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    CandidateTag,
    Event,
    EventTag,
    Note,
    Position,
    Reapply,
    RetentionBasis,
    scopes,
)
from tests.cast import Cast, make_candidate
from tests.conftest import ON_ONE

TYPED = {
    "name": "髙橋　すみれ",
    "kana": "たかはし ｽﾐﾚ",
    "email": "Ｓｕｍｉｒｅ@Mail.Example",
    "phone": "０９０ー１１１１ー２２２２",
    "position": "経理",
    "channel": "社員の紹介",
    "applied_on": "令和8年4月1日",
    "basis": "stated",
    "qualifications": "簿記2級",
    "desired_role": "経理",
    "reapply": "maybe",
}


def people(session: Session, cast: Cast) -> list[Candidate]:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(Candidate).order_by(Candidate.id)))


def count(session: Session, cast: Cast, model: Any) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_person_is_kept_as_typed_with_the_application_they_came_by(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    saved = ada.post("/pool/new", data=TYPED)
    (person,) = people(session, cast)
    assert (saved.status_code, saved.location) == (303, f"/pool/{person.id}")
    assert (person.name, person.kana, person.email, person.phone) == (
        "髙橋　すみれ",
        "タカハシ スミレ",
        "Sumire@mail.example",
        "09011112222",
    )
    assert (person.name_key, person.email_key, person.phone_key) == (
        "高橋スミレ",
        "sumire@mail.example",
        "+819011112222",
    )
    assert (person.basis, person.retain_until) == (RetentionBasis.STATED, None)
    assert (person.qualifications, person.desired_role, person.reapply) == ("簿記2級", "経理", Reapply.MAYBE)
    with scopes.company(session, cast.acme.id):
        application, title = session.execute(select(Application, Position.title).join(Position)).one()
    assert (title, application.channel, application.status) == ("経理", "社員の紹介", ApplicationResult.OPEN)
    assert f"{application.applied_on}" == "2026-04-01"
    assert "髙橋" in ada.get("/pool?q=たかはし").text
    page = ada.get(saved.location).text
    for words in ("簿記2級", "条件が合えば応募したい"):
        assert words in page


def test_only_the_name_and_the_reason_for_keeping_are_asked_for(session: Session, cast: Cast, ada: FlaskClient) -> None:
    page = ada.get("/pool/new").text
    reasons = page.split('id="basis"')[1].split("</fieldset>")[0]
    assert reasons.count('name="basis"') == 3
    assert " checked" not in reasons, "why somebody may be kept is answered by nobody but HR (A-4)"
    for asked_nowhere in ("性別", "写真", "配偶者", "生年月日"):
        assert asked_nowhere not in page
    refused = ada.post("/pool/new", data={"name": " "})
    assert refused.status_code == 422
    assert "氏名を入力してください" in refused.text
    assert "あてはまるものを選んでください" in refused.text
    assert people(session, cast) == []
    assert ada.post("/pool/new", data={"name": "サン", "basis": "selection"}).status_code == 303
    assert [person.name for person in people(session, cast)] == ["サン"]


@ON_ONE
@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("email", "sumire.example", "@ がありません"),
        ("email", "a@b.example,c@d.example", "一つだけ書いてください"),
        ("phone", "なし", "電話番号として読めません"),
        ("applied_on", "2026/2/30", "2026/2/30"),
        ("name", "あ" * 101, "100文字まで"),
        ("tags", "あ" * 51, "50文字まで"),
        ("tags", "、".join(map(str, range(11))), "10個まで"),
    ],
)
def test_what_cannot_be_read_is_said_beside_what_was_typed(
    session: Session, cast: Cast, ada: FlaskClient, field: str, typed: str, sentence: str
) -> None:
    answer = ada.post("/pool/new", data=TYPED | {field: typed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed in answer.text
    assert people(session, cast) == []


def test_notes_and_tags_come_with_the_person_and_sensitive_words_are_asked_about(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    more = TYPED | {"note": "持病があると聞いた", "tags": "簿記, 英語、簿記"}
    asked = ada.post("/pool/new", data=more)
    assert asked.status_code == 422
    assert "「持病」" in asked.text
    assert 'name="confirmed"' in asked.text
    assert people(session, cast) == []
    assert ada.post("/pool/new", data=more | {"confirmed": "1"}).status_code == 303
    assert (count(session, cast, Note), count(session, cast, CandidateTag)) == (1, 2)


@pytest.mark.parametrize(
    "typed",
    [
        {"name": "別の 名前", "email": "HANAKO@mail.example"},
        {"name": "別の 名前", "phone": "090-1234-5678"},
        {"name": "高橋花子"},
    ],
)
def test_whoever_may_be_known_is_shown_before_anything_is_saved(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, typed: dict[str, str]
) -> None:
    data = {"basis": "consented"} | typed
    shown = ada.post("/pool/new", data=data)
    assert shown.status_code == 409
    assert "すでに登録されている方かもしれません" in shown.text
    assert "髙橋 花子さんの、新しい応募" in shown.text
    assert " checked" not in shown.text.split('id="alike"')[1].split("</fieldset>")[0]
    assert [person.id for person in people(session, cast)] == [hanako.id]
    again = ada.post("/pool/new", data=data | {"asked": "1"})
    assert "どなたの記録かを選んでから" in again.text
    assert len(people(session, cast)) == 1


def test_a_known_person_gets_an_application_and_nothing_is_overwritten(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    typed = {"name": "高橋花子", "kana": "こうはし", "email": "other@mail.example", "position": "営業"}
    saved = ada.post("/pool/new", data=typed | {"basis": "consented", "who": str(hanako.id), "asked": "1"})
    assert (saved.status_code, saved.location) == (303, f"/pool/{hanako.id}")
    (person,) = people(session, cast)
    assert (person.name, person.kana, person.email) == ("髙橋 花子", "タカハシ ハナコ", "hanako@mail.example")
    assert person.basis is RetentionBasis.CONSENTED
    assert count(session, cast, Application) == 2
    narrower = ada.post("/pool/new", data=typed | {"basis": "selection", "who": str(hanako.id)})
    assert narrower.status_code == 303
    assert people(session, cast)[0].basis is RetentionBasis.CONSENTED


def test_what_was_missing_of_a_known_person_is_filled_in(session: Session, cast: Cast, ada: FlaskClient) -> None:
    known = make_candidate(session, cast.acme, "森 凛", email="")
    session.commit()
    data = {"name": "森凛", "email": "rin@mail.example", "phone": "080-1", "basis": "stated", "who": str(known.id)}
    ada.post("/pool/new", data=data)
    (person,) = people(session, cast)
    assert (person.name, person.email, person.email_key) == ("森 凛", "rin@mail.example", "rin@mail.example")
    assert "空いていた2項目を補いました" in ada.get(f"/pool/{known.id}").text


def test_a_namesake_can_still_be_added(session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate) -> None:
    data = {"name": "髙橋 花子", "basis": "stated", "asked": "1", "who": "new"}
    assert ada.post("/pool/new", data=data).status_code == 303
    assert [person.name for person in people(session, cast)] == ["髙橋 花子", "髙橋 花子"]


def test_another_companys_people_are_neither_shown_nor_reached(
    session: Session, cast: Cast, ada: FlaskClient, stranger: Candidate
) -> None:
    data = {"name": stranger.name, "email": stranger.email, "basis": "stated"}
    assert ada.post("/pool/new", data=data | {"who": str(stranger.id)}).status_code == 404
    assert ada.post("/pool/new", data=data).status_code == 303
    assert ada.get(f"/pool/{stranger.id}/facts").status_code == 404
    assert ada.post(f"/pool/{stranger.id}/facts", data={"name": "x"}).status_code == 404


def test_a_record_is_put_right_found_anew_and_logged_by_field(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    shown = ada.get(f"/pool/{hanako.id}/facts").text
    assert 'value="090-1234-5678"' in shown
    assert "生年月日" not in shown
    data = {
        "name": "佐藤 花子",
        "kana": "さとう はなこ",
        "email": "hanako@mail.example",
        "phone": "",
        "desired_role": "営業",
    }
    saved = ada.post(f"/pool/{hanako.id}/facts", data=data | {"birth_date": "1990-01-01"})
    assert (saved.status_code, saved.location) == (303, f"/pool/{hanako.id}")
    (person,) = people(session, cast)
    assert (person.name, person.kana, person.phone_key) == ("佐藤 花子", "サトウ ハナコ", "")
    assert person.birth_date is None, "no birth date but one a file brought (B-3)"
    assert "佐藤 花子" in ada.get("/pool?q=佐藤").text
    assert "花子" not in ada.get("/pool?q=髙橋").text.split('id="list-body"')[1]
    event = session.scalars(select(Event).where(Event.tag == EventTag.CANDIDATE_CHANGED.value)).one()
    assert event.data == {"fields": ["name", "kana", "phone", "desired_role"]}
    asked = ada.post(f"/pool/{hanako.id}/facts", data=data | {"qualifications": "障害者手帳"})
    assert asked.status_code == 422
    assert "「障害」" in asked.text
    assert people(session, cast)[0].qualifications == ""
    assert ada.post(f"/pool/{hanako.id}/facts", data=data | {"name": ""}).status_code == 422


def test_saving_without_a_change_changes_nothing(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    data = {"name": hanako.name, "kana": hanako.kana, "email": hanako.email, "phone": "090-1234-5678"}
    assert ada.post(f"/pool/{hanako.id}/facts", data=data).status_code == 303
    assert session.scalars(select(Event.id).where(Event.tag == EventTag.CANDIDATE_CHANGED.value)).all() == []


def test_a_viewer_enters_nobody(vic: FlaskClient, hanako: Candidate) -> None:
    assert vic.get("/pool/new").status_code == 403
    assert vic.post("/pool/new", data=TYPED).status_code == 403
    assert vic.get(f"/pool/{hanako.id}/facts").status_code == 403
    assert "/pool/new" not in vic.get("/pool").text


def test_an_address_that_may_be_a_mistake_is_asked_about_at_entry_and_at_a_correction_alike(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    slip = TYPED | {"email": "sumire@gmial.com"}
    asked = ada.post("/pool/new", data=slip)
    assert asked.status_code == 422
    assert "「sumire@gmial.com」は、gmail.comの打ち間違いかもしれません" in asked.text
    assert people(session, cast) == []
    assert ada.post("/pool/new", data=slip | {"address_confirmed": "1"}).status_code == 303
    (person,) = people(session, cast)

    other = make_candidate(session, cast.acme, "高橋 一郎", email="family@mail.example")
    session.commit()
    for typed, sentence in (
        ("sumire@yaho.co.jp", "yahoo.co.jpの打ち間違い"),
        ("sumire@mail", "@のあとに「.」がなく、届かないかもしれません"),
        ("Family@mail.example", "このアドレスは、高橋 一郎さんの記録にもあります"),
    ):
        form = {"name": person.name, "email": typed}
        asked = ada.post(f"/pool/{person.id}/facts", data=form)
        assert asked.status_code == 422, typed
        assert sentence in asked.text
        session.expire_all()
        assert person.email == "sumire@gmial.com", "nothing is saved before the answer"
        assert ada.post(f"/pool/{person.id}/facts", data=form | {"address_confirmed": "1"}).status_code == 303
        session.expire_all()
        form = {"name": person.name, "email": "sumire@gmial.com", "address_confirmed": "1"}
        assert ada.post(f"/pool/{person.id}/facts", data=form).status_code == 303
    unchanged = ada.post(f"/pool/{other.id}/facts", data={"name": "高橋 二郎", "email": "family@mail.example"})
    assert unchanged.status_code == 303, "an address on record is not asked about again"
