"""`relay run`: web server and worker start together, stop together, and say where to sign in."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import forked
from tests.installation import Installation, installation, wait_until


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with a company, so that no demo is made."""
    with installation(tmp_path_factory.mktemp("run")) as made:
        made.relay("company", "create", "--name", "みどり", "--slug", "midori", "--admin", "aya@midori.example")
        yield made


def run(made: Installation) -> subprocess.Popen[str]:
    """Start it as a shell does in the background: with SIGINT ignored until it says otherwise."""
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "relay.cli", "run", "--port", str(made.port)],
            env=made.environment,
            stdout=(made.folder / "run.log").open("w"),
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, ours)


def refused(made: Installation, *, port: int | None = None, **environment: str) -> bool:
    """Return whether it ends by itself with 1, what it says being printed."""
    log = made.folder / "run.log"
    log.unlink(missing_ok=True)
    words = ["run", "--port", str(port or made.port)]
    process = forked.start(words, made.environment | environment, out=log, err=log, typed=Path(os.devnull))
    process.join(30)
    process.kill()  # where it has not ended
    return process.exitcode == 1


def printed(made: Installation) -> str:
    return (made.folder / "run.log").read_text(encoding="utf-8")


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(child) for child in found.split()]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("route", [signal.SIGINT, signal.SIGTERM])
def test_both_start_together_and_stop_together(made: Installation, route: signal.Signals) -> None:
    process = run(made)
    wait_until(lambda: "hr@demo.example" in printed(made), "it says where to sign in")
    assert f"http://127.0.0.1:{made.port}" in printed(made)
    assert "/dev/mailbox" in printed(made)
    children = children_of(process.pid)
    assert len(children) == 2
    process.send_signal(route)
    assert process.wait(30) == 0
    assert not any(alive(child) for child in children)


def test_when_one_stops_the_other_does_not_linger(made: Installation) -> None:
    process = run(made)
    wait_until(lambda: "hr@demo.example" in printed(made), "it is up")
    server, worker = children_of(process.pid)
    os.kill(worker, signal.SIGKILL)
    assert process.wait(30) != 0, "a worker that died is no success"
    assert not alive(server)


def test_it_is_for_development_only(made: Installation) -> None:
    production = {
        "RELAY_ENV": "production",
        "RELAY_SECRET_KEY": "k" * 40,
        "RELAY_BASE_URL": "https://relay.example",
    }
    assert refused(made, **production)
    assert "開発用" in printed(made)
    assert "Traceback" not in printed(made)


def test_a_port_in_use_is_said_in_one_line(made: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refused(made, port=port)
    assert printed(made).strip().startswith(f"ポート {port}")
