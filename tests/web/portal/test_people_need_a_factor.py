"""No candidate comes in by any road before whoever brings them has a second factor (E-5); pages go on where one was."""

import re
from collections.abc import Callable
from io import BytesIO

import pyotp
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.cli import main
from relay.identity.roles import BRING_PEOPLE
from relay.infra import vault
from relay.intake import by_hand
from relay.models import Candidate, Company, Import, RetentionBasis, User, scopes
from tests.cast import Cast, browse
from tests.db.intake.bringing import SAMPLES

FILE = "氏名,メールアドレス\n綿貫 亘,wataru@mail.example\n".encode()
TYPED = {"name": "綿貫 亘", "email": "wataru@mail.example", "basis": "stated", "who": "new"}


@pytest.fixture
def fresh(session: Session, cast: Cast) -> Company:
    """Acme as it is on its first day: it practises, holds nobody, and nobody has a second factor."""
    cast.acme.second_factor_required, cast.acme.live_since = True, None
    session.commit()
    return cast.acme


def enrol(client: FlaskClient, session: Session, user: User, wanted: str = "") -> str:
    """Set the factor up on its page; the page of recovery codes that answers."""
    client.post("/account/second-factor/start", data={"next": wanted})
    session.expire_all()
    code = pyotp.TOTP(vault.unseal(user.totp_pending)).at(clock.now())
    return client.post("/account/second-factor/confirm", data={"code": code, "next": wanted}).text


def stored(session: Session, company: Company) -> int:
    with scopes.company(session, company.id):
        people = session.scalar(select(func.count(Candidate.id))) or 0
        return people + (session.scalar(select(func.count(Import.id))) or 0)


def test_every_page_that_brings_people_asks_first(app: Flask, session: Session, cast: Cast, fresh: Company) -> None:
    """From the URL map, so that a new road cannot be forgotten."""
    client, roads = browse(app, cast.ada), 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if getattr(view, "relay_permission", "") not in BRING_PEOPLE:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            path = re.sub(r"<[^>]+>", "1", rule.rule)
            data = {"file": (BytesIO(FILE), "people.csv"), **TYPED} if method == "POST" else None
            answer = client.open(path, method=method, data=data)
            assert answer.location is not None, f"{method} {path}"
            assert answer.location.startswith("/account/second-factor?next="), f"{method} {path}"
            roads += 1
    assert roads >= 10
    assert stored(session, fresh) == 0, "not even the file is kept"


def test_only_those_pages_ask_while_nobody_is_held(app: Flask, cast: Cast, fresh: Company) -> None:
    client = browse(app, cast.ada)
    assert {client.get(path).status_code for path in ("/", "/pool", "/positions", "/templates", "/results")} == {200}


@pytest.mark.parametrize("road", ["/pool/import", "/pool/new"])
def test_it_says_why_and_goes_on_where_one_was(
    app: Flask, session: Session, cast: Cast, fresh: Company, road: str
) -> None:
    client = browse(app, cast.ada)
    asked = client.get(road, follow_redirects=True)
    assert "候補者の情報を守るため" in asked.text
    assert "終わると続きに戻ります" in asked.text
    assert f'value="{road}"' in asked.text, "the page knows where to go on"
    assert f'href="{road}"' in enrol(client, session, cast.ada, road)
    assert client.get(road).status_code == 200


def test_on_ones_own_page_there_is_nothing_to_go_on_to(app: Flask, cast: Cast, fresh: Company) -> None:
    assert "はじめに、二段階認証を設定してください" not in browse(app, cast.ada).get("/account/second-factor").text


def by_file(client: FlaskClient) -> None:
    shown = client.post("/pool/import", data={"file": (BytesIO(FILE), "people.csv")}).location
    done = client.post(shown, data={"basis": "stated", "told": "yes"})
    assert done.status_code == 303, done.text


def by_form(client: FlaskClient) -> None:
    assert client.post("/pool/new", data=TYPED).status_code == 303


def by_command(_client: FlaskClient) -> None:
    words = ["import", str(SAMPLES / "herp.csv"), "--company", "acme", "--basis", "stated"]
    assert CliRunner().invoke(main, words).exit_code == 0


def by_code(_client: FlaskClient) -> None:
    """A road nobody has built yet."""
    from relay.extensions import db

    company = db.session.scalars(select(Company).where(Company.slug == "acme")).one()
    with scopes.company(db.session(), company.id):
        by_hand.add(db.session(), {"name": "綿貫 亘"}, by_hand.CandidateOrigin(RetentionBasis.STATED))
    db.session.commit()


@pytest.mark.parametrize("road", [by_file, by_form, by_command, by_code])
def test_from_the_first_person_on_every_colleague_is_asked(
    app: Flask, session: Session, cast: Cast, fresh: Company, road: Callable[[FlaskClient], None]
) -> None:
    ada, vic = browse(app, cast.ada), browse(app, cast.vic)
    enrol(ada, session, cast.ada)
    assert vic.get("/pool").status_code == 200
    road(ada)
    assert stored(session, fresh) > 0
    assert vic.get("/pool").location == "/account/second-factor?next=/pool", "in the session that is open already"
    assert ada.get("/pool").status_code == 200
    assert browse(app, cast.mona).get("/pool").status_code == 200, "another company is not concerned"
