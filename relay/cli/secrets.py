"""`relay secrets`: list what lies sealed in the database, and seal it again after the secret key was changed (E-24)."""

from typing import NamedTuple

import click
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from relay.cli.act import one_act
from relay.infra import vault
from relay.models import HerpConnection, InstallationMailServer, MailServer, User, WebhookEndpoint, scopes

IN_FORCE: tuple[InstrumentedAttribute[str], ...] = (
    MailServer.password,
    InstallationMailServer.password,
    User.totp_secret,
    WebhookEndpoint.secret,
    HerpConnection.key,
)
WAITING: tuple[InstrumentedAttribute[str], ...] = (User.totp_pending, WebhookEndpoint.former_secret)
"""Enrolments not finished yet, and secrets that sign for a day more: where no key opens one, nobody misses it."""
ACROSS = "secrets: what is sealed, of every company and login"


class Seals(NamedTuple):
    """How the secrets in force are sealed, as numbers."""

    current: int = 0
    old: int = 0
    """With a fallback: opened, as long as that key stays in the settings."""
    broken: int = 0
    """With a key that is not there."""


@click.group(name="secrets")
def command() -> None:
    """データベースに閉じて保存された、秘密の値を扱います。"""


@command.command()
@one_act
def reseal(session: Session) -> None:
    """鍵（RELAY_SECRET_KEY）を変えたあとで、以前の鍵で閉じた値を、いまの鍵で閉じ直します。何度実行してもかまいません。"""
    found = count(session)
    _seal_anew(session)
    done = f"{found.old}件を、いまの鍵で閉じ直しました。" if found.old else "閉じ直すものは、ありませんでした。"
    click.echo(done)
    if found.broken:
        click.echo(
            f"{found.broken}件は、どの鍵でも開けないため、そのままです。"
            "以前の RELAY_SECRET_KEY を RELAY_SECRET_KEY_FALLBACKS に書き足して、もう一度実行してください。",
            err=True,
        )


def count(session: Session) -> Seals:
    """Return how many secrets in force open with the present key, with an earlier one, and not at all."""
    current = old = broken = 0
    with scopes.everyone(session, ACROSS):
        for column in IN_FORCE:
            for sealed in session.scalars(select(column).where(column != "")):
                opens = vault.opens(sealed)
                current += opens and vault.is_current(sealed)
                old += opens and not vault.is_current(sealed)
                broken += not opens
    return Seals(current, old, broken)


def _seal_anew(session: Session) -> None:
    """Seal again; rows are locked before they are read, so that a secret set meanwhile is not written over."""
    with scopes.everyone(session, ACROSS):
        for column in (*IN_FORCE, *WAITING):
            sealed = select(column.class_).where(column != "").with_for_update()
            for row in session.scalars(sealed.execution_options(populate_existing=True)):
                kept = getattr(row, column.key)
                if vault.opens(kept) and not vault.is_current(kept):
                    setattr(row, column.key, vault.seal(vault.unseal(kept)))
        session.flush()
