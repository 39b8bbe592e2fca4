"""One slow party delays nobody else: a real worker, while a company's mail server drips and sixty thick files wait."""

import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import config, create_app
from relay.candidates import files
from relay.extensions import db
from relay.identity import security_letters
from relay.mail import outbox, server_settings
from relay.mail.server_settings import ServerInput
from relay.models import Company, Job, JobState, MailTls, scopes
from tests.cast import Cast, make_candidate, make_cast
from tests.conftest import DATABASES, Migrated
from tests.installation import Installation, installation, wait_until
from tests.papers import thick_pdf
from tests.smtp import Dripping, dripping_server

WITHIN = 10.0
"""Seconds in which a letter about a login leaves, whatever else goes on."""
FILES = 60


@pytest.fixture(params=DATABASES)
def made(request: pytest.FixtureRequest, tmp_path: Path, migrated: Migrated) -> Iterator[Installation]:
    """An installation with a mail server of its own, and the application on its database."""
    with (
        migrated(request.param) as url,
        installation(tmp_path, database_url=url) as running,
        create_app(config.load(running.environment)).app_context(),
    ):
        yield running
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def cast(made: Installation) -> Cast:
    return make_cast(db.session())


def test_a_password_mail_leaves_at_once_while_a_server_drips_and_sixty_files_wait(
    made: Installation, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    with dripping_server() as drip:
        sends_by(db.session(), cast.acme, drip)
        for number in range(4):
            queue_note(db.session(), cast.acme, f"p{number}@mail.example")
        upload(db.session(), cast.other, FILES)
        worker = made.start_worker()
        try:
            wait_until(lambda: drip.calls >= 1 and is_reading(db.session()), "the server drips and a file is read")
            time.sleep(1)
            security_letters.ask_password(db.session(), cast.mona)
            db.session.commit()
            seconds = waited_for(made, cast.mona.email)
        finally:
            worker.kill()
    with capsys.disabled():
        sys.stdout.write(f" {db.engine.dialect.name}: the password mail left after {seconds:.1f} s ")
    assert seconds < WITHIN
    assert drip.most_at_once <= 2


def sends_by(session: Session, company: Company, server: Dripping) -> None:
    """Let the company send by this server; inside the network, which only whoever runs the installation may name."""
    company.runs_installation = True
    typed = ServerInput(server.host, server.port, MailTls.NONE, "", "", f"saiyo@{company.slug}.example")
    with scopes.company(session, company.id):
        server_settings.save(session, company, typed, by_user_id=1)
    session.commit()


def queue_note(session: Session, company: Company, to: str) -> None:
    with scopes.company(session, company.id):
        outbox.queue(session, "mail-test", company_id=company.id, to=to, values={"code": "123456"})
        session.commit()


def upload(session: Session, company: Company, count: int) -> None:
    """Files of sixty pages with eight hundred pieces of text each, for the worker to read."""
    with scopes.company(session, company.id):
        for number in range(count):
            if number % files.MAX_FILES == 0:
                person = make_candidate(session, company, f"候補 {number}", email=f"p{number}@mail.example")
            files.keep(session, person, "職務経歴書.pdf", BytesIO(thick_pdf(60, 800, str(number))), by_user_id=None)
        session.commit()


def is_reading(session: Session) -> bool:
    running = session.scalar(select(Job.id).where(Job.kind == files.READ, Job.state == JobState.RUNNING).limit(1))
    session.rollback()
    return running is not None


def waited_for(made: Installation, address: str) -> float:
    """How many seconds a mail to the address took; WITHIN where it did not come in time."""
    started = time.monotonic()
    while time.monotonic() < started + WITHIN:
        if made.smtp.to(address):
            break
        time.sleep(0.05)
    return time.monotonic() - started
