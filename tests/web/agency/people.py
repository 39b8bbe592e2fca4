"""People who consented to partners, for the tests of the partners' portal."""

from sqlalchemy.orm import Session

from relay.models import Partner, Profile
from tests.cast import Cast
from tests.db.network.build import mailed_link, register, the_profile


def consented(session: Session, cast: Cast, email: str, *partners: Partner, **fields: str) -> Profile:
    """A person who registered through Acme's link with these partners."""
    register(session, mailed_link(session, cast.acme, email), *partners, **fields)
    session.commit()
    return the_profile(session, email)
