"""`relay backup`: everything this installation owns in one file, while it goes on working."""

import json
import re
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import click
from flask import current_app

from relay import clock, migrations
from relay.cli.act import with_app
from relay.cli.backup import archive, rows
from relay.config import Settings
from relay.errors import DomainError, NotWritable
from relay.extensions import db
from relay.rights import erased_keys
from relay.rights.requests import BACKUP_DAYS

NOTE = "last-backup.json"
UPLOADS = "uploads"
FILES = ("config.toml", erased_keys.FILE, "development-secret-key")
_OURS = re.compile(r"relay-(\d{8}-\d{6})\.backup")
_STAMP = "%Y%m%d-%H%M%S"


class NothingToBackUp(DomainError):
    """Raise where there is no database with a schema."""

    code = "nothing-to-back-up"
    message = "データベースがまだありません。先に relay db upgrade を実行してください。"


@click.command("backup", help="データベース、鍵、設定、添付を、一つのファイルに書き出します。動かしたままで使えます。")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    default=BACKUP_DAYS,
    show_default=True,
    type=click.IntRange(1, BACKUP_DAYS),
    help="PATHがフォルダーのとき、これより古いバックアップを削除します（日数）。",
)
@with_app
def command(path: Path, keep: int) -> None:
    """Write the file, note when, and let go of those that are too old."""
    folder = path if path.is_dir() else None
    goal = path / f"relay-{clock.now().astimezone(clock.JAPAN):{_STAMP}}.backup" if folder else path
    try:
        manifest = make(goal)
        _note(goal)
    except OSError as error:
        raise NotWritable(f"{goal} に書けません（{error.strerror}）。バックアップはできていません。") from error
    gone = _let_go(folder, keep) if folder else 0
    size = goal.stat().st_size / 1024 / 1024
    click.echo(f"{goal} に書き出しました（{sum(manifest.rows.values()):,}行、{size:,.1f}MB）。")
    if gone:
        click.echo(f"{keep}日より古いバックアップを{gone}個削除しました。")


def make(goal: Path) -> archive.Manifest:
    """Write a backup of this installation to `goal`. Raises NothingToBackUp, OSError."""
    settings: Settings = current_app.config["RELAY"]
    db.session.remove()
    revision = migrations.current(db.engine)
    if revision is None:
        raise NothingToBackUp
    manifest = archive.Manifest(
        made_at=clock.now().isoformat(),
        relay=version("relay"),
        revision=revision,
        database=db.engine.dialect.name,
    )
    with archive.write(goal, manifest) as writing:
        rows.dump(db.engine, writing)
        with writing.part("hash-key") as part:
            part.write(settings.hash_key)
        with writing.part("receipt-key") as part:
            part.write(settings.receipt_key.encode())
        for path in _files(settings.instance):
            writing.add(path.relative_to(settings.instance).as_posix(), path)
    return manifest


def _files(instance: Path) -> list[Path]:
    """Return the files beside the database that belong to it; not the development mailbox with its live links."""
    kept = [instance / name for name in FILES if (instance / name).is_file()]
    return kept + sorted(path for path in (instance / UPLOADS).rglob("*") if path.is_file())


def _note(goal: Path) -> None:
    """Note for `relay doctor` when the last backup was made, and where it lies."""
    settings: Settings = current_app.config["RELAY"]
    told = {"at": clock.now().isoformat(), "path": str(goal.resolve()), "bytes": goal.stat().st_size}
    (settings.instance / NOTE).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _let_go(folder: Path, days: int) -> int:
    """Delete the backups of ours in this folder that are older than so many days; returns how many."""
    oldest = clock.now() - timedelta(days=days)
    old = [path for path in folder.iterdir() if (made := _made(path)) is not None and made < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _made(path: Path) -> datetime | None:
    named = _OURS.fullmatch(path.name)
    return datetime.strptime(named[1], _STAMP).replace(tzinfo=clock.JAPAN) if named else None
