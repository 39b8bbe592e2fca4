"""`relay worker`: sends mails, does jobs, hands on events, until it is told to stop."""

import logging
import signal

import click
from flask import current_app

from relay.cli.act import with_app
from relay.config import Settings
from relay.infra.lanes import Lane
from relay.mail import transport
from relay.worker import Worker


@click.command("worker", help="メールの送信や定期の処理を続けます。止めるときは Ctrl+C。")
@click.option("--once", is_flag=True, help="いま待っているものを片づけたら終わります。")
@click.option(
    "--only",
    type=click.Choice([lane.value for lane in Lane]),
    help="メール（mail）、処理（jobs）、知らせ（events）、Webhook（webhooks）のどれかだけを受け持ちます。",
)
@with_app
def command(once: bool, only: str | None) -> None:
    """Work until SIGTERM or SIGINT, finishing the acts in hand."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    settings: Settings = current_app.config["RELAY"]
    served = [Lane(only)] if only else list(Lane)
    worker = Worker(transport.of_installation(), rate=settings.mail_rate, only=served)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run(once=once)
