"""Files about a person: kept outside the database, found by their words, and gone with the row in every case."""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import files
from relay.candidates.files import scan, store
from relay.errors import DomainError
from relay.infra import jobs
from relay.models import Attachment, Candidate, Event, EventTag, FileText, scopes
from relay.rights.erasure import erase_candidates
from relay.search import candidate_search
from relay.search.candidate_search import Query
from tests import papers
from tests.cast import Cast, make_candidate, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Candidate:
    return make_candidate(session, cast.acme)


@pytest.fixture(autouse=True)
def folder(app: Flask) -> Iterator[Path]:
    folder = app.config["RELAY"].instance / "uploads"
    yield folder
    for path in stored(folder):
        path.unlink()


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


def keep(session: Session, person: Candidate, content: bytes = b"", name: str = "履歴書.pdf") -> Attachment:
    with scopes.company(session, person.company_id):
        return files.keep(session, person, name, BytesIO(content or papers.pdf("月次決算")), by_user_id=None)


def work_off(session: Session) -> None:
    while jobs.run_one(session, clock.now()):
        pass


def found(session: Session, cast: Cast, q: str) -> list[int]:
    with scopes.company(session, cast.acme.id):
        return [row.id for row in candidate_search.find(session, cast.acme.id, Query(q=q)).rows]


def test_the_bytes_lie_under_a_random_name_for_this_user_alone(
    session: Session, hanako: Candidate, folder: Path
) -> None:
    file = keep(session, hanako)
    session.commit()
    (path,) = stored(folder)
    assert path.read_bytes() == papers.pdf("月次決算")
    assert path.name == file.stored_as
    assert "履歴書" not in str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    event = session.scalars(select(Event).where(Event.tag == EventTag.FILE_ADDED.value)).one()
    assert event.data == {"file_id": file.id, "kind": "pdf"}, "the log holds no name of a file (A-27)"


def test_the_worker_reads_the_words_and_the_search_finds_them(session: Session, cast: Cast, hanako: Candidate) -> None:
    file = keep(session, hanako)
    session.commit()
    assert found(session, cast, "月次決算") == []
    work_off(session)
    session.refresh(file)
    assert file.state is FileText.READ
    assert found(session, cast, "月次決算") == [hanako.id]
    with scopes.company(session, cast.acme.id):
        files.remove(session, file)
    session.commit()
    assert found(session, cast, "月次決算") == []


def test_a_file_deleted_before_the_worker_came_is_no_trouble(session: Session, hanako: Candidate) -> None:
    file = keep(session, hanako)
    session.commit()
    with scopes.company(session, hanako.company_id):
        files.remove(session, file)
    session.commit()
    work_off(session)


def test_what_cannot_be_read_is_kept_and_said_so(session: Session, hanako: Candidate) -> None:
    file = keep(session, hanako, b"%PDF-1.4 torn")
    session.commit()
    work_off(session)
    session.refresh(file)
    assert file.state in (FileText.UNREADABLE, FileText.NONE)


def test_five_files_and_each_once(session: Session, cast: Cast, hanako: Candidate, folder: Path) -> None:
    for number in range(5):
        keep(session, hanako, papers.pdf(f"その{number}"))
    with pytest.raises(files.FullAlready):
        keep(session, hanako, papers.pdf("もう一つ"))
    other = make_candidate(session, cast.acme, "別の 方", email="o@mail.example")
    keep(session, other, papers.pdf("同じ"))
    with pytest.raises(files.KnownAlready):
        keep(session, other, papers.pdf("同じ"), "別名.pdf")
    assert len(stored(folder)) == 6


def test_two_gigabytes_of_files_a_company(session: Session, cast: Cast, hanako: Candidate, folder: Path) -> None:
    first = keep(session, hanako)
    with scopes.company(session, cast.acme.id):
        session.execute(update(Attachment).where(Attachment.id == first.id).values(size=files.MAX_OF_A_COMPANY - 100))
    session.commit()
    other = make_candidate(session, cast.acme, "別の 方", email="o@mail.example")
    with pytest.raises(files.CompanyFull, match="自社の書類があわせて2GBになるため、保存できません"):
        keep(session, other, papers.pdf("もう一つ"))
    assert len(stored(folder)) == 1, "nothing of it stays"
    keep(session, make_candidate(session, cast.other, "他社の 方", email="p@mail.example"), papers.pdf("他社"))
    with scopes.company(session, cast.acme.id):
        files.remove(session, first)
        session.commit()
    keep(session, other, papers.pdf("もう一つ"))


def test_a_removed_file_goes_only_when_its_transaction_holds(session: Session, hanako: Candidate, folder: Path) -> None:
    file = keep(session, hanako)
    session.commit()
    with scopes.company(session, hanako.company_id):
        files.remove(session, file)
    session.rollback()
    session.commit()
    assert len(stored(folder)) == 1
    with scopes.company(session, hanako.company_id):
        files.remove(session, session.scalars(select(Attachment)).one())
        with session.begin_nested():
            pass
        assert len(stored(folder)) == 1
    session.commit()
    assert stored(folder) == []


def test_erasing_the_person_takes_row_words_and_file(
    session: Session, cast: Cast, hanako: Candidate, folder: Path
) -> None:
    keep(session, hanako)
    stays = make_candidate(session, cast.acme, "残る 方", email="stays@mail.example")
    keep(session, stays)
    session.commit()
    work_off(session)
    erase_candidates(session, cast.acme.id, [hanako.id])
    session.commit()
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Attachment.candidate_id)).all() == [stays.id]
    assert found(session, cast, "月次決算") == [stays.id]
    assert len(stored(folder)) == 1


def test_the_sweep_takes_what_no_row_names_and_nothing_young(
    app: Flask, session: Session, hanako: Candidate, folder: Path
) -> None:
    keep(session, hanako)
    lost, young = store.put(BytesIO(b"lost")), store.put(BytesIO(b"young"))
    session.commit()
    long_ago = (clock.now() - timedelta(hours=2)).timestamp()
    for path in stored(folder):
        if path.name != young:
            os.utime(path, (long_ago, long_ago))
    (folder / "README").write_text("of the operator's own")
    jobs.enqueue(session, "sweep", key="sweep:test")
    session.commit()
    work_off(session)
    names = {path.name for path in stored(folder)}
    assert lost not in names
    assert {young, "README"} < names
    assert len(names) == 3


@pytest.mark.parametrize(
    ("program", "refusal"),
    [("exit 0", None), ("exit 1", scan.Infected), ("exit 2", scan.NotScanned), ("nonsense-program-x", scan.NotScanned)],
)
def test_the_operators_scanner_decides(
    app: Flask,
    session: Session,
    hanako: Candidate,
    folder: Path,
    tmp_path: Path,
    program: str,
    refusal: type[DomainError] | None,
) -> None:
    scanner = tmp_path / "scanner"
    scanner.write_text(f'#!/bin/sh\ntest -r "$1" || exit 7\n{program}\n')
    scanner.chmod(0o700)
    before = app.config["RELAY"]
    app.config["RELAY"] = type(before)(**{**vars(before), "scan_command": f"{scanner}"})
    try:
        if refusal is None:
            keep(session, hanako)
            assert len(stored(folder)) == 1
        else:
            with pytest.raises(refusal):
                keep(session, hanako)
            assert stored(folder) == []
            assert session.scalar(select(func.count()).select_from(Event)) == 0
    finally:
        app.config["RELAY"] = before
