"""`make dev`: Relay runs from the sources, and anew when one of them changes, until Ctrl+C."""

import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from relay.config import ROOT
from tests.installation import Installation, installation, wait_until

PARTS = ("relay", "templates", "static", "Makefile", "pyproject.toml", "requirements-dev.lock")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    """An installation with a company, so that no demo is made."""
    (tmp_path / "instance").mkdir()
    with installation(tmp_path / "instance") as made:
        made.relay("company", "create", "--name", "みどり", "--slug", "midori", "--admin", "aya@midori.example")
        yield made


def copy_of_sources(folder: Path) -> Path:
    """A working copy that may be changed, beside the environment that is prepared already."""
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def make_dev(made: Installation, sources: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start it as in a terminal, where Ctrl+C is heeded, whoever runs these tests."""
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with log.open("w") as said:
            return subprocess.Popen(
                ["make", "dev", f"PORT={made.port}"],
                cwd=sources,
                env=made.environment | {"PYTHONPATH": str(sources)},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    finally:
        signal.signal(signal.SIGINT, ours)


def health(made: Installation) -> str:
    with suppress(OSError), urllib.request.urlopen(f"{made.url}/healthz", timeout=5) as answer:
        return str(answer.read().decode())
    return ""


def test_a_changed_file_is_what_runs_next(made: Installation, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    sources = copy_of_sources(tmp_path / "copy")
    process = make_dev(made, sources, tmp_path / "dev.log")
    try:
        wait_until(lambda: health(made) == "ok\n", "it answers")
        view = sources / "relay/health/__init__.py"
        text = view.read_text(encoding="utf-8")
        view.write_text(text.replace('"ok\\n"', '"changed\\n"'), encoding="utf-8")
        wait_until(lambda: health(made) == "changed\n", "it answers with the change")
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert health(made) == "", "Ctrl+C ends all of it"
