"""`relay receipt`: whether a receipt says what this Relay, or another one whose public keys are given, has signed."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app

from relay import clock
from relay.cli.act import with_app
from relay.trust import receipt_keys

A_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="receipt")
def command() -> None:
    """同意の控えを扱います。"""


@command.command()
@click.argument("file", type=A_FILE)
@click.option(
    "--key", "keys", type=A_FILE, help=f"別のRelayが {receipt_keys.PATH} で公開している鍵を保存したファイル。"
)
def verify(file: Path, keys: Path | None) -> None:
    """控え（JSON）の署名を確認します。発行されたときから変わっていれば、終了コード1で終わります。"""
    public = _saved_keys(keys) if keys else _own_keys()
    with file.open("rb") as opened:
        receipt = receipt_keys.verify(opened.read(receipt_keys.MAX_SIZE + 1), public)
    try:
        made = datetime.fromisoformat(receipt["dct:created"]).astimezone(clock.JAPAN)
        by = receipt["dct:publisher"]["dpv:hasName"]
    except (KeyError, TypeError, ValueError) as error:
        raise receipt_keys.ReceiptUnreadable from error
    click.echo(f"署名は正しく、内容は発行されたときのままです（{made:%Y年%-m月%-d日 %-H:%M}、{by}）。")


@with_app
def _own_keys() -> dict[str, Any]:
    return receipt_keys.public_keys(current_app.config["RELAY"])


def _saved_keys(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise receipt_keys.ReceiptKeysUnreadable from error
