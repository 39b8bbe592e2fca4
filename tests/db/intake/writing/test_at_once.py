"""What goes on while a file is being applied: another file waits, people who register and are told do not.

On PostgreSQL; SQLite has one writer at a time.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.intake.planning.plan import Answers
from relay.intake.writing.applying import apply
from relay.models import Import, ImportState, RetentionBasis, scopes
from relay.models.locking import lock_company
from tests.cast import Cast, make_cast, make_position
from tests.db.intake.bringing import read, sheet

FILE = sheet([{"氏名": "山田 花子", "メールアドレス": "hanako@mail.example"}])


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def applying(session: Session, cast: Cast) -> Iterator[None]:
    """A file has been applied and is not committed yet."""
    _apply(session, cast.acme.id)
    yield
    session.rollback()


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_who_registers_or_is_told_does_not_wait(cast: Cast, applying: None) -> None:
    with Session(db.engine) as another:
        another.execute(text("SET LOCAL lock_timeout = '2s'"))
        lock_company(another, cast.acme.id)
        make_position(another, cast.acme, "経理")
        another.rollback()


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_another_file_of_the_company_waits(cast: Cast, applying: None) -> None:
    with Session(db.engine) as another:
        another.execute(text("SET LOCAL lock_timeout = '300ms'"))
        _apply(another, cast.other.id)
        with pytest.raises(OperationalError, match="lock timeout"):
            _apply(another, cast.acme.id)
        another.rollback()


def _apply(session: Session, company_id: int) -> None:
    with scopes.company(session, company_id):
        row = Import(state=ImportState.PREVIEWED, format="sheet", created_at=clock.now())
        session.add(row)
        session.flush()
        apply(session, company_id, read(FILE), Answers(RetentionBasis.STATED), by_user_id=None, import_row=row)
