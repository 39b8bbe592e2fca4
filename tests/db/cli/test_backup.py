"""`relay backup` and `relay restore`: everything comes back, but nobody who was erased; a damaged file is refused."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from threading import Timer

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from relay import clock, config, create_app, migrations
from relay.cli import main
from relay.cli.backup import NOTE, archive
from relay.extensions import db
from relay.mail import tokens
from relay.mail.mailbox import Mailbox
from relay.models import (
    Candidate,
    Company,
    ErasedKey,
    Message,
    MessageState,
    Role,
    Token,
    TokenPurpose,
    User,
    UserSession,
    scopes,
)
from relay.rights import erased_keys
from relay.search import candidate_search
from tests.cast import make_candidate, make_cast
from tests.conftest import DATABASES
from tests.db.rights.journeys import MAIL, known, registered
from tests.migrations import stages
from tests.migrations.contents import contents, lost, never_reusing, triggers
from tests.prepared import Prepared, opened

BACKUP = "lived.backup"
NOT_BACK = frozenset(
    {
        "application_counts",
        "companies.sending_stopped_at",
        "month_report_readers",
        "morning_readers",
        "tokens.revoked_at",
        "user_sessions",
    }
)
"""What a restore changes on purpose: everybody signs in again, and no mail leaves before somebody has looked.

How many applications are alike is counted by the database itself while they are put back. Once a morning has begun,
every agent of a partner is noted as written to on this day, and once the first working morning of a month has begun,
every reader of its mail as written to for this month.
"""

ANEW = {
    "alert_checks",
    "application_counts",
    "candidate_search",
    "month_report_readers",
    "morning_readers",
    "partner_people_words",
    "user_sessions",
}
"""Nobody stays signed in, and the other kind of database searches by rows of its own, and counts on its own; alerts
look once more at the people of rewritten rows, as at people who are who they were."""


WRITTEN_TO = ("month_report_readers", "morning_readers")
"""The tables that note who was written to, and give out ids for it."""


OPENING = (TokenPurpose.SETUP, TokenPurpose.INVITE, TokenPurpose.PASSWORD, TokenPurpose.NEW_EMAIL)
"""What opens a login to whoever holds the link."""


@dataclass
class House:
    """One installation: a folder and a database, as the command line finds them in its environment."""

    folder: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "RELAY_ENV": "development",
            "RELAY_INSTANCE": str(self.folder),
            "RELAY_DATABASE_URL": self.url,
            "RELAY_SECRET_KEY": "k" * 40,
        }

    def relay(self, *words: str | Path) -> Result:
        """Run a command; as when its process ends, nothing of it stays connected."""
        run = partial(CliRunner(env=self.environment).invoke, main, [str(word) for word in words])
        if words[0] == "restore":
            return run()
        with self.open():
            return run()

    def does(self, *words: str | Path) -> str:
        result = self.relay(*words)
        assert result.exit_code == 0, result.output
        return result.output

    def inside(self, recorder: Callable[[Session], None]) -> None:
        """Do something in the application, and let go of the database afterwards."""
        with self.open():
            recorder(db.session())
            db.session.commit()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Be in the application, and let go of the database afterwards."""
        with application(config.load(self.environment)).app_context():
            yield
            db.session.remove()
            db.engine.dispose()


@lru_cache(maxsize=2)
def application(settings: config.Settings) -> Flask:
    """The application with these settings, made once for all commands of a house that run in it."""
    return create_app(settings)


Build = Callable[..., House]


@pytest.fixture
def build(tmp_path: Path, prepared: Callable[[str], Prepared]) -> Iterator[Build]:
    """Make installations on either kind of database, empty or copies of a prepared one."""
    with ExitStack() as opened:

        def make(kind: str, of: str | None = None) -> House:
            folder, theirs = Path(mkdtemp(dir=tmp_path, prefix="house-")), prepared(kind)
            if of is not None and (theirs.folder / of).exists():
                shutil.copytree(theirs.folder / of, folder, dirs_exist_ok=True)
            url = opened.enter_context(theirs.installed(of, folder))
            return House(folder, url or f"sqlite:///{folder / 'relay.sqlite3'}")

        yield make


