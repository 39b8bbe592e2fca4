"""The web server as a real process: what it logs, and when it refuses to start."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from relay import config, create_app, migrations
from relay.extensions import db
from relay.models import Company
from tests.cast import make_company
from tests.smtp import free_port

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "relay.cli", "serve"]
TOKEN = "secret-token-of-a-candidate-0123456789abcde"


def test_the_log_names_rules_and_never_a_token_or_a_query(tmp_path: Path) -> None:
    port = free_port()
    environ = {"RELAY_ENV": "development", "RELAY_INSTANCE": str(tmp_path), "RELAY_SECRET_KEY": "k" * 40}
    _prepare(environ)
    arguments = ["--port", str(port), "--workers", "1"]
    server = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=_environ(environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        _wait_for(port)
        for path in ("/healthz", f"/r/{TOKEN}", f"/login?next={TOKEN}", f"/{TOKEN}", f"/u/{TOKEN}?q={TOKEN}"):
            _get(port, path)
        _send(port, f"GET /r/{TOKEN} HTTP/9.9\r\n\r\n".encode())
    finally:
        server.send_signal(signal.SIGTERM)
        log = server.communicate(timeout=20)[0]
    assert server.returncode == 0
    assert "http://127.0.0.1:8000/setup/" in log, "without a company, the address of the first start is printed"
    assert "/healthz 200" in log
    assert "/r/<token> 404" in log
    assert TOKEN not in log


def test_production_does_not_start_with_demo_logins(tmp_path: Path) -> None:
    environ = {
        "RELAY_ENV": "production",
        "RELAY_INSTANCE": str(tmp_path),
        "RELAY_SECRET_KEY": "k" * 40,
        "RELAY_BASE_URL": "https://relay.example",
        "RELAY_MAIL_HOST": "mail.example",
        "RELAY_MAIL_SENDER": "relay@relay.example",
    }
    _prepare(environ, demo=True)
    refused = _run(COMMAND, environ)
    assert refused.returncode == 1
    assert "relay demo --remove" in refused.stderr
    assert "Traceback" not in refused.stderr
    elsewhere = _run([sys.executable, "-c", "import wsgi"], environ)
    assert elsewhere.returncode == 1, "another server than ours does not put them on the net either"
    assert "relay demo --remove" in elsewhere.stderr


@pytest.mark.parametrize("command", [["worker", "--once"], ["db", "upgrade"]])
def test_commands_end_in_peace(tmp_path: Path, command: list[str]) -> None:
    environ = {"RELAY_ENV": "development", "RELAY_INSTANCE": str(tmp_path), "RELAY_SECRET_KEY": "k" * 40}
    _prepare(environ)
    done = subprocess.run(
        [*COMMAND[:-1], *command],
        cwd=ROOT,
        env=_environ(environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_nobody_else_on_the_machine_reads_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    environ = {"RELAY_ENV": "development", "RELAY_INSTANCE": str(folder)}
    assert _run([*COMMAND[:-1], "db", "upgrade"], environ).returncode == 0
    kept = [folder, *folder.iterdir()]
    assert folder / "relay.sqlite3" in kept
    assert {path.name: path.stat().st_mode & 0o077 for path in kept} == {path.name: 0 for path in kept}


def _run(command: list[str], environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    env = _environ(environ)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def _prepare(environ: dict[str, str], *, demo: bool = False) -> None:
    with create_app(config.load(environ)).app_context():
        migrations.upgrade(db.engine)
        if demo:
            company: Company = make_company(db.session(), "demo", demo=True)
            assert company.demo
            db.session.commit()
        db.session.remove()
        db.engine.dispose()


def _environ(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("RELAY_")} | values


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            _get(port, "/healthz")
        except OSError:
            time.sleep(0.1)
        else:
            return


def _get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Referer": f"http://127.0.0.1/{TOKEN}"})
        return connection.getresponse().status
    finally:
        connection.close()


def _send(port: int, data: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.connect()
    connection.sock.sendall(data)
    connection.sock.recv(1000)
    connection.close()
