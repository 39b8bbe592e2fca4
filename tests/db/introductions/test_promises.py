"""The person's word on the guaranteed interview, and the company's seven days to answer a no (B-26)."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.introductions import endings, promises
from relay.introductions.promises import PromiseAnswerRefused, PromiseNotAsked
from relay.introductions.standing import RequestOver
from relay.models import Candidate, Introduction, IntroductionRequest, Message, scopes
from relay.rights import disclosure
from tests.db.introductions.build import Desk, first_time


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
