"""Six-digit codes by mail: a keyed hash at rest, ten minutes, five tries, each code once (C-18)."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import codes
from relay.mail.codes import Verdict
from relay.models import CodePurpose, MailedCode

TEST = CodePurpose.MAIL_TEST


def test_the_right_code_is_right_once(session: Session) -> None:
    codes.keep(session, TEST, 7, "012345")
    assert codes.is_awaited(session, TEST, 7)
    assert codes.prove(session, TEST, 7, "012345") is Verdict.RIGHT
    assert codes.prove(session, TEST, 7, "012345") is Verdict.GONE


@pytest.mark.parametrize("typed", ["０１２３４５", "012 345", " 012-345\n"])
def test_any_way_of_writing_it_will_do(session: Session, typed: str) -> None:
    codes.keep(session, TEST, 7, "012345")
    assert codes.prove(session, TEST, 7, typed) is Verdict.RIGHT


def test_after_five_wrong_tries_even_the_right_one_opens_nothing(session: Session) -> None:
    codes.keep(session, TEST, 7, "012345")
    for wrong in ("012346", "", "0123456", "12345", "abc"):
        assert codes.prove(session, TEST, 7, wrong) is Verdict.WRONG
    assert codes.prove(session, TEST, 7, "012345") is Verdict.GONE
    assert not codes.is_awaited(session, TEST, 7)


def test_after_ten_minutes_it_is_gone(session: Session) -> None:
    codes.keep(session, TEST, 7, "012345")
    with clock.at(clock.now() + timedelta(minutes=10, seconds=1)):
        assert codes.prove(session, TEST, 7, "012345") is Verdict.GONE
        codes.sweep(session)
    assert session.scalars(select(MailedCode)).all() == []


def test_a_new_code_makes_the_one_before_void(session: Session) -> None:
    codes.keep(session, TEST, 7, "111111")
    codes.prove(session, TEST, 7, "000000")
    codes.keep(session, TEST, 7, "222222")
    assert session.scalars(select(MailedCode.tries)).one() == 0
    assert codes.prove(session, TEST, 7, "111111") is Verdict.WRONG
    assert codes.prove(session, TEST, 7, "222222") is Verdict.RIGHT


def test_a_code_is_good_for_its_own_subject_and_stored_as_a_keyed_hash(session: Session) -> None:
    codes.keep(session, TEST, 7, "012345")
    codes.keep(session, TEST, 8, "012345")
    first, second = session.scalars(select(MailedCode.code_hash))
    assert first != second
    assert "012345" not in first
    assert codes.prove(session, TEST, 9, "012345") is Verdict.GONE


def test_codes_have_six_digits(session: Session) -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) > 190
    assert all(len(code) == 6 and code.isdecimal() for code in made)
