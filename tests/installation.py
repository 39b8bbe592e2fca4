"""A whole Relay of its own for a test: database, web server and worker as real processes, a real SMTP server."""

import os
import re
import sqlite3
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests import forked
from tests.smtp import SmtpServer, free_port, smtp_server

PASSWORD = "shizukana umi to aoi sora"
PATIENCE = 40.0
_migrated: list[bytes] = []
"""The SQLite file that `relay db upgrade` makes where there is none, once it was made."""


@dataclass
class Installation:
    """One running Relay and the mail server it sends through; `own_server`: only once the company has typed it in."""

    folder: Path
    smtp: SmtpServer
    port: int
    database_url: str = ""
    own_server: bool = False
    processes: list[BaseProcess] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RELAY_")}
        told = {
            "RELAY_ENV": "development",
            "RELAY_INSTANCE": str(self.folder),
            "RELAY_BASE_URL": self.url,
            "RELAY_MAIL_RATE": "0",
        }
        if not self.own_server:
            told |= {
                "RELAY_MAIL_HOST": self.smtp.host,
                "RELAY_MAIL_PORT": str(self.smtp.port),
                "RELAY_MAIL_TLS": "none",
                "RELAY_MAIL_SENDER": "relay@relay.example",
            }
        return kept | told | ({"RELAY_DATABASE_URL": self.database_url} if self.database_url else {})

    def relay(self, *words: str, typed: str = "") -> str:
        """Run one `relay …` command and return what it printed; a refusal fails the test with its words."""
        with tempfile.TemporaryDirectory() as folder:
            out, err, read = (Path(folder) / name for name in ("out", "err", "typed"))
            read.write_text(typed, encoding="utf-8")
            done = forked.start(words, self.environment, out=out, err=err, typed=read)
            done.join(300)
            done.kill()  # where it has not ended
            printed, complained = (path.read_text(encoding="utf-8") for path in (out, err))
        assert done.exitcode == 0, f"relay {' '.join(words)}: {printed}{complained}"
        return printed

    def give_tables(self) -> None:
        """Bring the empty database to the newest revision; an SQLite file as the one that was brought there first."""
        file = self.folder / "relay.sqlite3"
        if self.database_url or not _migrated:
            self.relay("db", "upgrade")
        else:
            file.touch(0o600)
            file.write_bytes(_migrated[0])
        if not self.database_url and not _migrated:
            with closing(sqlite3.connect(file)) as database:
                _migrated.append(database.serialize())

    def start(self) -> None:
        """Start web server and worker, and wait until the page answers."""
        self._spawn("serve", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1")
        self.start_worker()
        wait_until(self._answers, "the web server answers")

    def serve(self, *, processes: int) -> None:
        """Start the web server alone, in several processes, and wait until the page answers."""
        self._spawn("serve", "--host", "127.0.0.1", "--port", str(self.port), "--workers", str(processes))
        wait_until(self._answers, "the web server answers")

    def start_worker(self) -> BaseProcess:
        """Start one more worker."""
        return self._spawn("worker")

    def stop(self) -> None:
        """End every process this installation started."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join(15)
            if process.is_alive():
                process.kill()
                process.join(15)

    def wait_for_mails(self, count: int, *, linking: str = "") -> list[EmailMessage]:
        """The mails that arrived, once there are `count`; only those with a link whose path begins so, e.g. /r/.

        On a working day the worker also writes letters of its own, so a test that follows links names them.
        """
        wait_until(lambda: len(self._with_link(linking)) >= count, f"{count} mails arrive")
        return self._with_link(linking)

    def _with_link(self, path: str) -> list[EmailMessage]:
        return [
            mail for mail in self.smtp.received if not path or any(_leads_to(link, path) for link in links_in(mail))
        ]

    def _spawn(self, *words: str) -> BaseProcess:
        log = self.folder / f"{words[0]}.log"
        process = forked.start(words, self.environment, out=log, err=log, typed=Path(os.devnull))
        self.processes.append(process)
        return process

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False


@contextmanager
def installation(folder: Path, *, database_url: str = "", own_server: bool = False) -> Iterator[Installation]:
    """A migrated installation, empty unless the folder holds one already; its processes end with the block."""
    with smtp_server() as smtp:
        made = Installation(
            folder=folder, smtp=smtp, port=free_port(), database_url=database_url, own_server=own_server
        )
        if not (folder / "relay.sqlite3").exists():
            made.give_tables()
        try:
            yield made
        finally:
            made.stop()


def wait_until(happens: object, what: str, *, patience: float = PATIENCE) -> None:
    """Wait until a condition holds; fail with its name when it does not."""
    assert callable(happens)
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if happens():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {patience:.0f} s in vain until {what}")


def links_in(mail: EmailMessage) -> list[str]:
    """Every link in a mail's text part."""
    part = mail.get_body(("plain",))
    assert part is not None
    return re.findall(r"https?://[^\s<>）]+", part.get_content())


def link_to(mail: EmailMessage, path: str) -> str:
    """The mail's link whose path begins so, e.g. /r/."""
    return next(link for link in links_in(mail) if _leads_to(link, path))


def _leads_to(link: str, path: str) -> bool:
    return f"/{link.split('/', 3)[3]}".startswith(path) if link.count("/") > 2 else False
