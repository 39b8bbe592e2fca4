"""Mailed secrets: one purpose, an end, revocable, kept as a hash."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import tokens
from relay.models import Token, TokenPurpose


def test_a_token_opens_its_purpose_and_nothing_else(session: Session) -> None:
    token = tokens.mint(session, TokenPurpose.RELAY, 5, company_id=1, candidate_id=2)
    found = tokens.find(session, token, TokenPurpose.RELAY)
    assert found is not None
    assert (found.subject_id, found.company_id, found.candidate_id) == (5, 1, 2)
    for other in set(TokenPurpose) - {TokenPurpose.RELAY}:
        assert tokens.find(session, token, other) is None
    assert tokens.find(session, "x" * 43, TokenPurpose.RELAY) is None
    assert tokens.find(session, "", TokenPurpose.RELAY) is None


def test_only_the_hash_is_kept(session: Session) -> None:
    token = tokens.mint(session, TokenPurpose.OWN_PAGE, 5)
    row = session.scalars(select(Token)).one()
    assert len(token) == 43
    assert token not in {str(getattr(row, column.name)) for column in Token.__table__.columns}


def test_each_purpose_has_its_own_lifetime(session: Session) -> None:
    now = clock.now()
    with clock.at(now):
        kept = {purpose: tokens.mint(session, purpose, 5) for purpose in TokenPurpose}

    def opens(purpose: TokenPurpose, after: timedelta) -> bool:
        with clock.at(now + after):
            return tokens.find(session, kept[purpose], purpose) is not None

    assert opens(TokenPurpose.RELAY, timedelta(days=59))
    assert not opens(TokenPurpose.RELAY, timedelta(days=60))
    assert opens(TokenPurpose.CONFIRM_ADDRESS, timedelta(hours=23))
    assert not opens(TokenPurpose.CONFIRM_ADDRESS, timedelta(hours=24))
    assert opens(TokenPurpose.OWN_PAGE, timedelta(days=3650))
    assert opens(TokenPurpose.UNSUBSCRIBE, timedelta(days=3650))


def test_a_shorter_life_may_be_given(session: Session) -> None:
    now = clock.now()
    token = tokens.mint(session, TokenPurpose.RELAY, 5, lifetime=timedelta(days=3))
    with clock.at(now + timedelta(days=4)):
        assert tokens.find(session, token, TokenPurpose.RELAY) is None


def test_a_retry_adds_a_token_and_the_earlier_one_stays_good(session: Session) -> None:
    first, second = (tokens.mint(session, TokenPurpose.RELAY, 5) for _ in range(2))
    assert tokens.find(session, first, TokenPurpose.RELAY)
    assert tokens.find(session, second, TokenPurpose.RELAY)


def test_revoking_ends_all_tokens_of_a_subject_and_of_no_other(session: Session) -> None:
    first, second = (tokens.mint(session, TokenPurpose.RELAY, 5) for _ in range(2))
    other, own = tokens.mint(session, TokenPurpose.RELAY, 6), tokens.mint(session, TokenPurpose.OWN_PAGE, 5)
    assert tokens.revoke(session, TokenPurpose.RELAY, 5) == 2
    assert tokens.revoke(session, TokenPurpose.RELAY, 5) == 0
    assert tokens.find(session, first, TokenPurpose.RELAY) is None
    assert tokens.find(session, second, TokenPurpose.RELAY) is None
    assert tokens.find(session, other, TokenPurpose.RELAY)
    assert tokens.find(session, own, TokenPurpose.OWN_PAGE)
