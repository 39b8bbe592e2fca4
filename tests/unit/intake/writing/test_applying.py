"""Rows tokenised beside the command are what they would be within it, also where the process beside it dies."""

import os
import signal
from multiprocessing import active_children

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from relay.intake.writing import applying
from relay.intake.writing.applying import prepare, prepare_beside
from tests.unit.intake.files import read

READING = read("氏名,フリガナ,メモ\n山田 太郎,ヤマダ タロウ,話し方が明るい\n佐藤 花子,サトウ ハナコ,月次決算\n")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session nobody asks for anything, where even two rows on any machine are worth a process."""
    monkeypatch.setattr(applying, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1})
    return Session(create_engine("sqlite://"))


def test_it_comes_to_the_same(session: Session) -> None:
    beside = prepare_beside(session, 1, READING, words_checked=False)
    assert active_children()
    assert beside() == prepare(session, 1, READING, words_checked=False)
    assert not active_children()


def test_a_process_that_dies_costs_time_alone(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    here, own = applying.prepare, os.getpid()

    def dying(*args: object, **options: object) -> applying.Prepared:
        if os.getpid() != own:
            os.kill(os.getpid(), signal.SIGKILL)
        return here(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(applying, "prepare", dying)
    beside = prepare_beside(session, 1, READING, words_checked=False)
    assert beside() == here(session, 1, READING, words_checked=False)


def test_a_failure_is_raised_here_and_no_traceback_is_printed_beside(
    session: Session, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def failing(*_args: object, **_options: object) -> applying.Prepared:
        raise LookupError

    monkeypatch.setattr(applying, "prepare", failing)
    beside = prepare_beside(session, 1, READING, words_checked=False)
    with pytest.raises(LookupError):
        beside()
    assert capfd.readouterr().err == ""
