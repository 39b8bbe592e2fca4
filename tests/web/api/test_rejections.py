"""POST /rejections: each application is told or refused for itself, with the relay link by the one rule."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.keys import KeyOwner
from relay.models import (
    ApiScope,
    Application,
    ApplicationResult,
    Message,
    MessageState,
    NotifiedBy,
    RejectionReason,
    scopes,
)
from relay.outreach import templates
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.db.outreach.conftest import Postbox, text_of
from tests.web.api.conftest import Keyed, Program


@pytest.fixture
def text(session: Session, cast: Cast) -> str:
    """The name of a text of Acme's."""
    templates.install_defaults(session, cast.acme.id)
    session.commit()
    with scopes.company(session, cast.acme.id):
        return templates.choices(session)[0].name


def applying(session: Session, cast: Cast, name: str = "見本 葵", email: str = "", **values: Any) -> int:
    person = make_candidate(session, cast.acme, name, email=email or "aoi@person.example")
    position = make_position(session, cast.acme, f"経理{person.id}")
    number = make_application(session, person, position, **values).id
    session.commit()
    return number


def mails(session: Session, cast: Cast) -> list[Message]:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        wanted = select(Message).order_by(Message.id).execution_options(populate_existing=True)
        return list(session.scalars(wanted))


def status(session: Session, cast: Cast, number: int) -> ApplicationResult:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        wanted = select(Application).where(Application.id == number)
        return session.scalars(wanted.execution_options(populate_existing=True)).one().status


def send(program: Program, text: str, *each: dict[str, Any], **common: Any) -> Any:
    sent = {"template": text, "reason": "skills", "rejections": list(each)} | common
    return program("POST", "/rejections", json=sent)


def of(number: int, **more: Any) -> dict[str, Any]:
    return {"application_id": str(number)} | more


def test_telling_rejects_and_mails_with_the_relay_link(acme: Program, session: Session, cast: Cast, text: str) -> None:
    number = applying(session, cast)
    answer = send(acme, text, of(number))
    assert answer.status_code == 202
    [told] = answer.json["data"]
    [mail] = mails(session, cast)
    assert told == {
        "application_id": str(number),
        "state": "queued",
        "message_id": str(mail.id),
        "due_at": told["due_at"],
        "code": None,
    }
    assert (mail.state, mail.reason, mail.by_user_id) == (
        MessageState.SCHEDULED,
        RejectionReason.SKILLS,
        cast.adam.id,
    )
    assert status(session, cast, number) is ApplicationResult.REJECTED
    postbox = Postbox()
    postbox.collect(later=timedelta(minutes=11))
    [letter] = postbox.mails
    assert letter["To"] == "aoi@person.example"
    assert "/r/" in text_of(letter)


