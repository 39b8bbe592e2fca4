"""`relay retention`: who has reached their last day."""

import click
from sqlalchemy.orm import Session

from relay.cli.act import with_app
from relay.extensions import begin_writing, db
from relay.models import Actor, Company, act_as
from relay.models.names import names_by_id
from relay.network import profiles
from relay.rights import retention


@click.group("retention", help="保管の期限を過ぎた方を消去します。")
def command() -> None:
    """Hold the commands together."""


@command.command("run", help="期限を過ぎた方を、いま消去します（毎日、送信の係が自動で行います）。")
@click.option("--dry-run", is_flag=True, help="消去せず、何名かだけを示します。")
@with_app
def run(dry_run: bool) -> None:
    """Erase part by part, each a transaction of its own, and say how many left which company."""
    begin_writing()
    session = db.session()
    act_as(session, Actor("cli"))
    left: dict[int, int] = {}
    remaining = True
    while remaining:
        report = retention.run(session, dry_run=dry_run)
        session.commit()
        for part in report:
            left[part.company_id] = left.get(part.company_id, 0) + part.count
        remaining = any(part.remaining for part in report)
    registered = _profiles(session, dry_run)
    if not (left or registered):
        click.echo("期限を過ぎた方はいません。")
        return
    _say(session, left, dry_run)
    if registered:
        click.echo(f"登録プロフィール：{registered}名{_WHAT[dry_run]}")


_WHAT = {True: "が対象です", False: "を消去しました"}


def _profiles(session: Session, dry_run: bool) -> int:
    """Count registered people whose last consent ended 30 days ago."""
    if dry_run:
        return profiles.count_ended(session)
    count, gone = 0, retention.run_profiles(session)
    while gone:
        session.commit()
        count += len(gone)
        gone = retention.run_profiles(session, after=gone[-1])
    session.commit()
    return count


def _say(session: Session, left: dict[int, int], dry_run: bool) -> None:
    names = names_by_id(session, Company.name, left)
    for company_id, count in left.items():
        click.echo(f"{names[company_id]}: {count}名{_WHAT[dry_run]}")
