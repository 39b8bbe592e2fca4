"""Settings of one installation: environment variables first, then instance/config.toml, then defaults.

Checked once at start; a wrong one is refused in one sentence, never worked around (E-20).
"""

import os
import re
import secrets
import shlex
import tempfile
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from relay.errors import SettingsRefused

ROOT = Path(__file__).resolve().parent.parent
MINIMUM_SECRET = 32
ADDRESS = re.compile(r"[!-;=?A-~]+@[a-z0-9.-]+", re.IGNORECASE)
HERP_URL = "https://public-api.herp.cloud/hire/v1"
RECEIPT_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 bytes in base64url: the private half of an Ed25519 key, as `d` of RFC 8037."""


@dataclass(frozen=True)
class Settings:
    """Everything an operator may set; field `x` is the variable RELAY_X."""

    env: str
    instance: Path
    database_url: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    hash_key: bytes
    receipt_key: str
    receipt_key_fallbacks: tuple[str, ...]
    base_url: str
    mail_host: str
    mail_port: int
    mail_username: str
    mail_password: str
    mail_tls: str
    mail_sender: str
    mail_rate: int
    mail_seconds: int
    proxy_hops: int
    lease_seconds: int
    scan_command: str
    outbound_networks: tuple[IPv4Network | IPv6Network, ...]
    herp_url: str

    @property
    def development(self) -> bool:
        """Return whether conveniences that must never be public (mailbox, demo logins) are on."""
        return self.env == "development"

    @property
    def https(self) -> bool:
        """Return whether people reach this installation over https."""
        return self.base_url.startswith("https://")

    @property
    def hostname(self) -> str:
        """Return the host name mails are sent in the name of, from the base URL."""
        return urlsplit(self.base_url).hostname or "localhost"


def load(environ: dict[str, str] | None = None, *, instance: Path | None = None) -> Settings:
    """Read and check the settings. Raises SettingsRefused with a sentence that says what to set."""
    environ = dict(os.environ if environ is None else environ)
    folder = instance or Path(environ.get("RELAY_INSTANCE") or ROOT / "instance")
    folder.mkdir(parents=True, exist_ok=True)
    values = _file_values(folder / "config.toml") | {
        name.removeprefix("RELAY_").lower(): value for name, value in environ.items() if name.startswith("RELAY_")
    }
    env = str(values.get("env", "production"))
    if env not in {"production", "development"}:
        raise SettingsRefused(f"RELAY_ENV は production か development です（いまは {env}）。")
    settings = Settings(
        env=env,
        instance=folder,
        database_url=_database_url(str(values.get("database_url", "")), folder),
        secret_key=str(values.get("secret_key", "")) or _development_secret(env, folder),
        secret_key_fallbacks=tuple(str(values.get("secret_key_fallbacks", "")).split()),
        hash_key=_hash_key(str(values.get("hash_key", "")), folder),
        receipt_key=str(values.get("receipt_key", "")) or _kept_secret(folder / "receipt-key", size=32),
        receipt_key_fallbacks=tuple(str(values.get("receipt_key_fallbacks", "")).split()),
        base_url=str(values.get("base_url", "http://127.0.0.1:8000" if env == "development" else "")).rstrip("/"),
        mail_host=str(values.get("mail_host", "")),
        mail_port=_whole_number(values, "mail_port", 587),
        mail_username=str(values.get("mail_username", "")),
        mail_password=str(values.get("mail_password", "")),
        mail_tls=str(values.get("mail_tls", "starttls")),
        mail_sender=str(values.get("mail_sender", "")),
        mail_rate=_whole_number(values, "mail_rate", 30),
        mail_seconds=_whole_number(values, "mail_seconds", 60),
        proxy_hops=_whole_number(values, "proxy_hops", 0),
        lease_seconds=_whole_number(values, "lease_seconds", 120),
        scan_command=str(values.get("scan_command", "")).strip(),
        outbound_networks=_networks(str(values.get("outbound_networks", ""))),
        herp_url=str(values.get("herp_url", HERP_URL)).rstrip("/"),
    )
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    _check_mail(settings)
    if _is_unreadable(settings.scan_command):
        raise SettingsRefused("RELAY_SCAN_COMMAND の引用符が閉じていません。")
    _check_receipt_keys(settings)
    if settings.development:
        return
    if len(settings.secret_key) < MINIMUM_SECRET:
        raise SettingsRefused("RELAY_SECRET_KEY に32文字以上の秘密の文字列を設定してください。")
    if not settings.https:
        raise SettingsRefused("RELAY_BASE_URL に、人が開く https:// のアドレスを設定してください。")
    if len(settings.hash_key) < MINIMUM_SECRET:
        raise SettingsRefused("RELAY_HASH_KEY は32文字以上にしてください。設定しなければ、instance/ に作られます。")
    if settings.mail_host and not ADDRESS.fullmatch(settings.mail_sender):
        raise SettingsRefused("RELAY_MAIL_SENDER に、RELAY_MAIL_HOST から送る差出人のアドレスだけを設定してください。")
    if settings.mail_sender and not settings.mail_host:
        raise SettingsRefused("RELAY_MAIL_SENDER を設定するときは、RELAY_MAIL_HOST に送信サーバーを設定してください。")


def _check_mail(settings: Settings) -> None:
    if settings.mail_tls not in {"starttls", "tls", "none"}:
        raise SettingsRefused("RELAY_MAIL_TLS は starttls, tls, none のどれかです。")
    if settings.mail_rate < 0:
        raise SettingsRefused("RELAY_MAIL_RATE は0以上の整数です（0なら、送る速さを抑えません）。")
    if settings.mail_seconds < 1:
        raise SettingsRefused("RELAY_MAIL_SECONDS は1以上の整数です。")


def _check_receipt_keys(settings: Settings) -> None:
    made = "32バイトの乱数を base64url で書いた43文字"
    if not RECEIPT_KEY.fullmatch(settings.receipt_key):
        raise SettingsRefused(f"RELAY_RECEIPT_KEY は、{made}です。設定しなければ、instance/ に作られます。")
    if not all(RECEIPT_KEY.fullmatch(each) for each in settings.receipt_key_fallbacks):
        raise SettingsRefused(f"RELAY_RECEIPT_KEY_FALLBACKS は、以前の鍵（{made}）を空白で区切ったものです。")


def _is_unreadable(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False


def _file_values(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused(f"instance/config.toml を読めません：{error}") from error


def _whole_number(values: dict[str, Any], name: str, default: int) -> int:
    try:
        return int(values.get(name, default))
    except ValueError as error:
        raise SettingsRefused(f"RELAY_{name.upper()} は整数で書いてください。") from error


def _networks(written: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(each) for each in written.split())
    except ValueError as error:
        raise SettingsRefused(
            "RELAY_OUTBOUND_NETWORKS は、192.168.10.0/24 のようなネットワークを空白で区切ったものです。"
        ) from error


def _database_url(url: str, folder: Path) -> str:
    if not url:
        return f"sqlite:///{folder / 'relay.sqlite3'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _development_secret(env: str, folder: Path) -> str:
    if env != "development":
        return ""
    return _kept_secret(folder / "development-secret-key")


def _hash_key(value: str, folder: Path) -> bytes:
    """Return the key of the hashes that outlive a deletion: made once, in every backup, never replaced silently."""
    return (value or _kept_secret(folder / "hash-key")).encode()


def _kept_secret(path: Path, *, size: int = 48) -> str:
    """Return the secret of this file, made now of `size` bytes if it is not there.

    Of processes that start together all get the same.
    The file is there whole or not at all: a name that is given to a written file, which only the first succeeds in.
    """
    if not path.exists():
        descriptor, written = tempfile.mkstemp(prefix=f"{path.name}-", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(size))
        with suppress(FileExistsError):
            os.link(written, path)
        os.unlink(written)
    return path.read_text(encoding="utf-8").strip()
