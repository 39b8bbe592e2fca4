"""The long form of tests/faults/test_crowd.py: a minute on each database."""

import sys

import pytest

from tests.crowd import Crowd
from tests.faults.test_crowd import company

__all__ = ["company"]
SECONDS, KILLS = 60, 3


def test_nobody_is_refused_and_everybody_is_found(company: Crowd, capsys: pytest.CaptureFixture[str]) -> None:
    seen = company.work(SECONDS, kills=KILLS)
    company.assert_everybody_is_found()
    with capsys.disabled():
        sys.stdout.write(f" {seen} ")
