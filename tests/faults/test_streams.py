"""Bodies that leave after their view has ended, over a real server: they arrive whole, and the log says what left."""

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
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar

import openpyxl
import pytest
from sqlalchemy import Engine, create_engine, select, text

from relay import clock, config, create_app
from relay.extensions import begin_writing, db
from relay.models import Company, Role, scopes
from relay.network import credit_months, credits
from tests.cast import browse, make_partner, make_partnership, make_user
from tests.conftest import DATABASES, Migrated
from tests.conventions.conftest import read, sources
from tests.db.network.build import mailed_link, register, the_profile
from tests.db.network.test_ledger import fill
from tests.installation import PASSWORD, Installation, installation, wait_until
from tests.web.landing.phone import Phone, mail_own_page

STREAMED = {
    "relay/portal/pool/export.py": "test_every_row_leaves_and_the_log_says_so",
    "relay/portal/candidates/files.py": "test_a_kept_file_arrives_whole",
    "relay/landing/own_copy.py": "test_a_persons_copy_and_a_partners_register_arrive_whole",
    "relay/agency/records.py": "test_a_persons_copy_and_a_partners_register_arrive_whole",
    "relay/portal/imports/preparing.py": "test_the_template_of_a_file_arrives_whole",
    "relay/portal/insights/cost_files.py": "test_the_template_of_a_file_arrives_whole",
    "relay/portal/credits/statement.py": "test_a_month_of_the_ledger_arrives_whole",
    "relay/portal/settings/incident_people.py": "test_the_people_of_an_incident_arrive_whole",
}
"""Modules that answer with a body that outlives its view, and the test here that asks the real server for it."""
MANY = 1_200
"""People of more than one chunk."""
SECRET = "kimitsu-no-atai"


Line = tuple[str, int, bool | None]
"""Tag, rows, and whether the transfer was whole."""


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

    def logged(self) -> list[Line]:
        asked = text("SELECT tag, data FROM events WHERE tag LIKE 'pool:export%' ORDER BY id")
        with self.engine.connect() as connection:
            rows = connection.execute(asked).all()
        told = [(tag, json.loads(data) if isinstance(data, str) else data) for tag, data in rows]
        return [(tag, data["rows"], data.get("complete")) for tag, data in told]

    @property
    def log(self) -> str:
        return (self.relay.folder / "serve.log").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=DATABASES)
def acme(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated: Migrated
) -> Iterator[House]:
    """One house on each database, for all that is asked here: its people are only read."""
    with ExitStack() as held:
        url = held.enter_context(migrated(request.param))
        folder = tmp_path_factory.mktemp(f"streams-{request.param}")
        relay = held.enter_context(installation(folder, database_url=url))
        file = folder / "people.csv"
        file.write_text(_people(MANY), encoding="utf-8")
        words = "--name 試 --slug t --admin a@t.example --password-stdin --live --no-second-factor --address x"
        relay.relay("company", "create", *words.split(), "--representative", "y", "--contact", "0", typed=PASSWORD)
        relay.relay("import", str(file), "--company", "t", "--basis", "consented")
        relay.start()
        engine = create_engine(url or f"sqlite:///{folder / 'relay.sqlite3'}")
        held.callback(engine.dispose)
        made = House(relay, engine)
        made.sign_in()
        yield made


@pytest.fixture
def known(acme: House) -> int:
    """How many lines the log holds before the test."""
    return len(acme.logged())


def _people(count: int) -> str:
    return "氏名,メールアドレス\n" + "".join(f"試験 {n:04d},shiken{n}@mail.example\n" for n in range(count))


def test_every_row_leaves_and_the_log_says_so(acme: House, known: int) -> None:
    rows = {
        "csv": len(list(csv.reader(io.StringIO(acme.export("csv").decode("utf-8-sig"))))),
        "cp932": len(list(csv.reader(io.StringIO(acme.export("cp932").decode("cp932"))))),
        "xlsx": openpyxl.load_workbook(io.BytesIO(acme.export("xlsx"))).worksheets[0].max_row,
    }
    assert rows == dict.fromkeys(rows, MANY + 1)
    assert acme.logged()[known:] == [("pool:export-begun", MANY, None), ("pool:exported", MANY, True)] * 3
    assert "Traceback" not in acme.log


def test_who_hangs_up_is_not_said_to_have_taken_everybody(acme: House, known: int) -> None:
    with _asked_for(acme, "csv") as connection:
        seen = b""
        while seen.count(b"@mail.example") < 3:
            part = connection.recv(2_000)
            assert part, "the body ends before the third person"
            seen += part
    begun, ended = _both(acme, known)
    assert begun == ("pool:export-begun", MANY, None)
    assert (ended[0], ended[2]) == ("pool:exported", False)
    assert 3 <= ended[1] < MANY
    assert len(acme.export("csv").splitlines()) == MANY + 1, "the server goes on"


def test_what_breaks_a_body_says_no_value(acme: House, known: int) -> None:
    """A date that cannot be read (SQLite), a table that went missing: found out after the answer has begun."""
    if acme.engine.dialect.name == "postgresql":
        harm, mend = (
            "ALTER TABLE candidate_tags RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO candidate_tags",
        )
    else:
        harm = f"UPDATE candidates SET retain_until = '{SECRET}' WHERE id = 1"
        mend = "UPDATE candidates SET retain_until = NULL WHERE id = 1"
    with acme.engine.begin() as connection:
        connection.execute(text(harm))
    try:
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            acme.export("csv")
        _begun, ended = _both(acme, known)
    finally:
        with acme.engine.begin() as connection:
            connection.execute(text(mend))
    assert ended[2] is False
    assert ended[1] < MANY
    assert "broke off at /pool/export" in acme.log
    assert "Traceback" not in acme.log
    assert SECRET not in acme.log
    assert "@mail.example" not in acme.log


