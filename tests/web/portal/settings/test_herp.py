"""設定 → HERP連携: the key is tried and proven, never shown again, and troubles are sentences on the page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.herp import connection
from relay.identity.sessions import PROOF_LASTS
from relay.infra import jobs
from relay.models import HerpTrouble
from tests.cast import Cast, browse
from tests.herp import KEY, Herp, herp
from tests.web.landing.phone import words

PAGE = "/settings/herp"
TYPED = {"key": KEY, "basis": "stated", "told": "yes"}


@pytest.fixture
def tenant(app: Flask) -> Iterator[Herp]:
    """HERP, where Acme's key opens its applications."""
    with herp() as answering:
        kept = app.config["RELAY"]
        opened = replace(kept, herp_url=answering.url, outbound_networks=(ip_network("127.0.0.0/8"),))
        app.extensions.pop("relay_outbound", None)
        app.config["RELAY"] = opened
        yield answering
        app.config["RELAY"] = kept
        app.extensions.pop("relay_outbound", None)


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def work(session: Session) -> None:
    while jobs.run_one(session, clock.now()):
        pass


def test_from_the_key_to_the_look_and_the_end(
    adam: FlaskClient, ada: FlaskClient, session: Session, cast: Cast, tenant: Herp
) -> None:
    tenant.add(1)
    assert "HERPとつなぐ" in words(adam.get(PAGE))
    adam.post(PAGE, data=TYPED)
    shown = adam.get(PAGE)
    assert "読み取り中" in words(shown) and KEY not in shown.text
    work(session)
    assert "読み取った応募が、確認を待っています" in words(adam.get(PAGE))
    session.rollback()
    row = connection.of_company(session, cast.acme.id)
    assert row is not None
    look = ada.get(f"/pool/import/{row.import_id}")
    assert "山田 1" in words(look)
    ada.post(f"/pool/import/{row.import_id}", data={"basis": "stated"})
    assert "応募1件、うち新しいか内容の変わった応募1件" in words(adam.get(PAGE))
    adam.post(f"{PAGE}/read")
    work(session)
    assert "応募1件、うち新しいか内容の変わった応募0件" in words(adam.get(PAGE))
    adam.post(f"{PAGE}/remove")
    assert "HERPとつなぐ" in words(adam.get(PAGE))


def test_a_key_that_is_not_taken_is_said_at_its_field(adam: FlaskClient, tenant: Herp) -> None:
    refused = adam.post(PAGE, data=TYPED | {"key": "another"})
    assert refused.status_code == 422
    assert "受け付けませんでした" in words(refused) and "another" not in refused.text
    assert "入力してください。まだ連携していません" in words(adam.post(PAGE, data=TYPED | {"key": ""}))


def test_the_answers_change_without_the_key(adam: FlaskClient, session: Session, cast: Cast, tenant: Herp) -> None:
    adam.post(PAGE, data=TYPED)
    adam.post(PAGE, data=TYPED | {"key": "", "told": "no"})
    session.rollback()
    row = connection.of_company(session, cast.acme.id)
    assert row is not None and not row.told and row.key


@pytest.mark.parametrize("trouble", list(HerpTrouble))
def test_every_trouble_is_a_sentence_on_the_page(
    adam: FlaskClient, session: Session, cast: Cast, tenant: Herp, trouble: HerpTrouble
) -> None:
    adam.post(PAGE, data=TYPED)
    session.rollback()
    row = connection.of_company(session, cast.acme.id)
    assert row is not None
    row.trouble = trouble
    session.commit()
    assert str(trouble.label) in words(adam.get(PAGE))


def test_the_connection_is_tested_by_a_button(adam: FlaskClient, tenant: Herp) -> None:
    adam.post(PAGE, data=TYPED)
    assert "HERPとつながっています。" in words(adam.post(f"{PAGE}/test", follow_redirects=True))
    tenant.key = "renewed at HERP"
    assert "受け付けませんでした" in words(adam.post(f"{PAGE}/test", follow_redirects=True))


def test_saving_asks_for_a_proof_and_for_an_administrator(
    app: Flask, adam: FlaskClient, ada: FlaskClient, session: Session, cast: Cast, tenant: Herp
) -> None:
    assert ada.post(PAGE, data=TYPED).status_code == 403
    with clock.at(datetime.now(clock.JAPAN) + PROOF_LASTS + timedelta(minutes=1)):
        adam.post(PAGE, data=TYPED)
    session.rollback()
    assert connection.of_company(session, cast.acme.id) is None
    assert tenant.asked == []