@pytest.fixture
def sqlite(build: Build, prepared: Callable[[str], Prepared]) -> House:
    """An installation on SQLite without anybody in it."""
    return build("sqlite", stages.newest(prepared("sqlite")))


@pytest.fixture(params=DATABASES)
def kind(request: pytest.FixtureRequest) -> str:
    """Either kind of database."""
    name: str = request.param
    return name


@pytest.fixture
def full(kind: str, build: Build, prepared: Callable[[str], Prepared]) -> House:
    """An installation with something in every table."""
    return build(kind, stages.filled(prepared(kind)))


@pytest.fixture
def site(kind: str, build: Build, prepared: Callable[[str], Prepared]) -> House:
    """An installation with a life in it, of which there is a backup."""
    return build(kind, lived(prepared(kind)))


@pytest.fixture
def backup(site: House, kind: str, prepared: Callable[[str], Prepared]) -> Path:
    """The backup of the installation with a life in it."""
    return prepared(kind).folder / BACKUP


def lived(prepared: Prepared) -> str:
    """Prepare an installation with a life in it, and its backup. Return its name."""

    def live(engine: Engine) -> None:
        house = House(prepared.folder / "lived", engine.url.render_as_string(hide_password=False))
        live_a_life(house)
        house.does("backup", prepared.folder / BACKUP)

    return prepared.once("lived", live, of=stages.newest(prepared))


def held(site: House) -> dict:
    with opened(site.url) as engine:
        return contents(engine)


def cells(holding: dict) -> Counter:
    """How many applications are alike, whatever rows it is the sum of."""
    added: Counter = Counter()
    for row in holding["application_counts"].only(
        ["company_id", "position_id", "stage", "status", "listed", "pending", "n"]
    ):
        added[row[:-1]] += row[-1]
    return +added


@pytest.mark.parametrize("goal", DATABASES)
def test_everything_comes_back_into_an_empty_installation(
    full: House, build: Build, kind: str, goal: str, tmp_path: Path
) -> None:
    """Every table has rows here; they may move from one kind of database to the other, too."""
    (full.folder / "uploads/7").mkdir(parents=True)
    (full.folder / "uploads/7/cv.pdf").write_bytes(b"%PDF-1.7 \x00\xff")
    (full.folder / "config.toml").write_text("mail_port = 2525\n", encoding="utf-8")
    full.does("backup", tmp_path / "all.backup")
    before = held(full)

    there = build(goal)
    said = there.does("restore", tmp_path / "all.backup")

    after = held(there)
    assert {name: len(table.rows) for name, table in after.items() if name not in ANEW} == {
        name: len(table.rows) for name, table in before.items() if name not in ANEW
    }
    if goal == kind:
        assert lost(before, after, NOT_BACK) == []
        assert (structure(there), next_ids(there)) == (structure(full), next_ids(full))
        assert_sound(there)
    else:
        sums = {name: table.sums() for name, table in before.items() if name not in ANEW}
        assert [name for name, each in sums.items() if not each.items() <= after[name].sums().items()] == []
    assert cells(before) == cells(after)
    for name in ("hash-key", "uploads/7/cv.pdf", "config.toml"):
        assert (there.folder / name).read_bytes() == (full.folder / name).read_bytes()
    assert "バックアップを戻しました" in said


def structure(site: House) -> tuple[set[str], set[str]]:
    """What the comparison with the models does not see: the tables whose ids never come again, and the triggers."""
    with opened(site.url) as engine:
        return never_reusing(engine), triggers(engine)


def assert_sound(site: House) -> None:
    with opened(site.url) as engine:
        assert migrations.is_current(engine)
        assert migrations.differences(engine) == []
    assert "データベースは最新です" in site.does("db", "upgrade")


