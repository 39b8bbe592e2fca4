"""次回の消去: who leaves next and why, page by page, and whose erasure is put off (A-25, A-28)."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.models import (
    ApplicationResult,
    Candidate,
    HoldReason,
    Message,
    RequestKind,
    RequestSource,
    RetentionBasis,
    scopes,
)
from relay.rights import data_requests, record_ends, retention
from relay.rights.data_requests import RequestInput
from tests.cast import Cast, browse, make_application, make_candidate
from tests.web.landing.phone import words


def test_it_says_who_leaves_why_and_when_and_who_is_held(app: Flask, session: Session, cast: Cast) -> None:
    for number in range(25):
        make_candidate(session, cast.acme, f"候補 {number:02}", retain_until=clock.today() + timedelta(days=number))
    held = make_candidate(session, cast.acme, "保留 花子", retain_until=clock.today())
    with scopes.company(session, cast.acme.id):
        until = clock.today() + timedelta(days=90)
        holds.set_hold(session, held, HoldReason.LAW, until, owner_user_id=cast.ada.id)
    session.commit()
    vic = browse(app, cast.vic)
    first = vic.get("/pool/leaving").text
    listed, _heading, put_off = first.partition("消去を保留している方")
    assert "人材プールでの保管を、応募のときにお伝えしています" in listed
    assert "候補 00" in listed
    assert "候補 20" not in listed
    assert "保留 花子" not in listed
    assert "保留 花子" in put_off
    assert "法令により、保存が必要なため（担当：Ada）" in put_off
    following = first.split('rel="next" href="')[1].split('"')[0]
    later = vic.get(following).text
    assert "候補 24" in later
    assert "候補 00" not in later


def test_of_many_it_says_as_home_does_that_there_are_more(
    app: Flask, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "COUNT_CAP", 2)
    for number in range(3):
        person = make_candidate(session, cast.acme, f"候補 {number}", retain_until=clock.today())
        make_application(session, person)
    session.commit()
    vic = browse(app, cast.vic)
    listed, home = words(vic.get("/pool/leaving")), words(vic.get("/"))
    assert "まもなく保管期限を迎える方 2名以上" in listed
    assert "うち2名以上は、選考の結果が記録されていません" in listed
    assert "うち2名以上は、選考の結果が記録されていません" in home


def test_whoever_waits_to_be_told_what_is_kept_is_named_among_the_held(
    app: Flask, session: Session, cast: Cast
) -> None:
    asking = make_candidate(session, cast.acme, "請求 花子", email="ask@mail.example", retain_until=clock.today())
    kinds = [RequestKind.DISCLOSURE]
    data_requests.receive(
        session, cast.acme.id, RequestInput("ask@mail.example"), kinds, source=RequestSource.PUBLIC_PAGE
    )
    session.commit()
    page = words(browse(app, cast.adam).get("/pool/leaving"))
    listed, _heading, put_off = page.partition("消去を保留している方")
    assert "請求 花子" not in listed
    assert "請求 花子 記録の開示の請求に、まだ回答していません 請求を見る" in put_off and "回答するまで保留" in put_off
    assert "請求を見る" not in words(browse(app, cast.vic).get("/pool/leaving"))
    record = words(browse(app, cast.vic).get(f"/pool/{asking.id}"))
    assert "記録の開示の請求に回答するまで（長くても1年）、期限が来ても消去しません" in record


@pytest.fixture
def people(session: Session, cast: Cast) -> dict[str, Candidate]:
    """Who agreed to be kept, who was merely informed, and who stopped mail."""
    last = clock.today() + timedelta(days=20)
    made = {
        "同意 花子": make_candidate(
            session, cast.acme, "同意 花子", basis=RetentionBasis.CONSENTED, email="a@mail.example", retain_until=last
        ),
        "通知 次郎": make_candidate(session, cast.acme, "通知 次郎", email="b@mail.example", retain_until=last),
        "停止 三郎": make_candidate(
            session, cast.acme, "停止 三郎", email="c@mail.example", retain_until=last, contact_stopped_at=clock.now()
        ),
    }
    session.commit()
    return made


def letters(session: Session) -> list[str]:
    with scopes.everyone(session, "test"):
        mine = select(Message.to_address).where(Message.letter == record_ends.LETTER).order_by(Message.id)
        return list(session.scalars(mine))


def test_it_says_to_whom_the_letter_goes_and_when(app: Flask, cast: Cast, people: dict[str, Candidate]) -> None:
    page = words(browse(app, cast.ada).get("/pool/leaving"))
    day = clock.today() + timedelta(days=6)
    assert f"{day.year}年{day.month}月{day.day}日に自動で送ります" in page
    assert "送れます（自動では送りません）" in page and "送りません" in page
    assert "期限の14日前に" in page


def test_each_mail_is_on_the_page_before_it_is_sent_and_nothing_leaves_by_looking(
    app: Flask, session: Session, cast: Cast, people: dict[str, Candidate]
) -> None:
    ada = browse(app, cast.ada)
    page = words(ada.get("/pool/leaving/letters"))
    assert page.count("この期限についてお送りするメールは、これが最後です") == 2
    assert "同意 花子様" in page and "通知 次郎様" in page and "停止 三郎" not in page
    chosen = words(ada.get(f"/pool/leaving/letters?id={people['通知 次郎'].id}"))
    assert "通知 次郎様" in chosen and "同意 花子" not in chosen
    assert letters(session) == []


def test_it_is_sent_once_however_often_the_form_is_sent(
    app: Flask, session: Session, cast: Cast, people: dict[str, Candidate]
) -> None:
    ada, form = browse(app, cast.ada), {"id": [str(each.id) for each in people.values()]}
    first = ada.post("/pool/leaving/letters", data=form, follow_redirects=True)
    assert "2名に、保管を続けるかどうかをうかがうメールを送ります" in words(first)
    assert "1名には、すでに送ったか、いまは送れないため、送りません" in words(first)
    assert "2名に送信まで" in words(first), "and the bar stops them"
    again = ada.post("/pool/leaving/letters", data=form, follow_redirects=True)
    assert "何も送っていません" in words(again)
    assert letters(session) == ["a@mail.example", "b@mail.example"]
    assert words(ada.get("/pool/leaving")).count("送信を待っています") == 2


def test_it_stands_in_the_outbox_and_on_the_record_and_can_be_stopped(
    app: Flask, session: Session, cast: Cast, people: dict[str, Candidate]
) -> None:
    person = people["同意 花子"]
    make_application(session, person, status=ApplicationResult.HIRED, decided_on=clock.today())
    session.commit()
    ada = browse(app, cast.ada)
    ada.post("/pool/leaving/letters", data={"id": str(person.id)})
    waiting = words(ada.get("/results/waiting"))
    assert "保管期限" in waiting and "同意 花子" in waiting
    record = words(ada.get(f"/pool/{person.id}"))
    assert "保管期限のメールが送信を待っています" in record
    with scopes.everyone(session, "test"):
        mail = session.scalars(select(Message.id).where(Message.letter == record_ends.LETTER)).one()
    shown = words(ada.get(f"/results/messages/{mail}"))
    assert "保管期限のメール" in shown and "誤って送った" not in shown and "もう一度書く" not in shown
    assert "1名への送信を停止しました" in words(ada.post("/results/stop", follow_redirects=True))


def test_whoever_may_not_tell_results_may_not_write(
    app: Flask, session: Session, cast: Cast, people: dict[str, Candidate]
) -> None:
    vic = browse(app, cast.vic)
    assert "選んだ方への文面を見る" not in vic.get("/pool/leaving").text
    assert vic.get("/pool/leaving/letters").status_code == 403
    assert vic.post("/pool/leaving/letters", data={"id": "1"}).status_code == 403
    assert letters(session) == []


def test_while_a_company_practises_nobody_is_written_to(
    app: Flask, session: Session, cast: Cast, people: dict[str, Candidate]
) -> None:
    cast.acme.live_since = None
    session.commit()
    ada = browse(app, cast.ada)
    assert "選んだ方への文面を見る" not in ada.get("/pool/leaving").text
    assert "何も送っていません" in words(ada.get("/pool/leaving/letters", follow_redirects=True))


def test_odd_numbers_in_the_address_find_nobody(app: Flask, cast: Cast, people: dict[str, Candidate]) -> None:
    ada = browse(app, cast.ada)
    for odd in ("id=999999", "id=99999999999999999999999"):
        assert ada.get(f"/pool/leaving/letters?{odd}").status_code == 303, odd
