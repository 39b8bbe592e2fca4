"""The README's recipe for one Linux machine, line by line in an empty directory, until Relay answers over https."""

import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from relay.cli.proxy import command
from relay.infra.lanes import Lane
from tests.conftest import fresh_postgresql
from tests.conventions.conftest import read
from tests.installation import wait_until
from tests.production.machine import HOST, Machine
from tests.programs import found

WAYS = [("sqlite", "nginx"), ("postgresql", "caddy")]
NGINX = """
daemon off;
pid {root}/nginx.pid;
error_log {root}/nginx-error.log;
events {{}}
http {{
  gzip on;  # as Debian's own file has it: for pages, unless the recipe says otherwise
  client_body_temp_path {root}/nginx-body;
  proxy_temp_path {root}/nginx-proxy;
  fastcgi_temp_path {root}/nginx-fastcgi;
  uwsgi_temp_path {root}/nginx-uwsgi;
  scgi_temp_path {root}/nginx-scgi;
  include {site};
}}
"""


def recipe() -> list[tuple[str, str]]:
    """The shell blocks of the README's section on production: the word after `sh`, and the lines."""
    section = read("README.md").split("## In production\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"^( *)```sh ?(\w*)\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL)
    return [(word, re.sub(rf"^{indent}", "", lines, flags=re.MULTILINE)) for indent, word, lines in blocks]


def lines_for(*words: str) -> list[str]:
    return [lines for word, lines in recipe() if word in words]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path / "machine")
    made.build()
    yield made
    made.stop()


@pytest.mark.parametrize(("database", "proxy"), WAYS)
def test_the_recipe_leads_to_a_relay_that_is_ready_over_https(
    machine: Machine, database: str, proxy: str, request: pytest.FixtureRequest
) -> None:
    parts, settings, services, first = lines_for("")
    clone, prepare = parts.split("make -C", 1)
    machine.run(clone)
    machine.take_working_copy()
    machine.lend_environment()
    machine.run("make -C" + prepare)
    assert_compiled(Path(machine.at("/srv/relay/relay")))
    machine.run(settings)
    assert_private(Path(machine.at("/var/lib/relay/config.toml")), Path(machine.at("/var/lib/relay")))

    with standing(machine, database, request):
        machine.run(services)
        units = machine.units()
        verify(units)
        up = machine.unit("relay-web.service").run()
        assert up.returncode == 0, up.stderr
        machine.unit("relay-web.service").start()
        for lane in Lane:
            machine.unit(f"relay-worker@{lane}.service").start()

        certificate = machine.make_certificate()
        machine.run("".join(lines_for(proxy)))
        start_proxy(machine, proxy, certificate)
        wait_until(lambda: ready(machine, certificate), f"/readyz is green: {logs(machine)}")
        if proxy == "nginx":
            assert_redirected(machine)
            assert_limited_but_wide_enough_for_an_office(machine, certificate)
        assert_newest_tls_and_nothing_old(machine, certificate)
        assert_health_is_closed(machine, certificate)
        assert_only_static_files_are_compressed(machine, certificate)

        assert "「relay setup」を実行" in logs(machine)
        assert "/setup/" not in logs(machine), "the journal names no address that makes an administrator"
        address = re.search(rf"https://{HOST}(/setup/\S+)", machine.run(first))
        assert address is not None
        assert ask(machine, certificate, address[1]).status == 200

        backup = machine.unit("relay-backup.service").run()
        assert backup.returncode == 0, backup.stderr
        assert len(list(Path(machine.at("/var/backups/relay")).glob("relay-*.backup"))) == 1
        looked = machine.unit("relay-doctor.service").run()
        assert looked.returncode == 0, looked.stdout + looked.stderr
        assert "PostgreSQL のログ" not in looked.stdout
        machine.running[0].terminate()  # the web server: what the proxy cannot pass on names no path in its log
        machine.running[0].wait(30)
        assert ask(machine, certificate, "/r/a-secret-of-a-mailed-link").status == 502
        machine.stop()
        assert "a-secret" not in logs(machine)
    assert f"systemctl reload {proxy}" in machine.told
    assert "systemctl enable --now relay-web relay-worker.target" in machine.told


def test_an_update_needs_no_more_than_its_lines(machine: Machine) -> None:
    """git pull and make install are real; the services start by their own units, the schema first."""
    parts, *_ = lines_for("")
    machine.run(parts.split("make -C", 1)[0])
    machine.lend_environment()
    machine.run("".join(lines_for("update")))
    told = machine.told.splitlines()[-4:]
    assert told == [
        "systemctl start relay-backup",
        "systemctl stop relay-web relay-worker.target",
        "systemctl daemon-reload",
        "systemctl start relay-web relay-worker.target",
    ]


@contextmanager
def standing(machine: Machine, database: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """The database the recipe names: nothing to do for SQLite; else its lines, and a server in its place."""
    if database == "sqlite":
        yield
        return
    machine.run("".join(lines_for("postgresql")))
    settings = Path(machine.at("/var/lib/relay/config.toml"))
    name = f"recipe_{os.getpid()}"
    with fresh_postgresql(request.getfixturevalue("postgresql"), name) as url:
        there = url.replace("postgresql+psycopg://", "postgresql://")
        written = settings.read_text(encoding="utf-8")
        assert '"postgresql:///relay"' in written
        settings.write_text(written.replace("postgresql:///relay", there), encoding="utf-8")
        carry_out_told_sql(machine, url, name)
        with open_to_others(Path(parse_qs(urlsplit(there).query)["host"][0])):
            yield


def carry_out_told_sql(machine: Machine, url: str, name: str) -> None:
    """What psql was told, said to the database that stands in for the recipe's."""
    (statement,) = re.findall(r"^psql --command (ALTER DATABASE relay SET .*)$", machine.told, re.MULTILINE)
    say(url, statement.replace("DATABASE relay", f'DATABASE "{name}"'))


def say(url: str, statement: str) -> None:
    """One statement, by whoever owns the server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def open_to_others(folder: Path) -> Iterator[None]:
    """The server's socket within reach of a program without any capability, as /run/postgresql is."""
    before = folder.stat().st_mode
    folder.chmod(0o711)
    yield
    folder.chmod(before)


def verify(units: list[Path]) -> None:
    """systemd finds nothing to say about them; only the user is another one here."""
    assert {path.name for path in units} == {
        f"relay-{name}"
        for name in ("web.service", "worker@.service", "worker.target", "backup.service", "backup.timer")
    } | {"relay-doctor.service", "relay-doctor.timer", "relay-import@.service"}
    done = subprocess.run(
        [found("systemd-analyze"), "verify", "--man=no", *map(str, units)], capture_output=True, text=True, check=False
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "relay-" in line]
    assert (done.returncode, ours) == (0, [])


def start_proxy(machine: Machine, proxy: str, certificate: Path) -> None:
    if proxy == "nginx":
        site = Path(machine.at("/etc/nginx/conf.d/relay.conf"))
        site.write_text(machine.at(site.read_text(encoding="utf-8")), encoding="utf-8")
        main = machine.root / "nginx.conf"
        main.write_text(NGINX.format(root=machine.root, site=site), encoding="utf-8")
        machine.start(found("nginx"), "-p", str(machine.root), "-c", str(main), "-e", str(machine.root / "nginx.log"))
        return
    site = Path(machine.at("/etc/caddy/Caddyfile"))
    written = machine.at(site.read_text(encoding="utf-8"))
    own = f"{HOST}:{machine.https} {{\n\ttls {certificate} {certificate.with_name('privkey.pem')}"
    head = f"\n{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {machine.root}/caddy\n"
    site.write_text(written.replace(f"{HOST} {{", own).replace("\n{\n", head, 1), encoding="utf-8")
    machine.start(found("caddy"), "run", "--config", str(site), "--adapter", "caddyfile", HOME=str(machine.root))


def ready(machine: Machine, certificate: Path) -> bool:
    try:
        answer = ask(machine, certificate, "/readyz")
    except OSError:
        return False
    return answer.status == 200 and b'"ready":true' in answer.read().replace(b" ", b"")


def ask(machine: Machine, certificate: Path, path: str, *, by: str = "127.0.0.1", **headers: str) -> HTTPResponse:
    """As a browser would that knows the name: through the proxy, by its certificate."""
    connection = connected(machine, certificate, by)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def connected(machine: Machine, certificate: Path, by: str, version: ssl.TLSVersion | None = None) -> HTTPSConnection:
    """A connection through the proxy from this address, in this version of TLS where one is named."""
    context = ssl.create_default_context(cafile=str(certificate))
    if version:
        context.minimum_version = context.maximum_version = version
    connection = HTTPSConnection(HOST, context=context, timeout=10)
    plain = socket.create_connection(("127.0.0.1", machine.https), timeout=10, source_address=(by, 0))
    connection.sock = context.wrap_socket(plain, server_hostname=HOST)
    return connection


def assert_redirected(machine: Machine) -> None:
    connection = HTTPConnection("127.0.0.1", machine.http, timeout=10)
    connection.request("GET", "/login", headers={"Host": HOST})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/login")


def assert_newest_tls_and_nothing_old(machine: Machine, certificate: Path) -> None:
    """By real handshakes: 1.3 where the browser can, 1.2 where it cannot, and nothing before."""
    assert connected(machine, certificate, "127.0.0.1").sock.version() == "TLSv1.3"
    assert connected(machine, certificate, "127.0.0.1", ssl.TLSVersion.TLSv1_2).sock.version() == "TLSv1.2"
    with pytest.warns(DeprecationWarning, match="TLSv1_1"), pytest.raises(OSError):
        connected(machine, certificate, "127.0.0.1", ssl.TLSVersion.TLSv1_1)
    assert "/" not in (ask(machine, certificate, "/login").getheader("Server") or "")


def assert_health_is_closed(machine: Machine, certificate: Path) -> None:
    """Only from the machine itself; another way to write the path opens nothing."""
    for path in ("/healthz", "/readyz", "//readyz", "/%72eadyz", "/./readyz"):
        assert ask(machine, certificate, path, by="127.0.0.2").status in {403, 404}, path
    assert ask(machine, certificate, "/healthz").status == 200
    assert ask(machine, certificate, "/login", by="127.0.0.2").status == 200


def assert_only_static_files_are_compressed(machine: Machine, certificate: Path) -> None:
    """What the first page loads of css and js, as it travels: a third. Pages, which hold secrets, are left alone."""
    page = ask(machine, certificate, "/login", **{"Accept-Encoding": "gzip"})
    assert page.getheader("Content-Encoding") is None
    loaded = set(re.findall(r'"(/static/[^"]+\.(?:css|js)\?[^"]*)"', page.read().decode()))
    plain = sum(len(ask(machine, certificate, path).read()) for path in loaded)
    packed = sum(len(ask(machine, certificate, path, **{"Accept-Encoding": "gzip"}).read()) for path in loaded)
    assert plain > 100_000
    assert packed < plain * 0.36, f"{plain} bytes of css and js travel as {packed}"


def assert_limited_but_wide_enough_for_an_office(machine: Machine, certificate: Path) -> None:
    """Twenty colleagues behind one address open Relay at once, fifteen files each; one who floods is told to wait."""
    office = connected(machine, certificate, "127.0.0.3")
    seen = [status_of(office, "/healthz") for _ in range(900)]
    assert 429 not in seen[: 20 * 15]
    assert 429 in seen
    assert ask(machine, certificate, "/login", by="127.0.0.4").status == 200


def status_of(connection: HTTPSConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def assert_compiled(package: Path) -> None:
    """Else every start of a service compiles all of it: none of them may write there."""
    missing = [
        path.name
        for path in package.rglob("*.py")
        if not (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").exists()
    ]
    assert missing == []


def assert_private(*paths: Path) -> None:
    assert {path.name: path.stat().st_mode & 0o077 for path in paths} == {path.name: 0 for path in paths}


def logs(machine: Machine) -> str:
    return "\n".join(path.read_text(errors="replace")[-2000:] for path in machine.root.glob("*.log"))


def test_the_database_server_writes_no_value_of_a_refused_row_into_its_log(
    machine: Machine, postgresql: str, request: pytest.FixtureRequest
) -> None:
    """A unique violation, before and after the recipe's line."""
    machine.run("".join(line for line in lines_for("postgresql")[0].splitlines(True) if "psql" in line))
    name = f"terse_{os.getpid()}"
    with fresh_postgresql(postgresql, name) as url:
        say(url, "CREATE TABLE tags (word text UNIQUE)")
        log = Path(parse_qs(urlsplit(url).query)["host"][0]) / "log"
        assert "まえの値" in written_at_a_violation(url, log, "まえの値")
        carry_out_told_sql(machine, url, name)
        written = written_at_a_violation(url, log, "あとの値")
        assert "duplicate key" in written
        assert "あとの値" not in written


def written_at_a_violation(url: str, log: Path, value: str) -> str:
    """What the server's log gains when the value comes twice."""
    before = log.stat().st_size
    engine = create_engine(url)
    twice = text("INSERT INTO tags VALUES (:value), (:value)")
    with engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(twice, {"value": value})
    engine.dispose()
    return log.read_bytes()[before:].decode(errors="replace")


@pytest.mark.parametrize("proxy", ["nginx", "caddy"])
def test_a_proxy_lets_through_whatever_relay_takes(app: Flask, proxy: str) -> None:
    """Else a file a little too large would get the proxy's bare refusal, not a sentence."""
    printed = CliRunner().invoke(command, [proxy, HOST]).output
    found = re.search(r"(?:client_max_body_size |max_size )(\d+)", printed)
    assert found is not None
    most = max(getattr(view, "relay_accepts", 0) for view in app.view_functions.values())
    assert most < int(found[1]) * 1_000_000 < 2 * most
