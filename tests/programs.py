"""What tests need of the machine beyond Python: whoever asks for a program that is missing fails with its package."""

import shutil
from pathlib import Path

import pytest

CHROMIUM = ("chromium-headless-shell", "chromium")
"""The browser without its window, at two thirds of the cost; the whole of it where that alone is installed."""
PACKAGES = {
    "chromium-headless-shell": "chromium-headless-shell fonts-noto-cjk",
    "nginx": "nginx-light",
    "caddy": "caddy",
    "systemd-analyze": "systemd",
    "npm": "nodejs npm",
    "node": "nodejs",
}
"""Programs, and what Debian installs them by."""
_NODE = Path(__file__).parent / "node"
_AXE = _NODE / "node_modules" / "axe-core" / "axe.min.js"


def found(*programs: str) -> str:
    """Return the path of the first of these programs that is there. Fails, never skips, the test that finds none."""
    for program in programs:
        path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
        if path is not None:
            return path
    pytest.fail(f"{programs[0]} is missing: apt-get install {PACKAGES[programs[0]]}", pytrace=False)


def axe_script() -> str:
    """Return the script of axe-core, which npm has put into `tests/node`. Fails the test where it has not."""
    if not _AXE.exists():
        npm = found("npm")
        pytest.fail(f"axe-core is missing: {Path(npm).name} ci --prefix tests/node", pytrace=False)
    return _AXE.read_text(encoding="utf-8")


def textlint_script() -> Path:
    """Return the script that hands texts to textlint, which npm has put into `tests/node`. Fails where it has not."""
    if not (_NODE / "node_modules" / "@textlint" / "kernel").exists():
        pytest.fail(f"textlint is missing: {Path(found('npm')).name} ci --prefix tests/node", pytrace=False)
    return _NODE / "textlint.mjs"


def npm_program(name: str) -> Path:
    """Return the script of a program that npm has put into `tests/node`. Fails where it has not."""
    path = _NODE / "node_modules" / ".bin" / name
    if not path.exists():
        pytest.fail(f"{name} is missing: {Path(found('npm')).name} ci --prefix tests/node", pytrace=False)
    return path
