"""`relay retention`: who has reached their last day."""

import click
from sqlalchemy.orm import Session

from relay.cli.act import with_app
from relay.extensions import begin_writing, db
from relay.models import Actor, Company, act_as
from relay.models.names import names_by_id
from relay.network import profiles
from relay.rights import retention

_NOBODY = "期限を過ぎた方はいません。"


@click.group("retention", help="保管の期限を過ぎた方を消去します。")
def command() -> None:
    """Hold the commands together."""


@command.command("run", help="期限を過ぎた方を、いま消去します（毎日、送信の係が自動で行います）。")
@click.option("--dry-run", is_flag=True, help="消去せず、何名をなぜ消去するかを企業ごとに示します（氏名は出ません）。")
@with_app
def run(dry_run: bool) -> None:
    """Erase part by part, each a transaction of its own, and say how many left which company; or only say it."""
    begin_writing()
    session = db.session()
    act_as(session, Actor("cli"))
    lines = _foreseen(session) if dry_run else _done(session)
    for line in lines or [_NOBODY]:
        click.echo(line)


def _foreseen(session: Session) -> list[str]:
    """Say by company how many leave, on which basis and by which numbers: a terminal and its log keep no name."""
    coming = retention.due(session)
    names = names_by_id(session, Company.name, (each.company_id for each in coming))
    lines = []
    for each in coming:
        name = names[each.company_id]
        if each.count:
            why = "、".join(f"{basis.label} {count}名" for basis, count in each.by_basis.items())
            numbers = "、".join(map(str, each.first)) + (" ほか" if each.count > len(each.first) else "")
            lines.append(f"{name}: {each.count}名が対象です（{why}）。候補者の記録の番号：{numbers}")
        if each.held:
            lines.append(f"{name}: {each.held}名は、消去を保留しています。")
    if registered := profiles.count_ended(session):
        lines.append(
            f"登録プロフィール：{registered}名が対象です（すべての同意が終わって{profiles.KEPT_DAYS}日たちました）"
        )
    return lines


def _done(session: Session) -> list[str]:
    for _looked_at in retention.date_unfinished(session):
        session.commit()
    left: dict[int, int] = {}
    remaining = True
    while remaining:
        report = retention.run(session)
        session.commit()
        for part in report:
            left[part.company_id] = left.get(part.company_id, 0) + part.count
        remaining = any(part.remaining for part in report)
    names = names_by_id(session, Company.name, left)
    lines = [f"{names[company_id]}: {count}名を消去しました" for company_id, count in left.items()]
    registered, gone = 0, retention.run_profiles(session)
    while gone:
        session.commit()
        registered += len(gone)
        gone = retention.run_profiles(session, after=gone[-1])
    session.commit()
    return [*lines, f"登録プロフィール：{registered}名を消去しました"] if registered else lines
