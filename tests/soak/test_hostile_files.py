"""The long form of tests/faults/test_hostile_files.py: every kind of file, and a long honest one looked at by many."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from relay.intake.reading.refusals import MAX_ROWS
from tests.faults.test_hostile_files import GROWTH, WAIT, House, memory, others, refuse, send, site
from tests.hostile_files import FILES
from tests.installation import wait_until

__all__ = ["site"]
AT_ONCE = 8


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_would_do_harm_is_answered_with_a_sentence(site: House, kind: str) -> None:
    refuse(site, kind)


def test_a_page_of_a_long_file_costs_the_page(site: House) -> None:
    people = "".join(f"山田 {n},y{n}@mail.example,2026/10/01,経理,簿記2級\n" for n in range(MAX_ROWS))
    status, page = send(site, f"氏名,メールアドレス,応募日,募集職種,メモ\n{people}".encode())
    assert status == 200
    found = re.search(r'href="(/pool/import/\d+)"', page)
    assert found
    here = found.group(1)
    wait_until(lambda: "取り込みは裏で進みます" in site.page(here), "the worker has read it")
    before = memory(site)
    with others(site) as waits, ThreadPoolExecutor(AT_ONCE) as at_once:
        begun = time.monotonic()
        for shown in at_once.map(site.page, [here, f"{here}/rows?page={MAX_ROWS // 50}"] * (AT_ONCE // 2)):
            assert re.search("50,?000", shown)
        took = time.monotonic() - begun
    assert took < AT_ONCE * WAIT
    assert max(waits) < WAIT
    assert memory(site) - before < GROWTH
