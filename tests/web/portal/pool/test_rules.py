"""The pages of the rules: how many a rule would touch comes first, then the switch, then the way back."""

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
