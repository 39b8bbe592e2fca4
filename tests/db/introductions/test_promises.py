"""The person's word on the guaranteed interview, and the company's seven days to answer a no (B-26)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.introductions import endings, promises
from relay.introductions.promises import PromiseAnswerRefused, PromiseNotAsked
from relay.introductions.standing import RequestOver
from relay.models import (
    Candidate,
    Introduction,
    IntroductionRequest,
    Message,
    ProvisionRecord,
    RequestKind,
    RequestSource,
    scopes,
)
from relay.rights import data_requests, disclosure
from relay.rights.data_requests import RequestInput
from tests.db.introductions.build import HANA, WORDING, Desk, first_time


@pytest.fixture
def met(desk: Desk) -> IntroductionRequest:
    """A request whose interview HR recorded as held."""
    request = desk.ask()
    desk.yes(desk.link(request))
    with clock.at(first_time(desk.session, desk.position) + timedelta(hours=2)):
        endings.interview_held(desk.session, desk.company.id, request.id)
        desk.session.commit()
    return request


def test_one_word_counts_and_a_no_is_told_the_company(session: Session, desk: Desk, met: IntroductionRequest) -> None:
    assert promises.asked_of_candidate(session, desk.company.id, met.id, kept=False)
    assert not promises.asked_of_candidate(session, desk.company.id, met.id, kept=True)
    session.commit()
    with scopes.everyone(session, "test"):
        [told] = session.scalars(select(Message).where(Message.letter == "introduction-news"))
    assert (told.to_address, told.values["what"]) == ("ada@acme.example", "promise-broken")


def test_the_company_answers_once_within_seven_days(session: Session, desk: Desk, met: IntroductionRequest) -> None:
    with pytest.raises(PromiseAnswerRefused):
        promises.company_answers(session, desk.company.id, met.id, "行いました。")
    session.rollback()
    promises.asked_of_candidate(session, desk.company.id, met.id, kept=False)
    session.commit()
    for wrong in ("", "長" * 501):
        with pytest.raises(PromiseAnswerRefused):
            promises.company_answers(session, desk.company.id, met.id, wrong)
    with clock.at(clock.now() + timedelta(days=7)), pytest.raises(PromiseAnswerRefused):
        promises.company_answers(session, desk.company.id, met.id, "開始が遅れました。")
    session.rollback()
    promises.company_answers(session, desk.company.id, met.id, "開始が遅れました。")
    session.commit()
    with pytest.raises(PromiseAnswerRefused):
        promises.company_answers(session, desk.company.id, met.id, "もう一度")
    session.rollback()
    with scopes.company(session, desk.company.id):
        assert session.scalars(select(Introduction.company_answer)).one() == "開始が遅れました。"


def test_the_disclosure_says_how_the_person_came_and_what_was_answered(
    session: Session, desk: Desk, met: IntroductionRequest
) -> None:
    promises.asked_of_candidate(session, desk.company.id, met.id, kept=False)
    promises.company_answers(session, desk.company.id, met.id, "開始が遅れました。")
    session.commit()
    with scopes.company(session, desk.company.id):
        person = session.scalars(select(Candidate)).one()
        said = disclosure.of_candidate(session, person, evaluations=False).as_json()
    for part in (
        desk.partner.name,
        met.title,
        "紹介会社からのご紹介",
        "開始が遅れました。",
        "いいえ",
        "メールアドレス",
    ):
        assert part in said


def test_an_answered_request_names_what_was_given_when_by_whom_and_under_which_text(
    session: Session, desk: Desk, met: IntroductionRequest
) -> None:
    """Of a person who never was in Relay: the row is the record, and no provision is recorded beside it (A-16)."""
    with scopes.company(session, desk.company.id):
        asked = RequestInput(HANA["email"])
        [request] = data_requests.receive(
            session, desk.company.id, asked, [RequestKind.DISCLOSURE], source=RequestSource.PUBLIC_PAGE
        )
        data_requests.answer(session, request, "開示します。", by_user_id=desk.user_id)
        session.commit()
        disclosed = data_requests.take_file(session, request)
        assert disclosed is not None
        [section] = [each for each in disclosed.sections if each.title == "紹介会社からのご紹介"]
    [said] = [{entry.name: entry.value for entry in item} for item in section.items]
    today = clock.today()
    assert said["紹介会社"] == desk.partner.name
    assert said["紹介会社の許可番号"] == desk.partner.license_number
    assert said["面談を希望した日"] == f"{today.year}年{today.month}月{today.day}日"
    assert said["そのとき会社に伝わった項目"] == "氏名、フリガナ、メールアドレス、電話番号"
    assert said["会社が受け取った方法"] == "ご本人が、紹介リンクのページから伝えました"
    assert (said["そのときの説明の版"], said["そのときの説明の照合番号"]) == (WORDING.version, WORDING.hash)
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(ProvisionRecord.id))) == 0


def test_a_no_counts_after_seven_days(session: Session, desk: Desk, met: IntroductionRequest) -> None:
    promises.asked_of_candidate(session, desk.company.id, met.id, kept=False)
    session.commit()
    assert promises.broken(session, desk.company.id) == 0
    with clock.at(clock.now() + timedelta(days=7)):
        assert promises.broken(session, desk.company.id) == 1


def test_without_a_yes_there_is_nothing_to_ask_about(session: Session, desk: Desk) -> None:
    with pytest.raises(RequestOver):
        promises.asked_of_candidate(session, desk.company.id, desk.ask().id, kept=True)


def test_before_it_is_over_there_is_nothing_to_ask_about(session: Session, desk: Desk) -> None:
    request = desk.ask()
    desk.yes(desk.link(request))
    begins = first_time(session, desk.position)
    for minutes in (-60, 0, 29):
        with clock.at(begins + timedelta(minutes=minutes)), pytest.raises(PromiseNotAsked):
            promises.asked_of_candidate(session, desk.company.id, request.id, kept=False)
        session.rollback()
    with clock.at(begins + timedelta(minutes=30)):
        assert promises.asked_of_candidate(session, desk.company.id, request.id, kept=True)