def next_ids(site: House) -> dict[str, int]:
    question = (
        "SELECT name, seq FROM sqlite_sequence"
        if site.url.startswith("sqlite")
        else "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
    )
    with opened(site.url) as engine, engine.connect() as connection:
        numbers = connection.execute(text(question)).all()
    return {name: last for name, last in numbers if last and not name.startswith(WRITTEN_TO)}


def live_a_life(site: House) -> None:
    """Somebody known to a company, mailed, referred, registered, in an unapplied file and in the mailbox."""

    def recorder(session: Session) -> None:
        cast = make_cast(session)
        life = known(session, cast.acme, Mailbox.of(config.load(site.environment)))
        registered(session, cast, life)
        make_candidate(session, cast.acme, "残る 方", email="stays@mail.example")

    site.inside(recorder)


def traces(site: House) -> set[str]:
    """The tables in which the person is found."""
    found = set()
    for name, table in held(site).items():
        if any(MAIL.lower() in str(value).lower() or "鵺野" in str(value) for row in table.rows for value in row):
            found.add(name)
    return found


def on_disk(site: House) -> list[Path]:
    return [path for path in (site.folder / "uploads").rglob("*") if path.is_file()]


def test_a_person_erased_since_the_backup_stays_erased_files_included(
    site: House, backup: Path, tmp_path: Path
) -> None:
    """The list in the database is enough, and after it the one in the file that the first restore wrote anew."""
    mailbox = Mailbox.of(config.load(site.environment))
    kept_mail = [mail.mail.as_bytes() for mail in mailbox.newest_first()]
    assert traces(site) > {"candidates", "profiles", "messages"}
    assert on_disk(site), "what was handed in, and a file that waits to be applied"
    built = structure(site)
    site.does("erase", MAIL, "--yes")
    after_erasure = traces(site)
    for mail in kept_mail:
        mailbox.keep(mail)
    (site.folder / erased_keys.FILE).unlink()

    said = site.does("restore", backup, "--replace")

    assert "消去し直しました（候補者 1件、登録 1件）" in said
    assert traces(site) == after_erasure == {"provision_records"}
    assert not list(mailbox.newest_first())
    assert not on_disk(site)
    assert structure(site) == built
    assert_sound(site)

    def look_and_lose_the_list(session: Session) -> None:
        with scopes.everyone(session, "test"):
            assert session.scalars(select(Candidate.name)).all() == ["残る 方"]
        session.execute(delete(ErasedKey))

    site.inside(look_and_lose_the_list)
    site.does("restore", backup, "--replace")
    assert traces(site) == {"provision_records"}
    site.does("backup", tmp_path / "after.backup")
    with archive.read(tmp_path / "after.backup") as after:
        listed = erased_keys.found_in((after.bytes_of(erased_keys.FILE) or b"").decode())
    assert len(listed) == 2


def test_the_file_beside_a_lost_database_is_enough(site: House, backup: Path, build: Build) -> None:
    """The machine burnt down; what is left is a backup of yesterday and a copy of the list."""
    site.does("erase", MAIL, "--yes")
    there = build("sqlite")
    said = there.does("restore", backup, "--erased-keys", site.folder / erased_keys.FILE)
    assert "消去し直しました" in said
    assert traces(there) == {"provision_records"}
    hashes = erased_keys.read(site.folder / erased_keys.FILE)
    assert erased_keys.read(there.folder / erased_keys.FILE) >= hashes


