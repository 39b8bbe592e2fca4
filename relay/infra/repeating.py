"""One second try for a request that met another one in the database, with everything it was sent.

PostgreSQL ends one of two transactions that wait for each other (40P01) or that cannot both be true (40001), and
SQLite gives a lock up at last. Nothing of such a transaction is kept, so the whole request can be done again.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from io import BytesIO
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from relay.extensions import only_reads

MAX_LENGTH = 2 * 1024 * 1024
"""Bytes of a form that are kept for a second try: as many as a form may have."""

_MET = frozenset({"40P01", "40001"})
_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6
_MAY_REPEAT, _REPEAT = "relay.may_repeat", "relay.repeat"

_committed: ContextVar[bool] = ContextVar("relay_committed", default=False)

Environ = dict[str, Any]
App = Callable[[Environ, Any], Iterable[bytes]]


def met_another(error: DBAPIError) -> bool:
    """Return whether the transaction was ended because of another one, and would do well without it."""
    if getattr(error.orig, "sqlstate", None) in _MET:
        return True
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in (_SQLITE_BUSY, _SQLITE_LOCKED)


def ask_again(environ: Environ) -> bool:
    """Ask for the second try; False where there is none.

    There is none after the second, none once a part was committed (what counts tries would count this one twice),
    and none for files: what was uploaded cannot be read again.
    """
    environ[_REPEAT] = bool(environ.get(_MAY_REPEAT)) and not _committed.get()
    return bool(environ[_REPEAT])


class Repeating:
    """WSGI around the application: the answer of a first try that asked for a second is thrown away."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer, after two tries at most."""
        body = _kept(environ)
        environ[_MAY_REPEAT] = body is not None
        begun: list[tuple[Any, ...]] = []
        answer = self._try(environ, body, lambda *begin: begun.append(begin))
        if not environ.pop(_REPEAT, False):
            start_response(*begun[-1])
            return answer
        getattr(answer, "close", lambda: None)()
        environ[_MAY_REPEAT] = False
        environ.pop("werkzeug.request", None)
        return self._try(environ, body, start_response)

    def _try(self, environ: Environ, body: bytes | None, start_response: Any) -> Iterable[bytes]:
        _committed.set(False)
        if body is not None:
            environ["wsgi.input"] = BytesIO(body)
        return self._app(environ, start_response)


def _kept(environ: Environ) -> bytes | None:
    """Return the body, if it is one that can be read twice: none at all, or a form without files."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" in environ or not length.isdecimal() or len(length) > len(str(MAX_LENGTH)):
        return None
    if length == "0":
        return b""
    if int(length) > MAX_LENGTH or not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return None
    read: bytes = environ["wsgi.input"].read(int(length))
    return read


@event.listens_for(Engine, "commit")
def _note_commit(_connection: Connection) -> None:
    if not only_reads():
        _committed.set(True)
