"""A partner opens very many people within an hour: it and the operator are told, no company, and nobody is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation
from relay.identity.installation import Operator
from relay.mail import compose
from relay.models import Message, Profile, scopes
from relay.network import sharing
from relay.network.sharing import OPENINGS_AN_HOUR
from tests.cast import Cast
from tests.db.network.build import mailed_link, mails, register, the_profile

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
OPERATOR = "unei@relay.example"


@pytest.fixture
def noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


@pytest.fixture
def hanako(noon: None, session: Session, cast: Cast) -> Profile:
    """Somebody who agreed to be seen by Tsumugi."""
    cast.acme.runs_installation = True
    installation.describe(session, cast.acme, Operator("運営", "東京都", OPERATOR))
    register(session, mailed_link(session, cast.acme, "hanako@mail.example"), cast.tsumugi)
    session.commit()
    return the_profile(session, "hanako@mail.example")


def opened(
    session: Session, cast: Cast, profile: Profile, *, already: int = 0, after: timedelta = timedelta(0)
) -> None:
    """Hanako is opened once, when so many others were opened within the hour."""
    with clock.at(NOON + after), scopes.partner(session, cast.tsumugi.id):
        for number in range(already):
            sharing.note_opening(session, cast.tsumugi.id, -1 - number)
        assert sharing.open_person(session, profile.code, cast.agnes.id).code == profile.code
    session.commit()


def told(session: Session) -> list[str]:
    return sorted(each.to_address for each in mails(session, "many-opened"))


def test_at_the_limit_nobody_is_told(session: Session, cast: Cast, hanako: Profile) -> None:
    opened(session, cast, hanako, already=OPENINGS_AN_HOUR - 1)
    assert told(session) == []


def test_past_the_limit_the_partner_and_the_operator_are_told_once(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    opened(session, cast, hanako, already=OPENINGS_AN_HOUR + 30)
    assert told(session) == sorted([cast.agnes.email, OPERATOR])
    with scopes.everyone(session, "test"):
        written = session.scalars(select(Message).where(Message.letter == "many-opened")).all()
        assert all(each.company_id is None for each in written), "no company's screen shows it"
        for message in written:
            mail = compose.render(session, message, preview=False)
            for text in (mail.subject, mail.text, mail.html):
                assert not any(word in text for word in (hanako.code, hanako.name, hanako.email))
            assert f"{OPENINGS_AN_HOUR}名を超える" in mail.text


def test_the_next_hour_counts_anew(session: Session, cast: Cast, hanako: Profile) -> None:
    opened(session, cast, hanako, already=OPENINGS_AN_HOUR)
    opened(session, cast, hanako, already=OPENINGS_AN_HOUR - 1, after=timedelta(hours=1))
    assert len(told(session)) == 2
    opened(session, cast, hanako, already=1, after=timedelta(hours=1, minutes=11))
    assert len(told(session)) == 4


@pytest.mark.parametrize(("minutes", "notices"), [(9, 0), (11, 2)])
def test_opening_the_same_person_again_within_ten_minutes_counts_once(
    session: Session, cast: Cast, hanako: Profile, minutes: int, notices: int
) -> None:
    opened(session, cast, hanako, already=OPENINGS_AN_HOUR - 1)
    opened(session, cast, hanako, after=timedelta(minutes=minutes))
    assert len(told(session)) == notices


@pytest.mark.parametrize("whose", ["login", "answers", "nobody"])
def test_an_operator_whose_mail_a_company_reads_is_not_told(
    session: Session, cast: Cast, hanako: Profile, whose: str
) -> None:
    contact = {"login": cast.adam.email, "answers": cast.other.reply_to, "nobody": "03-0000-0000"}[whose]
    installation.describe(session, cast.acme, Operator("運営", "東京都", contact))
    opened(session, cast, hanako, already=OPENINGS_AN_HOUR)
    assert told(session) == [cast.agnes.email]
