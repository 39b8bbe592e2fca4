"""What is missing: who lacks an address, a reading, a reason or an end, and the way to put it right."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import information_request
from relay.models import ApplicationResult, Message, MessageState, RejectionReason, scopes
from relay.search import missing_information
from relay.search.missing_information import MissingInformation
from relay.text import kana_key
from tests.cast import Cast, browse, make_application, make_candidate, make_cast
from tests.statements import counted


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def test_the_day_somebody_came_is_the_day_it_was_in_japan(app: Flask, session: Session, cast: Cast) -> None:
    person(session, cast, "早朝 来人", kana="", created_at=datetime(2026, 4, 30, 23, 18, tzinfo=UTC))
    session.commit()
    assert "2026年5月1日" in browse(app, cast.ada).get("/pool/missing?show=kana").get_data(as_text=True)


def person(session: Session, cast: Cast, name: str, kana: str = "カナ", **values: Any) -> Any:
    return make_candidate(session, cast.acme, name, kana=kana, kana_key=kana_key(kana), **values)


@pytest.fixture
def people(session: Session, cast: Cast) -> None:
    today = clock.today()
    person(session, cast, "全部 ある")
    person(session, cast, "宛先 なし", email="")
    person(session, cast, "読み なし", kana="")
    without_reason, with_reason = person(session, cast, "理由 なし"), person(session, cast, "理由 あり")
    make_application(session, without_reason, status=ApplicationResult.REJECTED, decided_on=today)
    make_application(
        session, with_reason, status=ApplicationResult.REJECTED, decided_on=today, reason=RejectionReason.FILLED
    )
    make_application(session, person(session, cast, "結果 なし"), applied_on=today - timedelta(days=200))
    make_application(session, person(session, cast, "選考 中"), applied_on=today - timedelta(days=20))
    for name, address in (("戻り 済み", "typo@mail.exmaple"), ("直し 済み", "right@mail.example")):
        gone = person(session, cast, name, email=address)
        with scopes.company(session, cast.acme.id):
            session.add(
                Message(
                    letter="result",
                    once_per_subject=True,
                    mail_class="transactional",
                    candidate_id=gone.id,
                    to_address="typo@mail.exmaple",
                    state=MessageState.BOUNCED,
                    due_at=clock.now(),
                    message_id=f"<{gone.id}@acme.example>",
                    created_at=clock.now(),
                )
            )
            session.flush()
    session.commit()


@pytest.mark.parametrize(
    ("gap", "name"),
    [
        (MissingInformation.MAIL, "宛先 なし"),
        (MissingInformation.BOUNCED, "戻り 済み"),
        (MissingInformation.KANA, "読み なし"),
        (MissingInformation.REASON, "理由 なし"),
        (MissingInformation.RESULT, "結果 なし"),
    ],
)
def test_each_list_holds_those_who_lack_it_and_nobody_else(
    app: Flask, session: Session, cast: Cast, people: None, gap: MissingInformation, name: str
) -> None:
    with scopes.company(session, cast.acme.id):
        assert [each.name for each in missing_information.listed(session, gap).rows] == [name]
        assert missing_information.counts(session)[gap] == 1
    with scopes.company(session, cast.other.id):
        assert set(missing_information.counts(session).values()) == {0}
    page = browse(app, cast.ada).get(f"/pool/missing?show={gap.value}").get_data(as_text=True)
    assert name in page
    assert "全部 ある" not in page


def test_the_first_thing_that_is_missing_is_shown_without_asking(app: Flask, cast: Cast, people: None) -> None:
    page = browse(app, cast.vic).get("/pool/missing?show=nonsense&before=x").get_data(as_text=True)
    assert "宛先 なし" in page
    assert "/facts" not in page, "who may only look is not offered to change"
    assert "宛先 なし" not in browse(app, cast.mona).get("/pool/missing").get_data(as_text=True)


def test_pages_walk_through_everybody_once(session: Session, cast: Cast) -> None:
    made = [person(session, cast, "読み なし", kana="").id for _ in range(5)]
    with scopes.company(session, cast.acme.id):
        first = missing_information.listed(session, MissingInformation.KANA, limit=3)
        rest = missing_information.listed(session, MissingInformation.KANA, after=first.next, limit=3)
    assert [each.candidate_id for each in (*first.rows, *rest.rows)] == made[::-1]
    assert rest.next == ""


def test_a_pool_without_gaps_is_not_walked(session: Session, cast: Cast) -> None:
    """SQLite says which index it takes; PostgreSQL chooses by the size of the table."""
    with scopes.company(session, cast.acme.id), counted(session.get_bind()) as said:
        for gap in (MissingInformation.MAIL, MissingInformation.KANA):
            missing_information.listed(session, gap)
    if session.get_bind().dialect.name == "sqlite":
        by_mail, by_kana = (
            " ".join(row[-1] for row in session.execute(text(f"EXPLAIN QUERY PLAN {each.replace('?', '1')}")))
            for each in said
        )
        assert "ix_candidates_company_email" in by_mail
        assert "ix_candidates_without_kana" in by_kana


def test_a_person_is_asked_from_hrs_own_mailbox_for_what_only_they_can_tell(
    app: Flask, session: Session, cast: Cast, people: None
) -> None:
    nameless = person(session, cast, "読み 不明", kana="", email="yomi@mail.example", phone="09011112222")
    session.commit()
    listed = browse(app, cast.ada).get("/pool/missing?show=kana").get_data(as_text=True)
    assert f'href="/pool/{nameless.id}/information-request?show=kana"' in listed
    page = browse(app, cast.ada).get(f"/pool/{nameless.id}/information-request?show=kana").get_data(as_text=True)
    assert 'class="page-back" href="/pool/missing?show=kana"' in page, "back to the list one came from"
    assert "読み 不明 様" in page
    assert "・お名前のフリガナ" in page
    assert "・日中につながる電話番号" not in page, "what is known is not asked for"
    link = unescape(page.partition('href="mailto:')[2].partition('"')[0])
    assert link.startswith("yomi@mail.example?subject=")
    assert "お名前のフリガナ" in unquote(link)
    with scopes.company(session, cast.acme.id):
        sent = select(func.count()).select_from(Message).where(Message.candidate_id == nameless.id)
        assert session.scalar(sent) == 0


def test_without_an_address_there_are_words_to_say_and_nothing_to_send(
    app: Flask, session: Session, cast: Cast
) -> None:
    unreachable = person(session, cast, "宛先 不明", email="", phone="09011112222")
    session.commit()
    page = browse(app, cast.ada).get(f"/pool/{unreachable.id}/information-request").get_data(as_text=True)
    assert "・連絡のつくメールアドレス" in page
    assert "090-1111-2222" in page
    assert "mailto:" not in page


def test_whoever_wishes_to_hear_no_more_is_not_asked(app: Flask, session: Session, cast: Cast) -> None:
    quiet = person(session, cast, "静か 望", kana="", email="quiet@mail.example", contact_stopped_at=clock.now())
    session.commit()
    page = browse(app, cast.ada).get(f"/pool/{quiet.id}/information-request").get_data(as_text=True)
    assert "この方への連絡は停止しています" in page
    assert "mailto:" not in page
    with scopes.company(session, cast.acme.id):
        told = information_request.write_request(session, quiet, cast.acme, "佐伯")
        assert (told.to, told.mail_link) == ("", "")
    assert browse(app, cast.vic).get(f"/pool/{quiet.id}/information-request").status_code == 403
    assert browse(app, cast.mona).get(f"/pool/{quiet.id}/information-request").status_code == 404


def test_only_the_kind_that_is_shown_is_marked(app: Flask, session: Session, cast: Cast, people: None) -> None:
    session.commit()
    page = browse(app, cast.ada).get("/pool/missing?show=kana").get_data(as_text=True)
    kinds = page.partition('aria-label="情報が足りない方の種類"')[2].partition("</nav>")[0]
    assert kinds.count("<a ") == 5
    assert [each.strip() for each in re.findall(r'aria-current="page">([^<]+)', kinds)] == ["フリガナなし"]
