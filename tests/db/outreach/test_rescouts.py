"""再スカウト: to whom it may go and why not, that it leaves as it was seen, and what stops it (C-2, C-4)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import runs
from relay.bulk.actions import MergePositions
from relay.bulk.undo import undo
from relay.candidates import contact, holds
from relay.hiring import positions
from relay.infra.keyed_hash import address_hash
from relay.insight import fits
from relay.mail import batches, optouts, outbox
from relay.mail.practice import PracticeOnly
from relay.models import (
    Application,
    ApplicationResult,
    BatchKind,
    Candidate,
    Company,
    ContactChannel,
    FollowUp,
    HoldReason,
    JournalEntry,
    MailClass,
    MessageState,
    Position,
    PositionState,
    Rescout,
    RescoutAnswer,
    scopes,
)
from relay.outreach import rescout_answers, rescout_people, rescouts, templates
from relay.outreach.rescout_people import RescoutBar
from relay.outreach.rescouts import (
    NobodyToRescout,
    PositionNotOpen,
    RescoutMailChanged,
    RescoutRemarkDoubted,
    RescoutRemarkRefused,
    Seen,
)
from tests.cast import Cast, make_application, make_candidate, make_position
from tests.db.network.test_at_once import all_at_once
from tests.db.outreach.conftest import Postbox, text_of
from tests.db.outreach.rescouting import CONSENTED, SELECTION, STATED, only, pooled, rescout, sent_rescouts, shown

EMAIL = "hanako@mail.example"


@pytest.fixture
def position(session: Session, cast: Cast) -> Position:
    made = make_position(session, cast.acme, "生産技術")
    made.place, made.description = "長野県岡谷市", "治具の設計"
    session.commit()
    return made


def bar(session: Session, cast: Cast, position: Position, person: Candidate) -> RescoutBar | None:
    (found,) = rescout_people.recipients(session, cast.acme.id, position.id, [person.id])
    return found.bar


def bounced(session: Session, cast: Cast, person: Candidate) -> None:
    outbox.queue(session, "own-page", company_id=cast.acme.id, to=person.email).state = MessageState.BOUNCED
    session.flush()


def opted_out(session: Session, cast: Cast, person: Candidate) -> None:
    optouts.opt_out(session, cast.acme.id, address_hash(person.email), MailClass.PROMO, "page")


def told_hr(session: Session, cast: Cast, person: Candidate) -> None:
    contact.stop(session, person, ContactChannel.PHONE)


def held(session: Session, cast: Cast, person: Candidate) -> None:
    holds.set_hold(session, person, HoldReason.LAW, clock.today(), owner_user_id=cast.ada.id)


def in_selection(session: Session, cast: Cast, person: Candidate) -> None:
    make_application(session, person)


def hired(session: Session, cast: Cast, person: Candidate) -> None:
    make_application(session, person, status=ApplicationResult.HIRED, decided_on=clock.today())


def full_by_others(session: Session, cast: Cast, person: Candidate) -> None:
    with scopes.everyone(session, "test"):
        for _each in range(4):
            outbox.queue(session, "apology", company_id=cast.other.id, to=person.email)


def two_by_others(session: Session, cast: Cast, person: Candidate) -> None:
    with scopes.everyone(session, "test"):
        for _each in range(2):
            outbox.queue(session, "rescout", company_id=cast.other.id, to=person.email)


def nothing(session: Session, cast: Cast, person: Candidate) -> None:
    """Leave the person as they are."""


@pytest.mark.parametrize(
    ("values", "happens", "why"),
    [
        ({}, nothing, None),
        ({"basis": STATED}, nothing, None),
        ({"basis": SELECTION}, nothing, RescoutBar.SELECTION_ONLY),
        ({"retain_until": clock.today() - timedelta(days=1)}, nothing, RescoutBar.PAST_DATE),
        ({"follow_up": FollowUp.RELAY}, nothing, RescoutBar.NOT_FROM_US),
        ({"birth_date": clock.today() - relativedelta(years=15)}, nothing, RescoutBar.UNDER_AGE),
        ({"email": ""}, nothing, RescoutBar.NO_ADDRESS),
        ({"told": False}, nothing, RescoutBar.UNTOLD),
        ({}, told_hr, RescoutBar.STOPPED),
        ({}, held, RescoutBar.HELD),
        ({}, in_selection, RescoutBar.IN_SELECTION),
        ({}, hired, RescoutBar.HIRED),
        ({}, bounced, RescoutBar.BOUNCED),
        ({}, opted_out, RescoutBar.QUIET),
        ({}, full_by_others, RescoutBar.QUIET),
        ({}, two_by_others, RescoutBar.QUIET),
    ],
)
def test_hr_is_told_of_each_person_why_not(
    session: Session,
    cast: Cast,
    position: Position,
    values: dict[str, Any],
    happens: Callable[[Session, Cast, Candidate], None],
    why: RescoutBar | None,
) -> None:
    person = pooled(session, cast.acme, **({"email": EMAIL} | values))
    with scopes.company(session, cast.acme.id):
        happens(session, cast, person)
        session.flush()
        (found,) = rescout_people.recipients(session, cast.acme.id, position.id, [person.id])
    assert found.bar is why
    assert bool(found.why_not) is (why is not None)
    if why is not None:
        with pytest.raises(NobodyToRescout):
            rescout(session, cast.acme, position, [person.id], cast.ada.id)
        assert [each for each in sent_rescouts(session) if each.company_id == cast.acme.id] == []


def test_what_others_wrote_and_a_wish_behind_a_link_are_one_reason() -> None:
    """A company would learn of others' mails by a reason of their own."""
    assert "停止しているか" in str(RescoutBar.QUIET.label) and "上限" in str(RescoutBar.QUIET.label)


