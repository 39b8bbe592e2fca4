"""Settings are read once and refused in a sentence where they are wrong or unsafe (E-20)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from relay import config
from relay.errors import SettingsRefused

SAFE = {
    "RELAY_ENV": "production",
    "RELAY_SECRET_KEY": "s" * 32,
    "RELAY_BASE_URL": "https://relay.example",
    "RELAY_MAIL_HOST": "smtp.example",
    "RELAY_MAIL_SENDER": "relay@relay.example",
}


def test_a_production_that_says_everything_starts(tmp_path: Path) -> None:
    settings = config.load(SAFE, instance=tmp_path)
    assert (settings.development, settings.https, settings.hostname) == (False, True, "relay.example")
    assert settings.database_url == f"sqlite:///{tmp_path / 'relay.sqlite3'}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELAY_ENV", "prod"),
        ("RELAY_SECRET_KEY", ""),
        ("RELAY_SECRET_KEY", "s" * 31),
        ("RELAY_HASH_KEY", "h" * 31),
        ("RELAY_RECEIPT_KEY", "A" * 42),
        ("RELAY_RECEIPT_KEY", "あ" * 43),
        ("RELAY_RECEIPT_KEY_FALLBACKS", f"{'A' * 43} {'B' * 44}"),
        ("RELAY_BASE_URL", ""),
        ("RELAY_BASE_URL", "http://relay.example"),
        ("RELAY_MAIL_HOST", ""),
        ("RELAY_MAIL_SENDER", ""),
        ("RELAY_MAIL_SENDER", "relay"),
        ("RELAY_MAIL_SENDER", "Relay <relay@relay.example>"),
        ("RELAY_MAIL_SENDER", "案内@relay.example"),
        ("RELAY_MAIL_TLS", "yes"),
        ("RELAY_MAIL_PORT", "smtp"),
        ("RELAY_MAIL_RATE", "fast"),
        ("RELAY_MAIL_RATE", "-1"),
        ("RELAY_OUTBOUND_NETWORKS", "192.168.10.1/24"),
        ("RELAY_OUTBOUND_NETWORKS", "10.0.0.0/8, 127.0.0.1"),
    ],
)
def test_what_is_missing_or_unsafe_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        config.load(SAFE | {name: value}, instance=tmp_path)
    assert name in str(refused.value)


def test_a_mail_server_may_be_set_in_the_portal_instead(tmp_path: Path) -> None:
    silent = {name: value for name, value in SAFE.items() if "MAIL" not in name}
    assert config.load(silent, instance=tmp_path).mail_host == ""


def test_variables_come_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('mail_host = "file.example"\nproxy_hops = 2\n', encoding="utf-8")
    assert config.load(SAFE, instance=tmp_path).mail_host == "smtp.example"
    assert config.load(SAFE, instance=tmp_path).proxy_hops == 2


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    made = config.load(SAFE, instance=tmp_path)
    assert len(made.hash_key) >= 32
    assert config.load(SAFE, instance=tmp_path) == made
    for name in ("hash-key", "receipt-key"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    """Web and worker start at once on a new machine: neither may see a key that is half written, or another."""
    for each in range(40):
        folder = tmp_path / str(each)
        folder.mkdir()
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(_hash_key_of, [folder] * 8))
        assert len(keys) == 1
        assert sorted(path.name for path in folder.iterdir()) == ["hash-key", "receipt-key"]


def _hash_key_of(folder: Path) -> bytes:
    return config.load(SAFE, instance=folder).hash_key
