"""The operator's look at completed referrals, and voiding one: what is printed, refused, and done to the ledger."""

from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.network import credits, ledger_check
from tests.cast import Cast, make_cast
from tests.db.network.build import mailed_link, register
from tests.db.network.test_ledger import fill


@pytest.fixture
def cast(session: Session) -> Cast:
    """Nine people who count, and the tenth by an address of the company's own."""
    cast = make_cast(session)
    with clock.at(clock.now() - timedelta(days=1)):
        fill(session, cast.acme, 9)
    register(session, mailed_link(session, cast.acme, "eve@acme.example"), cast.tsumugi)
    session.commit()
    return cast


def relay(app: Flask, *words: str) -> Result:
    return CliRunner().invoke(main, ["referral", *words])


def test_the_list_names_numbers_days_and_signs_and_nobody(app: Flask, cast: Cast) -> None:
    everyone = relay(app, "list", "--company", "acme").output
    assert [line.partition("\t")[0] for line in everyone.splitlines()] == [f"{n}番" for n in range(10, 0, -1)]
    odd = relay(app, "list", "--company", "acme", "--hints").output
    assert odd.splitlines() == [everyone.splitlines()[0]]
    assert "企業自身のメールドメインに案内" in odd
    assert "eve" not in everyone
    assert "確認したい登録はありません。" in relay(app, "list", "--company", "other", "--hints").output


def test_voiding_takes_the_credit_back_and_says_why_in_the_ledger(app: Flask, session: Session, cast: Cast) -> None:
    assert credits.balance(session, cast.acme.id) == 1
    done = relay(app, "void", "--company", "acme", "--number", "10", "--reason", "同じ方の二重の登録")
    assert done.exit_code == 0
    assert "10番を取り消しました。紹介枠を1件取り消しました。" in done.output
    assert (credits.balance(session, cast.acme.id), credits.meter(session, cast.acme.id).to_next) == (0, 1)
    assert credits.statement(session, cast.acme.id).rows[0].reason == "同じ方の二重の登録"
    assert ledger_check.verify(session, cast.acme.id) == []
    assert "取り消し済み（同じ方の二重の登録）" in relay(app, "list", "--company", "acme", "--hints").output
    again = relay(app, "void", "--company", "acme", "--number", "10", "--reason", "もう一度")
    assert "すでに取り消されています" in again.output
    assert len(credits.statement(session, cast.acme.id).rows) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--company", "acme", "--number", "99", "--reason", "理由"), "このリレー完了は見つかりません"),
        (("--company", "other", "--number", "1", "--reason", "理由"), "このリレー完了は見つかりません"),
        (("--company", "acme", "--number", "1", "--reason", "　"), "取り消す理由を書いてください"),
        (("--company", "nobody", "--number", "1", "--reason", "理由"), "「nobody」という企業はありません"),
    ],
)
def test_what_cannot_be_voided_is_refused_in_one_line(
    app: Flask, session: Session, cast: Cast, words: tuple[str, ...], said: str
) -> None:
    refused = relay(app, "void", *words)
    assert refused.exit_code == 1
    assert said in refused.output
    assert credits.balance(session, cast.acme.id) == 1
