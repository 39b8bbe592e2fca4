"""`relay restore`: put a backup back, erase again the people erased since, and only then let it be seen (A-26).

A restore goes back in time. What must not come back is taken out before the data takes its place: erased people,
signed-in browsers, links that open a login. Mail that waited at the time of the backup may have left since, so
sending is stopped until a person has looked.
"""

import dataclasses
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from relay import clock, config, create_app, migrations
from relay.candidates import files
from relay.cli.backup import UPLOADS, archive, rows
from relay.cli.backup.targets import Target, target_of
from relay.config import ROOT, Settings
from relay.errors import DomainError, SettingsRefused
from relay.extensions import db
from relay.indexing import search_rows
from relay.insight import month_report
from relay.models import (
    Actor,
    Candidate,
    Company,
    Message,
    MessageState,
    Partner,
    Token,
    TokenPurpose,
    UserSession,
    act_as,
    scopes,
)
from relay.network import morning, partner_people
from relay.rights import erased_keys
from relay.rights.erasure import Erased, erase_again

_ENTRANCES = (TokenPurpose.SETUP, TokenPurpose.PASSWORD, TokenPurpose.NEW_EMAIL, TokenPurpose.INVITE)
"""Links that open a login. An invitation may have been taken back since; one that is still wanted is sent again."""
RECEIPT_KEY = "receipt-key"
_UNDER_WAY = (MessageState.SCHEDULED, MessageState.SENDING)


class WouldOverwrite(DomainError):
    """Raise where the database holds people already and `--replace` is missing."""

    code = "restore-would-overwrite"
    message = "データベースには、すでに人がいます。置き換えるなら --replace を付けてください。何も変更していません。"


@dataclasses.dataclass
class RestoreReport:
    """The report of what a restore changed in the data before putting it in place: erasures repeated, mails stopped."""

    erased: Erased = dataclasses.field(default_factory=Erased)
    stopped: int = 0


