"""設定 → 関連会社: added, corrected, another legal person only after a tick, removed; each tells what became of it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay.network import related_companies
from tests.cast import Cast, browse, make_candidate
from tests.db.network.relating import agree, number, relate, words_of
from tests.web.landing.phone import words

PAGE = "/settings/related"


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    return browse(app, cast.adam)


def form(related: int = 0, place: int = 1, **values: str) -> dict[str, str]:
    typed = {
        "name": "株式会社アクメ岡山",
        "corporate_number": number(place),
        "address": "岡山県岡山市1-1",
        "representative": "代表 次郎",
        "contact": "086-000-0000",
    } | values
    of = {"related": str(related)} if related else {}
    return of | {f"r{related}-{name}": value for name, value in typed.items()}


def named(session: Session, cast: Cast) -> dict[str, int]:
    session.rollback()
    return {each.name: each.id for each in related_companies.named(session, cast.acme.id)}


def test_one_is_added_once_and_candidates_are_not_asked_before_counsels_day(
    adam: FlaskClient, session: Session, cast: Cast
) -> None:
    assert "候補者に尋ねていません" in words(adam.get(PAGE))
    assert adam.post(PAGE, data=form()).status_code == 303
    assert list(named(session, cast)) == ["株式会社アクメ岡山"]
    twice = adam.post(PAGE, data=form(name="株式会社アクメ岡山 2"))
    assert twice.status_code == 422 and "すでに一覧にあります" in words(twice)
    assert 'value="株式会社アクメ岡山 2"' in twice.text, "what was typed stays"
    relate_day = {"item": "related-companies", "related-companies-owner": "", "related-companies-day": "2026年11月2日"}
    adam.post("/settings/legal", data=relate_day)
    assert "候補者に尋ねています" in words(adam.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "正式名称を入力してください。"),
        ({"corporate_number": ""}, "法人番号を入力してください。"),
        ({"corporate_number": "1234"}, "法人番号を読み取れませんでした。"),
        ({"contact": "長" * 201}, "文字までで入力してください。"),
        ({"address": "　"}, "すべて入力してください。"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    adam: FlaskClient, session: Session, cast: Cast, typed: dict[str, str], said: str
) -> None:
    answer = adam.post(PAGE, data=form(representative="代表 三郎", **typed))
    assert answer.status_code == 422 and said in words(answer)
    assert 'value="代表 三郎"' in answer.text
    assert not named(session, cast)


def test_another_number_is_asked_about_before_words_end(adam: FlaskClient, session: Session, cast: Cast) -> None:
    (first,) = relate(session, cast.acme)
    person = make_candidate(session, cast.acme, email="hana@mail.example")
    agree(session, person)
    session.commit()
    assert "同意1名" in words(adam.get(PAGE))
    assert adam.post(PAGE, data=form(first.id, name="株式会社アクメ中国")).status_code == 303
    assert words_of(session, person), "a new name is the same legal person"
    asked = adam.post(PAGE, data=form(first.id, 2))
    assert asked.status_code == 422 and "別の会社に変え、いまの会社についての同意を終わらせる" in words(asked)
    session.rollback()
    assert words_of(session, person)
    assert adam.post(PAGE, data=form(first.id, 2) | {"sure": "1"}).status_code == 303
    session.rollback()
    assert not words_of(session, person) and first.id not in named(session, cast).values()


def test_a_removed_one_ends_its_words_and_is_not_changed_any_more(
    app: Flask, adam: FlaskClient, session: Session, cast: Cast
) -> None:
    (first,) = relate(session, cast.acme)
    person = make_candidate(session, cast.acme, email="hana@mail.example")
    agree(session, person)
    session.commit()
    browse(app, cast.ada).post(f"{PAGE}/remove", data={"related": str(first.id)})
    assert named(session, cast), "an administrator's act"
    for _click in range(2):
        assert adam.post(f"{PAGE}/remove", data={"related": str(first.id)}).status_code == 303
    assert not named(session, cast) and not words_of(session, person)
    late = adam.post(PAGE, data=form(first.id), follow_redirects=True)
    assert "すでに一覧から削除されています" in words(late)
    adam.post(PAGE, data=form())
    session.rollback()
    assert not words_of(session, person), "naming it again brings no word back"
