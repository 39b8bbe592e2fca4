"""The one yes: application, interview and spent credit together or not at all, and the re-application."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interviews, slots
from relay.introductions import accepting, endings, links
from relay.introductions.accepting import IntroductionGone, TimeOutside
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Introduction,
    IntroductionState,
    Message,
    RetentionBasis,
    scopes,
)
from relay.network import ledger_check
from relay.text.times import TypedTime
from tests.cast import Cast, make_application, make_candidate
from tests.db.introductions.build import HANA, WORDING, Desk, offer


def test_a_person_who_was_never_here_applies_with_a_time_and_the_credit_is_spent(desk: Desk) -> None:
    request = desk.ask()
    accepted = desk.yes(desk.link(request))
    assert not accepted.reapplied
    now = desk.now(request)
    assert now.state is IntroductionState.ACCEPTED
    assert now.due_on == clock.today() + timedelta(days=14)
    assert desk.ledger() == ["earned", "reserved", "spent"]
    assert ledger_check.verify(desk.session, desk.company.id) == []
    with scopes.company(desk.session, desk.company.id):
        [person] = desk.session.scalars(select(Candidate)).all()
        [application] = desk.session.scalars(select(Application)).all()
        [kept] = desk.session.scalars(select(Introduction)).all()
        [interview] = interviews.coming(desk.session)
    assert (person.name, person.kana, person.phone) == ("花野 咲", "ハナノ サキ", "09011112222")
    assert person.basis is RetentionBasis.SELECTION
    assert application.position_id == desk.position.id
    assert (kept.application_id, kept.items) == (application.id, ["email", "kana", "name", "phone"])
    assert (kept.wording_version, kept.wording_hash) == (WORDING.version, WORDING.hash)
    assert interview.application_id == application.id


def test_the_link_opens_once(desk: Desk) -> None:
    token = desk.link(desk.ask())
    desk.yes(token)
    assert links.find(desk.session, token) is None
    with pytest.raises(IntroductionGone):
        desk.yes(token)
    desk.session.rollback()
    assert desk.ledger() == ["earned", "reserved", "spent"]


def test_a_known_person_keeps_their_record_and_nothing_of_it_is_overwritten(desk: Desk) -> None:
    known = make_candidate(desk.session, desk.company, "花野 咲", email="Saki@mail.example", desired_role="経理")
    old = clock.today() - timedelta(days=400)
    make_application(desk.session, known, applied_on=old, created_at=clock.now() - timedelta(days=400))
    desk.session.commit()
    accepted = desk.yes(desk.link(desk.ask()))
    assert not accepted.reapplied
    assert accepted.introduction.candidate_id == known.id
    desk.session.refresh(known)
    assert (known.email, known.desired_role, known.phone) == ("Saki@mail.example", "経理", "09011112222")


@pytest.mark.parametrize(
    "known",
    [
        {"name": "花野 咲", "email": "saki@mail.example"},
        {"name": "別の 名", "email": "SAKI@mail.example"},
        {"name": "花野 咲", "email": "old@mail.example", "phone": "090-1111-2222"},
    ],
)
def test_who_applied_here_within_a_year_applies_again_and_the_credit_comes_back(
    desk: Desk, known: dict[str, str]
) -> None:
    person = make_candidate(desk.session, desk.company, **known)
    make_application(desk.session, person, status=ApplicationResult.REJECTED, decided_on=clock.today())
    desk.session.commit()
    request = desk.ask()
    accepted = desk.yes(desk.link(request))
    assert accepted.reapplied
    assert desk.ledger() == ["earned", "reserved", "released"]
    assert desk.free() == 1
    assert ledger_check.verify(desk.session, desk.company.id) == []
    now = desk.now(request)
    assert (now.state, now.reapplied, now.spent_id) == (IntroductionState.ACCEPTED, True, None)
    with scopes.company(desk.session, desk.company.id):
        assert len(interviews.coming(desk.session)) == 1, "the interview is held all the same"
    with scopes.everyone(desk.session, "test"):
        to_partner = select(Message).where(Message.to_address.like("%@tsumugi.example"))
        told = [message.values["what"] for message in desk.session.scalars(to_partner)]
    assert told == ["new"], "the partner is not told why"


def test_an_application_of_another_company_makes_no_reapplication(desk: Desk, cast: Cast) -> None:
    make_application(desk.session, make_candidate(desk.session, cast.other, "花野 咲", email=HANA["email"]))
    desk.session.commit()
    assert not desk.yes(desk.link(desk.ask())).reapplied


def test_only_a_time_that_is_offered_within_fourteen_days_can_be_taken(desk: Desk, session: Session) -> None:
    token = desk.link(desk.ask())
    offer(session, desk.position, days=30, hour=15)
    session.commit()
    live = links.find(session, token)
    assert live is not None
    times = accepting.offered_times(session, live)
    assert {each.starts_at.astimezone(clock.JAPAN).date() for each in times} == {
        clock.today() + timedelta(days=day) for day in range(1, 15)
    }
    with pytest.raises(TimeOutside):
        accepting.accept(session, token, HANA, 999_999, WORDING)
    session.rollback()
    assert desk.ledger() == ["earned", "reserved"]
    with scopes.company(session, desk.company.id):
        assert session.scalars(select(Candidate)).all() == []


def test_after_a_cancellation_nothing_is_kept_of_what_was_typed(desk: Desk) -> None:
    request = desk.ask()
    token = desk.link(request)
    endings.cancel(desk.session, desk.company.id, request.id)
    desk.session.commit()
    with pytest.raises(IntroductionGone):
        desk.yes(token)
    desk.session.rollback()
    with scopes.company(desk.session, desk.company.id):
        assert desk.session.scalars(select(Candidate)).all() == []


def test_the_mails_of_a_yes_are_those_of_its_interview(desk: Desk) -> None:
    """The maker reads of it in the mail with the appointment; the person gets the receipt of their own act."""
    desk.yes(desk.link(desk.ask()))
    with scopes.everyone(desk.session, "test"):
        mails = desk.session.execute(select(Message.letter, Message.to_address).order_by(Message.id)).all()
    assert [tuple(each) for each in mails] == [
        ("introduction-request", "agnes@tsumugi.example"),
        ("interview", "saki@mail.example"),
        ("interview-notice", "ada@acme.example"),
    ]


@pytest.mark.parametrize("known", [False, True])
def test_both_mails_of_the_appointment_say_who_introduced_and_what_was_promised(desk: Desk, known: bool) -> None:
    if known:
        make_application(desk.session, make_candidate(desk.session, desk.company, "花野 咲", email=HANA["email"]))
        desk.session.commit()
    request = desk.ask()
    desk.yes(desk.link(request))
    with scopes.everyone(desk.session, "test"):
        mails = {each.letter: each.values for each in desk.session.scalars(select(Message))}
    promised = "面談確約の内容：カジュアル面談、30分、オンライン。お会いする人：採用担当者と配属先の課長。"
    assert mails["interview"]["notes"] == [f"{desk.partner.name}の紹介による面談です。", promised]
    credit, said, page = mails["interview-notice"]["notes"]
    assert credit.startswith(f"{desk.partner.name}の紹介です。") and said == promised
    assert ("紹介枠を1件使用しました" in credit) != known
    assert page.endswith(f"/introductions/requests/{request.id}")
    assert "再応募" not in str(mails["interview"]), "the person is told nothing they did not say"


def test_only_times_as_long_as_was_promised_are_offered(desk: Desk, session: Session) -> None:
    token = desk.link(desk.ask())
    day = TypedTime(clock.today() + timedelta(days=2), time(16))
    about = (session, desk.company.id, desk.position.id)
    slots.offer(*about, [day], minutes=60, place="本社", by_user_id=None)
    session.commit()
    live = links.find(session, token)
    assert live is not None
    assert {each.minutes for each in accepting.offered_times(session, live)} == {30}