def test_sent_twice_it_tells_once(acme: Program, session: Session, cast: Cast, text: str) -> None:
    sent = {"template": text, "reason": "skills", "rejections": [of(applying(session, cast))]}
    answers = [acme("POST", "/rejections", json=sent, headers={"Idempotency-Key": "r"}) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json == answers[1].json
    assert len(mails(session, cast)) == 1


def test_each_is_refused_for_itself_and_the_rest_is_told(
    acme: Program, session: Session, cast: Cast, text: str
) -> None:
    good = applying(session, cast)
    told = applying(
        session,
        cast,
        status=ApplicationResult.REJECTED,
        decided_on=clock.today(),
        notified_at=clock.now(),
        notified_by=NotifiedBy.ELSEWHERE,
    )
    hired = applying(session, cast, status=ApplicationResult.HIRED, decided_on=clock.today())
    nowhere = applying(session, cast, email="no-address")
    odd = applying(session, cast, "見本 葵様", email="b@person.example")
    answer = send(acme, text, of(told), of(hired), of(nowhere), of(odd), of(good), of(10**9))
    assert answer.status_code == 202
    assert [(each["state"], each["code"]) for each in answer.json["data"]] == [
        ("refused", "already-notified"),
        ("refused", "not-rejected"),
        ("refused", "recipient-address-missing"),
        ("refused", "mail-looks-odd"),
        ("queued", None),
        ("refused", "application-not-found"),
    ]
    assert [mail.subject_id for mail in mails(session, cast)] == [good]
    assert status(session, cast, odd) is ApplicationResult.OPEN
    assert "見本" not in answer.get_data(as_text=True)
    again = send(acme, text, of(odd), of(good), checked=True)
    assert [each["code"] for each in again.json["data"]] == [None, "already-notified"]


def test_an_open_one_needs_a_reason_a_rejected_one_does_not(
    acme: Program, session: Session, cast: Cast, text: str
) -> None:
    running, other = applying(session, cast), applying(session, cast, email="b@person.example")
    ended = applying(session, cast, status=ApplicationResult.REJECTED, decided_on=clock.today())
    answer = send(acme, text, of(running), of(other, reason="filled"), of(ended), reason=None)
    assert answer.status_code == 202
    assert [each["code"] for each in answer.json["data"]] == ["recipient-reason-missing", None, None]
    assert status(session, cast, running) is ApplicationResult.OPEN


def test_who_bounced_is_written_to_no_more(acme: Program, session: Session, cast: Cast, text: str) -> None:
    first, second = applying(session, cast), applying(session, cast)
    send(acme, text, of(first))
    Postbox(unknown={"aoi@person.example"}).collect(later=timedelta(minutes=11))
    answer = send(acme, text, of(second))
    assert [each["code"] for each in answer.json["data"]] == ["recipient-address-bounced"]
    assert status(session, cast, second) is ApplicationResult.OPEN


def test_a_remark_is_looked_at(acme: Program, session: Session, cast: Cast) -> None:
    bodies = {"短い": "{{氏名}}様\n\n今回は見送りといたします。", "ひとこと": "{{氏名}}様\n\n{{ひとこと}}"}
    with scopes.company(session, cast.acme.id):
        for name, body in bodies.items():
            templates.create(
                session, name=name, subject="結果のご連絡", body=body, by_user_id=cast.ada.id, confirmed=True
            )
    session.commit()
    one, two, three = (applying(session, cast, email=f"{place}@person.example") for place in range(3))
    answer = send(
        acme,
        "ひとこと",
        of(one, remark="妊娠中とのこと"),
        of(two, remark="ギフト券を差し上げます"),
        of(three, template="短い", remark="ありがとうございました。"),
    )
    assert [each["code"] for each in answer.json["data"]] == [
        "sensitive-words",
        "remark-refused",
        "remark-without-place",
    ]
    assert mails(session, cast) == []


@pytest.mark.parametrize(
    ("more", "wanted", "where"),
    [
        ({"template": "ない"}, 422, "/template"),
        ({"rejections": []}, 422, "/rejections"),
        ({"rejections": [{"application_id": "1"}, {"application_id": "1"}]}, 422, "/rejections"),
        ({"rejections": [{"application_id": "x"}]}, 422, "/rejections/0/application_id"),
        ({"rejections": [{"application_id": "1", "template": "ない"}]}, 422, "/rejections/0/template"),
        ({"partners": ["tsumugi"]}, 422, "/partners"),
        ({"send_at": "2026-01-01T00:00:00"}, 422, "/send_at"),
        ({"send_at": "2020-01-01T00:00:00Z"}, 409, "sending-time-refused"),
    ],
)
def test_what_cannot_be_asked_is_said(
    acme: Program, session: Session, cast: Cast, text: str, more: dict[str, Any], wanted: int, where: str
) -> None:
    answer = send(acme, text, of(applying(session, cast)), **more)
    assert answer.status_code == wanted
    assert where == (answer.json["errors"][0]["pointer"] if wanted == 422 else answer.json["code"])
    assert mails(session, cast) == []


def test_a_time_is_kept(acme: Program, session: Session, cast: Cast, text: str) -> None:
    due = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    answer = send(acme, text, of(applying(session, cast)), send_at=due.isoformat())
    assert answer.status_code == 202
    assert mails(session, cast)[0].due_at == due


def test_in_practice_nobody_is_rejected(acme: Program, session: Session, cast: Cast, text: str) -> None:
    cast.acme.live_since = None
    session.add(cast.acme)
    session.commit()
    number = applying(session, cast)
    answer = send(acme, text, of(number))
    assert [(each["state"], each["message_id"]) for each in answer.json["data"]] == [("practice", None)]
    assert status(session, cast, number) is ApplicationResult.OPEN
    assert mails(session, cast) == []


def test_another_companys_application_is_not_there(acme: Program, other: Program, session: Session, cast: Cast) -> None:
    templates.install_defaults(session, cast.other.id)
    session.commit()
    with scopes.company(session, cast.other.id):
        name = templates.choices(session)[0].name
    number = applying(session, cast)
    answer = send(other, name, of(number))
    assert [each["code"] for each in answer.json["data"]] == ["application-not-found"]
    assert status(session, cast, number) is ApplicationResult.OPEN


def test_only_a_key_that_may_send_sends(keyed: Keyed, session: Session, cast: Cast, text: str) -> None:
    writer = keyed(KeyOwner(company_id=cast.acme.id), ApiScope.READ_PEOPLE, ApiScope.WRITE_PEOPLE)
    assert send(writer, text, of(applying(session, cast))).status_code == 403
    assert mails(session, cast) == []
