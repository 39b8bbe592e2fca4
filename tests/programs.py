"""What tests need of the machine beyond Python: whoever asks for a program that is missing fails with its package."""

import shutil
from pathlib import Path

import pytest

PACKAGES = {
    "chromium": "chromium fonts-noto-cjk",
    "nginx": "nginx-light",
    "caddy": "caddy",
    "systemd-analyze": "systemd",
    "npm": "nodejs npm",
}
"""Programs, and what Debian installs them by."""
_AXE = Path(__file__).parent / "node" / "node_modules" / "axe-core" / "axe.min.js"


def found(program: str) -> str:
    """Return the path of a program. Fails, never skips, the test that asks for one that is missing."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.fail(f"{program} is missing: apt-get install {PACKAGES[program]}", pytrace=False)
    return path


def axe_script() -> str:
    """Return the script of axe-core, which npm has put into `tests/node`. Fails the test where it has not."""
    if not _AXE.exists():
        npm = found("npm")
        pytest.fail(f"axe-core is missing: {Path(npm).name} ci --prefix tests/node", pytrace=False)
    return _AXE.read_text(encoding="utf-8")
