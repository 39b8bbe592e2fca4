"""The operator's own scanner (RELAY_SCAN_COMMAND): asked about each file before it is kept; its exit code decides."""

import logging
import shlex
import subprocess
from pathlib import Path

from flask import current_app
from flask_babel import lazy_gettext as _l

from relay.config import Settings
from relay.errors import DomainError

log = logging.getLogger("relay")

PATIENCE = 60
FOUND = 1
"""What scanners such as clamdscan answer when they have found something; 0 is clean, all else a failure."""


class Infected(DomainError):
    """Raise where the scanner found malware."""

    code = "file-infected"
    message = _l("セキュリティの検査で問題が見つかったため、保存していません。送り主に確認してください。")


class NotScanned(DomainError):
    """Raise where the scanner gave no answer; an unscanned file is not kept."""

    code = "file-not-scanned"
    message = _l("セキュリティの検査ができなかったため、保存していません。少し待ってから、もう一度お試しください。")


def refuse_infected(path: Path) -> None:
    """Ask the scanner about a file, if there is one. Raises Infected, NotScanned."""
    settings: Settings = current_app.config["RELAY"]
    if not settings.scan_command:
        return
    command = [*shlex.split(settings.scan_command), str(path)]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False).returncode  # noqa: S603  (the operator's own words)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the scanner could not be asked: %s", type(error).__name__)
        raise NotScanned from error
    if answer == FOUND:
        raise Infected
    if answer:
        log.error("the scanner answered %s", answer)
        raise NotScanned
