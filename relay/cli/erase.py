"""`relay erase`: one person, by mail address, or by the number of a company's record where there is no address."""

import click
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.identity.companies import by_slug
from relay.rights.erasure import erase_address
from relay.rights.requests import ErasureReason, erase_on_request

_NOBODY = "該当する方はいませんでした。何も変わっていません。"


@click.command("erase", help="このメールアドレスの方を消去します（--company がなければすべての企業と本人の登録から）。")
@click.argument("email", required=False)
@click.option("--company", "slug", help="この企業の候補者としてだけ消去します。本人の登録は残ります。")
@click.option(
    "--candidate",
    "candidate_id",
    type=click.IntRange(1),
    help="メールアドレスの代わりに、--company の候補者の記録の番号（/pool/ のあとの数字）で消去します。",
)
@click.option("--yes", is_flag=True, help="確認せずに消去します。")
def command(email: str | None, slug: str | None, candidate_id: int | None, yes: bool) -> None:
    """Ask once more, then erase."""
    if (email is None) == (candidate_id is None):
        raise click.UsageError("メールアドレスか --candidate の、どちらか一つを指定してください。")
    if candidate_id is not None:
        if slug is None:
            raise click.UsageError("--candidate には --company も指定してください。")
        _ask(f"企業 {slug} の、番号 {candidate_id} の候補者の記録を消去します。", yes)
        _erase_record(candidate_id, slug)
    elif email is not None:
        where = f"企業 {slug} の候補者" if slug else "すべての企業の候補者と、本人の登録"
        _ask(f"{email} を{where}から消去します。", yes)
        _erase(email, slug)


def _ask(what: str, yes: bool) -> None:
    if not yes:
        click.confirm(f"{what}元に戻せません。続けますか", abort=True)


@one_act
def _erase_record(session: Session, candidate_id: int, slug: str) -> None:
    if not erase_on_request(session, by_slug(session, slug).id, candidate_id, reason=ErasureReason.ASKED):
        click.echo(_NOBODY)
        return
    click.echo("候補者の記録 1件を消去しました。ご本人の登録がある場合、それは残ります。")


@one_act
def _erase(session: Session, email: str, slug: str | None) -> None:
    erased = erase_address(session, email, by_slug(session, slug).id if slug else None)
    if not erased:
        click.echo(_NOBODY)
        return
    click.echo(
        f"候補者 {erased.candidates}件、登録 {erased.profiles}件、メールなどの記録 {erased.others}件を消去しました。"
        "第三者提供記録は、法律の定めにより作成から3年間残ります。"
        + ("本人の登録が残り、登録先への提供が続くときは、本人にメールでお知らせします。" if slug else "")
    )
