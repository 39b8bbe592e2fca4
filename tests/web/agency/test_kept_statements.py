"""Statements of the desk are put together once: a page that is opened again runs prepared reads alone."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

from tests.cast import Cast
from tests.web.agency.people import consented

KEPT = (
    "/agency/people",
    "/agency/people?q=品質&order=role&state=new",
    "/agency/people/{code}",
    "/agency/people/{code}?q=品質&order=place",
    "/agency",
    "/agency/companies",
    "/agency/ended",
    "/agency/records",
    "/agency/records?q={code}&who=1",
)


@pytest.mark.parametrize("address", KEPT)
def test_a_page_opened_again_puts_no_statement_together(
    agnes: FlaskClient, session: Session, cast: Cast, address: str
) -> None:
    code = consented(session, cast, "haruka@mail.example", cast.tsumugi, desired_role="品質保証").code
    visits: list[list[Any]] = []

    def run(state: ORMExecuteState) -> None:
        visits[-1].append(state.statement)

    event.listen(Session, "do_orm_execute", run, insert=True)
    try:
        for _visit in range(3):  # the first one notes the visit or the opening
            visits.append([])
            assert agnes.get(address.format(code=code)).status_code == 200
    finally:
        event.remove(Session, "do_orm_execute", run)
    assert visits[1:] == [[], []], "every read is prepared, that of the session too"
