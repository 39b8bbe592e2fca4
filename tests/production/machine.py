"""A Linux machine for a test: its folders are below a temporary one, its package manager and systemd only take notes.

Everything else is real: git, make, install, the program from a clone of its own, the reverse proxy, the certificate.
"""

import os
import re
import shlex
import subprocess
import sysconfig
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from relay.config import ROOT
from tests.production import confined, environment
from tests.smtp import free_port

HOST = "relay.midori.example"
FOLDERS = ("/srv", "/var/lib/relay", "/var/backups/relay", "/var/log/nginx", "/etc")
NOTED = ("apt-get", "adduser", "systemctl", "createuser", "createdb", "psql", "certbot")
"""What would change the machine the tests run on."""
_STUB = '#!/bin/sh\necho "$(basename "$0") $*" >> "{log}"\n'
_RUN_AS = '#!/bin/sh\necho "runuser $*" >> "{log}"\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'
_INSTALL = (
    '#!/bin/bash\nkept=()\nwhile (($#)); do case $1 in -o | -g) shift 2 ;; *) kept+=("$1"); shift ;; esac; done\n'
    'exec {install} "${{kept[@]}}"\n'
)


@dataclass
class Machine:
    """Where the machine's paths and ports really are, and what it was told."""

    root: Path
    web: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    https: int = field(default_factory=free_port)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def build(self) -> None:
        """Lay the empty machine out."""
        below = "/srv /var/lib /var/log/nginx /etc/systemd/system /etc/nginx/conf.d /etc/caddy /bin"
        for folder in below.split():
            Path(f"{self.root}{folder}").mkdir(parents=True, exist_ok=True)
        for name in NOTED:
            self._tool(name, _STUB)
        self._tool("runuser", _RUN_AS)
        self._tool("install", _INSTALL, install=_which("install"))

    def at(self, text: str) -> str:
        """The text with this machine's paths and ports in place of the real ones."""
        paths = "|".join(map(re.escape, sorted(FOLDERS, key=len, reverse=True)))
        moved = re.sub(rf"(?<![\w/.])({paths})(?=[/\s\"']|$)", lambda found: f"{self.root}{found[1]}", text)
        moved = moved.replace("127.0.0.1:8000", f"127.0.0.1:{self.web}").replace("--port 8000", f"--port {self.web}")
        return moved.replace("listen 80;", f"listen {self.http};").replace("listen 443 ", f"listen {self.https} ")

    @property
    def environment(self) -> dict[str, str]:
        """What a root shell of the machine sees."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RELAY_", "GIT_", "MAKE"))}
        return kept | {"PATH": f"{self.root}/bin:{os.environ['PATH']}"}

    @property
    def told(self) -> str:
        """What its package manager, systemd and the rest were told."""
        return (self.root / "told").read_text(encoding="utf-8")

    def run(self, lines: str) -> str:
        """Run lines of the README as root would; the first that fails fails the test."""
        moved = self.at(lines).replace("REPOSITORY", shlex.quote(str(ROOT)))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", moved],
            env=self.environment,
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"{lines}\n{done.stdout}{done.stderr}"
        return done.stdout

    def lend_environment(self) -> None:
        """Give the clone an installed `.venv` with production's packages alone, so that `make install` finds it done.

        Making one from nothing is what every run of the tests begins with; here it would only fetch the same again.
        """
        clone = Path(self.at("/srv/relay"))
        venv = clone / ".venv"
        environment.make(venv)
        packages = next(venv.glob("lib/python*/site-packages"))
        (packages / "lent.pth").write_text(f"{clone}\n", encoding="utf-8")
        (told,) = Path(sysconfig.get_path("purelib")).glob("relay-*.dist-info")
        (packages / told.name).symlink_to(told)
        script = venv / "bin/relay"
        script.write_text(f"#!{venv}/bin/python\nfrom relay.cli import main\nmain()\n", encoding="utf-8")
        script.chmod(0o755)
        os.utime(clone / "requirements.lock", (0, 0))
        (venv / ".installed").touch()

    def take_working_copy(self) -> None:
        """Put what is changed here and not committed yet over the clone."""
        words = ["git", "ls-files", "--modified", "--others", "--exclude-standard"]
        listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        for name in listed:
            goal = Path(self.at("/srv/relay")) / name
            if (ROOT / name).is_file():
                goal.parent.mkdir(parents=True, exist_ok=True)
                goal.write_bytes((ROOT / name).read_bytes())

    def units(self) -> list[Path]:
        """The units it has, with their paths moved."""
        found = sorted(Path(self.at("/etc/systemd/system")).iterdir())
        for path in found:
            path.write_text(self.at(path.read_text(encoding="utf-8")), encoding="utf-8")
        return found

    def unit(self, name: str) -> "Unit":
        """One unit, read; of a template the one that is named, as systemd makes it."""
        folder, (stem, _at, instance) = Path(self.at("/etc/systemd/system")), name.partition("@")
        if instance:
            template = (folder / f"{stem}@.service").read_text(encoding="utf-8")
            (folder / name).write_text(template.replace("%i", instance.removesuffix(".service")), encoding="utf-8")
        return Unit(self, folder / name)

    def start(self, *words: str, **environment: str) -> None:
        """Start something that goes on; `stop` ends it."""
        log = (self.root / f"{Path(words[0]).name}.log").open("ab")
        process = subprocess.Popen(
            words, env=self.environment | environment, cwd=self.root, stdout=log, stderr=subprocess.STDOUT
        )
        self.running.append(process)

    def stop(self) -> None:
        """End everything it runs."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(30)
        self.running.clear()

    def make_certificate(self) -> Path:
        """What certbot would have fetched: here signed by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            .sign(key, hashes.SHA256())
        )
        folder = Path(self.at(f"/etc/letsencrypt/live/{HOST}"))
        folder.mkdir(parents=True, exist_ok=True)
        pem = serialization.Encoding.PEM
        (folder / "fullchain.pem").write_bytes(made.public_bytes(pem))
        plain = serialization.NoEncryption()
        (folder / "privkey.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        return folder / "fullchain.pem"

    def _tool(self, name: str, text: str, **values: str) -> None:
        tool = self.root / "bin" / name
        tool.write_text(text.format(log=self.root / "told", **values), encoding="utf-8")
        tool.chmod(0o755)


@dataclass
class Unit:
    """A unit file, as far as a test carries it out: its commands, shut in as it says."""

    machine: Machine
    path: Path

    def lines(self, name: str) -> list[str]:
        """The values of one directive."""
        return confined.directives(self.path.read_text(encoding="utf-8"), name)

    @property
    def environment(self) -> dict[str, str]:
        """What it sets."""
        return dict(line.split("=", 1) for line in self.lines("Environment"))

    def run(self) -> "subprocess.CompletedProcess[str]":
        """Carry a oneshot out, or what comes before a service."""
        done = None
        for line in self.lines("ExecStartPre") or self.lines("ExecStart"):
            done = subprocess.run(
                confined.words(self.path, shlex.split(line)),
                env=self.machine.environment | self.environment,
                cwd=self.lines("WorkingDirectory")[0],
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        assert done is not None
        return done

    def start(self) -> None:
        """Start the service as its line says."""
        (line,) = self.lines("ExecStart")
        self.machine.start(*confined.words(self.path, shlex.split(line)), **self.environment)


def _which(name: str) -> str:
    return subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
