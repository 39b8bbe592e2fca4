"""`relay secrets reseal`: after a change of the secret key nothing needs the old one any more (E-24)."""

from collections.abc import Callable
from dataclasses import replace

import pyotp
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.identity import second_factor
from relay.infra import vault
from relay.mail import servers
from relay.models import MailServer, MailTls, scopes
from tests.cast import Cast, make_cast

OLD, NEW = "k" * 40, "n" * 40
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
Keys = Callable[..., None]


@pytest.fixture
def keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Keys:
    """Change the secret key of the running application, as a restart with other settings does."""

    def change(present: str, *earlier: str) -> None:
        settings = replace(app.config["RELAY"], secret_key=present, secret_key_fallbacks=earlier)
        monkeypatch.setitem(app.config, "RELAY", settings)
        monkeypatch.delitem(app.extensions, "relay_vault", raising=False)

    monkeypatch.setitem(app.extensions, "relay_vault", None)
    change(OLD)
    return change


@pytest.fixture
def cast(session: Session, keys: Keys) -> Cast:
    """Adam has a second factor, Ada is setting hers up, and Acme sends by its own server."""
    cast = make_cast(session)
    cast.adam.totp_secret, cast.ada.totp_pending = vault.seal(SECRET), vault.seal(SECRET)
    with scopes.company(session, cast.acme.id):
        session.add(
            MailServer(
                company_id=cast.acme.id,
                host="smtp.acme.example",
                port=587,
                tls=MailTls.STARTTLS,
                username="acme",
                password=vault.seal("himitsu"),
                sender="saiyo@acme.example",
                changed_at=clock.now(),
            )
        )
    session.commit()
    return cast


def reseal() -> Result:
    return CliRunner().invoke(main, ["secrets", "reseal"])


def test_the_old_key_can_be_taken_away_afterwards(app: Flask, session: Session, cast: Cast, keys: Keys) -> None:
    route = servers.route_for(session, cast.acme.id)
    keys(NEW, OLD)
    assert "2件を、いまの鍵で閉じ直しました" in reseal().output
    keys(NEW)
    session.expire_all()
    assert servers.route_for(session, cast.acme.id) == route, "the same server: no test of sending is void"
    code = pyotp.TOTP(SECRET).at(clock.now())
    hash_key = app.config["RELAY"].hash_key
    assert second_factor.accept(session, cast.adam, code, hash_key=hash_key)
    assert second_factor.confirm(session, cast.ada, code, hash_key=hash_key, keep_session=None)


def test_a_second_time_changes_nothing(session: Session, cast: Cast, keys: Keys) -> None:
    keys(NEW, OLD)
    reseal()
    session.expire_all()
    sealed = cast.adam.totp_secret
    assert "閉じ直すものは、ありませんでした" in reseal().output
    session.expire_all()
    assert cast.adam.totp_secret == sealed


def test_what_no_key_opens_is_named_and_left_as_it_is(session: Session, cast: Cast, keys: Keys) -> None:
    keys("e" * 40)
    cast.vic.totp_secret = vault.seal(SECRET)
    session.commit()
    lost = cast.vic.totp_secret
    keys(NEW, OLD)
    result = reseal()
    assert result.exit_code == 0
    assert "2件を、いまの鍵で閉じ直しました" in result.output
    assert "1件は、どの鍵でも開けない" in result.output
    session.expire_all()
    assert (cast.vic.totp_secret, vault.is_current(cast.adam.totp_secret)) == (lost, True)
    keys(NEW, OLD, "e" * 40)
    assert "1件を、いまの鍵で閉じ直しました" in reseal().output
