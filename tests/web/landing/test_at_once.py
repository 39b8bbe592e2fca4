"""Many press the button in the same moment, on a real threaded server: a referral each, a credit for every ten.

From one address and within the limits that hold for everybody (120 a minute per address, 30 per link).
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from relay.models import Consent, CreditEntry, CreditKind, Message, ProvisionRecord, Referral, Share, scopes
from relay.network import ledger_check
from tests.cast import Cast
from tests.web.landing.phone import answers, csrf_of, mail_link


def test_exact_numbers(app: Flask, session: Session, cast: Cast) -> None:
    register_at_once(app, session, cast, people=12)


def register_at_once(app: Flask, session: Session, cast: Cast, *, people: int) -> None:
    """Let so many register in one moment; in tests/soak/test_any_order.py it is 32."""
    paths = [mail_link(session, cast.acme, f"person{n}@mail.example")[1] for n in range(people)]
    start = threading.Barrier(people)
    with serving(app) as port:

        def register(path: str) -> int:
            page = _ask(port, "GET", path)[1]
            with app.app_context():
                form = answers(page, cast.tsumugi.id, cast.manabi.id) | {"link_csrf": csrf_of(path)}
            start.wait(30)
            return _ask(port, "POST", path, form)[0]

        with ThreadPoolExecutor(people) as phones:
            assert list(phones.map(register, paths)) == [303] * people
        assert all("登録しました" in _ask(port, "GET", f"{path}/done")[1] for path in paths)
    session.rollback()
    with scopes.company(session, cast.acme.id):
        numbers = session.scalars(select(Referral.number).order_by(Referral.number)).all()
        earned = session.scalars(select(CreditEntry.kind)).all()
    assert numbers == list(range(1, people + 1))
    assert earned == [CreditKind.EARNED] * (people // 10)
    assert ledger_check.verify(session, cast.acme.id) == []
    with scopes.everyone(session, "test"):
        counts = [session.scalar(select(func.count()).select_from(each)) for each in (Consent, Share, ProvisionRecord)]
        own_pages = session.scalar(select(func.count()).where(Message.letter == "own-page"))
    assert counts == [2 * people] * 3
    assert own_pages == people


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """The application on a port of its own, a thread per request."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()


def _ask(port: int, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, str, str]:
    """Status, body and the way on of one request of its own connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    body = urlencode(form, doseq=True) if form else None
    connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if form else {})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), answer.headers.get("Location", "")
    connection.close()
    return found
