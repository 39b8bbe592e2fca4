"""Saved searches: saved from the list, above it for whoever sees them, renamed, shared and forgotten."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.candidates import tags
from relay.models import Candidate, Role, SavedSearch, scopes
from relay.search import saved
from relay.search.candidate_search import Query
from tests.cast import Cast, browse, make_user

OFFER = "この条件を保存する"


@pytest.fixture
def bea(app: object, session: Session, cast: Cast) -> FlaskClient:
    """Ada's colleague."""
    user = make_user(session, "bea", cast.acme, Role.RECRUITER)
    session.commit()
    return browse(app, user)  # type: ignore[arg-type]


def save(client: FlaskClient, address: str, name: str, **fields: str) -> str:
    return client.post(f"/pool/searches{address}", data={"name": name, **fields}, follow_redirects=True).text


def kept(session: Session, cast: Cast) -> list[tuple[str, bool]]:
    with scopes.company(session, cast.acme.id):
        rows = session.execute(select(SavedSearch.name, SavedSearch.shared).order_by(SavedSearch.id))
        return [(row[0], row[1]) for row in rows]


def the_id(session: Session, cast: Cast) -> int:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(SavedSearch.id)).one()


def test_conditions_are_saved_under_a_name_and_stand_above_the_list(
    session: Session, cast: Cast, ada: FlaskClient, bea: FlaskClient, hanako: Candidate
) -> None:
    assert OFFER not in ada.get("/pool").text
    assert OFFER in ada.get("/pool?q=高橋").text
    told = save(ada, "?q=stage:一次&end=open&before=99", "一次まで来た方")
    assert "「一次まで来た方」を保存しました" in told
    assert kept(session, cast) == [("一次まで来た方", False)]
    page = ada.get("/pool").text
    address = re.search(r'<a href="([^"]+)">一次まで来た方', page)
    assert address is not None
    opened = ada.get(address[1].replace("&amp;", "&")).text
    assert 'aria-current="page">一次まで来た方' in opened
    assert "選考段階：一次" in opened
    assert "結果：選考中" in opened
    assert "一次まで来た方" not in bea.get("/pool").text
    assert "一次まで来た方" not in bea.get("/pool/searches").text


def test_a_shared_search_is_seen_by_everybody_in_the_company_and_changed_by_its_owner(
    session: Session, cast: Cast, ada: FlaskClient, bea: FlaskClient, vic: FlaskClient
) -> None:
    assert "社内で共有しました" in save(ada, "?q=tag:惜しい", "惜しい方", shared="1")
    for colleague in (bea, vic):
        assert "惜しい方" in colleague.get("/pool").text
        assert "タグ：惜しい" in colleague.get("/pool/searches").text
    id_ = the_id(session, cast)
    assert bea.post(f"/pool/searches/{id_}", data={"name": "別名"}).status_code == 403
    assert bea.post(f"/pool/searches/{id_}/delete").status_code == 403
    assert kept(session, cast) == [("惜しい方", True)]
    assert ada.post(f"/pool/searches/{id_}", data={"name": "もう一歩の方"}).status_code == 303
    assert kept(session, cast) == [("もう一歩の方", False)]
    assert "もう一歩の方" not in bea.get("/pool").text
    assert bea.post(f"/pool/searches/{id_}/delete").status_code == 404
    assert ada.post(f"/pool/searches/{id_}/delete").status_code == 303
    assert kept(session, cast) == []


@pytest.mark.parametrize(
    ("address", "name", "sentence"),
    [
        ("?q=高橋", "  ", "名前を付けてください"),
        ("?q=高橋", "長" * 41, "40文字まで"),
        ("?q=高橋", "ＡＷＳ", "すでに保存してあります"),
        ("", "全員", "条件がありません"),
    ],
)
def test_what_cannot_be_saved_is_said_above_the_list(
    session: Session, cast: Cast, ada: FlaskClient, address: str, name: str, sentence: str
) -> None:
    save(ada, "?q=aws", "aws")
    assert sentence in save(ada, address, name)
    assert kept(session, cast) == [("aws", False)]


def test_a_name_that_is_taken_is_said_beside_it(session: Session, cast: Cast, ada: FlaskClient) -> None:
    save(ada, "?q=aws", "aws")
    id_ = the_id(session, cast)
    save(ada, "?q=経理", "経理")
    refused = ada.post(f"/pool/searches/{id_}", data={"name": "経理"})
    assert refused.status_code == 422
    assert "すでに保存してあります" in refused.text
    assert kept(session, cast) == [("aws", False), ("経理", False)]


def test_a_viewer_sees_shared_searches_and_saves_none(session: Session, cast: Cast, vic: FlaskClient) -> None:
    assert vic.post("/pool/searches?q=aws", data={"name": "aws"}).status_code == 403
    assert OFFER not in vic.get("/pool?q=aws").text


def test_another_companys_searches_are_not_there(session: Session, cast: Cast, ada: FlaskClient) -> None:
    with scopes.company(session, cast.other.id):
        other = saved.save(session, "他社の条件", Query(q="x"), user_id=cast.mona.id, shared=True)
    session.commit()
    assert "他社の条件" not in ada.get("/pool").text + ada.get("/pool/searches").text
    assert ada.post(f"/pool/searches/{other.id}", data={"name": "x"}).status_code == 404


def test_a_saved_search_goes_on_meaning_a_tag_that_is_called_otherwise(
    session: Session, cast: Cast, ada: FlaskClient
) -> None:
    with scopes.company(session, cast.acme.id):
        tag = tags.find_or_make(session, "惜しい")
        other = tags.find_or_make(session, "次は採る")
        saved.save(session, "惜しい方", Query(q="tag:惜しい 最終", tags=(tag.id,)), user_id=cast.ada.id, shared=False)
        session.commit()
        ada.post(f"/pool/tags/{tag.id}", data={"name": "もう一歩", "kind": "free", "colour": "plain"})
        assert session.scalars(select(SavedSearch.conditions)).one()["q"] == "tag:もう一歩 最終"
        ada.post(f"/pool/tags/{tag.id}/merge", data={"into": "次は採る"})
        asked = session.scalars(select(SavedSearch.conditions)).one()
        assert (asked["q"], asked["tags"]) == ("tag:次は採る 最終", [other.id])
