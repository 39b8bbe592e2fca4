"""The long form of tests/faults/test_worker_killed.py: 25 kills among 500 results or webhooks, on each database."""

import sys

import pytest

from tests import killing
from tests.faults.test_worker_killed import relay
from tests.installation import Installation

__all__ = ["relay"]
MAILS = 500
KILLS = 25


def test_every_mail_arrives_though_workers_are_killed(relay: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    seen = killing.campaign(relay, mails=MAILS, kills=KILLS)
    with capsys.disabled():
        sys.stdout.write(f" {seen} ")


def test_every_webhook_arrives_though_workers_are_killed(
    relay: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = killing.webhook_campaign(relay, events=MAILS, kills=KILLS)
    with capsys.disabled():
        sys.stdout.write(f" {seen} ")
