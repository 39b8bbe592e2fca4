"""`relay doctor`: what is wrong with this installation, and what to do; from its own timer also by mail."""

import sys

import click
from flask import current_app

from relay.cli.act import with_app
from relay.cli.doctor import alarm, checks, machine
from relay.cli.doctor.finding import Finding, Severity
from relay.config import Settings
from relay.extensions import begin_reading, begin_writing, db


@click.command("doctor", help="うまく動いていないところと、その対処を示します。")
@click.option("--mail", is_flag=True, help="対処が必要なら、メールでも知らせます（送信の係を使わず、直接送ります）。")
@click.option("--to", multiple=True, metavar="EMAIL", help="知らせる宛先。なければ、運営する企業の管理者です。")
@with_app
def command(mail: bool, to: tuple[str, ...]) -> None:
    """Print the report; end with 1 where there is trouble."""
    settings: Settings = current_app.config["RELAY"]
    findings = examine(settings)
    for finding in findings:
        click.echo(str(finding))
    troubles = [finding for finding in findings if finding.level is Severity.TROUBLE]
    click.echo(f"\n対処が必要なことが{len(troubles)}件あります。" if troubles else "\nうまく動いています。")
    if mail:
        told = alarm.raise_alarm(db.session(), settings, findings, list(to))
        for address in told:
            click.echo(f"{address} にメールで知らせました。")
    sys.exit(bool(troubles))


def examine(settings: Settings) -> list[Finding]:
    """Look everywhere; nothing is changed."""
    begin_reading()
    session = db.session()
    try:
        return [*checks.check(session, settings), *machine.check(settings)]
    finally:
        session.rollback()
        begin_writing()
