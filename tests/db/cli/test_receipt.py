"""`relay receipt verify`: by the installation's own keys, or by published ones that were saved."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from relay.cli import main
from relay.trust import receipt_keys

RECEIPT = {"dct:created": "2026-11-29T03:00:00Z", "dct:publisher": {"dpv:hasName": "株式会社みずうみ"}}
SAID = "署名は正しく、内容は発行されたときのままです（2026年11月29日 12:00、株式会社みずうみ）。"


@pytest.fixture
def file(tmp_path: Path, app: Flask) -> Path:
    """A receipt of this installation."""
    made = tmp_path / "receipt.json"
    made.write_bytes(receipt_keys.sign(RECEIPT, receipt_keys.key_of(app.config["RELAY"].receipt_key)))
    return made


def verify(*words: Path | str) -> Result:
    return CliRunner().invoke(main, ["receipt", "verify", *map(str, words)])


def test_the_installations_own_keys_are_used_unless_others_are_named(file: Path) -> None:
    said = verify(file)
    assert (said.exit_code, said.output.strip()) == (0, SAID)
    file.write_bytes(file.read_bytes().replace("みずうみ".encode(), "みずべ".encode()))
    said = verify(file)
    assert (said.exit_code, "署名と内容が合いません" in said.output) == (1, True)
    file.write_bytes(b"{}")
    said = verify(file)
    assert (said.exit_code, "控えとして読めない" in said.output) == (1, True)


def test_saved_keys_do_where_there_is_no_installation(file: Path, app: Flask, tmp_path: Path) -> None:
    published, others = tmp_path / "relay-keys.json", tmp_path / "others.json"
    published.write_text(json.dumps(receipt_keys.public_keys(app.config["RELAY"])), encoding="utf-8")
    others.write_text(json.dumps(receipt_keys.key_of("A" * 43).as_dict(private=False)), encoding="utf-8")
    said = verify(file, "--key", published)
    assert (said.exit_code, said.output.strip()) == (0, SAID)
    said = verify(file, "--key", others)
    assert (said.exit_code, receipt_keys.PATH in said.output) == (1, True)
    said = verify(file, "--key", file)
    assert (said.exit_code, "公開鍵" in said.output) == (1, True)
