"""The world that walks over every route stand on."""

from dataclasses import fields, replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from relay.extensions import db
from relay.models import scopes
from tests.cast import Cast
from tests.kept import Kept
from tests.web.world import World, make_world

KeptWorlds = dict[str, tuple[World, Kept]]


@pytest.fixture(scope="session")
def _worlds() -> KeptWorlds:
    return {}


@pytest.fixture
def world(app: Flask, session: Session, _worlds: KeptWorlds) -> World:
    """One of everything: made through the product for the first test on each database, put back for the others."""
    kind = db.engine.dialect.name
    if kind not in _worlds:
        world = make_world(session)
        _worlds[kind] = world, Kept(db.engine, "world", app.config["RELAY"].instance / "uploads")
    else:
        world, kept = _worlds[kind]
        kept.put_back()
    return _of(session, world)


def _of(session: Session, world: World) -> World:
    """The same world, with the rows of this session."""

    def row(one: Any) -> Any:
        return session.get_one(type(one), inspect(one).identity)

    with scopes.everyone(session, "test builder"):
        cast = Cast(**{each.name: row(getattr(world.cast, each.name)) for each in fields(Cast)})
        return replace(world, cast=cast, ian=row(world.ian), values=dict(world.values), tokens=dict(world.tokens))
