"""`relay units`: the services and timers of one Linux machine, with the paths of this very checkout."""

import sys
from pathlib import Path

import click

from relay.config import ROOT
from relay.errors import NotWritable

FOLDER = Path(__file__).resolve().parent
HARDENING = FOLDER / "hardening.conf"
HOMES = (Path("/home"), Path("/root"), Path("/run/user"))


@click.command("units", help="systemd のサービスとタイマーの設定を、FOLDERに書き出します。")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--user", default="relay", show_default=True, help="Relayを動かす、この機械の利用者。")
@click.option("--instance", default="/var/lib/relay", show_default=True, help="このRelayのフォルダー。")
@click.option("--backups", default="/var/backups/relay", show_default=True, help="バックアップを置くフォルダー。")
@click.option("--incoming", default="/var/spool/relay", show_default=True, help="見張るフォルダーを置くフォルダー。")
def command(folder: Path, user: str, instance: str, backups: str, incoming: str) -> None:
    """Write the units; doing it again rewrites them."""
    program = Path(sys.prefix) / "bin" / "relay"
    asked = {"backups": backups, "incoming": incoming}
    names = {"user": user, "instance": instance, "root": str(ROOT), "program": str(program), **asked}
    homes = homes_shown(ROOT, program, Path(sys.base_prefix), Path(instance), *map(Path, asked.values()))
    try:
        for source in sorted([*FOLDER.glob("*.service"), *FOLDER.glob("*.target"), *FOLDER.glob("*.timer")]):
            goal = folder / source.name
            text = source.read_text(encoding="utf-8")
            writable = " ".join([instance, *(path for name, path in asked.items() if f"{{{name}}}" in text)])
            hardening = filled(HARDENING, homes=homes, writable=writable).rstrip("\n")
            goal.write_text(filled(source, hardening=hardening, **names), encoding="utf-8")
            goal.chmod(0o644)
            click.echo(str(goal))
    except OSError as error:
        raise NotWritable(f"{folder} に書けません（{error.strerror}）。") from error


def homes_shown(*paths: Path) -> str:
    """Return how much of people's homes the services see: nothing, unless Relay or its Python lives in one."""
    return "read-only" if any(path.is_relative_to(home) for path in paths for home in HOMES) else "yes"


def filled(source: Path, **names: str) -> str:
    """Return a template with its {names} filled in."""
    text = source.read_text(encoding="utf-8")
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text
