"""Shared by commands: the application's context, the command line as the actor, one transaction.

Inside an application context that is already open (tests, `relay run`) commands use that application.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import current_app
from sqlalchemy.orm import Session

from relay.extensions import begin_writing, db
from relay.models import Actor, act_as

P = ParamSpec("P")
R = TypeVar("R")


def with_app(command: Callable[P, R]) -> Callable[P, R]:
    """Run the command inside the application; it opens its own transactions, if any."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if current_app:
            return command(*args, **kwargs)
        from relay import create_app

        with create_app().app_context():
            return command(*args, **kwargs)

    return run


def one_act(command: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
    """Give the command a session as its first argument, and commit once when it returns; an error commits nothing."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> R:
        begin_writing()
        session = db.session()
        act_as(session, Actor("cli"))
        try:
            result = command(session, *args, **kwargs)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        return result

    return with_app(run)
