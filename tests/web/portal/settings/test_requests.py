"""開示等の請求 in the portal: typed after a call, answered or refused in time, erased by an administrator alone."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, DataRequest, Message, MessageState, RequestKind, RequestState, scopes
from relay.rights import data_requests, request_letters
from tests.cast import Cast, browse, make_candidate
from tests.conftest import ON_ONE
from tests.web.landing.phone import words

HANA = "hana@mail.example"


def typed(ada: FlaskClient, session: Session, cast: Cast, kind: RequestKind, **fields: str) -> DataRequest:
    """Ada types a request."""
    answer = ada.post("/requests/new", data={"kind": kind.value, "address": HANA, **fields})
    assert answer.status_code == 303, words(answer)
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(DataRequest).order_by(DataRequest.id.desc())).first() or _none()


def _none() -> DataRequest:
    raise LookupError


def test_home_says_when_the_first_answer_is_due_and_when_it_is_late(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    make_candidate(session, cast.acme, email=HANA)
    made = typed(ada, session, cast, RequestKind.CORRECTION)
    due = made.due_on
    assert due == clock.today() + timedelta(days=14)
    assert f"{due.month}月{due.day}日までに回答します" in words(ada.get("/"))
    for days, said in ((0, "badge--info"), (7, "badge--warn"), (12, "badge--danger")):
        with clock.at(clock.now() + timedelta(days=days)):
            assert said in browse(ada.application, cast.ada).get("/requests").text
    with clock.at(clock.now() + timedelta(days=15)):
        later = browse(ada.application, cast.ada)
        assert "を過ぎたものがあります" in words(later.get("/"))
        assert "期限を過ぎています" in words(later.get("/requests"))


def test_the_record_says_that_a_request_is_open_to_those_who_answer_it(
    ada: FlaskClient, vic: FlaskClient, session: Session, cast: Cast
) -> None:
    person = make_candidate(session, cast.acme, email=HANA)
    assert "対応中です" not in words(ada.get(f"/pool/{person.id}"))
    made = typed(ada, session, cast, RequestKind.DISCLOSURE)
    record = ada.get(f"/pool/{person.id}")
    assert "個人情報についての請求（記録の開示）に対応中です" in words(record)
    assert f"{made.due_on.month}月{made.due_on.day}日までに回答します" in words(record)
    assert f'href="/requests/{made.id}"' in record.text
    assert "対応中です" not in words(vic.get(f"/pool/{person.id}"))
    with scopes.company(session, cast.acme.id):
        data_requests.withdraw(session, made)
    session.commit()
    assert "対応中です" not in words(ada.get(f"/pool/{person.id}"))


def test_the_answer_is_drafted_by_kind_and_leaves_as_it_was_edited(
    ada: FlaskClient, session: Session, cast: Cast
) -> None:
    make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    there = f"/requests/{typed(ada, session, cast, RequestKind.CORRECTION).id}"
    assert "高橋 花子 様" in words(ada.get(there))
    ada.post(f"{there}/proof")
    assert "Adaさんが確認" in words(ada.get(there)).replace("ada", "Ada")
    ada.post(f"{there}/answer", data={"answer": "電話番号を訂正しました。"})
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message).where(Message.letter == request_letters.ANSWERED)).one()
        assert (mail.to_address, mail.values["text"]) == (HANA, "電話番号を訂正しました。")
    assert "電話番号を訂正しました。" in words(ada.get(there))
    assert ada.post(f"{there}/answer", data={"answer": "もう一度"}).status_code == 409


def test_whom_the_company_does_not_know_gets_another_draft(ada: FlaskClient, session: Session, cast: Cast) -> None:
    made = typed(ada, session, cast, RequestKind.DISCLOSURE)
    assert "記録が当社にないことを確認しました" in words(ada.get(f"/requests/{made.id}"))


def test_a_refusal_needs_its_reason_and_mails_it(ada: FlaskClient, session: Session, cast: Cast) -> None:
    made = typed(ada, session, cast, RequestKind.DISCLOSURE)
    there = f"/requests/{made.id}"
    answer = ada.post(f"{there}/refusal", data={"reason": " "})
    assert answer.status_code == 422
    assert "お断りする理由を書いてください" in words(answer)
    ada.post(f"{there}/refusal", data={"reason": "ご本人の確認ができないためです。"})
    session.refresh(made)
    assert made.state is RequestState.REFUSED
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message).where(Message.letter == request_letters.ANSWERED)).one()
        assert mail.values["refused"] and mail.values["text"] == "ご本人の確認ができないためです。"


def test_an_administrator_erases_and_a_recruiter_is_told_so(
    app: Flask, ada: FlaskClient, session: Session, cast: Cast
) -> None:
    person = make_candidate(session, cast.acme, "高橋 花子", email=HANA).id
    made = typed(ada, session, cast, RequestKind.ERASURE)
    there, adam = f"/requests/{made.id}", browse(app, cast.adam)
    assert "消去は管理者が行います" in words(ada.get(there))
    adam.post(f"{there}/proof")
    answer = adam.post(f"{there}/erasure", data={"answer": "消去しました。"})
    assert answer.status_code == 422
    assert adam.post(f"{there}/erasure", data={"answer": "消去しました。", "sure": "y"}).status_code == 303
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate.id).where(Candidate.id == person)).first() is None
    assert "記録はありません" in words(adam.get(there))


@ON_ONE
def test_it_says_where_the_mail_came_back(ada: FlaskClient, session: Session, cast: Cast) -> None:
    there = f"/requests/{typed(ada, session, cast, RequestKind.CORRECTION).id}"
    assert "メールが届きませんでした" not in words(ada.get(there))
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message).where(Message.letter == request_letters.RECEIVED)).one()
        mail.state = MessageState.BOUNCED
        session.commit()
    assert "メールが届きませんでした" in words(ada.get(there))


@ON_ONE
def test_whoever_has_no_mail_is_answered_by_other_means(ada: FlaskClient, session: Session, cast: Cast) -> None:
    made = typed(ada, session, cast, RequestKind.COMPLAINT, address="", text="返事がない")
    page = words(ada.get(f"/requests/{made.id}"))
    assert "対応を終える" in page and "返事がない" in page
    ada.post(f"/requests/{made.id}/answer", data={"answer": "お電話でお詫びしました。"})
    session.refresh(made)
    assert made.state is RequestState.ANSWERED
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Message.id)).first() is None