def test_who_was_merely_informed_needs_a_yes_of_their_own(session: Session, cast: Cast, position: Position) -> None:
    agreed = pooled(session, cast.acme, "agreed@mail.example")
    informed = pooled(session, cast.acme, "informed@mail.example", basis=STATED)
    told = rescout(session, cast.acme, position, [agreed.id, informed.id], cast.ada.id, singly=False)
    assert told.count == 1
    with pytest.raises(NobodyToRescout):
        rescout(session, cast.acme, position, [informed.id], cast.ada.id, singly=False)
    assert rescout(session, cast.acme, position, [informed.id], cast.ada.id, singly=True).count == 1
    assert [each.to_address for each in sent_rescouts(session)] == ["agreed@mail.example", "informed@mail.example"]


def test_a_mail_leaves_as_it_was_shown_or_not_at_all(session: Session, cast: Cast, position: Position) -> None:
    person = pooled(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        text = templates.choices(session, templates.RESCOUT)[0]
        (mail,) = shown(session, cast.acme, position, [person.id], cast.ada.id)
        seen = Seen(person.id, mail.seal)

        def send(one: Seen, **values: Any) -> None:
            rescouts.send(session, cast.acme, position, text, [one], by_user_id=cast.ada.id, **values)

        with pytest.raises(RescoutMailChanged):
            send(Seen(person.id, mail.seal, "面接でのお話が心に残っています。"))
        position.place = "東京都"
        session.flush()
        with pytest.raises(RescoutMailChanged):
            send(seen)
        position.place = "長野県岡谷市"
        session.flush()
        with pytest.raises(RescoutRemarkRefused):
            send(Seen(person.id, mail.seal, "商品券を差し上げます"))
        with pytest.raises(RescoutRemarkDoubted):
            send(Seen(person.id, mail.seal, "宗教について"))
        assert sent_rescouts(session) == []
        send(seen)
    session.commit()
    (queued,) = sent_rescouts(session)
    assert queued.values["facts"] == [["勤務地", "長野県岡谷市"]]


def test_the_mail_says_what_the_law_asks_for_and_can_be_stopped_by_one_click(
    session: Session, cast: Cast, position: Position, postbox: Postbox
) -> None:
    person = pooled(session, cast.acme)
    told = rescout(session, cast.acme, position, [person.id], cast.ada.id, remark="お元気ですか。")
    session.commit()
    postbox.collect(later=timedelta(minutes=30))
    (mail,) = postbox.mails
    text = text_of(mail)
    for said in ("生産技術", "長野県岡谷市", "お元気ですか。", cast.acme.name, cast.acme.address, "/again/", "/u/"):
        assert said in text, said
    assert "一年に2通まで" in text and "送りした日から60日です" in text
    assert "一年に2通まで" in text_of(mail, "html")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and "/u/" in mail["List-Unsubscribe"]
    (row,) = sent_rescouts(session)
    assert (row.mail_class, row.state) == (MailClass.PROMO, MessageState.SENT)
    with scopes.company(session, cast.acme.id):
        act = batches.hold(session, told.batch)
    assert act is not None and act.kind is BatchKind.RESCOUT


def test_the_act_is_stopped_like_results_and_can_be_written_again(
    session: Session, cast: Cast, position: Position
) -> None:
    person = pooled(session, cast.acme)
    told = rescout(session, cast.acme, position, [person.id], cast.ada.id)
    assert bar(session, cast, position, person) is RescoutBar.ALREADY
    assert outbox.cancel(session, cast.acme.id, told.batch) == 1
    assert bar(session, cast, position, person) is None
    rescout(session, cast.acme, position, [person.id], cast.ada.id)
    assert [each.state for each in sent_rescouts(session)] == [MessageState.CANCELLED, MessageState.SCHEDULED]


def closed(session: Session, cast: Cast, position: Position, person: Candidate) -> None:
    positions.set_state(session, position, PositionState.PAUSED)


def stopped(session: Session, cast: Cast, position: Position, person: Candidate) -> None:
    contact.stop(session, person, ContactChannel.PHONE)


def moved(session: Session, cast: Cast, position: Position, person: Candidate) -> None:
    person.email = person.email_key = "elsewhere@mail.example"


def applied(session: Session, cast: Cast, position: Position, person: Candidate) -> None:
    make_application(session, person)


@pytest.mark.parametrize("meanwhile", [closed, stopped, moved, applied])
def test_a_mail_that_is_true_no_more_does_not_leave(
    session: Session, cast: Cast, position: Position, postbox: Postbox, meanwhile: Callable[..., None]
) -> None:
    person = pooled(session, cast.acme)
    rescout(session, cast.acme, position, [person.id], cast.ada.id)
    with scopes.company(session, cast.acme.id):
        meanwhile(session, cast, position, person)
    session.commit()
    postbox.collect(later=timedelta(minutes=30))
    assert postbox.mails == []
    (mail,) = sent_rescouts(session)
    assert mail.state in (MessageState.CANCELLED, MessageState.SUPPRESSED)


def test_nobody_is_written_to_about_a_position_that_is_closed(session: Session, cast: Cast, position: Position) -> None:
    person = pooled(session, cast.acme)
    with scopes.company(session, cast.acme.id):
        positions.set_state(session, position, PositionState.CLOSED)
    with pytest.raises(PositionNotOpen):
        rescout(session, cast.acme, position, [person.id], cast.ada.id)


def test_while_a_company_practises_nobody_is_written_to(session: Session, cast: Cast, position: Position) -> None:
    person = pooled(session, cast.acme)
    cast.acme.live_since = None
    session.flush()
    with pytest.raises(PracticeOnly):
        rescout(session, cast.acme, position, [person.id], cast.ada.id)


def test_of_two_records_with_one_address_one_is_written_to(session: Session, cast: Cast, position: Position) -> None:
    one, other = pooled(session, cast.acme), pooled(session, cast.acme)
    found = rescout_people.recipients(session, cast.acme.id, position.id, [one.id, other.id])
    assert [each.bar for each in found] == [None, RescoutBar.SAME_ADDRESS]
    rescout(session, cast.acme, position, [one.id], cast.ada.id)
    assert bar(session, cast, position, other) is RescoutBar.ALREADY


def test_a_company_writes_twice_a_year_and_no_more(session: Session, cast: Cast, position: Position) -> None:
    person = pooled(session, cast.acme, retain_until=clock.today() + timedelta(days=700))
    second, third = (make_position(session, cast.acme, title) for title in ("品質保証", "購買"))
    for each in (position, second):
        rescout(session, cast.acme, each, [person.id], cast.ada.id)
    assert bar(session, cast, third, person) is RescoutBar.TWICE
    with clock.at(clock.now() + timedelta(days=367)):
        assert bar(session, cast, third, person) is None


def test_another_companys_people_are_not_there(session: Session, cast: Cast, position: Position) -> None:
    stranger = pooled(session, cast.other)
    assert rescout_people.recipients(session, cast.acme.id, position.id, [stranger.id]) == []
    with pytest.raises(NobodyToRescout):
        rescout(session, cast.acme, position, [stranger.id], cast.ada.id)


def test_merging_positions_takes_the_mails_along_and_back(session: Session, cast: Cast, position: Position) -> None:
    person = pooled(session, cast.acme)
    rescout(session, cast.acme, position, [person.id], cast.ada.id)
    into, before = make_position(session, cast.acme, "生産技術（岡谷）"), position.id
    with scopes.company(session, cast.acme.id):
        runs.do_to_carriers(session, cast.acme.id, MergePositions(before, into.id), by_user_id=cast.ada.id)
        assert only(session, cast.acme).position_id == into.id
        entry = session.scalars(select(JournalEntry.id)).one()
        undo(session, cast.acme.id, entry, by_user_id=cast.ada.id)
    assert only(session, cast.acme).position_id == before


def test_who_waits_is_in_no_list_until_their_day_and_comes_back_by_itself(
    session: Session, cast: Cast, position: Position
) -> None:
    person = pooled(session, cast.acme, desired_role="治具の設計", retain_until=clock.today() + timedelta(days=400))
    rescout(session, cast.acme, position, [person.id], cast.ada.id)
    day = clock.today() + relativedelta(months=6)
    with scopes.company(session, cast.acme.id):
        row = session.scalars(select(Rescout)).one()
        row.answer, row.answered_at, row.waits_until = RescoutAnswer.LATER, clock.now(), day
        session.flush()
        other = make_position(session, cast.acme, "治具の設計")
        for when, there, why in ((day, set(), RescoutBar.WAITS), (day + timedelta(days=1), {person.id}, None)):
            with clock.at(clock.start_of_day(when) + timedelta(hours=9)):
                assert fits.writable(session, cast.acme.id, other.id, [person.id]) == there
                (found,) = rescout_people.recipients(session, cast.acme.id, other.id, [person.id])
                assert found.bar is why
                assert ("まで待つ" in found.why_not) is (why is not None)
        twin = make_candidate(session, cast.acme, "高橋 華子", email=EMAIL, basis=CONSENTED)
        assert bar(session, cast, other, twin) is RescoutBar.WAITS, "the wish holds for the person, by every record"


def test_a_yes_pressed_many_times_at_once_is_one_application(
    app: Flask, session: Session, cast: Cast, position: Position
) -> None:
    person = pooled(session, cast.acme)
    rescout(session, cast.acme, position, [person.id], cast.ada.id)
    session.commit()
    company_id, row = cast.acme.id, only(session, cast.acme).id
    session.rollback()

    def press(session: Session) -> None:
        assert rescout_answers.say_yes(session, company_id, row, address_hash(EMAIL)) is not None

    all_at_once(app, [press] * 8)
    with scopes.company(session, company_id):
        made = session.scalars(select(Application).where(Application.status == ApplicationResult.OPEN)).all()
    assert [each.id for each in made] == [only(session, cast.acme).application_id]


def test_members_who_send_at_once_write_one_mail_to_each_person(
    app: Flask, session: Session, cast: Cast, position: Position
) -> None:
    ids = [pooled(session, cast.acme, f"p{number}@mail.example").id for number in range(3)]
    company_id, position_id, ada = cast.acme.id, position.id, cast.ada.id
    session.rollback()

    def send(session: Session) -> None:
        with scopes.company(session, company_id):
            company, offered = session.get_one(Company, company_id), session.get_one(Position, position_id)
            with suppress(NobodyToRescout):
                rescout(session, company, offered, ids, ada)

    all_at_once(app, [send] * 6)
    assert sorted(each.candidate_id or 0 for each in sent_rescouts(session)) == ids


def test_a_template_of_this_kind_is_filled_with_the_position(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        assert [text.name for text in templates.choices(session, templates.RESCOUT)] == ["再スカウト"]
        assert "再スカウト" not in [text.name for text in templates.choices(session)]
        with pytest.raises(templates.TextRefused):
            templates.create(
                session, which=templates.RESCOUT, name="誤", subject="件名", body="{{応募職種}}", by_user_id=None
            )
        with pytest.raises(templates.TextRefused):
            templates.create(session, name="誤", subject="件名", body="{{求人}}", by_user_id=None)