def test_a_kept_file_arrives_whole(acme: House) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<document/>")
        packed.writestr("large.bin", bytes(range(256)) * 4_000)
    person = re.search(r"/pool/\d+", acme.page("/pool"))
    assert person
    _upload(acme, f"{person.group()}/files", "履歴書.docx", content.getvalue(), at=person.group())
    kept = re.search(r"/pool/\d+/files/\d+", acme.page(person.group()))
    assert kept
    assert acme.opener.open(acme.relay.url + kept.group(), timeout=30).read() == content.getvalue()
    assert "Traceback" not in acme.log


def test_the_people_of_an_incident_arrive_whole(acme: House, known: int) -> None:
    acme.export("csv")
    acme.post("/settings/incidents/new", {"what": "書き出したファイルの紛失"})
    found = re.search(r"/settings/incidents/\d+", acme.page("/settings/incidents"))
    assert found
    people = f"{found.group()}/people"
    today = f"{clock.today():%Y/%m/%d}"
    acme.post(people, {"since": today, "until": today, "user": "0", "exports": "y"})
    file = acme.post(f"{people}/file", {}, at=people).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(file)))) == MANY + 1
    assert acme.logged()[-1] == ("pool:export-begun", MANY, None)
    assert "Traceback" not in acme.log


def test_the_template_of_a_file_arrives_whole(acme: House) -> None:
    book = acme.opener.open(f"{acme.relay.url}/pool/import/template", timeout=30).read()
    (heads, *rows) = openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True)
    assert heads[0] == "氏名"
    assert rows == []
    book = acme.opener.open(f"{acme.relay.url}/insights/costs/file/template", timeout=30).read()
    (heads, *rows) = openpyxl.load_workbook(io.BytesIO(book)).active.iter_rows(values_only=True)
    assert heads == ("月", "経路", "費目", "金額")
    assert [row[2] for row in rows] == ["求人広告・媒体", "紹介手数料"]


def test_a_month_of_the_ledger_arrives_whole(acme: House) -> None:
    app = create_app(config.load(acme.relay.environment))
    with app.app_context():
        begin_writing()
        session = db.session()
        with scopes.everyone(session, "test"):
            company = session.scalars(select(Company)).one()
        fill(session, company, 10)
        for _each in range(credit_months.LINES):
            credits.release(session, company.id, credits.reserve(session, company.id, "募集").id, "期限")
        session.commit()
    month = f"{clock.today():%Y-%m}"
    file = (
        acme.opener.open(f"{acme.relay.url}/credits/statement/file?month={month}", timeout=30)
        .read()
        .decode("utf-8-sig")
    )
    assert len(list(csv.reader(io.StringIO(file)))) == 2 * credit_months.LINES + 2
    assert "Traceback" not in acme.log


def test_a_persons_copy_and_a_partners_register_arrive_whole(acme: House) -> None:
    app = create_app(config.load(acme.relay.environment))
    with app.app_context():
        begin_writing()
        session = db.session()
        with scopes.everyone(session, "test"):
            company = session.scalars(select(Company)).one()
        partner = make_partner(session, "streams")
        make_partnership(session, company, partner)
        agent = make_user(session, "agnes", partner, Role.AGENT)
        register(session, mailed_link(session, company, "copied@mail.example"), partner)
        profile = the_profile(session, "copied@mail.example")
        own, code = mail_own_page(session, profile.id), profile.code
        inside = Phone(app).enter(own).headers["Set-Cookie"].partition(";")[0]
        signed_in = browse(app, agent).get_cookie("relay")
    assert signed_in
    copy = _fetched(acme, f"{own}/copy-json", inside)
    assert [row["email"] for row in json.loads(copy)["profiles"]] == ["copied@mail.example"]
    page = _fetched(acme, f"{own}/copy", inside).decode()
    assert "copied@mail.example" in page and page.rstrip().endswith("</html>")
    file = _fetched(acme, "/agency/records/file", f"relay={signed_in.value}").decode("utf-8-sig")
    assert [row["照会番号"] for row in csv.DictReader(io.StringIO(file))] == [code]
    assert "Traceback" not in acme.log


def _fetched(acme: House, path: str, cookie: str) -> bytes:
    asked = urllib.request.Request(acme.relay.url + path, headers={"Cookie": cookie})
    return bytes(urllib.request.urlopen(asked, timeout=30).read())


def test_no_body_that_outlives_its_view_is_forgotten() -> None:
    outlives = re.compile(r"\b(call_on_close|after_this_request|stream_with_context|send_file|send_from_directory)\(")
    outliving = {name for name in sources() if outlives.search(read(name))}
    assert outliving == set(STREAMED), "ask the real server for the new answer in a test here, and name it in STREAMED"
    assert set(STREAMED.values()) <= set(globals())


def _both(acme: House, known: int) -> tuple[Line, Line]:
    wait_until(lambda: len(acme.logged()) == known + 2, "the end is logged")
    begun, ended = acme.logged()[known:]
    return begun, ended


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
