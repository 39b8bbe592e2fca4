"""The environment of production: what requirements.lock names, out of the one the tests run in."""

import re
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from relay.config import ROOT


def locked(lock: str) -> dict[str, str]:
    """Name and version of everything a lock pins."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE))


def make(venv: Path) -> Path:
    """Make an environment that holds the production lock's packages and nothing else; return its Python.

    They are linked to, not fetched again: both locks pin the same versions.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    packages = next(venv.glob("lib/python*/site-packages"))
    here = Path(sysconfig.get_path("purelib"))
    for name in locked("requirements.lock"):
        try:
            files = distribution(name).files or []
        except PackageNotFoundError:  # for another system, or an older Python
            continue
        for part in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            if not (packages / part).exists():
                (packages / part).symlink_to(here / part)
    return venv / "bin/python"
