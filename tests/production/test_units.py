"""The services are shut in, and the program runs shut in: argon2, workbooks, limits of readers, scanners, databases."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from relay.cli.units import command, homes_shown
from tests.production import confined
from tests.programs import found

MAX_EXPOSED = 2.5
SERVICES = ("web", "worker@", "backup", "doctor", "import@")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units of an installation in this folder, which is empty."""
    folders = [tmp_path / name for name in ("units", "instance", "backups", "incoming")]
    for folder in folders:
        folder.mkdir()
    words = [str(folders[0]), "--instance", str(folders[1]), "--backups", str(folders[2])]
    words += ["--incoming", str(folders[3])]
    assert CliRunner().invoke(command, words).exit_code == 0
    return folders[0]


def shut_in(units: Path, code: str, *, service: str = "web") -> "subprocess.CompletedProcess[str]":
    found("systemd-analyze")  # names the calls that the unit allows
    line = confined.words(units / f"relay-{service}.service", [sys.executable, "-c", code])
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def test_no_service_is_more_exposed_than_it_has_to_be(units: Path) -> None:
    services = sorted(units.glob("*.service"))
    assert {f"relay-{name}.service" for name in SERVICES} <= {path.name for path in services}
    for path in services:
        told = subprocess.run(
            [found("systemd-analyze"), "security", "--offline=true", "--no-pager", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told.stdout + told.stderr)
        assert level is not None, told.stderr
        assert float(level[1]) <= MAX_EXPOSED, path.name


def test_each_service_has_a_limit_of_memory_and_of_tasks(units: Path) -> None:
    for path in units.glob("*.service"):
        text = path.read_text(encoding="utf-8")
        (memory,), (tasks,) = confined.directives(text, "MemoryMax"), confined.directives(text, "TasksMax")
        assert 0 < int(memory.removesuffix("%")) < 100
        assert 0 < int(tasks) <= 128


def test_a_reader_that_outgrows_its_service_takes_nothing_else_down(units: Path) -> None:
    """By itself systemd stops a whole service of which the kernel ended one process."""
    for name in ("web", "worker@", "import@"):
        text = (units / f"relay-{name}.service").read_text(encoding="utf-8")
        assert confined.directives(text, "OOMPolicy") == ["continue"]


def test_only_the_backup_writes_into_the_folder_of_backups(units: Path) -> None:
    writing = {
        path.name: confined.directives(path.read_text(encoding="utf-8"), "ReadWritePaths")
        for path in units.glob("*.service")
    }
    assert {name for name, paths in writing.items() if "backups" in " ".join(paths)} == {"relay-backup.service"}
    assert {name for name, paths in writing.items() if "incoming" in " ".join(paths)} == {"relay-import@.service"}


def test_homes_are_hidden_unless_relay_lives_in_one() -> None:
    assert homes_shown(Path("/srv/relay"), Path("/var/lib/relay")) == "yes"
    assert homes_shown(Path("/home/aya/relay"), Path("/var/lib/relay")) == "read-only"


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_written_but_in_the_folders_of_the_installation(units: Path, service: str) -> None:
    outside, instance = units / "written", units.parent / "instance"
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('x')"
    for goal, allowed in ((instance / "written", True), (outside, False)):
        done = shut_in(units, code.replace("sys.argv[1]", repr(str(goal))), service=service)
        assert (done.returncode == 0, goal.exists()) == (allowed, allowed), done.stderr


@pytest.mark.parametrize(
    "action",
    [
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
        "import os; os.chown('.', 1, 1)",
        "import ctypes; raise SystemExit(ctypes.CDLL(None).unshare(0x10000000) != 0)",
        "import ctypes; raise SystemExit(ctypes.CDLL(None).ptrace(0, 0, 0, 0) != 0)",
    ],
)
def test_what_only_an_intruder_needs_is_refused(units: Path, action: str) -> None:
    here = subprocess.run([sys.executable, "-c", action], cwd=units, capture_output=True, text=True, check=False)
    assert here.returncode == 0, f"this would not even be refused by the service: {here.stderr}"
    assert shut_in(units, action).returncode != 0


@pytest.mark.parametrize(
    "action",
    [
        "from relay.identity.passwords import hash_password; assert hash_password('shizukana umi to aoi sora')",
        "from python_calamine import CalamineWorkbook as Book; assert Book.from_path('tests/samples/hand-kept.xlsx')"
        ".get_sheet_by_index(0).to_python()",
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
        "resource.setrlimit(resource.RLIMIT_CPU, (40, 40))",
        "import subprocess; subprocess.run(['sh', '-c', 'exit 0'], check=True)",
        "import multiprocessing as m; m.get_context('spawn').Lock()",
        "from cryptography.hazmat.primitives.asymmetric import ec; ec.generate_private_key(ec.SECP256R1())",
        "import socket; socket.getaddrinfo('localhost', 25)",
    ],
)
def test_what_the_program_does_is_allowed(units: Path, action: str) -> None:
    done = shut_in(units, action)
    assert done.returncode == 0, done.stderr


def test_a_reader_of_files_sets_its_own_limits_and_reads(units: Path) -> None:
    code = (
        "import subprocess, sys; from relay.candidates.files import reader;"
        "file = open('tests/samples/hand-kept.xlsx', 'rb');"
        "print(subprocess.run([sys.executable, reader.__file__, 'xlsx'], stdin=file, check=True,"
        "capture_output=True, env={}).stdout.decode())"
    )
    done = shut_in(units, code, service="worker@")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 50
