"""Bodies that leave after their view has ended, over the real server: all of them arrive, and the log says what left."""

import csv
import http.client
import io
import json
import re
import socket
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine, create_engine, text

from tests.conftest import DATABASES, fresh_postgresql
from tests.installation import PASSWORD, Installation, installation, wait_until

STREAMED = {
    "relay/portal/export.py": "test_every_row_leaves_and_the_log_says_so",
    "relay/portal/record_files.py": "test_a_kept_file_arrives_whole",
}
"""Modules that answer with a body that outlives its view, and the test here that asks the real server for it."""
MANY = 3_000
SECRET = "kimitsu-no-atai"


class House:
    """A running Relay with one live company, and somebody signed in to it."""

    def __init__(self, relay: Installation, engine: Engine) -> None:
        self.relay, self.engine = relay, engine
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def page(self, path: str) -> str:
        return str(self.opener.open(self.relay.url + path, timeout=30).read().decode())

    def csrf(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.page(path))
        assert found
        return found.group(1)

    def post(self, path: str, form: dict[str, str], *, at: str = "") -> bytes:
        typed = urllib.parse.urlencode(form | {"csrf_token": self.csrf(at or path)}).encode()
        return bytes(self.opener.open(self.relay.url + path, typed, timeout=60).read())

    def sign_in(self) -> None:
        self.post("/login", {"email": "a@t.example", "password": PASSWORD, "next": ""})
        self.post("/account/notice", {"next": "/"}, at="/account/notice")

    def export(self, kind: str) -> bytes:
        return self.post("/pool/export", {"format": kind, "purpose": "moving"})

    def logged(self) -> list[tuple[str, int, bool | None]]:
        asked = text("SELECT tag, data FROM events WHERE tag LIKE 'pool:export%' ORDER BY id")
        with self.engine.connect() as connection:
            rows = connection.execute(asked).all()
        told = [(tag, json.loads(data) if isinstance(data, str) else data) for tag, data in rows]
        return [(tag, data["rows"], data.get("complete")) for tag, data in told]

    def people(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM candidates")).scalar_one())

    @property
    def log(self) -> str:
        return (self.relay.folder / "serve.log").read_text(encoding="utf-8")


@contextmanager
def house(folder: Path, database_url: str, people: str) -> Iterator[House]:
    file = folder / "people.csv"
    file.write_text(people, encoding="utf-8")
    words = "--name 試 --slug t --admin a@t.example --password-stdin --live --no-second-factor --address x"
    with installation(folder, database_url=database_url) as relay:
        relay.relay("company", "create", *words.split(), "--representative", "y", "--contact", "0", typed=PASSWORD)
        relay.relay("import", str(file), "--company", "t", "--basis", "consented")
        relay.start()
        engine = create_engine(database_url or f"sqlite:///{folder / 'relay.sqlite3'}")
        made = House(relay, engine)
        made.sign_in()
        yield made
        engine.dispose()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    with fresh_postgresql(request.getfixturevalue("postgresql"), "relay_streams") as url:
        yield url


def _people(count: int) -> str:
    return "氏名,メールアドレス\n" + "".join(f"試験 {n:04d},shiken{n}@mail.example\n" for n in range(count))


def test_every_row_leaves_and_the_log_says_so(tmp_path: Path, database_url: str) -> None:
    with house(tmp_path, database_url, _people(1_200)) as acme:
        many = acme.people()
        assert many == 1_200, "more than one portion"
        rows = {
            "csv": len(list(csv.reader(io.StringIO(acme.export("csv").decode("utf-8-sig"))))),
            "cp932": len(list(csv.reader(io.StringIO(acme.export("cp932").decode("cp932"))))),
            "xlsx": openpyxl.load_workbook(io.BytesIO(acme.export("xlsx"))).worksheets[0].max_row,
        }
        assert rows == dict.fromkeys(rows, many + 1)
        assert acme.logged() == [("pool:export-begun", many, None), ("pool:exported", many, True)] * 3
        assert "Traceback" not in acme.log


def test_who_hangs_up_is_not_said_to_have_taken_everybody(tmp_path: Path, database_url: str) -> None:
    with house(tmp_path, database_url, _people(MANY)) as acme:
        with _asked_for(acme, "csv") as connection:
            assert connection.recv(2_000)
        wait_until(lambda: len(acme.logged()) == 2, "the end is logged")
        begun, ended = acme.logged()
        assert begun == ("pool:export-begun", MANY, None)
        assert (ended[0], ended[2]) == ("pool:exported", False)
        assert 0 < ended[1] < MANY
        assert len(acme.export("csv").splitlines()) == MANY + 1, "the server goes on"


def test_what_breaks_a_body_says_no_value(tmp_path: Path, database_url: str) -> None:
    """A date of theirs cannot be read (SQLite), or a table went missing: both after the answer has begun."""
    with house(tmp_path, database_url, _people(600)) as acme:
        with acme.engine.begin() as connection:
            if database_url:
                connection.execute(text("ALTER TABLE candidate_tags RENAME TO elsewhere"))
            else:
                connection.execute(text(f"UPDATE candidates SET retain_until = '{SECRET}' WHERE id = 1"))
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            acme.export("csv")
        wait_until(lambda: len(acme.logged()) == 2, "the end is logged")
        assert acme.logged()[1][2] is False
        assert acme.logged()[1][1] < 600
        assert "broke off at /pool/export" in acme.log
        assert "Traceback" not in acme.log
        assert SECRET not in acme.log
        assert "shiken" not in acme.log


def test_a_kept_file_arrives_whole(tmp_path: Path, database_url: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<document/>")
        packed.writestr("large.bin", bytes(range(256)) * 4_000)
    with house(tmp_path, database_url, _people(1)) as acme:
        sent = content.getvalue()
        found = re.search(r"/pool/\d+", acme.page("/pool"))
        assert found
        _upload(acme, f"{found.group()}/files", "履歴書.docx", sent, at=found.group())
        address = re.search(r"/pool/\d+/files/\d+", acme.page(found.group()))
        assert address
        assert acme.opener.open(acme.relay.url + address.group(), timeout=30).read() == sent
        assert "Traceback" not in acme.log


@contextmanager
def _asked_for(acme: House, kind: str) -> Iterator[socket.socket]:
    """The connection on which the server answers, read as slowly as the test likes, and then closed on it."""
    form = {"format": kind, "purpose": "moving", "csrf_token": acme.csrf("/pool/export")}
    body = urllib.parse.urlencode(form)
    cookie = "; ".join(f"{each.name}={each.value}" for each in acme.cookies)
    head = (
        f"POST /pool/export HTTP/1.1\r\nHost: 127.0.0.1:{acme.relay.port}\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", acme.relay.port))
        connection.sendall((head + body).encode())
        yield connection


def _upload(acme: House, path: str, name: str, content: bytes, *, at: str) -> None:
    edge = "an-edge"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{acme.csrf(at)}\r\n'.encode(),
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode(),
        content,
        f"\r\n--{edge}--\r\n".encode(),
    ]
    kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    acme.opener.open(urllib.request.Request(acme.relay.url + path, b"".join(parts), kind), timeout=30)