@click.command("restore", help="バックアップを戻します。バックアップの後に消去された方は、戻す前に消去し直します。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="いまのデータベースに人がいても、置き換えます。")
@click.option(
    "--erased-keys",
    "kept_elsewhere",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"別の場所に写しておいた {erased_keys.FILE}。",
)
def command(file: Path, replace: bool, kept_elsewhere: Path | None) -> None:
    """Look at every byte, then build the database beside the present one, then swap."""
    with archive.read(file) as backup:
        archive.refuse_newer(file, backup.manifest, migrations.known())
        with _settings_in_place(backup) as settings:
            app = create_app(settings)
            with app.app_context():
                report = _restore(app, backup, replace, kept_elsewhere)
        _tell(backup.manifest, report)


@contextmanager
def _settings_in_place(backup: archive.BackupReader) -> Iterator[Settings]:
    """Yield the installation's settings with the backup's keys; its config.toml only where there is none yet."""
    path = Path(os.environ.get("RELAY_INSTANCE") or ROOT / "instance") / "config.toml"
    kept = backup.bytes_of("config.toml")
    placed = kept is not None and not path.exists()
    if placed:
        backup.unpack("config.toml", path)
    try:
        settings = config.load()
        yield dataclasses.replace(
            settings, hash_key=_hash_key(settings, backup), receipt_key=_receipt_key(settings, backup)
        )
    except BaseException:
        if placed:
            path.unlink(missing_ok=True)
        raise
    if not placed and kept is not None and path.read_bytes() != kept:
        click.echo("config.toml はいまのものを残しました（バックアップのものとは違います）。")


def _hash_key(settings: Settings, backup: archive.BackupReader) -> bytes:
    """Return the backup's key. Raises SettingsRefused where the settings name another: hashes would not match."""
    key = backup.bytes_of("hash-key") or b""
    file = settings.instance / "hash-key"
    if key != settings.hash_key and not (file.exists() and file.read_bytes().strip() == settings.hash_key):
        raise SettingsRefused("RELAY_HASH_KEY がバックアップのときと違います。そのときの値にしてから戻してください。")
    return key


def _receipt_key(settings: Settings, backup: archive.BackupReader) -> str:
    """Return the backup's key for receipts; the present one where the backup has none, or one the settings know.

    Raises SettingsRefused where the settings name another: receipts that people hold would no longer verify.
    """
    key = (backup.bytes_of(RECEIPT_KEY) or b"").decode()
    if not key or key in settings.receipt_key_fallbacks:
        return settings.receipt_key
    file = settings.instance / RECEIPT_KEY
    if key != settings.receipt_key and not (file.exists() and file.read_text().strip() == settings.receipt_key):
        raise SettingsRefused(
            "RELAY_RECEIPT_KEY がバックアップのときと違います。"
            "そのときの値を RELAY_RECEIPT_KEY か RELAY_RECEIPT_KEY_FALLBACKS に書いてから戻してください。"
        )
    return key


def _restore(app: Flask, backup: archive.BackupReader, replace: bool, kept_elsewhere: Path | None) -> RestoreReport:
    settings: Settings = app.config["RELAY"]
    target = target_of(db.engine)
    if target.holds_people() and not replace:
        raise WouldOverwrite
    target.refuse_in_use()
    hashes = _erased_anywhere(settings, target, backup, kept_elsewhere)
    staged_files = settings.instance / f"{UPLOADS}.restoring"
    try:
        report = _build(target.stage(), backup, hashes)
        _unpack_uploads(backup, staged_files)
        target.install()
    finally:
        target.clear()
    _put_files(settings, backup, staged_files, hashes)
    with scopes.everyone(db.session(), "restore: files of people erased since the backup"):
        files.sweep(db.session(), however_young=True)
    db.session.remove()
    db.engine.dispose()
    return report


def _erased_anywhere(
    settings: Settings, target: Target, backup: archive.BackupReader, kept_elsewhere: Path | None
) -> set[str]:
    """Everyone known to be erased: by the file beside the database, by the database, by the backup, by a copy."""
    files = [erased_keys.file_of(settings), *([kept_elsewhere] if kept_elsewhere else [])]
    in_backup = erased_keys.found_in((backup.bytes_of(erased_keys.FILE) or b"").decode("ascii", errors="replace"))
    return in_backup.union(target.erased(), *(erased_keys.read(path) for path in files))


def _build(fresh: Engine, backup: archive.BackupReader, hashes: set[str]) -> RestoreReport:
    """Return the database as it was, at today's revision, without what must not come back."""
    migrations.upgrade(fresh, backup.manifest.revision)
    rows.load(fresh, backup)
    migrations.upgrade(fresh)
    with Session(fresh, expire_on_commit=False) as session:
        act_as(session, Actor("cli"))
        if fresh.dialect.name != backup.manifest.database:
            _index_everyone(session)
        erased_keys.note(session, sorted(hashes))
        report = RestoreReport(erase_again(session, hashes))
        session.execute(delete(UserSession))
        session.execute(update(Token).where(Token.purpose.in_(_ENTRANCES)).values(revoked_at=clock.now()))
        report.stopped = _stop_sending(session)
        morning.after_restore(session)
        month_report.after_restore(session)
        session.commit()
    return report


def _index_everyone(session: Session) -> None:
    """Index everyone: the search rows of one kind of database mean nothing to the other."""
    for company_id in session.scalars(select(Company.id)).all():
        with scopes.company(session, company_id):
            search_rows.index(session, session.scalars(select(Candidate.id)).all(), news=False)
    for partner_id in session.scalars(select(Partner.id)).all():
        with scopes.partner(session, partner_id):
            partner_people.index(session)


def _stop_sending(session: Session) -> int:
    """Stop every company whose mail waited: it may have left after the backup. Returns how many mails wait."""
    with scopes.everyone(session, "restore: which companies' mail was under way when the backup was made"):
        waiting = select(Message.company_id, func.count()).where(
            Message.state.in_(_UNDER_WAY), Message.company_id.is_not(None)
        )
        found: dict[int | None, int] = dict(session.execute(waiting.group_by(Message.company_id)).all())
    stop = update(Company).where(Company.id.in_(found), Company.sending_stopped_at.is_(None))
    session.execute(stop.values(sending_stopped_at=clock.now()))
    return sum(found.values())


def _unpack_uploads(backup: archive.BackupReader, goal: Path) -> None:
    shutil.rmtree(goal, ignore_errors=True)
    for name in backup.names(f"{UPLOADS}/"):
        backup.unpack(name, goal / Path(name).relative_to(UPLOADS))


def _put_files(settings: Settings, backup: archive.BackupReader, uploads: Path, hashes: set[str]) -> None:
    """Put the backup's files in the place of those that are there; the list of erased people only grows."""
    here = settings.instance / UPLOADS
    if here.exists() or uploads.exists():
        shutil.rmtree(here, ignore_errors=True)
    if uploads.exists():
        uploads.replace(here)
    for name in ("hash-key", "development-secret-key"):
        if name in backup.manifest.parts:
            backup.unpack(name, settings.instance / name)
    if backup.bytes_of(RECEIPT_KEY) == settings.receipt_key.encode():
        backup.unpack(RECEIPT_KEY, settings.instance / RECEIPT_KEY)
    path = erased_keys.file_of(settings)
    erased_keys.append(path, sorted(hashes - erased_keys.read(path)))


def _tell(manifest: archive.Manifest, report: RestoreReport) -> None:
    made = datetime.fromisoformat(manifest.made_at).astimezone(clock.JAPAN)
    click.echo(f"{made:%Y年%-m月%-d日 %-H:%M} のバックアップを戻しました（{sum(manifest.rows.values()):,}行）。")
    if report.erased:
        counts = f"候補者 {report.erased.candidates}件、登録 {report.erased.profiles}件"
        click.echo(f"その後に消去された方を、消去し直しました（{counts}）。")
    if report.stopped:
        click.echo(
            f"送信待ちだったメール {report.stopped}通は、すでに送られたものかもしれません。"
            "その企業の送信を止めてあります。確認してから、画面で再開するか、取り消してください。"
        )
    click.echo(
        "全員がログアウトしています。バックアップの後の変更（同意の撤回、配信停止、停止した人など）は戻っていません。"
    )
    click.echo(
        "担当者の権限と、求人のリンク・会社のリンクも、バックアップの時点に戻っています。"
        "その後に権限を減らした人や、閉じたリンクがあれば、もう一度設定してください。"
    )
    click.echo("サービスを動かす前に relay doctor で確認してください。")
