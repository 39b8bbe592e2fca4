"""The list as somebody likes it, remembered by the browser; cells that are changed in place and back again."""

import re
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Candidate, FollowUp, scopes
from tests.cast import Cast
from tests.conftest import ON_ONE
from tests.web.portal.conftest import HTMX


def again(session: Session, cast: Cast) -> Candidate:
    session.expire_all()
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(Candidate)).one()


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>(?:<a class="sort"[^>]*>)?([^<]+)<', page)


def test_columns_and_density_are_remembered_and_lead_back_to_the_same_list(ada: FlaskClient, hanako: Candidate) -> None:
    assert heads(ada.get("/pool").text) == ["候補者", "応募した求人", "結果", "応募日", "タグ", "リレー", "保管期限"]
    answer = ada.post("/pool/view?q=経理", data={"column": ["follow_up", "end"], "density": "compact", "keys": "1"})
    assert (answer.status_code, unquote(answer.location)) == (303, "/pool?q=経理")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    page = ada.get("/pool").text
    assert heads(page) == ["候補者", "結果", "今後の対応"]
    assert 'data-density="compact"' in page


def test_texts_stand_in_their_own_places_and_as_they_were_typed(
    ada: FlaskClient, session: Session, cast: Cast, hanako: Candidate
) -> None:
    """A name may look like a place of the pattern of its row, or like markup."""
    person = again(session, cast)
    person.name, person.kana = "\ue000kana\ue001 %(trail)s 100% <b>", "タカハシ"
    session.commit()
    said = "\ue000kana\ue001 %(trail)s 100% &lt;b&gt;"
    page = ada.get("/pool?q=タカハシ").text
    assert f'>{said}</a> <span class="kana"><mark>タカハシ</mark></span>' in page
    for label in (f"{said}を選択", f"{said}の氏名を編集する", f"{said}のタグを編集する"):
        assert f'aria-label="{label}"' in page


def test_keys_can_be_switched_off_for_every_page(ada: FlaskClient, hanako: Candidate) -> None:
    assert 'data-keys="off"' not in ada.get("/pool").text
    ada.post("/pool/view", data={"column": "tags", "density": "roomy"})
    for address in ("/pool", "/templates"):
        assert 'data-keys="off"' in ada.get(address).text


@ON_ONE
@pytest.mark.parametrize("value", ["", "x", "nonsense|y|z", "tags.<script>|compact|on", "||||"])
def test_a_cookie_that_cannot_be_read_is_passed_over(ada: FlaskClient, hanako: Candidate, value: str) -> None:
    ada.set_cookie("relay-pool-view", value)
    page = ada.get("/pool")
    assert page.status_code == 200
    assert "<script>|" not in page.text


def test_a_viewer_chooses_columns_too(vic: FlaskClient, hanako: Candidate) -> None:
    vic.post("/pool/view", data={"column": "follow_up"})
    page = vic.get("/pool").text
    assert heads(page) == ["候補者", "今後の対応"]
    assert "exit-cell" not in page
    assert "name-cell" not in page


def test_an_follow_up_is_chosen_in_place_and_taken_back(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    ada.post("/pool/view", data={"column": "follow_up"})
    assert f"/pool/{hanako.id}/follow-up-cell" in ada.get("/pool").text
    assert "<select" in ada.get(f"/pool/{hanako.id}/follow-up-cell", headers=HTMX).text
    told = ada.post(f"/pool/{hanako.id}/follow-up-cell", data={"follow_up": "scout"}, headers=HTMX).text
    assert "再スカウト候補" in told
    assert again(session, cast).follow_up is FollowUp.SCOUT
    [way_back] = re.findall(r'action="(/pool/activity/\d+/undo)"', told)
    ada.post(way_back)
    assert again(session, cast).follow_up is None


def test_a_name_is_put_right_in_place_found_by_it_and_taken_back(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    assert 'value="髙橋 花子"' in ada.get(f"/pool/{hanako.id}/name-cell", headers=HTMX).text
    form = {"name": "高梨 花子", "kana": "たかなし はなこ"}
    told = ada.post(f"/pool/{hanako.id}/name-cell", data=form, headers=HTMX).text
    assert "高梨 花子" in told
    assert (again(session, cast).kana, again(session, cast).phone) == ("タカナシ ハナコ", "09012345678")
    assert "高梨 花子" in ada.get("/pool?q=たかなし").text
    ada.post(re.findall(r'action="(/pool/activity/\d+/undo)"', told)[0])
    assert again(session, cast).name == "髙橋 花子"
    assert "髙橋 花子" in ada.get("/pool?q=高橋").text


@pytest.mark.parametrize(("name", "sentence"), [(" ", "氏名を入力してください"), ("長" * 201, "200文字まで")])
def test_a_name_that_cannot_be_is_refused_where_it_was_typed(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, name: str, sentence: str
) -> None:
    answer = ada.post(f"/pool/{hanako.id}/name-cell", data={"name": name}, headers=HTMX)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert again(session, cast).name == "髙橋 花子"


def test_without_script_saving_leads_to_the_record(ada: FlaskClient, hanako: Candidate) -> None:
    answer = ada.post(f"/pool/{hanako.id}/follow-up-cell", data={"follow_up": "scout"})
    assert (answer.status_code, answer.location) == (303, f"/pool/{hanako.id}")
