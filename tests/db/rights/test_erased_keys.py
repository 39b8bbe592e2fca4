"""Who was erased stays known as a hash of a random key: in the table, and in a file that a restored database lacks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.mail.mailbox import Mailbox
from relay.models import Candidate, ErasedKey, Job, Message, Profile, scopes
from relay.rights import erased_keys
from relay.rights.erasure import Erased, erase_address, erase_again, erase_candidates
from relay.worker import upkeep
from tests.cast import Cast, make_candidate, make_cast
from tests.db.rights.journeys import MAIL, known, registered
from tests.db.rights.test_erasure import found_in_tables


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def file(app: Flask) -> Iterator[Path]:
    path = erased_keys.file_of(app.config["RELAY"])
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    box = Mailbox.of(app.config["RELAY"])
    yield box
    for path in box.folder.glob("*.eml"):
        path.unlink()


def in_table(session: Session) -> set[str]:
    return set(session.scalars(select(ErasedKey.key_hash)))


def test_an_erasure_notes_the_hash_of_the_key_and_nothing_else(session: Session, cast: Cast, file: Path) -> None:
    person = make_candidate(session, cast.acme, "高橋 花子", email=MAIL)
    session.commit()
    expected = {erased_keys.hash_of(person.erasure_key)}
    erase_candidates(session, cast.acme.id, [person.id])
    assert not file.exists(), "nothing is final before the commit"
    session.commit()
    assert in_table(session) == expected
    assert erased_keys.read(file) == expected
    assert file.read_text().split() == list(expected)
    assert file.stat().st_mode & 0o077 == 0


def test_every_way_a_person_was_known_is_noted(session: Session, cast: Cast, file: Path, mailbox: Mailbox) -> None:
    life = known(session, cast.acme, mailbox)
    profile = registered(session, cast, life)
    elsewhere = make_candidate(session, cast.other, "高橋 花子", email=MAIL)
    session.commit()
    keys = {erased_keys.hash_of(row.erasure_key) for row in (life.candidate, profile, elsewhere)}
    erase_address(session, MAIL)
    session.commit()
    assert erased_keys.read(file) == in_table(session) == keys


def test_an_erasure_taken_back_leaves_no_line(session: Session, cast: Cast, file: Path) -> None:
    """A line too many would erase somebody at the next restore."""
    person = make_candidate(session, cast.acme, "高橋 花子", email=MAIL)
    session.commit()
    erase_candidates(session, cast.acme.id, [person.id])
    session.rollback()
    session.commit()
    assert in_table(session) == erased_keys.read(file) == set()


def test_a_part_that_is_taken_back_leaves_no_line_either(session: Session, cast: Cast, file: Path) -> None:
    person = make_candidate(session, cast.acme, "高橋 花子", email=MAIL)
    session.commit()
    part = session.begin_nested()
    erase_candidates(session, cast.acme.id, [person.id])
    part.rollback()
    session.commit()
    assert in_table(session) == erased_keys.read(file) == set()


def test_the_hourly_sweep_writes_what_the_file_misses(session: Session, cast: Cast, file: Path) -> None:
    person = make_candidate(session, cast.acme, "高橋 花子", email=MAIL)
    erase_candidates(session, cast.acme.id, [person.id])
    session.commit()
    file.write_text(file.read_text()[:20])  # a full disk cut the line short
    upkeep.sweep(session, Job(kind="sweep"))
    session.commit()
    assert erased_keys.read(file) == in_table(session) != set()
    assert erased_keys.write_missing(session) == 0


def test_whoever_came_back_is_erased_again_with_all_they_left(
    session: Session, cast: Cast, file: Path, mailbox: Mailbox
) -> None:
    """As after a restore: the rows are there, and the file says that they were erased."""
    life = known(session, cast.acme, mailbox)
    profile = registered(session, cast, life)
    hashes = {erased_keys.hash_of(row.erasure_key) for row in (life.candidate, profile)}
    erased = erase_again(session, hashes)
    session.commit()
    assert (erased.candidates, erased.profiles) == (1, 1)
    assert found_in_tables(session) == {"provision_records"}
    assert not list(mailbox.newest_first())
    assert hashes <= in_table(session)
    assert erase_again(session, hashes) == Erased()


def test_nobody_else_is_erased_again(session: Session, cast: Cast, mailbox: Mailbox) -> None:
    gone = known(session, cast.acme, mailbox)
    stays = make_candidate(session, cast.other, "同じ アドレス", email=MAIL)
    session.commit()
    erase_again(session, {erased_keys.hash_of(gone.candidate.erasure_key)})
    session.commit()
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Candidate.id)).all() == [stays.id]
        assert session.scalars(select(Message.to_address)).all() == [""], "acme knows nobody by this address any more"
        assert session.scalars(select(Profile.id)).all() == []
