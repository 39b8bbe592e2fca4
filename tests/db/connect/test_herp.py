"""HERP連携: pages, the limit, resuming, what is new or changed, and that nothing comes twice or back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk.undo import undo
from relay.candidates.files import store
from relay.connect.herp import bringing, connection, reading
from relay.connect.herp.connection import HerpRefused
from relay.infra import jobs
from relay.intake.planning.plan import Answers
from relay.intake.uploads import arrival, on_disk
from relay.intake.writing.applying import prepare_and_apply
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    HerpConnection,
    HerpTrouble,
    Import,
    ImportState,
    RetentionBasis,
    scopes,
)
from relay.rights.erasure import erase_address
from tests.cast import Cast, make_cast
from tests.herp import A_MINUTE, Herp, herp

NOON = datetime(2026, 11, 30, 3, tzinfo=clock.UTC)


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def tenant(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Herp]:
    """HERP, where Acme's key opens its applications."""
    with herp() as answering:
        kept = app.config["RELAY"]
        opened = replace(kept, herp_url=answering.url, outbound_networks=(ip_network("127.0.0.0/8"),))
        app.extensions.pop("relay_outbound", None)
        app.config["RELAY"] = opened
        try:
            yield answering
        finally:
            app.config["RELAY"] = kept
            app.extensions.pop("relay_outbound", None)


def connect(session: Session, cast: Cast, key: str = "herp-key-of-acme") -> None:
    connection.connect(session, cast.acme.id, key, RetentionBasis.STATED, told=True, by_user_id=cast.adam.id)
    session.commit()


def work(session: Session, now: datetime) -> None:
    """Do what is due at this moment."""
    with clock.at(now):
        while jobs.run_one(session, now):
            pass


def read_all(session: Session, cast: Cast, now: datetime) -> datetime:
    """Begin, and work minute after minute until the reading is at its end; returns when."""
    with clock.at(now):
        connection.begin(session, cast.acme.id)
        session.commit()
    for minute in range(60):
        at = now + timedelta(minutes=minute, seconds=minute)
        work(session, at)
        if state(session, cast).page == 0:
            return at
    raise AssertionError("it never ends")


def state(session: Session, cast: Cast) -> HerpConnection:
    session.rollback()
    row = connection.of_company(session, cast.acme.id)
    assert row is not None
    session.rollback()
    return row


def take(session: Session, cast: Cast) -> None:
    """HR looks at what waits, and applies it."""
    import_id = state(session, cast).import_id
    with scopes.company(session, cast.acme.id):
        row = session.scalars(select(Import).where(Import.id == import_id)).one()
        assert row.state is ImportState.PREVIEWED
        found = on_disk.open_reading(store.path_of(row.reading_stored_as or "")).whole()
    session.rollback()

    def waiting(_id: int | None) -> Import:
        with scopes.company(session, cast.acme.id):
            return session.scalars(select(Import).where(Import.id == import_id)).one()

    answers = Answers(RetentionBasis.STATED)
    prepare_and_apply(
        session, cast.acme.id, found, answers, by_user_id=cast.ada.id, import_id=import_id, find_import=waiting
    )
    session.commit()


def people(session: Session, cast: Cast) -> int:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).select_from(Candidate)) or 0


def imports(session: Session, cast: Cast) -> int:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).where(Import.state == ImportState.APPLIED)) or 0


@pytest.fixture
def connected(session: Session, cast: Cast, tenant: Herp) -> Herp:
    """Three people came from HERP, and the first look is over."""
    for number in range(3):
        tenant.add(number)
    connect(session, cast)
    read_all(session, cast, NOON)
    take(session, cast)
    assert people(session, cast) == 3
    return tenant


def test_the_first_reading_waits_for_a_look(session: Session, cast: Cast, tenant: Herp) -> None:
    for number in range(250):
        tenant.add(number)
    connect(session, cast)
    read_all(session, cast, NOON)
    assert people(session, cast) == 0
    row = state(session, cast)
    assert (row.found, row.brought, row.trouble) == (250, 250, None)
    assert [page for _at, what, page in tenant.asked if what == "candidacies"][1:] == [1, 2, 3]
    take(session, cast)
    assert people(session, cast) == 250
    with scopes.company(session, cast.acme.id):
        assert session.scalar(select(func.count()).where(Application.channel_detail == "求人サイト")) == 250


