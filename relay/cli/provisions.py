"""`relay provisions`: the operator's register of what was provided to whom, as a file for an inspector."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

import click

from relay import clock
from relay.cli.act import with_app
from relay.extensions import begin_reading, db, short_write
from relay.models import Actor, EventTag, RelatedProvision, act_as, event_data, record
from relay.network import consent_texts, partners, profiles, related_consents
from relay.text.spreadsheet import csv_utf8
from relay.trust import provision_registers, related_provisions
from relay.trust.provision_registers import GivenProvision, RegisterFilter

_DAY = click.DateTime(["%Y-%m-%d"])
_KINDS = {
    "made_available": "閲覧できるようにした",
    "viewed": "提供先が開いた",
    "exported": "提供先が書き出した",
    "read_by_api": "提供先のシステムが読み取った",
}
_HEADING = (
    "日時", "種類", "本人の氏名", "照会番号", "項目", "利用目的", "同意の日時", "提供先の名称", "提供先の住所",
    "提供先の代表者", "提供先の許可番号", "きっかけの企業",
)  # fmt: skip
"""The facts that 規則20条1項 asks for, and the moment from which the term is counted."""


@click.command("provisions", help="第三者提供の記録（個人情報保護法29条）を、CSVのファイルに書き出します。")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--since", type=_DAY, help="この日からの記録（2026-04-01 の形）。")
@click.option("--until", type=_DAY, help="この日までの記録。")
@click.option("--partner", "slug", help="この提携先への提供だけ。")
@click.option("--person", default="", help="この照会番号、または氏名（記録のとおり）の方だけ。")
@with_app
def command(file: Path, since: datetime | None, until: datetime | None, slug: str | None, person: str) -> None:
    """Write a file that only its owner can read; one that is there already is left alone."""
    begin_reading()
    session = db.session()
    which = RegisterFilter(
        since=since.date() if since else None,
        until=until.date() if until else None,
        partner_id=partners.by_slug(session, slug).id if slug else None,
        person=person,
    )
    register = _Register(provision_registers.given(session, which), related_provisions.given(session, which))
    try:
        with file.open("xb") as opened:
            opened.writelines(csv_utf8(register.rows()))
    except FileExistsError:
        raise click.ClickException(f"{file} はすでにあります。別の名前を指定してください。") from None
    session.rollback()
    with short_write() as writing:
        act_as(writing, Actor("cli"))
        record(writing, EventTag.PROVISIONS_WRITTEN_OUT, data=event_data.Counted(count=register.count))
    click.echo(f"{register.count:,}件の記録を {file} に書き出しました。")


class _Register:
    """The rows of the file, counted while they are written."""

    def __init__(self, lines: Iterator[GivenProvision], related: Iterator[RelatedProvision]) -> None:
        self._lines, self._related = lines, related
        self.count = 0

    def rows(self) -> Iterator[Sequence[str]]:
        """Yield the heading, then a row for each record; those of related companies last."""
        yield _HEADING
        for row in chain(map(_row, self._lines), map(_related_row, self._related)):
            self.count += 1
            yield row


def _row(line: GivenProvision) -> Sequence[str]:
    recipient = line.recipient
    return (
        _moment(line.at),
        _KINDS[line.kind.value],
        line.person_name,
        line.person_code,
        "、".join(profiles.item_labels(line.items)),
        consent_texts.recorded_purposes(recipient),
        _moment(line.consented_at),
        *(str(recipient.get(name) or "") for name in ("name", "address", "representative", "license_number")),
        str(line.provider.get("name", "")),
    )


def _related_row(told: RelatedProvision) -> Sequence[str]:
    recipient = told.recipient
    return (
        _moment(told.at),
        "関連会社に伝えた",
        told.person_name,
        "",
        "、".join(str(related_consents.TOLD[each]) for each in told.items),
        str(related_consents.PURPOSE),
        _moment(told.consented_at),
        *(recipient[name] for name in ("name", "address", "representative")),
        "",
        str(told.company_snapshot["name"]),
    )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(clock.JAPAN):%Y-%m-%d %H:%M}"
