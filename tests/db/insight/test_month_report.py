"""The mail of a month: on which mornings, to whom, once for each of them, and nobody's name in it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.insight import month_report
from relay.kpis import month_counts
from relay.mail import outbox
from relay.mail.mailbox import Mailbox
from relay.mail.transport import ToMailbox
from relay.models import Job, MessageState, MonthReportReader, Role, User, scopes
from relay.network import morning
from relay.worker import upkeep
from tests.cast import Cast, make_candidate, make_cast, make_user
from tests.db.network.build import mails
from tests.db.network.test_at_once import all_at_once
from tests.db.network.test_ledger import fill

FIRST = date(2027, 1, 4)
"""The first working day of a January: a Monday after the turn of the year."""
TO_ACME, TO_OTHER = "adam@acme.example", "mona@other.example"


@pytest.fixture
def cast(session: Session) -> Cast:
    with clock.at(datetime(2026, 11, 2, 9, tzinfo=clock.JAPAN)):
        return make_cast(session)


def at(day: date, minutes: int = 5) -> datetime:
    return morning.due_at(day) + timedelta(minutes=minutes)


def write(session: Session, moment: datetime) -> list[str]:
    """The addresses to which the worker writes at that moment."""
    before = len(mails(session, month_report.LETTER))
    with clock.at(moment):
        jobs.enqueue(session, month_report.KIND, key=f"{month_report.KIND}:{moment}")
        session.commit()
        while jobs.run_one(session, moment):
            pass
    session.rollback()
    return sorted(each.to_address for each in mails(session, month_report.LETTER)[before:])


def switch(session: Session, user: User, *, on: bool) -> None:
    assert user.company_id
    month_report.switch(session, user.company_id, user.id, on=on)
    session.commit()


@pytest.mark.parametrize(
    ("day", "is_due"),
    [
        (date(2026, 12, 1), True),
        (date(2026, 12, 4), True),  # a worker that was stopped makes up for it
        (date(2026, 12, 5), False),  # a Saturday
        (date(2026, 12, 7), False),  # the fifth working day
        (date(2027, 1, 1), False),
        (date(2027, 1, 3), False),
        (FIRST, True),
        (date(2027, 5, 1), False),  # a Saturday, then holidays until the fifth
        (date(2027, 5, 5), False),
        (date(2027, 5, 6), True),
        (date(2027, 5, 31), False),
    ],
)
def test_it_is_due_on_the_first_working_days(day: date, is_due: bool) -> None:
    assert month_report.is_due_on(day) is is_due


def test_the_worker_has_it_on_the_list_of_the_morning(session: Session) -> None:
    with clock.at(at(FIRST, -300)):
        for _time in range(2):
            upkeep.schedule(session, clock.now())
    [job] = session.scalars(select(Job).where(Job.kind == month_report.KIND)).all()
    assert job.due_at == morning.due_at(FIRST)


def test_it_leaves_in_the_morning_alone(session: Session, cast: Cast) -> None:
    assert write(session, at(FIRST, -10)) == []
    assert write(session, at(FIRST)) == [TO_ACME, TO_OTHER]
    assert write(session, at(date(2027, 2, 1), 4 * 60)) == [], "noon is no morning"
    assert write(session, at(date(2027, 2, 2))) == [TO_ACME, TO_OTHER], "made up for on the next working day"


def test_each_reader_gets_one_a_month_however_often_the_worker_comes(session: Session, cast: Cast) -> None:
    assert write(session, at(FIRST)) == [TO_ACME, TO_OTHER]
    for days in (0, 1, 2, 3):
        assert write(session, at(FIRST + timedelta(days=days), 30)) == []
    assert write(session, at(date(2027, 2, 1))) == [TO_ACME, TO_OTHER]


def test_administrators_get_it_others_by_their_wish_and_whoever_left_never(session: Session, cast: Cast) -> None:
    make_user(session, "ian", cast.acme, Role.INTERVIEWER)
    gone = make_user(session, "gone", cast.acme, Role.ADMIN)
    gone.disabled_at = clock.now()
    session.commit()
    switch(session, cast.vic, on=True)
    switch(session, cast.mona, on=False)
    assert write(session, at(date(2027, 2, 1))) == [TO_ACME, "vic@acme.example"]
    switch(session, cast.mona, on=True)
    cast.vic.role = Role.INTERVIEWER
    session.commit()
    assert write(session, at(date(2027, 3, 1))) == [TO_ACME, TO_OTHER], "who reads no numbers any more gets none"


def test_switched_on_again_it_comes_with_the_next_month(session: Session, cast: Cast) -> None:
    switch(session, cast.adam, on=False)
    assert write(session, at(FIRST)) == [TO_OTHER]
    with clock.at(at(FIRST)):
        switch(session, cast.adam, on=True)
    assert write(session, at(FIRST + timedelta(days=1))) == []
    assert write(session, at(date(2027, 2, 1))) == [TO_ACME, TO_OTHER]


def test_of_many_workers_at_once_one_writes(app: Flask, session: Session, cast: Cast) -> None:
    company_id = cast.acme.id

    def writing(mine: Session) -> None:
        with scopes.company(mine, company_id):
            month_report.write_to(mine, company_id)

    acts: list[Callable[[Session], None]] = [writing] * 8
    all_at_once(app, acts)
    session.rollback()
    assert [each.to_address for each in mails(session, month_report.LETTER)] == [TO_ACME]


def test_a_worker_that_dies_before_its_commit_has_written_nothing(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        assert month_report.write_to(session, cast.acme.id) == 1
    session.rollback()
    with scopes.company(session, cast.acme.id):
        assert month_report.write_to(session, cast.acme.id) == 1, "neither the mail nor the claim was kept"
        session.commit()
        assert month_report.write_to(session, cast.acme.id) == 0


def test_a_company_that_is_yet_to_be_counted_waits(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(month_counts, "_is_small", lambda _session: False)
    assert write(session, at(FIRST)) == []
    for company in (cast.acme, cast.other):
        month_counts.recount(session, company.id)
    session.commit()
    assert write(session, at(FIRST + timedelta(days=1))) == [TO_ACME, TO_OTHER]


def send(session: Session, folder: Path, moment: datetime) -> Mailbox:
    mailbox = Mailbox(folder)
    with clock.at(moment):
        while outbox.deliver_one(session, now=moment, transport=ToMailbox(mailbox)):
            pass
    session.rollback()
    return mailbox


def test_the_mail_tells_the_year_in_yen_first_and_names_nobody(session: Session, cast: Cast, tmp_path: Path) -> None:
    with clock.at(at(FIRST - timedelta(days=20))):
        fill(session, cast.acme, 7)
        make_candidate(session, cast.acme, "青木 花子", email="hanako@mail.example")
        session.commit()
    write(session, at(FIRST))
    mailbox = send(session, tmp_path, at(FIRST, 6))
    (mail,) = [each.mail for each in mailbox.newest_first() if each.mail["To"] == TO_ACME]
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    text, html = parts["text/plain"], parts["text/html"]
    for said in (text, html):
        assert "まだ0円です。次の一歩：あと3名の登録で紹介枠を1件獲得できます。" in said
        assert "Relayの費用は記入されていません。" in said
        assert "リレー完了：7名（うち12月は7名）" in said
        assert "いま確保中の紹介枠：0件" in said
        assert "/insights" in said and "/report-off/" in said
    assert text.strip().startswith("まだ0円です。")
    assert mail["Subject"] == "【Relay】1月の月次レポート：この1年でもたらしたもの"
    assert "/report-off/" in mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not [word for word in ("青木", "花子", "hanako") if word in text + html]


def test_one_that_waited_leaves_no_more_once_it_was_stopped_or_its_month_is_over(
    session: Session, cast: Cast, tmp_path: Path
) -> None:
    write(session, at(FIRST))
    switch(session, cast.adam, on=False)
    send(session, tmp_path, at(FIRST, 10))
    states = {each.to_address: each.state for each in mails(session, month_report.LETTER)}
    assert states == {TO_ACME: MessageState.CANCELLED, TO_OTHER: MessageState.SENT}
    write(session, at(date(2027, 2, 1)))
    send(session, tmp_path, at(date(2027, 3, 1)))
    assert mails(session, month_report.LETTER)[-1].state is MessageState.CANCELLED


def test_after_a_restore_no_reader_gets_a_second_one(session: Session, cast: Cast) -> None:
    write(session, at(FIRST))
    with clock.at(at(FIRST, 60)), scopes.everyone(session, "test"):
        session.execute(delete(MonthReportReader))
        month_report.after_restore(session)
        session.commit()
    states = {each.state for each in mails(session, month_report.LETTER)}
    assert states == {MessageState.CANCELLED}
    assert write(session, at(FIRST + timedelta(days=1))) == []
    assert write(session, at(date(2027, 2, 1))) == [TO_ACME, TO_OTHER]


def test_a_company_that_began_this_month_has_nothing_to_tell_yet(session: Session, cast: Cast) -> None:
    cast.acme.live_since = at(FIRST, -60)
    cast.other.live_since = None
    session.commit()
    assert write(session, at(FIRST)) == []
    assert write(session, at(date(2027, 2, 1))) == [TO_ACME]
