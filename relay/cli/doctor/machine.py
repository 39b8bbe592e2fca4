"""Checks of the machine: room on the disk, who may read the keys, the age of the backup, the clock."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from relay import clock
from relay.cli.backup import NOTE
from relay.cli.doctor.finding import Finding, hint, trouble, well
from relay.config import Settings

GIGABYTE = 1024**3
LEAST_ROOM = GIGABYTE
SECRET_FILES = ("hash-key", "receipt-key", "config.toml", "development-secret-key", "relay.sqlite3")
BACKUP_EVERY = timedelta(hours=50)
"""A daily backup may be late or fail once before it counts as trouble."""


def check(settings: Settings) -> Iterator[Finding]:
    """Everything that needs no database."""
    yield _room(settings.instance)
    yield from _readable(settings.instance)
    yield _backup(settings)
    yield from _scanner(settings)
    yield from _clock()


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    told = f"ディスクの空き：{free / GIGABYTE:,.1f}GB"
    if free < LEAST_ROOM:
        return trouble(
            "disk", f"{told}。まもなく書き込めなくなります。", f"{folder} のあるディスクに空きを作ってください。"
        )
    return well("disk", told)


def _readable(folder: Path) -> Iterator[Finding]:
    for path in [folder, *(folder / name for name in SECRET_FILES)]:
        if path.exists() and path.stat().st_mode & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield hint(f"mode:{path.name}", f"{path} を、この機械のほかの利用者も読めます。", f"chmod {mode} {path}")


def _backup(settings: Settings) -> Finding:
    do = "relay backup を毎日動かしてください（relay units が作る relay-backup.timer）。"
    note = settings.instance / NOTE
    if not note.exists():
        level = hint if settings.development else trouble
        return level("backup", "バックアップが、まだ一度もありません。", do)
    told = json.loads(note.read_text(encoding="utf-8"))
    made, path = datetime.fromisoformat(told["at"]), Path(told["path"])
    shown = f"最後のバックアップ：{made.astimezone(clock.JAPAN):%-m月%-d日 %-H:%M}（{path}）"
    if clock.now() - made > BACKUP_EVERY:
        return trouble("backup", f"{shown}。新しいものがありません。", do)
    if not path.exists():
        return hint(
            "backup", f"{shown}。そのファイルは、もうそこにありません。", "移したのでなければ、作り直してください。"
        )
    return well("backup", shown)


def _scanner(settings: Settings) -> Iterator[Finding]:
    """Yield a trouble where files are to be scanned by a program that is not there: none can be kept."""
    if settings.scan_command and shutil.which(shlex.split(settings.scan_command)[0]) is None:
        do = "プログラムを入れるか、RELAY_SCAN_COMMAND を修正してください。"
        yield trouble("scanner", "書類を検査するプログラムが見つかりません。書類を保存できません。", do)


def _clock() -> Iterator[Finding]:
    """Yield what systemd says of the clock, where it runs; codes and links depend on it."""
    program = shutil.which("timedatectl")
    if program is None or not Path("/run/systemd/system").exists():
        return
    words = [program, "show", "--property", "NTPSynchronized", "--value"]
    told = subprocess.run(words, capture_output=True, text=True, timeout=10, check=False).stdout.strip()  # noqa: S603  (no word of anyone's)
    if told == "no":
        yield hint(
            "ntp", "時計が合わせられていません。二段階認証の番号が合わなくなります。", "timedatectl set-ntp true"
        )
