"""The README's recipe for one Linux machine, line by line in an empty directory, until Relay answers over https."""

import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest

from relay.mail.lanes import Lane
from tests.conftest import fresh_postgresql
from tests.conventions.conftest import read
from tests.installation import wait_until
from tests.production.machine import HOST, Machine

WAYS = [("sqlite", "nginx"), ("postgresql", "caddy")]
NGINX = """
daemon off;
pid {root}/nginx.pid;
error_log {root}/nginx-error.log;
events {{}}
http {{
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

        address = re.search(rf"https://{HOST}(/setup/\S+)", machine.run(first))
        assert address is not None
        assert ask(machine, certificate, address[1]).status == 200

        backup = machine.unit("relay-backup.service").run()
        assert backup.returncode == 0, backup.stderr
        assert len(list(Path(machine.at("/var/backups/relay")).glob("relay-*.backup"))) == 1
        looked = machine.unit("relay-doctor.service").run()
        assert looked.returncode == 0, looked.stdout + looked.stderr
        machine.stop()
    assert f"systemctl reload {proxy}" in machine.told
    assert "systemctl enable --now relay-web relay-worker.target" in machine.told


def test_an_update_needs_no_more_than_its_lines(machine: Machine) -> None:
    """git pull and make setup are real; the services start by their own units, the schema first."""
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
        text = settings.read_text(encoding="utf-8")
        assert '"postgresql:///relay"' in text
        settings.write_text(text.replace("postgresql:///relay", there), encoding="utf-8")
        yield


def verify(units: list[Path]) -> None:
    """systemd finds nothing to say about them; only the user is another one here."""
    assert {path.name for path in units} == {
        f"relay-{name}"
        for name in ("web.service", "worker@.service", "worker.target", "backup.service", "backup.timer")
    } | {"relay-doctor.service", "relay-doctor.timer"}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, units)], capture_output=True, text=True, check=False
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
    text = machine.at(site.read_text(encoding="utf-8"))
    own = f"{HOST}:{machine.https} {{\n\ttls {certificate} {certificate.with_name('privkey.pem')}"
    head = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {machine.root}/caddy\n}}\n"
    site.write_text(head + text.replace(f"{HOST} {{", own), encoding="utf-8")
    machine.start(found("caddy"), "run", "--config", str(site), "--adapter", "caddyfile", HOME=str(machine.root))


def found(program: str) -> str:
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    assert path, f"{program} is missing: apt-get install {program}"
    return path


def ready(machine: Machine, certificate: Path) -> bool:
    try:
        answer = ask(machine, certificate, "/readyz")
    except OSError:
        return False
    return answer.status == 200 and b'"ready":true' in answer.read().replace(b" ", b"")


def ask(machine: Machine, certificate: Path, path: str) -> HTTPResponse:
    """As a browser would that knows the name: through the proxy, by its certificate."""
    connection = HTTPSConnection(HOST, context=ssl.create_default_context(cafile=str(certificate)), timeout=10)
    plain = socket.create_connection(("127.0.0.1", machine.https), timeout=10)
    connection.sock = connection._context.wrap_socket(plain, server_hostname=HOST)
    connection.request("GET", path)
    return connection.getresponse()


def assert_redirected(machine: Machine) -> None:
    connection = HTTPConnection("127.0.0.1", machine.http, timeout=10)
    connection.request("GET", "/login", headers={"Host": HOST})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/login")


def assert_private(*paths: Path) -> None:
    assert {path.name: path.stat().st_mode & 0o077 for path in paths} == {path.name: 0 for path in paths}


def logs(machine: Machine) -> str:
    return "\n".join(path.read_text(errors="replace")[-2000:] for path in machine.root.glob("*.log"))
