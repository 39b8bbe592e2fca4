"""The company's letter in the last month of a record: one, to whom it may go, and what the answers do (A-24, A-25)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import contact, holds
from relay.infra import jobs
from relay.infra.keyed_hash import address_hash
from relay.mail import batches, compose, optouts, outbox
from relay.models import (
    Application,
    ApplicationResult,
    BatchKind,
    Candidate,
    Consent,
    ContactChannel,
    DataRequest,
    HoldReason,
    MailClass,
    Message,
    MessageBatch,
    MessageState,
    NotifiedBy,
    OpeningsConsent,
    Referral,
    RequestKind,
    RetentionBasis,
    Token,
    TokenPurpose,
    scopes,
)
from relay.network import consents
from relay.rights import keeping, record_ends, retention
from relay.rights.erasure import erase_candidates
from relay.rights.keeping import WordsChanged
from relay.rights.record_ends import LetterStanding, NobodyToWriteTo
from relay.trust import terms
from tests.cast import Cast, make_application, make_candidate, make_cast
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile
from tests.db.network.test_at_once import all_at_once
from tests.db.outreach.conftest import Postbox

CONSENTED, STATED = RetentionBasis.CONSENTED, RetentionBasis.STATED
EMAIL = "hanako@mail.example"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


def ending(
    session: Session, cast: Cast, *, days: int = 10, told: bool = True, company: Any = None, **values: Any
) -> Candidate:
    """Someone of the pool who was told their result and leaves within so many days."""
    values = {"basis": CONSENTED, "retain_until": clock.today() + timedelta(days=days)} | values
    candidate = make_candidate(session, company or cast.acme, **values)
    make_application(
        session,
        candidate,
        status=ApplicationResult.REJECTED,
        decided_on=clock.today() - timedelta(days=300),
        **({"notified_at": clock.now(), "notified_by": NotifiedBy.RELAY} if told else {}),
    )
    session.commit()
    return candidate


def work(session: Session) -> None:
    """The daily job."""
    jobs.enqueue(session, record_ends.KIND, key=f"{record_ends.KIND}:{clock.now()}")
    session.commit()
    while jobs.run_one(session, clock.now()):
        pass
    session.rollback()


def letters(session: Session) -> list[Message]:
    with scopes.everyone(session, "test"):
        mine = select(Message).where(Message.letter == record_ends.LETTER).order_by(Message.id)
        return list(session.scalars(mine.execution_options(populate_existing=True)))


def test_the_worker_writes_two_weeks_before_once_and_no_more(session: Session, cast: Cast) -> None:
    person = ending(session, cast, days=60)
    last = person.retain_until
    assert last
    for days, count in ((30, 0), (15, 0), (14, 1), (13, 1), (1, 1), (0, 1)):
        with clock.at(clock.start_of_day(last - timedelta(days=days)) + timedelta(hours=12)):
            work(session)
            assert len(letters(session)) == count, days
    (mail,) = letters(session)
    assert (mail.to_address, mail.mail_class, mail.candidate_id) == (EMAIL, MailClass.PROMO, person.id)
    with scopes.company(session, cast.acme.id):
        (act,) = session.scalars(select(MessageBatch)).all()
        assert (act.kind, mail.batch_id, act.by_user_id) == (BatchKind.RECORD_ENDS, act.id, None)


def stopped(session: Session, cast: Cast, person: Candidate) -> None:
    optouts.opt_out(session, cast.acme.id, address_hash(person.email), MailClass.PROMO, "page")


def told_hr(session: Session, cast: Cast, person: Candidate) -> None:
    with scopes.company(session, cast.acme.id):
        contact.stop(session, session.get_one(Candidate, person.id), ContactChannel.PHONE)


def held(session: Session, cast: Cast, person: Candidate) -> None:
    with scopes.company(session, cast.acme.id):
        until = clock.today() + timedelta(days=90)
        holds.set_hold(
            session, session.get_one(Candidate, person.id), HoldReason.DISPUTE, until, owner_user_id=cast.ada.id
        )


def applied_again(session: Session, cast: Cast, person: Candidate) -> None:
    make_application(session, person)


def practising(session: Session, cast: Cast, _person: Candidate) -> None:
    cast.acme.live_since = None


def four_mails(session: Session, cast: Cast, person: Candidate) -> None:
    for company in (cast.acme, cast.other, cast.other, None):
        outbox.queue(session, "apology", company_id=company.id if company else None, to=person.email)


@pytest.mark.parametrize("why", [stopped, told_hr, held, applied_again, practising, four_mails])
def test_nobody_is_written_to_who_may_not_be(
    session: Session, cast: Cast, why: Callable[[Session, Cast, Candidate], None]
) -> None:
    why(session, cast, ending(session, cast))
    session.commit()
    work(session)
    assert letters(session) == []


@pytest.mark.parametrize(
    "values",
    [
        {"email": ""},
        {"told": False},
        {"basis": RetentionBasis.SELECTION},
        {"basis": STATED},
        {"birth_date": date(2020, 1, 1)},
        {"days": -1},
    ],
    ids=str,
)
def test_nor_whose_record_does_not_call_for_it(session: Session, cast: Cast, values: dict[str, Any]) -> None:
    ending(session, cast, **values)
    work(session)
    assert letters(session) == []


def test_whoever_was_merely_informed_is_written_to_by_a_member_alone(session: Session, cast: Cast) -> None:
    person = ending(session, cast, days=29, basis=STATED)
    record_ends.send(session, cast.acme.id, [person.id], by_user_id=cast.ada.id)
    session.commit()
    assert len(letters(session)) == 1
    with pytest.raises(NobodyToWriteTo):
        record_ends.send(session, cast.acme.id, [person.id], by_user_id=cast.ada.id)


def test_a_member_writes_in_the_last_month_and_not_before(session: Session, cast: Cast) -> None:
    early, late = ending(session, cast, days=31), ending(session, cast, days=30, email="late@mail.example")
    with scopes.company(session, cast.acme.id):
        assert record_ends.standings(session, cast.acme.id, [early.id, late.id]) == {
            early.id: LetterStanding.IMPOSSIBLE,
            late.id: LetterStanding.POSSIBLE,
        }
    told = record_ends.send(session, cast.acme.id, [early.id, late.id], by_user_id=cast.ada.id)
    assert told.count == 1
    assert record_ends.standings(session, cast.acme.id, [late.id]) == {late.id: LetterStanding.WAITS}


def test_one_address_gets_one_letter_and_another_company_writes_its_own(session: Session, cast: Cast) -> None:
    ending(session, cast)
    ending(session, cast, name="高橋 花子（再）")
    ending(session, cast, company=cast.other)
    work(session)
    work(session)
    assert sorted(scopes.required(each.company_id) for each in letters(session)) == [cast.acme.id, cast.other.id]


def test_another_company_neither_sees_nor_writes(session: Session, cast: Cast) -> None:
    person = ending(session, cast)
    assert record_ends.recipients(session, cast.other.id) == []
    with pytest.raises(NobodyToWriteTo):
        record_ends.send(session, cast.other.id, [person.id], by_user_id=cast.mona.id)
    assert keeping.of_address(session, cast.other.id, person.id, address_hash(EMAIL)) is None


def test_member_and_worker_at_once_write_one_letter(app: Flask, session: Session, cast: Cast) -> None:
    person_id, company_id, ada = ending(session, cast).id, cast.acme.id, cast.ada.id

    def by_hand(session: Session) -> None:
        try:
            record_ends.send(session, company_id, [person_id], by_user_id=ada)
        except NobodyToWriteTo:
            session.rollback()

    def by_worker(session: Session) -> None:
        record_ends.write_to(session, company_id)

    all_at_once(app, [by_hand, by_worker] * 4)
    assert len(letters(session)) == 1


def test_what_was_stopped_is_not_written_again_by_the_worker(session: Session, cast: Cast) -> None:
    person = ending(session, cast)
    work(session)
    (mail,) = letters(session)
    with scopes.company(session, cast.acme.id):
        assert outbox.cancel(session, cast.acme.id, batches.code_of(session, mail)) == 1
    session.commit()
    work(session)
    assert [each.state for each in letters(session)] == [MessageState.CANCELLED]
    record_ends.send(session, cast.acme.id, [person.id], by_user_id=cast.ada.id)
    assert len(letters(session)) == 2, "but a member may"


@pytest.mark.parametrize("why", [held, applied_again, told_hr])
def test_a_letter_that_waits_is_cancelled_where_it_is_true_no_more(
    session: Session, cast: Cast, postbox: Postbox, why: Callable[[Session, Cast, Candidate], None]
) -> None:
    person = ending(session, cast)
    work(session)
    why(session, cast, person)
    with scopes.company(session, cast.acme.id):
        if why is applied_again:
            session.get_one(Candidate, person.id).retain_until = None
    session.commit()
    postbox.collect(later=timedelta(hours=1))
    assert postbox.mails == []
    assert [each.state for each in letters(session)] == [MessageState.CANCELLED]


def test_it_leaves_by_day_as_results_do_and_can_be_stopped_at_once(
    session: Session, cast: Cast, postbox: Postbox
) -> None:
    cast.acme.daytime_only = True
    ending(session, cast)
    work(session)
    (mail,) = letters(session)
    with scopes.company(session, cast.acme.id):
        mail.due_at = clock.now()
    session.commit()
    night = clock.start_of_day(clock.today() + timedelta(days=1)) + timedelta(hours=2)
    with clock.at(night):
        postbox.collect()
    assert postbox.mails == []
    assert letters(session)[0].due_at > night


def test_it_says_what_happens_and_how_to_stop_the_like(session: Session, cast: Cast, postbox: Postbox) -> None:
    person = ending(session, cast)
    work(session)
    postbox.collect(later=timedelta(hours=1))
    (mail,) = postbox.mails
    body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    last = person.retain_until
    assert last
    day, longer = (f"{each.year}年{each.month}月{each.day}日" for each in (last, last + relativedelta(months=12)))
    for said in (f"{day}まで保管", f"記録を{longer}まで保管", "翌日に消去します", "これが最後です", "/keep/"):
        assert said in body, said
    assert "List-Unsubscribe" in mail and cast.acme.name in str(mail["From"])
    with scopes.everyone(session, "test"):
        (token,) = session.scalars(select(Token).where(Token.purpose == TokenPurpose.RECORD_ENDS)).all()
    assert token.expires_at and abs(token.expires_at - clock.end_of_day(last)) < timedelta(minutes=1)


def keep(session: Session, person: Candidate, shown: str | None = None) -> bool:
    with scopes.company(session, person.company_id):
        asked = keeping.question(session, person.company_id, session.get_one(Candidate, person.id))
    words = asked.words.hash if asked else ""
    return keeping.keep_on(session, person.company_id, person.id, shown=shown or words, evidence=EVIDENCE)


@pytest.mark.parametrize("basis", [STATED, CONSENTED])
def test_going_on_is_a_consent_for_twelve_months_more_and_counts_once(
    session: Session, cast: Cast, basis: RetentionBasis
) -> None:
    person = ending(session, cast, basis=basis)
    last = person.retain_until
    assert last
    assert keep(session, person)
    assert not keep(session, person), "sent twice"
    session.commit()
    with scopes.company(session, cast.acme.id):
        kept = session.get_one(Candidate, person.id, populate_existing=True)
        assert (kept.basis, kept.retain_until) == (CONSENTED, last + relativedelta(months=12))
        (word,) = session.scalars(select(OpeningsConsent)).all()
    assert (word.wording_version, word.basis_before, word.relay_link_id) == (keeping.VERSION, basis, None)
    assert "次の募集をお知らせすることに同意します" in word.wording and len(word.wording_hash) == 64
    with clock.at(clock.end_of_day(last) + timedelta(days=1)):
        retention.run(session)
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count(Candidate.id))) == 1


def test_going_on_never_keeps_longer_than_24_months_from_today(session: Session, cast: Cast) -> None:
    terms.set_months(session, cast.acme.id, {CONSENTED: 24}, by_user_id=None)
    session.commit()
    with clock.at(clock.now() + timedelta(days=2)):
        person = ending(session, cast, days=30)
        assert keep(session, person)
        assert person.retain_until == clock.today() + relativedelta(months=24)


def test_before_the_last_month_and_after_it_there_is_nothing_to_go_on_with(session: Session, cast: Cast) -> None:
    for each, days in enumerate((31, -1)):
        person = ending(session, cast, days=days, email=f"{each}@mail.example")
        assert not keep(session, person)


def test_words_that_were_not_shown_are_no_consent(session: Session, cast: Cast) -> None:
    with pytest.raises(WordsChanged):
        keep(session, ending(session, cast), "0" * 64)


def test_silence_lets_the_record_go_on_its_day(session: Session, cast: Cast) -> None:
    person = ending(session, cast)
    work(session)
    assert person.retain_until
    for days, left in ((0, 1), (1, 0)):
        with clock.at(clock.start_of_day(person.retain_until + timedelta(days=days)) + timedelta(hours=3)):
            retention.run(session)
            session.commit()
            with scopes.company(session, cast.acme.id):
                assert session.scalar(select(func.count(Candidate.id))) == left


def test_erasing_reaches_the_letter_and_its_link(session: Session, cast: Cast, postbox: Postbox) -> None:
    person = ending(session, cast)
    work(session)
    postbox.collect(later=timedelta(hours=1))
    assert keep(session, person)
    with scopes.company(session, cast.acme.id):
        assert keeping.erase(session, cast.acme.id, session.get_one(Candidate, person.id))
    session.commit()
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(Candidate.id))) == 0
        assert session.scalar(select(func.count(OpeningsConsent.id))) == 0
        assert session.scalar(select(func.count(Token.id)).where(Token.candidate_id.is_not(None))) == 0
    (mail,) = letters(session)
    assert (mail.to_address, mail.values, mail.candidate_id) == ("", {}, None)


def test_a_letter_that_waits_does_not_leave_after_an_erasure(session: Session, cast: Cast, postbox: Postbox) -> None:
    person = ending(session, cast)
    work(session)
    erase_candidates(session, cast.acme.id, [person.id])
    session.commit()
    postbox.collect(later=timedelta(hours=1))
    assert postbox.mails == []


def test_where_a_hold_is_in_force_erasure_is_asked_for_instead(session: Session, cast: Cast) -> None:
    person = ending(session, cast)
    held(session, cast, person)
    with scopes.company(session, cast.acme.id):
        assert not keeping.erase(session, cast.acme.id, session.get_one(Candidate, person.id))
        (asked,) = session.scalars(select(DataRequest)).all()
        assert session.scalar(select(func.count(Candidate.id))) == 1
    assert (asked.kind, bool(asked.proven_at), asked.candidate_id) == (RequestKind.ERASURE, True, person.id)


def test_what_is_read_before_it_is_sent_is_what_is_sent(session: Session, cast: Cast) -> None:
    person = ending(session, cast, basis=STATED)
    found = record_ends.recipients(session, cast.acme.id, [person.id])
    with scopes.company(session, cast.acme.id):
        (shown,) = record_ends.drafts(session, cast.acme.id, found)
        before = compose.render(session, shown, preview=True).text
    record_ends.send(session, cast.acme.id, [person.id], by_user_id=cast.ada.id)
    with scopes.company(session, cast.acme.id):
        assert compose.render(session, letters(session)[0], preview=True).text == before


def test_erasing_leaves_what_the_person_registered(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, EMAIL), cast.tsumugi)
    session.commit()
    with scopes.company(session, cast.acme.id):
        assert keeping.erase(session, cast.acme.id, session.scalars(select(Candidate)).one())
    session.commit()
    assert len(consents.standing(session, the_profile(session, EMAIL).id)) == 1


def test_no_answer_changes_a_result_or_a_registration(session: Session, cast: Cast) -> None:
    person = ending(session, cast)
    with scopes.company(session, cast.acme.id):
        before = session.execute(select(Application.status, Application.decided_on, Application.notified_at)).all()
    assert keep(session, person)
    session.commit()
    with scopes.company(session, cast.acme.id):
        after = session.execute(select(Application.status, Application.decided_on, Application.notified_at)).all()
        assert session.scalar(select(func.count(Referral.id))) == 0, "nothing counts for the company"
    assert after == before
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count(Consent.id))) == 0, "and nothing reaches a partner"