def test_nothing_is_read_while_one_waits(session: Session, cast: Cast, tenant: Herp) -> None:
    tenant.add(1)
    connect(session, cast)
    read_all(session, cast, NOON)
    asked = len(tenant.asked)
    assert not connection.begin(session, cast.acme.id)
    session.commit()
    work(session, NOON + timedelta(hours=1))
    assert len(tenant.asked) == asked


def test_afterwards_what_is_new_or_changed_comes_in_by_itself(session: Session, cast: Cast, connected: Herp) -> None:
    first = next(iter(connected.candidacies))
    connected.end(first)
    connected.add(3)
    read_all(session, cast, NOON + timedelta(days=1))
    assert (state(session, cast).found, state(session, cast).brought) == (4, 2)
    assert (people(session, cast), imports(session, cast)) == (4, 2)
    with scopes.company(session, cast.acme.id):
        rejected = select(func.count()).where(Application.status == ApplicationResult.REJECTED)
        assert session.scalar(rejected) == 1
    read_all(session, cast, NOON + timedelta(days=2))
    assert (state(session, cast).brought, imports(session, cast)) == (0, 2)


def test_what_herp_no_longer_lists_stays(session: Session, cast: Cast, connected: Herp) -> None:
    connected.candidacies.clear()
    read_all(session, cast, NOON + timedelta(days=1))
    assert people(session, cast) == 3


def test_a_look_that_was_not_taken_comes_again(session: Session, cast: Cast, tenant: Herp) -> None:
    tenant.add(1)
    connect(session, cast)
    read_all(session, cast, NOON)
    first = state(session, cast).import_id
    with scopes.company(session, cast.acme.id):
        arrival.discard(session, session.scalars(select(Import).where(Import.id == first)).one())
        session.commit()
    read_all(session, cast, NOON + timedelta(days=1))
    assert state(session, cast).import_id != first
    take(session, cast)
    assert people(session, cast) == 1


def test_rows_to_be_corrected_wait_and_nothing_of_the_file_is_applied(
    session: Session, cast: Cast, connected: Herp
) -> None:
    connected.add(7, name="")
    connected.add(8)
    read_all(session, cast, NOON + timedelta(days=1))
    assert people(session, cast) == 3
    with scopes.company(session, cast.acme.id):
        row = session.scalars(select(Import).where(Import.id == state(session, cast).import_id)).one()
        assert row.report["problems"] == 1
    assert connection.waits_for_a_look(session, cast.acme.id)


def test_the_limit_is_kept_and_waited_for(session: Session, cast: Cast, tenant: Herp) -> None:
    for number in range(23_000):
        tenant.add(number)
    now = NOON
    tenant.now = lambda: now
    with clock.at(now):
        connect(session, cast)
    moments = iter(range(200))
    for step in moments:
        at = now + timedelta(seconds=step * 20)
        tenant.now = lambda at=at: at  # type: ignore[misc]
        work(session, at)
        if state(session, cast).page == 0:
            break
    assert len(tenant.asked) >= 232
    assert tenant.most_in_a_minute() <= A_MINUTE
    assert state(session, cast).found == 23_000


def test_429_is_waited_for_until_the_time_it_names(session: Session, cast: Cast, tenant: Herp) -> None:
    tenant.add(1)
    connect(session, cast)
    until = NOON + timedelta(seconds=40)
    tenant.fails = lambda _what, _page: (429, {"x-reset-at": until.isoformat()}, b"")
    with clock.at(NOON):
        connection.begin(session, cast.acme.id)
        session.commit()
    work(session, NOON)
    assert state(session, cast).trouble is HerpTrouble.LIMIT
    asked = len(tenant.asked)
    tenant.fails = lambda _what, _page: None
    work(session, NOON + timedelta(seconds=39))
    assert len(tenant.asked) == asked
    work(session, NOON + timedelta(seconds=41))
    assert state(session, cast).trouble is None
    assert state(session, cast).found == 1


