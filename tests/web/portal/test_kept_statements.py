"""Statements that are put together once: a page that is opened again runs the very objects it ran before."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from relay.models import Candidate, prepared
from tests.conftest import ON_ONE
from tests.web.test_guards import path_of
from tests.web.test_headers import signed_in
from tests.web.world import World

KEPT = (
    "/",
    "/pool",
    "/pool/counts",
    "/pool/1",
    "/positions?state=open",
    "/applications",
    "/applications?end=open&position=1&stage=書類選考",
    "/applications/stalled",
    "/templates",
    "/results",
    "/results/sent",
    "/results/failed",
    "/results/queue",
    "/results/waiting",
)
"""Pages none of whose statements is put together at a request; a list that grows (CONTRIBUTING.md, Decisions)."""


@pytest.mark.parametrize("address", KEPT)
def test_a_page_opened_again_puts_no_statement_together(ada: FlaskClient, hanako: Candidate, address: str) -> None:
    assert ada.get(address).status_code == 200
    with _run() as before:
        ada.get(address)
    with _run() as again, _prepared() as forms:
        ada.get(address)
    assert forms == []
    assert len(again) == len(before)
    known = {id(statement) for statement in before}
    assert [str(statement) for statement in again if id(statement) not in known] == []


PUT_TOGETHER = frozenset(
    {
        "portal.application_interview",
        "portal.insights_cases",
        "portal.leaving",
        "portal.leaving_letters",
        "portal.position_fits",
        "portal.record_file",
        "portal.rule",
        "portal.same_person",
        "portal.settings_incident_people",
        "portal.settings_related",
        "portal.tag_names",
    }
)
"""Pages with a statement that is put together at each request; the list only gets shorter."""


@ON_ONE
def test_no_page_puts_a_statement_together_but_those_named(app: Flask, session: Session, world: World) -> None:
    """Each page of the map, opened again: a new one does so with the statements it ran before."""
    clients, found = signed_in(app, world), set()
    for surface, client in clients.items():
        for rule in app.url_map.iter_rules():
            if rule.endpoint.startswith(f"{surface}.") and "GET" in (rule.methods or ()):
                path = path_of(app, rule, world)
                client.get(path)
                with _run() as before:
                    client.get(path)
                with _run() as again, _prepared() as forms:
                    client.get(path)
                known = {id(statement) for statement in before}
                if forms or any(id(statement) not in known for statement in again):
                    found.add(rule.endpoint)
    assert found == PUT_TOGETHER


@contextmanager
def _prepared() -> Iterator[list[str]]:
    """Yield the statements compiled inside the block for prepared reads; those that are kept are compiled before it."""
    forms: list[str] = []
    made = prepared._form

    def compiled(*what: Any) -> Any:
        form = made(*what)
        forms.append(form.text)
        return form

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(prepared, "_form", compiled)
        yield forms


@contextmanager
def _run() -> Iterator[list[Any]]:
    """Yield the statements run by the ORM inside the block, before a scope is put to them; kept, so no id is reused."""
    statements: list[Any] = []

    def run(state: ORMExecuteState) -> None:
        statements.append(state.statement)

    event.listen(Session, "do_orm_execute", run, insert=True)
    try:
        yield statements
    finally:
        event.remove(Session, "do_orm_execute", run)
