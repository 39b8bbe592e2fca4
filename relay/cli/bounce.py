"""`relay bounce < mail`: what became of a mail after it left, from whatever mailbox or mail server hands it in."""

import os
import sys

import click
from sqlalchemy.orm import Session

from relay.cli.act import with_app
from relay.extensions import begin_writing, db
from relay.infra.log_safety import trace_of
from relay.mail import bounces, delivery_reports
from relay.mail.bounces import BounceOutcome
from relay.mail.delivery_reports import MAX_BYTES, DeliveryReport
from relay.models import Actor, act_as

_SAID = {
    BounceOutcome.NOTED: "届かなかったことを記録しました。",
    BounceOutcome.NOTHING_NEW: "新しく記録することはありませんでした。",
    BounceOutcome.UNKNOWN: "どのメールのことか分からないため、何も変更せずに unknown-mails に30日間保管します。",
}


@click.command("bounce", help="戻ってきたメールを標準入力から読み、届かなかったことを記録します。")
def command() -> None:
    """Say what came of it and exit with 0; with EX_TEMPFAIL where it is to be handed in again.

    No other code: Postfix would answer a mail that came back with another one.
    """
    delivery_reports.get_ready()
    data = sys.stdin.buffer.read(MAX_BYTES)
    while sys.stdin.buffer.read(MAX_BYTES):
        pass  # who pipes a longer mail must not find the pipe broken
    try:
        outcome = _receive(data)
    except Exception as error:
        click.echo(f"いまは記録できません。あとでもう一度渡してください。（{trace_of(error)}）", err=True)
        sys.exit(os.EX_TEMPFAIL)
    click.echo(_SAID[outcome])


@with_app
def _receive(data: bytes) -> BounceOutcome:
    report = bounces.read(data)
    outcome = _note(report) if report is not None else BounceOutcome.UNKNOWN
    if outcome is BounceOutcome.UNKNOWN:
        bounces.keep_aside(data)
    return outcome


def _note(report: DeliveryReport) -> BounceOutcome:
    begin_writing()
    session: Session = db.session()
    act_as(session, Actor("system"))
    try:
        outcome = bounces.note(session, report)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return outcome