def test_after_a_restore_nobody_is_signed_in_nothing_is_sent_by_itself_and_people_are_found(
    site: House, build: Build, tmp_path: Path
) -> None:
    """In the other kind of database, too, which searches by rows of its own."""

    def wait(session: Session) -> None:
        with scopes.everyone(session, "test"):
            session.execute(update(Message).values(state=MessageState.SCHEDULED, due_at=clock.now()))
        for purpose in OPENING:
            tokens.mint(session, purpose, 1)

    def take_roles(session: Session) -> None:
        with scopes.everyone(session, "test"):
            session.execute(update(User).where(User.role == Role.ADMIN).values(role=Role.VIEWER))

    site.inside(wait)
    site.does("backup", tmp_path / "all.backup")
    site.inside(take_roles)
    there = build("postgresql" if site.url.startswith("sqlite") else "sqlite")
    said = there.does("restore", tmp_path / "all.backup")
    assert "送信を止めてあります" in said
    assert "担当者の権限と、求人のリンク・会社のリンクも、バックアップの時点に戻っています" in said

    def look(session: Session) -> None:
        stopped = session.execute(select(Company.slug).where(Company.sending_stopped_at.is_not(None))).scalars().all()
        assert stopped == ["acme"], "only where mail waited"
        with scopes.everyone(session, "test"):
            assert session.scalars(select(User.id).where(User.role == Role.ADMIN)).all(), "as the sentence says"
        assert session.scalars(select(UserSession.id)).all() == []
        still = select(Token.id).where(Token.purpose.in_(OPENING), Token.revoked_at.is_(None))
        assert session.scalars(still).all() == [], "an invitation may have been taken back since"

    def find(session: Session) -> None:
        company = session.scalars(select(Company).where(Company.slug == "acme")).one()
        with scopes.company(session, company.id):
            found = candidate_search.find(session, company.id, candidate_search.Query(q="鵺野")).rows
            assert [row.name for row in found] == ["鵺野 麤子"]

    there.inside(look)
    there.inside(find)


def test_a_database_with_people_is_not_overwritten_unasked(site: House, backup: Path) -> None:
    before = held(site)
    refused = site.relay("restore", backup)
    assert (refused.exit_code, "--replace" in refused.output) == (1, True)
    assert lost(before, held(site)) == []


def test_a_database_in_use_is_not_replaced(site: House, backup: Path) -> None:
    before = held(site)
    with opened(site.url) as engine, engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM companies"))
        refused = site.relay("restore", backup, "--replace")
    assert (refused.exit_code, "止めてから" in refused.output) == (1, True)
    assert lost(before, held(site)) == []


def test_a_connection_on_its_way_out_is_waited_for(build: Build, sqlite: House, tmp_path: Path) -> None:
    """PostgreSQL ends a connection some time after it was closed: that is not yet a server that runs."""
    sqlite.does("backup", tmp_path / "all.backup")
    there = build("postgresql")
    with opened(there.url) as engine:
        leaving = engine.connect()
        goes = Timer(0.5, lambda: (leaving.close(), engine.dispose()))
        goes.start()
        assert "止めてから" not in there.does("restore", tmp_path / "all.backup")
        goes.join()


def test_a_restore_that_fails_changes_nothing(site: House, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, files = held(site), sorted(site.folder.rglob("*"))
    monkeypatch.setattr("relay.cli.restore.erase_again", lambda *_: 1 / 0)
    failed = site.relay("restore", backup, "--replace")
    assert isinstance(failed.exception, ZeroDivisionError)
    assert lost(before, held(site)) == []
    ours = {path for path in sorted(site.folder.rglob("*")) if not path.name.endswith(("-wal", "-shm"))}
    assert ours == {path for path in files if not path.name.endswith(("-wal", "-shm"))}


def test_any_changed_byte_is_noticed(build: Build, tmp_path: Path, prepared: Callable[[str], Prepared]) -> None:
    lived(prepared("sqlite"))
    file, whole = tmp_path / "all.backup", (prepared("sqlite").folder / BACKUP).read_bytes()
    chance = random.Random(7)  # noqa: S311
    places = [0, 10, 30, 85, 86, 87, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(60))]
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        with pytest.raises(archive.BackupRefused), archive.read(file):
            pytest.fail(f"byte {place}")
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole + b"\n", b"", whole[:86]):
        file.write_bytes(damaged)
        refused = build("sqlite").relay("restore", file)
        assert refused.exit_code == 1
        assert "壊れて" in refused.output
        assert "Traceback" not in refused.output


