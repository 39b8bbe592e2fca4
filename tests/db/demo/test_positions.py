"""The demo's positions: written out where the company came to it, in every state, one still a name alone."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.demo import positions as demo
from relay.demo.people import POSITIONS
from relay.hiring import posting
from relay.models import Position, PositionState, scopes
from tests.cast import make_cast, make_position


def test_the_demo_shows_every_state_and_what_is_missing(session: Session) -> None:
    acme = make_cast(session).acme
    for title in POSITIONS:
        make_position(session, acme, title)
    with scopes.company(session, acme.id):
        demo.complete(session, acme.name)
        every = session.scalars(select(Position)).all()
        assert {each.state for each in every} == set(PositionState)
        assert [each.title for each in every if each.confirmed_on is None] == ["製造オペレーター"]
        lacking = {each.title: len(posting.missing(each)) for each in every if each.confirmed_on}
        assert sorted(title for title, number in lacking.items() if number) == ["社内SE", "購買・調達"]
        assert all(each.posting["recruiter"] == acme.name for each in every if each.salary_from)
