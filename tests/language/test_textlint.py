"""Pages, mails and own letters pass textlint: preset-japanese, preset-smarthr and ja-no-inappropriate-words."""

import json
import subprocess
from functools import cache

import pytest

from relay.config import ROOT
from tests.language.catalogue import Line, lines
from tests.language.exceptions import MEANT, Meant
from tests.programs import found, textlint_script

BROKEN = {
    "保存しました。次に進みます": "ja-no-mixed-period",
    "予めご確認ください。": "prh-rules",
    "応募が決まった方が選ばれました。": "no-doubled-joshi",
    "バカな質問です。": "ja-no-inappropriate-words",
}
"""Lines with a fault that a rule of each set finds."""

Finding = tuple[Line, str, str, int]


@cache
def findings() -> tuple[Finding, ...]:
    """Give every line to textlint in one process, and collect line, rule, words and place of what it finds."""
    said = [*lines(), *(Line("", each, each) for each in BROKEN)]
    command = [found("node"), "--max-semi-space-size=64", str(textlint_script())]
    texts = json.dumps([each.filled for each in said])
    ended = subprocess.run(command, input=texts, capture_output=True, text=True, check=True, cwd=ROOT)
    return tuple((said[index], rule, words, place) for index, rule, words, place in json.loads(ended.stdout))


def _is(meant: Meant, finding: Finding) -> bool:
    line, rule, words, _place = finding
    return meant.covers(rule, words, line.said, line.path)


def test_textlint_finds_nothing_that_is_not_meant() -> None:
    wrong = [
        f"{line.path}: {rule} at 「{line.filled[max(0, place - 12) : place + 12]}」: {words.splitlines()[0]}"
        for line, rule, words, place in findings()
        if line.path and not any(_is(meant, (line, rule, words, place)) for meant in MEANT)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("meant", MEANT, ids=lambda meant: meant.reason)
def test_an_exception_is_needed(meant: Meant) -> None:
    assert any(_is(meant, finding) for finding in findings()), "textlint no longer finds it: take the exception out"


@pytest.mark.parametrize(("said", "rule"), BROKEN.items())
def test_the_rules_are_in_force(said: str, rule: str) -> None:
    assert rule in {each for line, each, _words, _place in findings() if line.said == said}
