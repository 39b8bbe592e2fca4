"""The register of what a partner received: its own lines alone, by reference, whoever withdrew or was erased since."""

import csv
from io import StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.extensions import db
from relay.models import ApiKey, Profile, Role, scopes
from relay.network import consents, sharing
from relay.rights.erasure import erase_profile
from relay.trust import provision_registers
from tests.cast import Cast, browse, make_user
from tests.conftest import ON_ONE
from tests.statements import said
from tests.web.agency.people import consented
from tests.web.landing.phone import words

NAME = "中村 遥"


@pytest.fixture
def haruka(agnes: FlaskClient, session: Session, cast: Cast) -> Profile:
    """Registered with both; Agnes has opened her."""
    person = consented(session, cast, "haruka@mail.example", cast.tsumugi, cast.manabi, name=NAME, phone="09012345678")
    agnes.get(f"/agency/people/{person.code}")
    return person


def test_each_partner_has_its_own_lines(agnes: FlaskClient, sho: FlaskClient, cast: Cast, haruka: Profile) -> None:
    mine, school = words(agnes.get("/agency/records")), words(sho.get("/agency/records"))
    assert mine.count(haruka.code) == 2 and "開きました" in mine
    assert school.count(haruka.code) == 1 and "開きました" not in school
    assert cast.acme.name in mine and cast.acme.address in mine


@pytest.mark.parametrize("gone", ["withdrew", "erased"])
def test_a_person_who_is_gone_stands_there_by_reference_and_without_a_name(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile, gone: str
) -> None:
    code = haruka.code
    if gone == "erased":
        erase_profile(session, haruka.id)
    else:
        consents.withdraw(session, haruka.id, cast.tsumugi.id)
    session.commit()
    assert code not in agnes.get("/agency/people").text
    page, file = agnes.get("/agency/records").text, agnes.get("/agency/records/file").text
    for shown in (page, file):
        assert code in shown
        assert not any(each in shown for each in (NAME, "haruka", "09012345678", "090-1234-5678"))


def test_one_persons_lines_are_found_by_reference(
    agnes: FlaskClient, session: Session, cast: Cast, haruka: Profile
) -> None:
    other = consented(session, cast, "other@mail.example", cast.tsumugi)
    found = agnes.get("/agency/records", query_string={"q": haruka.code.lower().replace("-", " ")}).text
    assert haruka.code in found and other.code not in found
    assert "の記録はありません" in words(agnes.get("/agency/records?q=2345"))


def test_the_file_says_what_the_law_asks_a_recipient_to_keep(agnes: FlaskClient, cast: Cast, haruka: Profile) -> None:
    answer = agnes.get("/agency/records/file")
    assert "attachment" in answer.headers["Content-Disposition"]
    first, second = csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert (first["種類"], second["種類"]) == ("閲覧できるようになりました", "開きました")
    assert first["照会番号"] == haruka.code and first["項目"] == "氏名、メールアドレス、電話番号"
    assert (first["提供元の名称"], first["提供元の住所"]) == (cast.acme.name, cast.acme.address)
    assert first["取得の経緯"] == "ご本人が登録のページに記入し、提供に同意"


def test_a_lead_sees_who_opened_whom_and_an_agent_their_own(
    app: Flask, session: Session, cast: Cast, agnes: FlaskClient, haruka: Profile
) -> None:
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    other = consented(session, cast, "other@mail.example", cast.tsumugi)
    hers = browse(app, amy)
    hers.get(f"/agency/people/{other.code}")

    everybody, her_own = agnes.get("/agency/records").text, hers.get("/agency/records").text
    assert "開きました・Amy" in everybody and "開きました・Agnes" in everybody
    assert "開きました・Amy" in her_own and "Agnes" not in her_own
    for reader, who, codes in (
        (agnes, amy, {other.code}),
        (agnes, cast.agnes, {haruka.code}),
        (hers, amy, {other.code}),
    ):
        found = reader.get(f"/agency/records?who={who.id}").text
        assert {each.code for each in (haruka, other) if each.code in found} == codes
        assert not any(each in found for each in (NAME, "haruka", "other@mail"))
    for not_told in (f"who={cast.agnes.id}", f"who={cast.sho.id}", "who=x", "who=99999999999999999999"):
        found = hers.get(f"/agency/records?{not_told}")
        assert found.status_code == 200
        assert other.code in found.text and haruka.code in found.text, "as if nothing had been asked"
        assert "Agnes" not in found.text and "Sho" not in found.text
    assert haruka.code in agnes.get(f"/agency/records?who={cast.agnes.id}&q={haruka.code}").text
    assert "の記録はありません" in words(agnes.get(f"/agency/records?who={cast.agnes.id}&q={other.code}"))


def test_a_lead_sees_what_programs_read_with_which_key_and_an_agent_that_programs_did(
    app: Flask, session: Session, cast: Cast, agnes: FlaskClient, haruka: Profile
) -> None:
    amy = make_user(session, "amy", cast.tsumugi, Role.AGENT)
    read = consented(session, cast, "read@mail.example", cast.tsumugi)
    owner = KeyOwner(partner_id=cast.tsumugi.id)
    given = {"by_user_id": cast.agnes.id, "expires_on": None, "live": False}
    for name in ("求職管理", "使っていない"):
        keys.make(session, owner, name, owner.choices(), **given)
    with scopes.partner(session, cast.tsumugi.id):
        key_id, unused = session.scalars(select(ApiKey.id).order_by(ApiKey.id)).all()
        sharing.read_person(session, read.code, key_id)
    session.commit()
    page = agnes.get("/agency/records").text
    assert "システムが読み取りました・APIキー：求職管理" in page
    assert f'<option value="key-{key_id}">APIキー：求職管理</option>' in page
    found = agnes.get(f"/agency/records?who=key-{key_id}").text
    assert read.code in found and haruka.code not in found
    assert "の記録はありません" in words(agnes.get(f"/agency/records?who=key-{unused}"))
    hers = browse(app, amy).get(f"/agency/records?who=key-{key_id}").text
    assert "システムが読み取りました" in hers and "求職管理" not in hers
    assert haruka.code in hers, "as if nothing had been asked"


@ON_ONE
@pytest.mark.parametrize(("index", "asked"), [("user", {"user_id": 1}), ("api_key", {"api_key_id": 1})])
def test_what_one_colleague_or_key_read_is_found_along_its_index(
    session: Session, cast: Cast, index: str, asked: dict[str, int]
) -> None:
    with scopes.partner(session, cast.tsumugi.id), said(db.engine) as statements:
        provision_registers.received(session, **asked)  # type: ignore[arg-type]
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1][0]}", statements[-1][1]).all()
    assert f"ix_provision_records_{index} (partner_id=? AND {index}_id=?" in str(plan)