@pytest.mark.parametrize("name", ["uploads/../../outside.txt", "/tmp/outside.txt", "uploads/.."])  # noqa: S108
def test_a_part_that_leads_out_of_its_folder_is_refused(build: Build, tmp_path: Path, name: str) -> None:
    manifest = archive.Manifest(made_at=clock.now().isoformat(), relay="1", revision="0001", database="sqlite")
    with archive.write(tmp_path / "evil.backup", manifest) as writing, writing.part(name) as part:
        part.write(b"x")
    refused = build("sqlite").relay("restore", tmp_path / "evil.backup")
    assert (refused.exit_code, "壊れて" in refused.output) == (1, True)
    assert not list(tmp_path.rglob("outside.txt"))


def test_a_pack_damaged_before_its_sum_was_taken_is_refused(tmp_path: Path) -> None:
    file, manifest = tmp_path / "x.backup", archive.Manifest("2026-11-24T00:00:00+00:00", "1", "0001", "sqlite")
    with archive.write(file, manifest) as writing, writing.part("rows/users.jsonl") as part:
        part.write(b"0123456789" * 1000)
    pack, refused = file.read_bytes().partition(b"\n")[2], 0
    for place in range(len(pack)):
        torn = pack[:place] + bytes([pack[place] ^ 0xFF]) + pack[place + 1 :]
        file.write_bytes(b"RELAY-BACKUP 1 sha256:" + sha256(torn).hexdigest().encode() + b"\n" + torn)
        try:
            with archive.read(file):
                """What is left over has the sums the manifest names."""
        except archive.BackupRefused:
            refused += 1
    assert refused > len(pack) * 0.7


