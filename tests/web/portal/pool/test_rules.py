"""The pages of the rules: how many a rule would touch comes first, then the switch, then the way back."""

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.models import Candidate, CandidateTag, FollowUp, TagRule, scopes
from tests.cast import Cast


def rule_of(session: Session, cast: Cast) -> TagRule:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(TagRule)).one()


def tagged(session: Session, cast: Cast) -> list[int]:
    with scopes.company(session, cast.acme.id):
        return list(session.scalars(select(CandidateTag.candidate_id)))


@pytest.fixture
def rule(session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate) -> str:
    """A rule for whoever applied for 経理, switched off; the address of its page."""
    form = {"condition": "経理", "name": "経理に興味", "follow_up": "reapply"}
    answer = ada.post("/pool/rules", data=form)
    assert answer.status_code == 303
    return str(answer.location)


def test_a_rule_says_how_many_it_would_touch_and_touches_nobody_yet(
    session: Session, cast: Cast, ada: FlaskClient, rule: str
) -> None:
    page = ada.get(rule).text
    assert "いま条件に合う方は1名です" in page
    assert "このうち1名が変わります" in page
    assert "髙橋 花子" in page
    assert tagged(session, cast) == []


def test_switched_on_it_is_used_taken_back_and_switched_off(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, rule: str
) -> None:
    told = ada.post(f"{rule}/on", follow_redirects=True).text
    assert "いま当てはまる1名に適用しました" in told
    assert "開始中" in told
    assert tagged(session, cast) == [hanako.id]
    assert "タグの自動設定「経理」を1名に適用した" in ada.get("/pool/activity").text
    ada.post(re.findall(r'action="(/pool/activity/\d+/undo)"', told)[0])
    assert tagged(session, cast) == []
    assert "停止中" in ada.post(f"{rule}/off", follow_redirects=True).text
    ada.post(f"{rule}/removal")
    assert "ルールはまだありません" in ada.get("/pool/rules").text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"condition": "", "name": "惜しい"}, "検索の言葉で入力してください"),
        ({"condition": "経理", "follow_up": "elsewhere"}, "付けるタグか、今後の対応"),
        ({"condition": "国籍", "name": "惜しい"}, "ルールには使えません"),
        ({"condition": "経理", "name": "妊娠中"}, "「妊娠」"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    ada: FlaskClient, form: dict[str, str], sentence: str
) -> None:
    answer = ada.post("/pool/rules", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{form["condition"]}"' in answer.text


def test_a_search_becomes_a_rule_that_says_whom_it_means(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate
) -> None:
    list_page = ada.get("/pool?q=経理&end=open").text
    [link] = re.findall(r'href="(/pool/rules/new[^"]*)"', list_page)
    form = ada.get(html.unescape(link)).text
    assert 'name="condition" value="経理 結果:選考中"' in form
    assert "いま条件に合う方は1名です" in form
    assert "髙橋 花子" in form
    told = ada.post(
        "/pool/rules", data={"condition": "経理 結果:選考中", "name": "経理に興味", "start": "1"}, follow_redirects=True
    ).text
    assert "いま当てはまる1名に適用しました" in told
    assert tagged(session, cast) == [hanako.id]


def test_while_it_is_typed_a_condition_says_how_many_fit_and_warns_where_nobody_does(
    cast: Cast, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    def fitting(condition: str) -> str:
        query = {"condition": condition}
        return ada.get("/pool/rules/fitting", query_string=query, headers={"HX-Request": "true"}).text

    assert "いま条件に合う方は1名です" in fitting("経理")
    assert "いまは当てはまる方がいません" in fitting("最終面接まで行った人")
    assert "「更新」の条件は" in fitting("更新:<6か月")
    assert "という条件はありません" in fitting("年収:500")
    assert "条件に合う方" not in fitting("")
    asked = ada.post("/pool/rules", data={"condition": "最終面接まで行った人", "name": "惜しい", "check": "1"})
    assert asked.status_code == 200
    assert "いまは当てはまる方がいません" in asked.text
    assert 'value="惜しい"' in asked.text
    assert vic.get("/pool/rules/new").status_code == 403


def test_a_rule_is_edited_stops_and_begins_anew_where_it_does_something_else(
    session: Session, cast: Cast, ada: FlaskClient, hanako: Candidate, rule: str
) -> None:
    ada.post(f"{rule}/on")
    opened = hidden(ada.get(f"{rule}/edit").text, "opened")
    form = {"condition": "経理", "name": "経理向き", "follow_up": "reapply", "opened": opened}
    page = ada.post(f"{rule}/edit", data=form, follow_redirects=True).text
    assert "ルールを変更し、停止しました" in page
    assert "このうち1名が変わります" in page
    ada.post(f"{rule}/on")
    assert len(tagged(session, cast)) == 2, "the former tag stays, the new one is put on, too"

    late = ada.post(f"{rule}/edit", data=form | {"name": "経理に向く"})
    assert late.status_code == 409
    assert "別の方が保存しました" in late.text
    assert ada.post(f"{rule}/edit", data={"condition": "", "name": "経理向き"}).status_code == 422


def test_a_rule_of_too_many_words_is_refused_whole(ada: FlaskClient) -> None:
    answer = ada.post("/pool/rules", data={"condition": "経理 " * 90, "name": "惜しい"})
    assert answer.status_code == 422
    assert "条件は200文字までです" in answer.text


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_ready_made_rules_are_looked_at_before_they_work(session: Session, cast: Cast, ada: FlaskClient) -> None:
    page = ada.get("/pool/rules").text
    assert "再スカウト候補" in page
    form = re.search(r'name="condition" value="([^"]*)">(?:(?!</form>).)*value="再スカウト候補"', page)
    assert form is not None
    condition = form[1].replace("&gt;", ">")
    ada.post("/pool/rules", data={"condition": condition, "name": "再スカウト候補", "follow_up": "scout"})
    made = rule_of(session, cast)
    assert (made.condition, made.follow_up, made.switched_on_at) == (condition, FollowUp.SCOUT, None)


def test_a_viewer_reads_the_rules_and_nothing_more(vic: FlaskClient, rule: str) -> None:
    assert "経理" in vic.get("/pool/rules").text
    assert vic.get(rule).status_code == 403
    assert vic.post(f"{rule}/on").status_code == 403
