"""The file of a disclosure: all that the company keeps, what judges the person only where HR said so (A-31)."""

import json
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import notes, tags
from relay.infra.keyed_hash import address_hash
from relay.insight import scoring
from relay.mail.final_state import mark_final
from relay.models import (
    ApplicationResult,
    ApplicationStep,
    Candidate,
    MessageState,
    NotifiedBy,
    RejectionReason,
    RequestKind,
    RequestSource,
    Rescout,
    scopes,
)
from relay.models.rescouts import RECORD_SHARE_WORDS, SHARE_WORDS
from relay.outreach import rescout_answers, templates
from relay.rights import data_requests, request_letters
from relay.rights.data_requests import RequestInput
from tests.cast import Cast, browse, make_application, make_candidate, make_position
from tests.db.outreach.rescouting import only, pooled, rescout, sent_rescouts
from tests.web.landing.phone import Phone, words
from tests.web.landing.test_request import HANA, mailed

JUDGEMENTS = ("話が長い", "面接官の覚え書き", "要注意の札", str(RejectionReason.SKILLS.label))
FACTS = ("高橋 花子", HANA, "製造技術", "一次面接", "見送り")


@pytest.fixture
def hana(session: Session, cast: Cast) -> Candidate:
    """Told of a rejection, after an interview that somebody judged."""
    person = make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    application = make_application(
        session,
        person,
        make_position(session, cast.acme, "製造技術"),
        status=ApplicationResult.REJECTED,
        decided_on=clock.today(),
        reason=RejectionReason.SKILLS,
        notified_at=clock.now(),
        notified_by=NotifiedBy.ELSEWHERE,
    )
    with scopes.company(session, cast.acme.id):
        step = ApplicationStep(
            candidate_id=person.id,
            application_id=application.id,
            place=1,
            name="一次面接",
            score=2,
            comment="話が長い",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        session.add(step)
        notes.add_note(session, person, "面接官の覚え書き", by_user_id=cast.ada.id)
        tags.add_tag(session, tags.find_or_make(session, "要注意の札"), [person.id], by_user_id=cast.ada.id)
    session.commit()
    return person


def answered(session: Session, cast: Cast, ada: FlaskClient, **ticks: str) -> int:
    asked, source = RequestInput(HANA), RequestSource.PUBLIC_PAGE
    (made,) = data_requests.receive(session, cast.acme.id, asked, [RequestKind.DISCLOSURE], source=source)
    session.commit()
    answer = ada.post(f"/requests/{made.id}/answer", data={"answer": "お知らせします。", **ticks})
    assert answer.status_code == 303, words(answer)
    return made.id


def test_the_person_takes_what_is_kept_and_no_judgement(
    phone: Phone, session: Session, cast: Cast, hana: Candidate
) -> None:
    asked = answered(session, cast, browse(phone.app, cast.ada))
    text, path = mailed(session, cast, request_letters.ANSWERED)
    assert "14日のあいだ受け取れます" in text
    assert "個人情報保護法第33条第2項第2号" in text
    assert "読むためのファイルを受け取る" in words(phone.get(path))
    read, data = (phone.post(f"{path}/file", {"request": str(asked), "format": kind}).text for kind in ("html", "json"))
    told = json.dumps(json.loads(data), ensure_ascii=False)
    for said in (read, told):
        assert [each for each in FACTS if each not in said] == []
        assert [each for each in JUDGEMENTS if each in said] == []
        assert "個人情報保護法第33条第2項第2号" in said
    with clock.at(clock.now() + timedelta(days=15)):
        assert "受け取る" not in words(phone.get(path))
        assert phone.post(f"{path}/file", {"request": str(asked)}).status_code == 404


def test_what_judges_the_person_is_in_it_where_hr_said_so(
    phone: Phone, session: Session, cast: Cast, hana: Candidate
) -> None:
    ada = browse(phone.app, cast.ada)
    asked = answered(session, cast, ada, evaluations="y")
    text, path = mailed(session, cast, request_letters.ANSWERED)
    read = phone.post(f"{path}/file", {"request": str(asked)}).text
    assert [each for each in (*FACTS, *JUDGEMENTS) if each not in read] == []
    assert "開示していません" not in read + text
    assert ada.get(f"/requests/{asked}/file").text == read


def test_a_mail_about_a_position_and_its_answer_are_in_it(phone: Phone, session: Session, cast: Cast) -> None:
    templates.install_defaults(session, cast.acme.id)
    person = pooled(session, cast.acme, HANA)
    rescout(session, cast.acme, make_position(session, cast.acme, "購買"), [person.id], cast.ada.id)
    mark_final(session, sent_rescouts(session)[0], MessageState.SENT)
    row = only(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        session.get_one(Rescout, row.id).shares = {"role": 1000, "text": 425, "praised": 1000}
    assert rescout_answers.say_placed(session, cast.acme.id, row.id, address_hash(HANA), "地元で働きます")
    session.commit()
    asked = answered(session, cast, browse(phone.app, cast.ada))
    _text, path = mailed(session, cast, request_letters.ANSWERED)
    read = phone.post(f"{path}/file", {"request": str(asked)}).text
    for said in ("購買の募集のご案内", "決まりました", "地元で働きます", "同じ職種", "100%", "42.5%"):
        assert said in read, said
    assert "評価の平均" not in read, "it follows from what is withheld"
    asked = answered(session, cast, browse(phone.app, cast.ada), evaluations="y")
    assert "評価の平均が4以上であること" in phone.post(f"{path}/file", {"request": str(asked)}).text


def test_each_part_of_the_order_has_a_word_in_the_file() -> None:
    assert {*RECORD_SHARE_WORDS} == {*scoring.OF_RECORD}
    assert {*SHARE_WORDS, *RECORD_SHARE_WORDS} == {*scoring.POINTS}


def test_a_rejection_that_was_not_told_is_not_told_by_a_file(phone: Phone, session: Session, cast: Cast) -> None:
    person = make_candidate(session, cast.acme, "高橋 花子", email=HANA)
    make_application(
        session,
        person,
        status=ApplicationResult.REJECTED,
        decided_on=clock.today(),
        reason=RejectionReason.SKILLS,
    )
    session.commit()
    asked = answered(session, cast, browse(phone.app, cast.ada), evaluations="y")
    _text, path = mailed(session, cast, request_letters.ANSWERED)
    read = phone.post(f"{path}/file", {"request": str(asked)}).text
    assert "別にご連絡します" in read
    assert not [each for each in ("見送り", str(RejectionReason.SKILLS.label)) if each in read]
