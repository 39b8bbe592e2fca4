"""`relay referral`: the operator's look at completed referrals, and voiding one that is no person of its own."""

import click
from sqlalchemy.orm import Session

from relay.cli.act import one_act
from relay.identity import companies
from relay.models import HintKind
from relay.network import referrals

KIND_WORDS = {
    HintKind.OWN_DOMAIN: "企業自身のメールドメインに案内",
    HintKind.OTHER_ADDRESS: "案内とは別の宛先で登録",
    HintKind.SAME_NETWORK: f"1日のうちに同じネットワークから{referrals.MANY}件以上",
    HintKind.SAME_MINUTE: f"1分のうちに{referrals.MANY}件以上",
}
"""What the operator reads; the company's page says less."""


@click.group(name="referral")
def command() -> None:
    """リレー完了の記録を確認し、本人でない登録を取り消します。"""


@command.command("list")
@click.option("--company", "slug", required=True, metavar="SLUG", help="企業の短い名前")
@click.option("--hints", "only_hints", is_flag=True, help="確認したい登録だけを示します。")
@one_act
def show(session: Session, /, slug: str, only_hints: bool) -> None:
    """リレー完了を新しい順に示します（番号・日付・確認したいきっかけ・取り消しの理由）。氏名や宛先は示しません。"""
    company = companies.by_slug(session, slug)
    found = referrals.listed(session, company.id, only_hints=only_hints)
    if not found:
        click.echo("確認したい登録はありません。" if only_hints else "リレー完了はまだありません。")
    for each in found:
        words = "、".join(KIND_WORDS[kind] for kind in each.kinds)
        voided = f"取り消し済み（{each.void_reason}）" if each.voided else ""
        click.echo("\t".join(part for part in (f"{each.number}番", f"{each.day:%Y-%m-%d}", words, voided) if part))


@command.command()
@click.option("--company", "slug", required=True, metavar="SLUG", help="企業の短い名前")
@click.option("--number", required=True, type=click.IntRange(min=1), help="リレー完了の番号")
@click.option("--reason", required=True, metavar="TEXT", help="取り消す理由（企業の紹介枠の記録に表示されます）")
@one_act
def void(session: Session, /, slug: str, number: int, reason: str) -> None:
    """本人でない登録を、リレー完了の数から取り消します。同意の取り消しは理由になりません。"""
    company = companies.by_slug(session, slug)
    referral = referrals.of_number(session, company.id, number)
    if referral.voided_at is not None and not referral.mistaken:
        click.echo(f"「{company.name}」の{number}番は、すでに取り消されています。何も変わっていません。")
        return
    took_back = referrals.void(session, company.id, referral.id, reason)
    credit = "紹介枠を1件取り消しました。" if took_back else "紹介枠は変わりません。"
    click.echo(f"「{company.name}」の{number}番を取り消しました。{credit}")
