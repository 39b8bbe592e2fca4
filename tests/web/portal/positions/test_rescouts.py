"""From the people who fit to mails that were read one by one (C-2): five clicks, and reasons for everybody left out."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import contact
from relay.indexing import search_rows
from relay.models import Candidate, ContactChannel, Position, PositionState, scopes
from relay.outreach import templates
from tests.cast import Cast, browse, make_position
from tests.db.outreach.rescouting import CONSENTED, STATED, pooled, rescout, sent_rescouts
from tests.web.landing.phone import words, words_of


@pytest.fixture
def position(session: Session, cast: Cast) -> Position:
    templates.install_defaults(session, cast.acme.id)
    made = make_position(session, cast.acme, "治具の設計")
    made.confirmed_on = clock.today()
    session.commit()
    return made


def fitting(session: Session, cast: Cast, number: int, **values: object) -> Candidate:
    person = pooled(
        session, cast.acme, f"p{number}@mail.example", name=f"山田 {number}子", desired_role="治具の設計", **values
    )
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [person.id])
    session.commit()
    return person


@pytest.fixture
def three(session: Session, cast: Cast) -> list[Candidate]:
    return [fitting(session, cast, number) for number in range(3)]


def mails_page(ada: FlaskClient, position: Position, people: list[Candidate]) -> str:
    query = "&".join(f"id={each.id}" for each in people)
    return ada.get(f"/positions/{position.id}/rescouts?{query}").text


def form(page: str) -> dict[str, object]:
    """The fields of the page that sends, as a browser would send them."""
    seals = dict(re.findall(r'name="(seal-\d+)" value="(\w+)"', page))
    ids = [name.removeprefix("seal-") for name in seals]
    (text,) = set(re.findall(r'name="template" value="(\d+)"', page))
    return {"template": text, "id": ids} | seals


def test_from_those_who_fit_to_three_mails_in_five_clicks(
    ada: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    """Three ticks, a button to the mails, a button that sends."""
    fits = ada.get(f"/positions/{position.id}/fits").text
    for each in three:
        assert f'name="id" value="{each.id}"' in fits
    assert f'action="/positions/{position.id}/rescouts"' in fits
    page = mails_page(ada, position, three)
    for each in three:
        assert f"{each.name} 様" in words_of(page), each.name
    assert "まだ誰にも送っていません" in page
    assert ada.post(f"/positions/{position.id}/rescouts", data=form(page)).status_code == 303
    assert sorted(each.to_address for each in sent_rescouts(session)) == [f"p{n}@mail.example" for n in range(3)]
    shown = words(ada.get(f"/positions/{position.id}"))
    assert "3名に再スカウトのメールを送ります" in shown and "送信待ち" in shown
    waiting = words(ada.get("/results/waiting"))
    assert "再スカウト" in waiting and "治具の設計" in waiting
    again = ada.post(f"/positions/{position.id}/rescouts", data=form(page))
    assert again.status_code == 422 and len(sent_rescouts(session)) == 3
    assert "この求人のご案内を、この一年のあいだに送っています" in words(again)


def test_people_from_the_pool_are_led_to_a_position(
    ada: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    assert 'formaction="/pool/rescouts"' in ada.get("/pool").text
    chosen = ada.post("/pool/rescouts", data={"id": [each.id for each in three]})
    assert chosen.status_code == 303
    page = ada.get(chosen.location)
    assert "3名に、どの求人をご案内しますか" in words(page)
    assert f"/positions/{position.id}/rescouts?id={three[0].id}" in page.text
    nobody = ada.post("/pool/rescouts", data={}, follow_redirects=True)
    assert "一覧から選んでください" in words(nobody)


def test_more_than_twenty_are_not_cut_off_in_silence(
    ada: FlaskClient, position: Position, three: list[Candidate]
) -> None:
    many = [*(each.id for each in three), *range(9_000, 9_027)]
    chosen = ada.post("/pool/rescouts", data={"id": many}, follow_redirects=True)
    said = "30名を選びました。一度に送れるのは20名までのため、先頭の20名にご案内します"
    assert said in words(chosen)
    query = "&".join(f"id={each}" for each in many)
    assert said in words(ada.get(f"/positions/{position.id}/rescouts?{query}"))


def test_everybody_left_out_is_named_with_the_reason(
    ada: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    with scopes.company(session, cast.acme.id):
        contact.stop(session, session.get_one(Candidate, three[0].id), ContactChannel.PHONE)
    session.commit()
    page = mails_page(ada, position, three)
    assert "送れない方（1名）" in page and "こちらからの連絡の停止を希望されています" in page
    assert f"seal-{three[0].id}" not in page


def test_who_was_merely_informed_is_sent_to_when_their_own_mail_was_ticked(
    ada: FlaskClient, session: Session, cast: Cast, position: Position
) -> None:
    informed, agreed = fitting(session, cast, 1, basis=STATED), fitting(session, cast, 2, basis=CONSENTED)
    page = mails_page(ada, position, [informed, agreed])
    assert f'name="one-{informed.id}"' in page and f'name="one-{agreed.id}"' not in page
    assert not re.search(rf'name="one-{informed.id}"[^>]*checked', page)
    ada.post(f"/positions/{position.id}/rescouts", data=form(page))
    assert [each.candidate_id for each in sent_rescouts(session)] == [agreed.id]
    page = mails_page(ada, position, [informed])
    ada.post(f"/positions/{position.id}/rescouts", data=form(page) | {f"one-{informed.id}": "1"})
    assert [each.candidate_id for each in sent_rescouts(session)] == [agreed.id, informed.id]


def test_a_remark_is_read_in_its_mail_before_it_leaves(
    ada: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    there, one = f"/positions/{position.id}/rescouts", three[0]
    typed = form(mails_page(ada, position, [one])) | {f"remark-{one.id}": "治具の図面のお話が心に残っています。"}
    refused = ada.post(there, data=typed)
    assert refused.status_code == 422 and "文面の変わったメールがあります" in words(refused)
    assert sent_rescouts(session) == [] and "治具の図面のお話が心に残っています。" in refused.text
    shown = ada.post(there, data=typed | {"show": "1"})
    assert shown.status_code == 200
    ada.post(there, data=form(shown.text) | {f"remark-{one.id}": "治具の図面のお話が心に残っています。"})
    assert len(sent_rescouts(session)) == 1
    doubted = ada.post(
        there, data=form(mails_page(ada, position, [three[1]])) | {f"remark-{three[1].id}": "宗教のこと"}
    )
    assert doubted.status_code == 422 and 'name="confirmed"' in doubted.text
    assert len(sent_rescouts(session)) == 1


def test_another_template_is_another_mail(
    ada: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    with scopes.company(session, cast.acme.id):
        made = templates.create(
            session, which=templates.RESCOUT, name="短い再スカウト", subject="{{求人}}のご案内",
            body="{{氏名}} 様\n\nいかがですか。", by_user_id=None, confirmed=True,
        )  # fmt: skip
    session.commit()
    page = ada.get(f"/positions/{position.id}/rescouts?id={three[0].id}&template={made.id}").text
    assert "いかがですか。" in page and "短い再スカウト" in page
    assert form(page)["template"] == str(made.id)


def test_what_cannot_be_sent_says_why(
    ada: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    page = mails_page(ada, position, three)
    position.state, position.closed_at = PositionState.PAUSED, None
    session.commit()
    assert "募集中の求人ではありません" in mails_page(ada, position, three)
    refused = ada.post(f"/positions/{position.id}/rescouts", data=form(page))
    assert refused.status_code == 422 and sent_rescouts(session) == []
    nobody = ada.get(f"/positions/{position.id}/rescouts", follow_redirects=True)
    assert "一覧から選んでください" in words(nobody)


def test_a_viewer_sends_nothing_and_a_stranger_finds_nothing(
    app: Flask, vic: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    there = f"/positions/{position.id}/rescouts?id={three[0].id}"
    assert vic.get(there).status_code == 403 and vic.post(there).status_code == 403
    assert 'name="id"' not in vic.get(f"/positions/{position.id}/fits").text
    assert browse(app, cast.mona).get(there).status_code == 404


def test_the_record_shows_what_the_person_has_had(
    ada: FlaskClient, session: Session, cast: Cast, position: Position, three: list[Candidate]
) -> None:
    rescout(session, cast.acme, position, [three[0].id], cast.ada.id)
    session.commit()
    shown = words(ada.get(f"/pool/{three[0].id}"))
    assert "再スカウト" in shown and "送信待ち" in shown
    assert "再スカウトのメールが送信を待っています" in shown
