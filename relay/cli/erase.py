"""`relay erase`: one person, by mail address."""

import click
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.identity.companies import by_slug
from relay.rights.erasure import erase_address


@click.command("erase", help="このメールアドレスの方を消去します（--company がなければすべての企業と本人の登録から）。")
@click.argument("email")
@click.option("--company", "slug", help="この企業の候補者としてだけ消去します。本人の登録は残ります。")
@click.option("--yes", is_flag=True, help="確認せずに消去します。")
def command(email: str, slug: str | None, yes: bool) -> None:
    """Ask once more, then erase."""
    where = f"企業 {slug} の候補者" if slug else "すべての企業の候補者と、本人の登録"
    if not yes:
        click.confirm(f"{email} を{where}から消去します。元に戻せません。続けますか", abort=True)
    _erase(email, slug)


@one_act
def _erase(session: Session, email: str, slug: str | None) -> None:
    erased = erase_address(session, email, by_slug(session, slug).id if slug else None)
    if not erased:
        click.echo("該当する方はいませんでした。何も変わっていません。")
        return
    click.echo(
        f"候補者 {erased.candidates}件、登録 {erased.profiles}件、メールなどの記録 {erased.others}件を消去しました。"
        "第三者提供記録は、法律の定めにより作成から3年間残ります。"
        + ("本人の登録が残り、登録先への提供が続くときは、本人にメールでお知らせします。" if slug else "")
    )
