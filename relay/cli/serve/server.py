"""gunicorn with our application, our options, and a log that holds no query string and no token."""

import gc
import logging
import re
from datetime import timedelta
from typing import Any

from flask import Flask, request
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from sqlalchemy.orm import configure_mappers

from relay.infra.log_safety import trace_of

RULE = "relay.rule"
_PATH = re.compile(r"(?<![\w.])/[^\s'\"]*")


def run(app: Flask, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until told to stop."""
    app.before_request_funcs.setdefault(None, []).insert(0, note_rule)
    options = {
        "bind": f"{host}:{port}",
        "worker_class": "gthread",
        "workers": workers,
        "threads": threads,
        "preload_app": True,
        "pre_fork": lambda _arbiter, _worker: _share_what_is_loaded(),
        "accesslog": "-",
        "logger_class": QuietLogger,
        "forwarded_allow_ips": "",  # proxies are trusted by RELAY_PROXY_HOPS, in one place
        "control_socket_disable": True,
        "proc_name": "relay",
    }
    _Server(app, options).run()


def _share_what_is_loaded() -> None:
    """Share what is loaded before the workers part: the collector does not touch it in each of them."""
    configure_mappers()
    gc.collect()
    gc.freeze()  # a page that the collector touches is copied for each worker (bench: MiB in two workers)


def note_rule() -> None:
    """Tell the log which rule answered; the path itself may hold a secret."""
    request.environ[RULE] = request.url_rule.rule if request.url_rule else "-"


class QuietLogger(Logger):  # type: ignore[misc]
    """Logs method, rule, status and time; never a path, a query string, a referrer or an agent (invariant 12)."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write one line for an answered request."""
        self.access_log.info(
            "%s %s %s %s %sB %.0fms",
            environ.get("REMOTE_ADDR", "-"),
            environ.get("REQUEST_METHOD", "-"),
            environ.get(RULE, "-"),
            str(resp.status).split(" ", 1)[0],
            resp.sent or 0,
            request_time.total_seconds() * 1000,
        )

    def setup(self, cfg: Any) -> None:
        """Set up gunicorn's own logs, with paths taken out of what it says about bad requests."""
        super().setup(cfg)
        self.error_log.addFilter(without_paths)
        self.error_log.addFilter(without_values)


def without_paths(record: logging.LogRecord) -> bool:
    """Take every path out of a log line's arguments: gunicorn names the address of a request it fails on."""
    if isinstance(record.args, tuple):
        record.args = tuple(_masked(argument) for argument in record.args)
    return True


def without_values(record: logging.LogRecord) -> bool:
    """Keep of an exception its kind and place: its words, and those of what caused it, may quote a person's data."""
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args = f"{record.getMessage()}: {trace_of(record.exc_info[1])}", ()
        record.exc_info = record.exc_text = None
    return True


def _masked(argument: object) -> object:
    return argument if isinstance(argument, int | float) else _PATH.sub("/…", str(argument))


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our application and our options, whatever files or variables lie about."""

    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app
