"""The web server as a real process: what it logs, and when it refuses to start."""

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from relay.config import ROOT
from relay.kpis import feeds
from tests import forked
from tests.cast import make_company
from tests.installation import Installation, installation, wait_until
from tests.smtp import free_port, smtp_server

TOKEN = "secret-token-of-a-candidate-0123456789abcde"

PRODUCTION = {
    "RELAY_ENV": "production",
    "RELAY_SECRET_KEY": "k" * 40,
    "RELAY_BASE_URL": "https://relay.example",
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    """An installation without any company."""
    with installation(tmp_path) as made:
        yield made


def test_the_log_names_rules_and_never_a_token_or_a_query(made: Installation) -> None:
    made.serve(processes=1)
    links = f"/r/{TOKEN}", f"/feeds/{TOKEN}/kpis.csv", f"/u/{TOKEN}?q={TOKEN}"
    for path in ("/healthz", f"/login?next={TOKEN}", f"/{TOKEN}", *links):
        _get(made.port, path)
    _send(made.port, f"GET /r/{TOKEN} HTTP/9.9\r\n\r\n".encode())
    made.stop()
    log = (made.folder / "serve.log").read_text(encoding="utf-8")
    assert made.processes[0].exitcode == 0
    assert f"{made.url}/setup/" in log, "without a company, the address of the first start is printed"
    assert "/healthz 200" in log
    assert "/r/<token> 404" in log
    assert "/feeds/<token>/kpis.csv 404" in log
    assert TOKEN not in log


def test_every_process_knows_of_a_revoked_feed_at_once(made: Installation) -> None:
    made.serve(processes=2)
    engine = create_engine(f"sqlite:///{made.folder / 'relay.sqlite3'}")
    with Session(engine) as session:
        company = make_company(session, "acme")
        token = feeds.make(session, company.id, "役員会の表", by_user_id=1)
        session.commit()
        path = f"/feeds/{token}/kpis.csv"
        assert [_get(made.port, path) for _ in range(12)] == [200] * 12
        [feed] = feeds.living(session, company.id)
        feeds.revoke(session, company.id, feed.id, by_user_id=1)
        session.commit()
    engine.dispose()
    assert [_get(made.port, path) for _ in range(12)] == [404] * 12


def test_production_does_not_start_with_demo_logins(made: Installation) -> None:
    engine = create_engine(f"sqlite:///{made.folder / 'relay.sqlite3'}")
    with Session(engine) as session:
        assert make_company(session, "demo", demo=True).demo
        session.commit()
    engine.dispose()
    environment = made.environment | PRODUCTION
    said = made.folder / "said"
    refused = forked.start(["serve"], environment, out=said, err=said, typed=Path(os.devnull))
    refused.join(60)
    assert refused.exitcode == 1
    assert "relay demo --remove" in said.read_text(encoding="utf-8")
    assert "Traceback" not in said.read_text(encoding="utf-8")
    wsgi = [sys.executable, "-c", "import wsgi"]
    elsewhere = subprocess.run(wsgi, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert elsewhere.returncode == 1, "another server than ours does not put them on the net either"
    assert "relay demo --remove" in elsewhere.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "relay.example"])  # noqa: S104  (refused)
def test_production_does_not_answer_other_machines_without_a_proxy(made: Installation, host: str) -> None:
    """There a request sent by halves would hold one of the few threads for as long as its sender likes."""
    environment = made.environment | PRODUCTION
    said = made.folder / "said"
    refused = forked.start(["serve", "--host", host], environment, out=said, err=said, typed=Path(os.devnull))
    refused.join(60)
    assert refused.exitcode == 1
    assert "RELAY_PROXY_HOPS" in said.read_text(encoding="utf-8")
    assert "Traceback" not in said.read_text(encoding="utf-8")


@pytest.mark.parametrize(("host", "hops"), [("0.0.0.0", "1"), ("127.0.0.1", "0"), ("localhost", "0")])  # noqa: S104
def test_behind_a_proxy_or_for_this_machine_alone_it_does(made: Installation, host: str, hops: str) -> None:
    environment = made.environment | PRODUCTION | {"RELAY_PROXY_HOPS": hops}
    said = made.folder / "said"
    words = ["serve", "--host", host, "--port", str(made.port), "--workers", "1"]
    serving = forked.start(words, environment, out=said, err=said, typed=Path(os.devnull))
    try:
        wait_until(lambda: answers(made.port), "it answers")
    finally:
        serving.terminate()
        serving.join(30)


@pytest.mark.parametrize("command", [["worker", "--once"], ["db", "upgrade"]])
def test_commands_end_in_peace(made: Installation, command: list[str]) -> None:
    made.relay(*command)


def test_nobody_else_on_the_machine_reads_the_database(tmp_path: Path) -> None:
    with smtp_server() as smtp:
        made = Installation(folder=tmp_path / "instance", smtp=smtp, port=free_port())
        made.relay("db", "upgrade")
    kept = [made.folder, *made.folder.iterdir()]
    assert made.folder / "relay.sqlite3" in kept
    assert {path.name: path.stat().st_mode & 0o077 for path in kept} == {path.name: 0 for path in kept}


def _get(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Referer": f"http://127.0.0.1/{TOKEN}"})
        return connection.getresponse().status
    finally:
        connection.close()


def answers(port: int) -> bool:
    """Whether somebody takes a call there."""
    try:
        return _get(port, "/healthz") == 200
    except OSError:
        return False


def _send(port: int, data: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.connect()
    connection.sock.sendall(data)
    connection.sock.recv(1000)
    connection.close()
