"""A watched folder: files in, reports out, nothing twice; what is not taken says so and stays."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relay.bulk.undo import undo
from relay.cli import main
from relay.cli.imports import folder as folders
from relay.cli.imports import watching
from relay.cli.imports.folder import FolderWatched, WatchedFolder
from relay.cli.imports.watching import WatchOrder
from relay.errors import NotWritable
from relay.intake.planning.plan import Answers
from relay.intake.reading.table import NamedPlace
from relay.models import Candidate, Import, RetentionBasis, scopes
from tests.cast import Cast, make_cast
from tests.db.cli.test_imports import KEYS
from tests.db.intake.bringing import SAMPLES, first_of, sheet

SETTLE = 0.02


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


class Watching:
    """A folder that Acme watches; `look` lets every file settle first, so that it is taken at the second look."""

    def __init__(self, path: Path, company_id: int) -> None:
        self.path = path
        self.said: list[str] = []
        self.order = WatchOrder(company_id, Answers(RetentionBasis.STATED), None, NamedPlace())
        self.folder = WatchedFolder(path, SETTLE, self.said.append)
        self.folder.claim()

    def put(self, name: str, data: bytes) -> Path:
        path = self.path / name
        path.write_bytes(data)
        return path

    def look(self) -> None:
        for _look in range(2):
            watching.look(self.folder, self.order, threading.Event())
            threading.Event().wait(SETTLE * 2)
        watching.look(self.folder, self.order, threading.Event())

    def names(self, below: str) -> list[str]:
        """What lies in done or refused, without the time in front."""
        return sorted(path.name.split("_", 1)[1] for path in (self.path / below).iterdir())

    def report(self, below: str, name: str) -> dict[str, Any]:
        (path,) = (self.path / below).glob(f"*_{name}.json")
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report

    def words(self, below: str, name: str) -> str:
        (path,) = (self.path / below).glob(f"*_{name}.txt")
        return path.read_text(encoding="utf-8-sig")


@pytest.fixture
def watched(tmp_path: Path, cast: Cast) -> Iterator[Watching]:
    watched = Watching(tmp_path, cast.acme.id)
    yield watched
    watched.folder.release()


def people(session: Session, cast: Cast) -> int:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).select_from(Candidate)) or 0


def imports(session: Session, cast: Cast) -> int:
    session.rollback()
    with scopes.company(session, cast.acme.id):
        return session.scalar(select(func.count()).select_from(Import)) or 0


def one(name: str) -> bytes:
    return sheet([{"氏名": name, "メールアドレス": "y@mail.example"}])


def test_a_file_goes_in_and_its_report_comes_out(session: Session, cast: Cast, watched: Watching) -> None:
    watched.put("herp.csv", (SAMPLES / "herp.csv").read_bytes())
    watched.look()
    assert people(session, cast) == 240
    assert watched.names("done") == ["herp.csv", "herp.csv.json", "herp.csv.txt"]
    assert watched.names("refused") == []
    report = watched.report("done", "herp.csv")
    assert set(report) == KEYS
    assert (report["format"], report["rows"], report["created"]) == ("herp", 240, 240)
    words = watched.words("done", "herp.csv")
    assert "「herp.csv」を取り込みました。メールは送られません。" in words
    assert "240行" in words
    (moved,) = (watched.path / "done").glob("*_herp.csv")
    assert moved.read_bytes() == (SAMPLES / "herp.csv").read_bytes()


def test_the_same_bytes_again_are_not_imported_and_the_report_says_so(
    session: Session, cast: Cast, watched: Watching
) -> None:
    watched.put("a.csv", first_of("herp.csv", 5))
    watched.look()
    watched.put("b.csv", first_of("herp.csv", 5))
    watched.look()
    assert (imports(session, cast), people(session, cast)) == (1, 5)
    again = watched.report("done", "b.csv")
    assert set(again) == KEYS | {"already_imported_at"}
    assert again["created"] == 5
    assert "取り込み済みです。もう一度は取り込んでいません。" in watched.words("done", "b.csv")


def test_a_file_of_the_same_name_with_other_bytes_is_another(session: Session, cast: Cast, watched: Watching) -> None:
    for name in ("山田 一", "山田 二"):
        path = watched.put("night.csv", sheet([{"氏名": name, "メールアドレス": f"{name[-1]}@mail.example"}]))
        os.utime(path, (1_700_000_000, 1_700_000_000))
        watched.look()
    assert people(session, cast) == 2
    assert watched.names("done") == sorted(["night.csv", "night.csv.json", "night.csv.txt"] * 2)


def test_what_was_taken_back_may_come_again(session: Session, cast: Cast, watched: Watching) -> None:
    watched.put("a.csv", first_of("herp.csv", 5))
    watched.look()
    session.rollback()
    with scopes.company(session, cast.acme.id):
        entry_id = session.scalars(select(Import.journal_entry_id)).one()
        assert entry_id is not None
        undo(session, cast.acme.id, entry_id, by_user_id=cast.ada.id)
        session.commit()
    assert people(session, cast) == 0
    watched.put("b.csv", first_of("herp.csv", 5))
    watched.look()
    assert people(session, cast) == 5


def test_a_kill_between_import_and_move_leaves_one_import_and_one_report(
    session: Session, cast: Cast, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    for place in ("_write", "_keep"):
        watched.put(f"{place}.csv", first_of("herp.csv", 5 if place == "_write" else 6))
        with monkeypatch.context() as patch:
            patch.setattr(folders, place, killed)
            with pytest.raises(KeyboardInterrupt):
                watched.look()
        watched.look()
    with monkeypatch.context() as patch:
        watched.put("before.csv", first_of("herp.csv", 7))
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            watched.look()
    watched.look()
    assert imports(session, cast) == 3
    files = ("_keep.csv", "_write.csv", "before.csv")
    assert watched.names("done") == sorted(f"{name}{end}" for name in files for end in ("", ".json", ".txt"))
    assert watched.report("done", "before.csv")["created"] == 1


@pytest.mark.parametrize("name", ["bad-rows.csv", "empty.csv", "header-only.csv", "not-a-table.csv"])
def test_a_refused_file_keeps_its_bytes(session: Session, cast: Cast, watched: Watching, name: str) -> None:
    data = (SAMPLES / "broken" / name).read_bytes()
    watched.put(name, data)
    watched.look()
    (moved,) = (watched.path / "refused").glob(f"*_{name}")
    assert moved.read_bytes() == data
    report = watched.report("refused", name)
    assert set(report) == KEYS
    assert report["problems"]
    assert "取り込んでいません" in watched.words("refused", name)
    assert (imports(session, cast), people(session, cast)) == (0, 0)


def test_what_is_not_a_file_of_people_yet_stays_and_says_why(
    session: Session, cast: Cast, watched: Watching, tmp_path: Path
) -> None:
    (outside := tmp_path.parent / f"{tmp_path.name}-outside.csv").write_bytes(one("山田 外"))
    (watched.path / "link.csv").symlink_to(outside)
    (watched.path / "sub").mkdir()
    (watched.path / "sub" / "in.csv").write_bytes(one("山田 中"))
    os.mkfifo(watched.path / "pipe.csv")
    for name in (".hidden.csv", "~$book.xlsx", "half.csv.part", "half.CSV.TMP"):
        watched.put(name, one("山田 半"))
    before = sorted(os.listdir(watched.path))
    watched.look()
    assert sorted(os.listdir(watched.path)) == before
    assert people(session, cast) == 0
    assert len(watched.said) == 7, "each is said once, however often it is looked at"
    for part in ("リンク", "フォルダー", "普通のファイルではない", "隠しファイル", "書きかけ"):
        assert any(part in sentence for sentence in watched.said), part


def test_a_growing_file_and_one_that_is_held_open_are_waited_for(
    session: Session, cast: Cast, watched: Watching
) -> None:
    whole = (SAMPLES / "herp.csv").read_bytes()
    with (watched.path / "slow.csv").open("wb") as file:
        file.write(whole[:9000])
        file.flush()
        watched.look()
        watched.look()
        assert people(session, cast) == 0
        file.write(whole[9000:])
    watched.look()
    assert people(session, cast) == 240


def test_a_file_that_changes_while_it_is_read_is_waited_for(
    session: Session, cast: Cast, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watched.put("a.csv", first_of("herp.csv", 5))
    opened = WatchedFolder.open

    def and_written(self: WatchedFolder, name: str) -> Any:
        file = opened(self, name)
        path.write_bytes(first_of("herp.csv", 6))
        return file

    with monkeypatch.context() as patch:
        patch.setattr(WatchedFolder, "open", and_written)
        watched.look()
    assert people(session, cast) == 0
    watched.look()
    assert people(session, cast) == 6


def test_what_overwrites_a_file_that_was_taken_comes_in_by_itself(
    session: Session, cast: Cast, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = watched.put("a.csv", first_of("herp.csv", 5))
    bring = watching._bring

    def and_overwritten(*args: Any) -> Any:
        brought = bring(*args)
        path.write_bytes(first_of("herp.csv", 8))
        return brought

    with monkeypatch.context() as patch:
        patch.setattr(watching, "_bring", and_overwritten)
        watched.look()
        assert people(session, cast) >= 5
    watched.look()
    assert people(session, cast) == 8
    assert not list(watched.path.glob("*.csv"))


@pytest.mark.parametrize(
    "name", ["応募者 一覧.csv", "a\nb.csv", "-rf.csv", "x" * 250 + ".csv", os.fsdecode(b"\x83\x65.csv")]
)
def test_odd_names_go_in_like_others(session: Session, cast: Cast, watched: Watching, name: str) -> None:
    watched.put(name, one("山田 花子"))
    watched.look()
    assert people(session, cast) == 1
    assert len(list((watched.path / "done").iterdir())) == 3
    assert not list(watched.path.glob("*.csv"))


def test_the_older_file_goes_in_first(session: Session, cast: Cast, watched: Watching) -> None:
    newer = watched.put(
        "a.csv", sheet([{"氏名": "山田 花子", "メールアドレス": "y@mail.example", "電話番号": "090-1111-2222"}])
    )
    older = watched.put(
        "b.csv", sheet([{"氏名": "山田 花子", "メールアドレス": "y@mail.example", "電話番号": "090-3333-4444"}])
    )
    os.utime(older, (1_600_000_000, 1_600_000_000))
    os.utime(newer, (1_700_000_000, 1_700_000_000))
    watched.look()
    session.rollback()
    with scopes.company(session, cast.acme.id):
        assert "1111" in session.scalars(select(Candidate.phone)).one()


def test_two_folders_of_one_company_import_the_same_file_once(
    session: Session, cast: Cast, watched: Watching, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Watching(tmp_path / "other", cast.acme.id)
    for each in (watched, other):
        each.put("a.csv", first_of("herp.csv", 5))
        each.look()
    assert imports(session, cast) == 1
    other.folder.release()


def test_another_company_may_bring_the_same_file(
    session: Session, cast: Cast, watched: Watching, tmp_path: Path
) -> None:
    watched.put("a.csv", first_of("herp.csv", 5))
    watched.look()
    (tmp_path / "other").mkdir()
    other = Watching(tmp_path / "other", cast.other.id)
    other.put("a.csv", first_of("herp.csv", 5))
    other.look()
    assert set(other.report("done", "a.csv")) == KEYS
    other.folder.release()


def test_one_process_watches_a_folder(watched: Watching) -> None:
    with pytest.raises(FolderWatched, match="ほかの「relay import --watch」"):
        WatchedFolder(watched.path, SETTLE, print).claim()


@contextmanager
def trouble(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """Every report that is written fails so."""

    def fails(*_args: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(folders, "_write", fails)
        yield


def test_a_full_disk_is_said_and_the_file_is_not_imported_twice(
    session: Session, cast: Cast, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "AGAIN_AFTER", 0.0)
    watched.put("a.csv", first_of("herp.csv", 5))
    with trouble(monkeypatch, 28):
        watched.look()
    assert watched.said == [
        "「a.csv」を読めないか、移せませんでした（空き容量がありません）。そのまま残し、あとでもう一度試します。"
    ]
    watched.look()
    assert imports(session, cast) == 1
    assert watched.names("done") == ["a.csv", "a.csv.json", "a.csv.txt"]


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "done").write_text("a file where a folder is wanted", encoding="utf-8")
    with pytest.raises(NotWritable, match="見張れません"):
        WatchedFolder(tmp_path, SETTLE, print).claim()


def test_a_database_that_is_away_is_waited_for(
    session: Session, cast: Cast, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "AGAIN_AFTER", 0.0)
    watched.put("a.csv", first_of("herp.csv", 5))
    with monkeypatch.context() as patch:
        patch.setattr(watching.whole, "bring", lambda session, *_rest: session.execute(text("SELECT nothing_there")))
        watched.look()
    assert any("データベースを使えない" in sentence for sentence in watched.said)
    watched.look()
    assert people(session, cast) == 5


def test_a_fault_of_ours_refuses_its_file_and_lets_the_next_one_in(
    session: Session, cast: Cast, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.put("a.csv", first_of("herp.csv", 5))
    with monkeypatch.context() as patch:
        patch.setattr(watching.whole, "bring", lambda *_all: 1 // 0)
        watched.look()
    assert "Relayの誤り" in watched.words("refused", "a.csv")
    watched.put("b.csv", first_of("herp.csv", 5))
    watched.look()
    assert people(session, cast) == 5


def test_the_command_asks_for_a_file_or_a_folder(cast: Cast, tmp_path: Path) -> None:
    base = ["import", "--company", "acme", "--basis", "stated"]
    file = str(SAMPLES / "herp.csv")
    for words in ([], [file, "--watch", str(tmp_path)], ["--watch", str(tmp_path), "--dry-run"]):
        assert CliRunner().invoke(main, [*base, *words]).exit_code == 2
    unknown = CliRunner().invoke(main, [*base, "--watch", str(tmp_path), "--format", "nothing"])
    assert unknown.exit_code == 1
    assert "という形式はありません" in unknown.stderr
