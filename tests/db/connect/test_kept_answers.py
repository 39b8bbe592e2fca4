"""The answer to a repeated request: the same where all is the same, refused where it is not, forgotten after a day."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect import kept_answers, keys
from relay.connect.kept_answers import KEPT_FOR, OtherRequest
from relay.connect.keys import KeyOwner
from relay.models import ApiScope, KeptAnswer
from tests.cast import Cast, make_cast


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def key_of(session: Session, cast: Cast) -> int:
    owner = KeyOwner(cast.acme.id)
    keys.make(session, owner, "表", [ApiScope.READ_PEOPLE], by_user_id=cast.adam.id, expires_on=None, live=False)
    return keys.living(session, owner)[0].id


def ask(session: Session, key_id: int, endpoint: str = "api.x", repeated: str = "k", request: bytes = b"a") -> str:
    before = kept_answers.begin(session, key_id, endpoint, repeated, request)
    if before is not None:
        return f"again {before.status} {before.body}"
    kept_answers.keep(session, key_id, endpoint, repeated, 202, request.decode())
    session.commit()
    return "done"


def test_the_same_request_gets_the_same_answer(session: Session, cast: Cast) -> None:
    key_id = key_of(session, cast)
    assert ask(session, key_id) == "done"
    assert ask(session, key_id) == "again 202 a"


def test_another_request_with_the_same_key_is_refused(session: Session, cast: Cast) -> None:
    key_id = key_of(session, cast)
    ask(session, key_id)
    with pytest.raises(OtherRequest):
        ask(session, key_id, request=b"b")


def test_each_program_and_each_address_has_keys_of_its_own(session: Session, cast: Cast) -> None:
    first, second = key_of(session, cast), key_of(session, cast)
    assert [ask(session, key_id, endpoint) for key_id in (first, second) for endpoint in ("api.x", "api.y")] == [
        "done"
    ] * 4


def test_what_was_not_committed_was_not_done(session: Session, cast: Cast) -> None:
    key_id = key_of(session, cast)
    session.commit()
    kept_answers.begin(session, key_id, "api.x", "k", b"a")
    session.rollback()
    assert ask(session, key_id) == "done"


def test_after_a_day_nobody_asks_again(session: Session, cast: Cast) -> None:
    key_id = key_of(session, cast)
    ask(session, key_id)
    for later, left in ((-timedelta(minutes=1), 1), (timedelta(minutes=1), 0)):
        with clock.at(clock.now() + KEPT_FOR + later):
            kept_answers.sweep(session)
        assert session.scalar(select(func.count()).select_from(KeptAnswer)) == left
