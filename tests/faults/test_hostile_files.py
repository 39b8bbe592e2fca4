"""Files that would do harm, over a real server: a sentence at once, and nobody else notices."""

import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.faults.test_streams import House
from tests.hostile_files import FILES, MEGABYTE, TELLING
from tests.installation import PASSWORD, installation

ANSWER = 5.0
"""Seconds within which the sentence is there."""
GROWTH = 50 * MEGABYTE
WAIT = 1.0
"""Seconds that anybody else's request may take meanwhile."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running Relay, and somebody who may import files."""
    folder = tmp_path_factory.mktemp("hostile")
    with installation(folder) as relay:
        words = "--name 試 --slug t --admin a@t.example --password-stdin --live --no-second-factor --address x"
        relay.relay("company", "create", *words.split(), "--representative", "y", "--contact", "0", typed=PASSWORD)
        relay.start()
        engine = create_engine(f"sqlite:///{folder / 'relay.sqlite3'}")
        made = House(relay, engine)
        made.sign_in()
        made.page("/pool/import")
        send(made, "氏名\n".encode())
        yield made
        engine.dispose()


@pytest.mark.parametrize("kind", TELLING)
def test_a_file_that_would_do_harm_is_answered_with_a_sentence(site: House, kind: str) -> None:
    refuse(site, kind)


def refuse(site: House, kind: str) -> None:
    """Send a file of this kind, and see that it is refused at once and to nobody's harm."""
    content = FILES[kind]()
    before = memory(site)
    with others(site) as waits:
        begun = time.monotonic()
        status, answer = send(site, content)
        took = time.monotonic() - begun
    assert status == 422, kind
    assert "何も取り込んでいません" in answer or "受け付けられません" in answer
    assert took < ANSWER
    assert max(waits) < WAIT
    assert memory(site) - before < GROWTH
    assert "WORKER TIMEOUT" not in site.log
    kept = [path for path in (site.relay.folder / "uploads").rglob("*") if path.is_file()]
    assert not kept, "nothing of it stays"


def send(site: House, content: bytes) -> tuple[int, str]:
    edge = "an-edge-of-a-form"
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{site.csrf("/pool/import")}\r\n'
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    )
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    asked = urllib.request.Request(f"{site.relay.url}/pool/import", body, kind)
    try:
        with site.opener.open(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


@contextmanager
def others(site: House) -> Iterator[list[float]]:
    """How long requests of others waited, one after another, while the block ran."""
    waits: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            begun = time.monotonic()
            with urllib.request.urlopen(f"{site.relay.url}/healthz", timeout=60) as answer:
                answer.read()
            waits.append(time.monotonic() - begun)
            over.wait(0.05)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield waits
    finally:
        over.set()
        watcher.join()


def memory(site: House) -> int:
    """Bytes that the fullest web process ever held: its peak, so that nothing short is missed."""
    arbiter = site.relay.processes[0].pid
    children = Path(f"/proc/{arbiter}/task/{arbiter}/children").read_text().split()
    found = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text()) for child in children]
    return max(int(each.group(1)) for each in found if each) * 1024
