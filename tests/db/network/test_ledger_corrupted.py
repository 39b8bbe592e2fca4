"""A ledger that was changed past Relay: `relay ledger verify` and a program of its own name each change.

The honest ledger of a year has every kind of line. Corruptions are planted by SQL with the guards of the tables away.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from relay import clock
from relay.models import triggers
from relay.network import credits, ledger_check, referrals
from tests.cast import Cast
from tests.db.network.test_ledger import fill, referral_id
from tests.independent import recount
from tests.independent.dumping import dump

ENTRY = "(SELECT id FROM credit_entries WHERE sequence = {})"
NUMBER = "(SELECT id FROM referrals WHERE number = {})"
CORRUPTIONS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "a balance": (
        ("UPDATE credit_entries SET balance = balance + 3 WHERE sequence = 2",),
        "台帳の2行目の残高が合いません。",
        "line 2: 5 free are not what the credits say",
    ),
    "what is set aside": (
        ("UPDATE credit_entries SET set_aside = 7 WHERE sequence = 3",),
        "台帳の3行目の確保中の件数が合いません。",
        "line 3: 7 set aside are not what the credits say",
    ),
    "a release that becomes a use": (
        ("UPDATE credit_entries SET kind = 'spent', amount = 0, balance = balance - 1 WHERE sequence = 10",),
        "台帳の10行目は、操作ログの記録と種類が合いません。",
        "line 10: the log says credit:released and 3",
    ),
    "a line that is gone": (
        ("DELETE FROM credit_entries WHERE sequence = 7",),
        "台帳の8行目の前で、行が抜けています。",
        "line 7: missing",
    ),
    "the last line that is gone": (
        ("DELETE FROM credit_entries WHERE sequence = 16",),
        "操作ログの{last}番にある紹介枠の増減が、台帳にありません。",
        "event {last}: no line for credit:reserved",
    ),
    "a referral behind two credits": (
        (
            f"UPDATE credit_referrals SET referral_id = {NUMBER.format(4)} "
            f"WHERE entry_id = {ENTRY.format(3)} AND referral_id = {NUMBER.format(22)}",
        ),
        "リレー完了4番が、台帳の3行目とほかの紹介枠の両方のもとになっています。",
        "line 3: referral 4 is behind another credit, too",
    ),
    "nine referrals behind a credit": (
        (f"DELETE FROM credit_referrals WHERE entry_id = {ENTRY.format(2)} AND referral_id = {NUMBER.format(12)}",),
        "台帳の2行目の紹介枠は、もとになるリレー完了が10件ではありません。",
        "line 2: 9 referrals behind it",
    ),
    "a request that holds another credit": (
        (f"UPDATE credit_entries SET credit_id = {ENTRY.format(13)} WHERE sequence = 14",),
        "台帳の14行目は、対象の紹介枠が合いません。",
        "line 14: not the oldest free credit",
    ),
    "a restoration of another credit": (
        (f"UPDATE credit_entries SET credit_id = {ENTRY.format(3)} WHERE sequence = 8",),
        "台帳の8行目は、対象の紹介枠が合いません。",
        "line 8: answers another line than one of its credit",
    ),
    "a line in another month": (
        ("UPDATE credit_entries SET at = '2025-01-15 00:00:00.000000+00:00' WHERE sequence = 6",),
        "台帳の6行目の日時が、前の行より前になっています。",
        "line 6: earlier than the line before it",
    ),
    "a referral that counts again": (
        ("UPDATE referrals SET voided_at = NULL, void_reason = '' WHERE number = 25",),
        "リレー完了25番は、取り消しの記録が操作ログと合いません。",
        "referral 25: voided or not, other than the log says",
    ),
    "a number that is skipped": (
        ("UPDATE referrals SET number = 45 WHERE number = 41",),
        "リレー完了の番号が、45番の前で続いていません。",
        "referral 41: missing",
    ),
}
"""What was changed → the statements, what `relay ledger verify` says, and what the other program says of it."""


@pytest.fixture
def honest(session: Session, cast: Cast) -> int:
    """The company of a ledger with every kind of line; returns the number of the last event about it."""
    company_id = cast.acme.id
    start = clock.now() - timedelta(days=360)
    for month, first in enumerate((1, 11, 21)):
        with clock.at(start + timedelta(days=30 * month)):
            fill(session, cast.acme, 10, first=first)
    with clock.at(start + timedelta(days=100)):
        spent = credits.spend(session, company_id, reserve(session, company_id), "面談")
        credits.release(session, company_id, reserve(session, company_id), "期限")
    with clock.at(start + timedelta(days=130)):
        credits.restore(session, company_id, spent.id, "面談が実現しなかった")
        credits.release(session, company_id, reserve(session, company_id), "取り消し")
        referrals.void(session, company_id, referral_id(session, cast.acme, 25), "二重の登録")
    with clock.at(start + timedelta(days=160)):
        fill(session, cast.acme, 11, first=31)
        credits.spend(session, company_id, reserve(session, company_id), "面談")
        reserve(session, company_id)
    session.commit()
    kinds = [line.kind.value for line in credits.statement(session, company_id).rows[::-1]]
    assert kinds == [
        "earned", "earned", "earned", "reserved", "spent", "reserved", "released", "restored", "reserved", "released",
        "voided", "earned", "earned", "reserved", "spent", "reserved",
    ]  # fmt: skip
    return session.scalar(text("SELECT max(id) FROM events WHERE tag = 'credit:reserved'")) or 0


def reserve(session: Session, company_id: int) -> int:
    return credits.reserve(session, company_id, "経理の募集").id


@contextmanager
def planted(session: Session, *names: str) -> Iterator[None]:
    """Run the statements of these corruptions with the guards away."""
    with triggers.suspended(session.connection()):
        for statement in (each for name in names for each in CORRUPTIONS[name][0]):
            assert session.execute(text(statement)).rowcount == 1, statement
    session.expire_all()
    yield


def counted_again(session: Session, folder: Path) -> tuple[int, list[str]]:
    """Exit code and lines of the other program, started with the standard library alone."""
    file = folder / "dump.json"
    file.write_text(json.dumps(dump(session.connection())), encoding="utf-8")
    program = [sys.executable, "-I", "-S", recount.__file__, str(file)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


@pytest.mark.usefixtures("honest")
def test_both_programs_accept_the_honest_ledger(session: Session, cast: Cast, tmp_path: Path) -> None:
    assert ledger_check.verify(session, cast.acme.id) == []
    assert counted_again(session, tmp_path) == (0, ["sound"])


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_both_programs_name_each_corruption(session: Session, cast: Cast, honest: int, name: str) -> None:
    _statements, sentence, line = CORRUPTIONS[name]
    with planted(session, name):
        assert sentence.format(last=honest) in ledger_check.verify(session, cast.acme.id)
        assert f"company {cast.acme.id}, {line.format(last=honest)}" in recount.recount(dump(session.connection()))


def test_both_programs_name_every_one_of_them_planted_together(
    session: Session, cast: Cast, honest: int, tmp_path: Path
) -> None:
    with planted(session, *CORRUPTIONS):
        said = ledger_check.verify(session, cast.acme.id)
        code, lines = counted_again(session, tmp_path)
    for _statements, sentence, line in CORRUPTIONS.values():
        assert sentence.format(last=honest) in said
        assert f"company {cast.acme.id}, {line.format(last=honest)}" in lines
    assert code == 1


@pytest.mark.usefixtures("honest")
@pytest.mark.parametrize(
    "statement",
    [
        f"DELETE FROM free_credits WHERE credit_id = {ENTRY.format(13)}",
        f"UPDATE free_credits SET credit_id = {ENTRY.format(1)} WHERE credit_id = {ENTRY.format(13)}",
    ],
)
def test_a_credit_that_is_kept_as_free_or_not_against_the_lines_is_named(
    session: Session, cast: Cast, statement: str
) -> None:
    assert session.execute(text(statement)).rowcount == 1
    session.expire_all()
    sentence = "台帳の13行目の紹介枠は、空いているかどうかの記録が台帳と合いません。"
    assert sentence in ledger_check.verify(session, cast.acme.id)


@pytest.mark.usefixtures("honest")
@pytest.mark.parametrize(
    ("number", "statement"),
    [
        (4, f"UPDATE referrals SET credit_id = NULL WHERE id = {NUMBER.format(4)}"),
        (22, f"UPDATE referrals SET credit_id = {ENTRY.format(1)} WHERE id = {NUMBER.format(22)}"),
    ],
)
def test_a_referral_kept_behind_another_credit_or_none_is_named(
    session: Session, cast: Cast, number: int, statement: str
) -> None:
    assert session.execute(text(statement)).rowcount == 1
    session.expire_all()
    sentence = f"リレー完了{number}番は、もとになっている紹介枠の記録が台帳と合いません。"
    assert sentence in ledger_check.verify(session, cast.acme.id)
