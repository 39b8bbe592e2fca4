"""One code, recovery code or link shown several times in one instant: one is let in, on both databases (E-5, C-23)."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import recovery, second_factor, users
from relay.identity.recovery import LinkUsed
from relay.infra import vault
from relay.infra.keyed_hash import address_hash
from relay.mail import tokens
from relay.models import Token, TokenPurpose
from relay.tokens import token_hash
from tests.cast import Cast, make_cast
from tests.db.network.test_at_once import all_at_once

TIMES = 8
NEW = "atarashii kotoba wo narabeta"


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def enrol(app: Flask, session: Session, cast: Cast) -> list[str]:
    """Ada gets a second factor, a little while ago."""
    with clock.at(clock.now() - timedelta(minutes=5)):
        second_factor.begin(session, cast.ada)
        code = pyotp.TOTP(vault.unseal(cast.ada.totp_pending)).at(clock.now())
        made = second_factor.confirm(session, cast.ada, code, hash_key=app.config["RELAY"].hash_key, keep_session=None)
        session.commit()
    return made


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_code_lets_one_in(app: Flask, session: Session, cast: Cast, kind: str) -> None:
    recovery_code = enrol(app, session, cast)[0]
    code = recovery_code if kind == "recovery" else pyotp.TOTP(vault.unseal(cast.ada.totp_secret)).at(clock.now())
    user_id, key, let_in = cast.ada.id, app.config["RELAY"].hash_key, list[bool]()

    def show(own: Session) -> None:
        let_in.append(second_factor.accept(own, users.by_id(own, user_id), code, hash_key=key))

    all_at_once(app, [show] * TIMES)
    assert sorted(let_in) == [False] * (TIMES - 1) + [True]


def test_one_link_sets_one_password(app: Flask, session: Session, cast: Cast) -> None:
    hashed = address_hash(cast.ada.email)
    token = tokens.mint(session, TokenPurpose.PASSWORD, cast.ada.id, address_hash=hashed)
    session.commit()
    answers: list[str] = []

    def resetting(number: int) -> Callable[[Session], None]:
        def recorder(own: Session) -> None:
            found = own.scalars(select(Token).where(Token.hash == token_hash(token))).one()
            try:
                recovery.reset(own, found, f"{NEW} {number}")
                answers.append("set")
            except LinkUsed:
                own.rollback()
                answers.append("used")

        return recorder

    all_at_once(app, [resetting(number) for number in range(4)])
    assert sorted(answers) == ["set", "used", "used", "used"]
