"""Sessions as rows: found by hash, idle after half an hour, ended after twelve (E-7)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import sessions, users
from relay.infra import vault
from relay.models import UserSession
from tests.cast import Cast, make_cast

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def token(session: Session, cast: Cast) -> str:
    with clock.at(NOON):
        return sessions.start(session, cast.ada.id, ip="192.0.2.1", agent="x" * 500)


def alive(session: Session, token: str, after: timedelta) -> bool:
    with clock.at(NOON + after):
        return sessions.load(session, token) is not None


def test_only_the_hash_is_kept(session: Session, token: str) -> None:
    kept = session.scalars(select(UserSession)).one()
    assert token not in {kept.token_hash, kept.agent, kept.ip}
    assert len(token) >= 22, "at least 128 bits"


def test_a_session_idles_out_after_half_an_hour(session: Session, token: str) -> None:
    assert alive(session, token, timedelta(minutes=29))
    assert not alive(session, token, timedelta(minutes=31))


def test_a_session_in_use_ends_after_twelve_hours(session: Session, token: str) -> None:
    kept = session.scalars(select(UserSession)).one()
    for quarter in range(48):
        with clock.at(NOON + timedelta(minutes=15 * quarter)):
            sessions.seen(session, kept.id)
    assert alive(session, token, timedelta(hours=11, minutes=59))
    assert not alive(session, token, timedelta(hours=12, minutes=1))


@pytest.mark.parametrize(
    ("who", "factor", "stays"), [("agnes", True, True), ("agnes", False, False), ("ada", True, False)]
)
def test_only_a_partners_people_with_a_second_factor_stay_twelve_hours_unasked(
    session: Session, cast: Cast, who: str, factor: bool, stays: bool
) -> None:
    user = getattr(cast, who)
    user.totp_secret = vault.seal("a secret") if factor else ""
    with clock.at(NOON):
        token = sessions.start(session, user.id, ip="192.0.2.1", agent="")
    session.flush()
    assert alive(session, token, timedelta(minutes=29))
    assert alive(session, token, timedelta(hours=11, minutes=59)) is stays
    assert not alive(session, token, timedelta(hours=12, minutes=1))


def test_the_pages_say_how_long_a_browser_of_a_partner_stays(session: Session, cast: Cast) -> None:
    cast.agnes.totp_secret = vault.seal("a secret")
    with clock.at(NOON):
        token = sessions.start(session, cast.agnes.id, ip="192.0.2.1", agent="")
    with clock.at(NOON + timedelta(hours=3)):
        person = sessions.load(session, token)
        [listed] = sessions.open_ones(session, cast.agnes)
        assert person is not None
        assert person.seconds_left == 9 * 60 * 60
        assert sessions.ends_at(listed, cast.agnes) == NOON + timedelta(hours=12)
        assert not person.may_stay, "asking for something keeps it no longer than that"
        assert not person.freshly_proven, "acts that matter ask again (E-8)"


def test_last_seen_is_due_after_five_minutes_only(session: Session, token: str) -> None:
    for minutes, stale in ((1, False), (4, False), (6, True)):
        with clock.at(NOON + timedelta(minutes=minutes)):
            person = sessions.load(session, token)
            assert person is not None
            assert person.seen_stale is stale


def test_a_disabled_login_has_no_session_even_if_a_row_were_left(session: Session, cast: Cast, token: str) -> None:
    cast.ada.disabled_at = NOON
    session.flush()
    assert not alive(session, token, timedelta(minutes=1))


def test_ending_one_session_leaves_the_others(session: Session, cast: Cast, token: str) -> None:
    with clock.at(NOON):
        other = sessions.start(session, cast.ada.id, ip="", agent="")
        person = sessions.load(session, other)
    assert person is not None
    sessions.end(session, person.session_id)
    assert alive(session, token, timedelta(minutes=1))
    assert not alive(session, other, timedelta(minutes=1))
    users.disable(session, cast.ada)
    assert not alive(session, token, timedelta(minutes=1))


@pytest.mark.parametrize("token", ["", "guess", "x" * 5000])
def test_a_guess_finds_nobody(session: Session, token: str) -> None:
    assert sessions.load(session, token) is None