def test_killed_between_pages_it_goes_on_where_it_was(
    session: Session, cast: Cast, tenant: Herp, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(450):
        tenant.add(number)
    connect(session, cast)

    class Killed(BaseException):
        """No handler of ours sees a kill."""

    append = reading._append
    for kill, where in enumerate(("before", "after") * 2):

        def killed(row: HerpConnection, lines: list[object], where: str = where, kill: int = kill) -> None:
            if lines and row.names_read and row.page == 2 + kill // 2:
                if where == "after":
                    append(row, lines)
                raise Killed
            append(row, lines)

        with monkeypatch.context() as patch, clock.at(NOON + timedelta(minutes=kill * 20)):
            patch.setattr(reading, "_append", killed)
            if kill == 0:
                connection.begin(session, cast.acme.id)
                session.commit()
            with pytest.raises(Killed):
                work(session, clock.now() + timedelta(minutes=16 if kill else 0))
            session.rollback()
    read_all(session, cast, NOON + timedelta(hours=3))
    assert state(session, cast).found == 450
    pages = [page for _at, what, page in tenant.asked if what == "candidacies"]
    assert pages.count(1) == 2, "once to try the key, once to read"
    take(session, cast)
    assert people(session, cast) == 450


def test_a_kill_after_the_import_brings_nothing_twice(
    session: Session, cast: Cast, connected: Herp, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected.add(9)

    class Killed(BaseException):
        """No handler of ours sees a kill."""

    def killed(*_args: object, **_more: object) -> None:
        raise Killed

    at = NOON + timedelta(days=1)
    with monkeypatch.context() as patch, clock.at(at):
        patch.setattr(bringing, "_finish", killed)
        connection.begin(session, cast.acme.id)
        session.commit()
        with pytest.raises(Killed):
            jobs.run_one(session, at)
        session.rollback()
    assert people(session, cast) == 3
    read_all(session, cast, at + timedelta(hours=1))
    assert (people(session, cast), imports(session, cast)) == (4, 2)


def test_who_was_erased_does_not_come_back(session: Session, cast: Cast, connected: Herp) -> None:
    erase_address(session, "y1@mail.example")
    session.commit()
    assert people(session, cast) == 2
    one = next(each for each in connected.candidacies.values() if each["email"] == "y1@mail.example")
    for day in (1, 2):
        read_all(session, cast, NOON + timedelta(days=day))
        assert people(session, cast) == 2
        one["step"] = "firstInterview"


def test_what_was_taken_back_does_not_come_back_by_itself(session: Session, cast: Cast, connected: Herp) -> None:
    with scopes.company(session, cast.acme.id):
        entry_id = session.scalars(select(Import.journal_entry_id)).one()
        assert entry_id is not None
        undo(session, cast.acme.id, entry_id, by_user_id=cast.ada.id)
        session.commit()
    read_all(session, cast, NOON + timedelta(days=1))
    assert people(session, cast) == 0


def test_an_erasure_in_the_middle_drops_what_was_read_and_it_is_read_again(
    session: Session, cast: Cast, tenant: Herp
) -> None:
    for number in range(150):
        tenant.add(number)
    connect(session, cast)
    tenant.fails = lambda what, page: (503, {}, b"") if (what, page) == ("candidacies", 2) else None
    with clock.at(NOON):
        connection.begin(session, cast.acme.id)
        session.commit()
    work(session, NOON)
    stored = state(session, cast).stored_as
    assert stored is not None and store.path_of(stored).exists()
    erase_address(session, "nobody@mail.example")
    session.commit()
    assert not store.path_of(stored).exists()
    tenant.fails = lambda _what, _page: None
    read_all(session, cast, NOON + timedelta(hours=1))
    assert state(session, cast).found == 150


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ((401, {}, b"{}"), HerpTrouble.KEY),
        ((403, {}, b"{}"), HerpTrouble.PERMISSION),
        ((500, {}, b"oops"), HerpTrouble.BUSY),
        ((400, {}, b"{}"), HerpTrouble.SHAPE),
        ((302, {"Location": "https://elsewhere.example/"}, b""), HerpTrouble.SHAPE),
        ((200, {}, b"<html>"), HerpTrouble.SHAPE),
        ((200, {}, b"[]"), HerpTrouble.SHAPE),
        ((200, {}, b'{"candidacies":[{"id":5}],"requisitions":[{"id":5}],"hasNextPage":false}'), HerpTrouble.SHAPE),
        ((200, {}, b'{"candidacies":[],"requisitions":[],"hasNextPage":true}'), HerpTrouble.SHAPE),
        ((200, {}, b"[" * 100_000), HerpTrouble.SHAPE),
        ((200, {}, b" " * 100_000_000), HerpTrouble.SIZE),
    ],
)
def test_each_strange_answer_stops_it_with_a_sentence_and_loses_nothing(
    session: Session, cast: Cast, connected: Herp, answer: tuple[int, dict[str, str], bytes], trouble: HerpTrouble
) -> None:
    connected.add(5)
    connected.fails = lambda _what, _page: answer
    with clock.at(NOON + timedelta(days=1)):
        connection.begin(session, cast.acme.id)
        session.commit()
    work(session, NOON + timedelta(days=1))
    assert state(session, cast).trouble is trouble
    assert people(session, cast) == 3
    connected.fails = lambda _what, _page: None
    read_all(session, cast, NOON + timedelta(days=2))
    assert state(session, cast).trouble is None
    assert people(session, cast) == 4