def test_a_backup_is_not_written_through_a_link_laid_out_for_it(sqlite: House, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("ours")
    (tmp_path / "x.backup.part").symlink_to(tmp_path / "precious")
    sqlite.does("backup", tmp_path / "x.backup")
    assert (tmp_path / "precious").read_text() == "ours"
    assert not (tmp_path / "x.backup").is_symlink()


def test_a_backup_of_a_newer_relay_is_refused(build: Build, tmp_path: Path) -> None:
    manifest = archive.Manifest(made_at=clock.now().isoformat(), relay="9.0", revision="9999", database="sqlite")
    with archive.write(tmp_path / "newer.backup", manifest):
        pass
    refused = build("sqlite").relay("restore", tmp_path / "newer.backup")
    assert (refused.exit_code, "新しい版" in refused.output) == (1, True)


def test_a_backup_of_an_older_relay_is_brought_up_to_date(build: Build, tmp_path: Path) -> None:
    from tests.migrations import dumps

    old, new = build("sqlite"), build("sqlite")
    dump = dumps.kept()[0]
    dumps.load(dump, old.folder / "relay.sqlite3")
    before = held(old)
    del before["jobs"]  # a revision may leave the worker something to do
    old.does("backup", tmp_path / "old.backup")
    new.does("restore", tmp_path / "old.backup")
    kept = {name: len(table.rows) for name, table in before.items()}
    for texts in ("mail_templates", "mail_template_versions"):
        kept[texts] += 1  # revision 0034 gives the company a text to write with again
    kept["events"] -= sum("relay:declined" in row for row in before["events"].rows)  # revision 0011 forgets every no
    assert kept == {name: len(table.rows) for name, table in held(new).items() if name in before}
    with opened(new.url) as engine:
        assert migrations.is_current(engine)


def test_the_hash_key_of_the_backup_must_be_the_one_in_force(backup: Path, build: Build) -> None:
    """With another key, people who asked to be left alone would not be recognised."""
    there = build("sqlite")
    result = CliRunner(env=there.environment | {"RELAY_HASH_KEY": "x" * 40}).invoke(main, ["restore", str(backup)])
    assert (result.exit_code, "RELAY_HASH_KEY" in result.output) == (1, True)


def test_receipts_of_the_backup_go_on_verifying(sqlite: House, build: Build, tmp_path: Path) -> None:
    """Its key signs again; where another has signed since, that one stays, once the settings know the earlier one."""
    saved = tmp_path / "all.backup"
    sqlite.does("backup", saved)
    first = (sqlite.folder / "receipt-key").read_text()
    fresh, later = build("sqlite"), build("sqlite")
    assert config.load(fresh.environment).receipt_key != first, "a new installation makes a key of its own"
    fresh.does("restore", saved)
    assert config.load(fresh.environment).receipt_key == first
    changed = config.load(later.environment).receipt_key
    CliRunner(env=later.environment | {"RELAY_RECEIPT_KEY_FALLBACKS": first}).invoke(main, ["restore", str(saved)])
    assert (later.folder / "receipt-key").read_text() == changed
    refused = CliRunner(env=later.environment | {"RELAY_RECEIPT_KEY": "A" * 43}).invoke(main, ["restore", str(saved)])
    assert (refused.exit_code, "RELAY_RECEIPT_KEY_FALLBACKS" in refused.output) == (1, True)


def test_the_settings_stay_where_there_are_some(sqlite: House, build: Build, tmp_path: Path) -> None:
    (sqlite.folder / "config.toml").write_text("mail_port = 2525\n", encoding="utf-8")
    sqlite.does("backup", tmp_path / "all.backup")
    settled = build("sqlite")
    (settled.folder / "config.toml").write_text("mail_port = 26\n", encoding="utf-8")
    assert "config.toml はいまのものを残しました" in settled.does("restore", tmp_path / "all.backup")
    assert (settled.folder / "config.toml").read_text() == "mail_port = 26\n"


def test_a_folder_of_backups_lets_the_old_ones_go(sqlite: House, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "something-else").touch()
    with clock.at(clock.now() - timedelta(days=36)):
        sqlite.does("backup", folder)
    with clock.at(clock.now() - timedelta(days=34)):
        sqlite.does("backup", folder)
    assert len(list(folder.glob("relay-*.backup"))) == 2
    assert "1個削除しました" in sqlite.does("backup", folder)
    assert len(list(folder.glob("relay-*.backup"))) == 2
    assert (folder / "something-else").exists()
    assert sqlite.relay("backup", folder, "--keep", "36").exit_code == 2, "no longer than 35 days (A-26)"


def test_a_backup_is_for_its_owner_alone_and_holds_no_mailbox(
    build: Build, tmp_path: Path, prepared: Callable[[str], Prepared]
) -> None:
    site = build("sqlite", lived(prepared("sqlite")))
    site.does("backup", tmp_path / "all.backup")
    assert (tmp_path / "all.backup").stat().st_mode & 0o077 == 0
    assert json.loads((site.folder / NOTE).read_text())["path"] == str(tmp_path / "all.backup")
    with archive.read(tmp_path / "all.backup") as backup:
        names = [name for name in backup.names() if not name.startswith(("rows/", "uploads/"))]
    assert [name for name in names if name != erased_keys.FILE] == ["hash-key", "receipt-key"]


def test_there_is_nothing_to_back_up_before_the_schema(build: Build, tmp_path: Path) -> None:
    refused = build("sqlite").relay("backup", tmp_path / "x.backup")
    assert (refused.exit_code, "relay db upgrade" in refused.output) == (1, True)
    assert not list(tmp_path.glob("*.backup*"))


def test_a_full_or_missing_disk_is_said_in_one_line(sqlite: House, tmp_path: Path) -> None:
    refused = sqlite.relay("backup", tmp_path / "nowhere" / "x.backup")
    assert (refused.exit_code, "バックアップはできていません" in refused.output) == (1, True)