def test_a_host_that_hangs_up_is_tried_again_by_itself(session: Session, cast: Cast, connected: Herp) -> None:
    connected.add(5)

    def hangs_up(_what: str, _page: int) -> None:
        raise ConnectionAbortedError

    connected.fails = hangs_up
    at = NOON + timedelta(days=1)
    with clock.at(at):
        connection.begin(session, cast.acme.id)
        session.commit()
    work(session, at)
    assert state(session, cast).trouble is HerpTrouble.AWAY
    connected.fails = lambda _what, _page: None
    work(session, at + timedelta(minutes=2))
    assert people(session, cast) == 4


def test_a_key_that_herp_does_not_take_is_not_kept(session: Session, cast: Cast, tenant: Herp) -> None:
    with pytest.raises(HerpRefused, match="受け付けませんでした"):
        connect(session, cast, "another")
    session.rollback()
    assert connection.of_company(session, cast.acme.id) is None


def test_the_key_lies_sealed(session: Session, cast: Cast, connected: Herp) -> None:
    assert "herp-key-of-acme" not in state(session, cast).key


def test_companies_share_nothing(session: Session, cast: Cast, connected: Herp) -> None:
    connection.connect(
        session, cast.other.id, "herp-key-of-acme", RetentionBasis.STATED, told=True, by_user_id=cast.mona.id
    )
    session.commit()
    work(session, clock.now())
    other = connection.of_company(session, cast.other.id)
    assert other is not None and (other.found, other.brought) == (3, 3), "what Acme brought is not known to Other"
    with scopes.company(session, cast.other.id):
        assert session.scalar(select(func.count()).select_from(Candidate)) == 0
    connection.disconnect(session, cast.other.id)
    session.commit()
    assert connection.of_company(session, cast.acme.id) is not None


def test_every_connected_company_is_read_once_a_day(session: Session, cast: Cast, connected: Herp) -> None:
    connected.add(5)
    at = NOON + timedelta(days=1)
    jobs.enqueue(session, reading.KIND, key="day", due_at=at)
    session.commit()
    work(session, at)
    assert people(session, cast) == 4


def test_the_answers_are_read_as_the_file_of_herp_is(session: Session, cast: Cast, tenant: Herp) -> None:
    ended = {"hired": 1, "refusedByCandidate": 2, "rejected": 3}
    for reason, number in ended.items():
        tenant.end(tenant.add(number, requisitionId="r-2", step="offerAccepted"), reason)
    tenant.add(4)
    connect(session, cast)
    read_all(session, cast, NOON)
    take(session, cast)
    with scopes.company(session, cast.acme.id):
        found = session.execute(
            select(Candidate.name, Application.status).join(Candidate, Candidate.id == Application.candidate_id)
        ).all()
    assert dict(found) == {
        "山田 1": ApplicationResult.HIRED,
        "山田 2": ApplicationResult.WITHDREW,
        "山田 3": ApplicationResult.REJECTED,
        "山田 4": ApplicationResult.OPEN,
    }
