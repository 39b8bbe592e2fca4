"""What is missing: who lacks an address, a reading, a reason or an end, and the way to put it right."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from relay import clock
from relay.models import DecisionReason, Message, MessageState, Status, scopes
from relay.pool import gaps
from relay.pool.gaps import Gap
from relay.text import kana_key
from tests.cast import Cast, browse, make_application, make_candidate, make_cast
from tests.statements import counted


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def person(session: Session, cast: Cast, name: str, kana: str = "カナ", **values: Any) -> Any:
    return make_candidate(session, cast.acme, name, kana=kana, kana_key=kana_key(kana), **values)


@pytest.fixture
def people(session: Session, cast: Cast) -> None:
    today = clock.today()
    person(session, cast, "全部 ある")
    person(session, cast, "宛先 なし", email="")
    person(session, cast, "読み なし", kana="")
    without_reason, with_reason = person(session, cast, "理由 なし"), person(session, cast, "理由 あり")
    make_application(session, without_reason, status=Status.REJECTED, decided_on=today)
    make_application(session, with_reason, status=Status.REJECTED, decided_on=today, reason=DecisionReason.FILLED)
    make_application(session, person(session, cast, "結果 なし"), applied_on=today - timedelta(days=200))
    make_application(session, person(session, cast, "選考 中"), applied_on=today - timedelta(days=20))
    for name, address in (("戻り 済み", "typo@mail.exmaple"), ("直し 済み", "right@mail.example")):
        gone = person(session, cast, name, email=address)
        with scopes.company(session, cast.acme.id):
            session.add(
                Message(
                    letter="result",
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
        (Gap.MAIL, "宛先 なし"),
        (Gap.BOUNCED, "戻り 済み"),
        (Gap.KANA, "読み なし"),
        (Gap.REASON, "理由 なし"),
        (Gap.END, "結果 なし"),
    ],
)
def test_each_list_holds_those_who_lack_it_and_nobody_else(
    app: Flask, session: Session, cast: Cast, people: None, gap: Gap, name: str
) -> None:
    with scopes.company(session, cast.acme.id):
        assert [each.name for each in gaps.listed(session, gap).people] == [name]
        assert gaps.counts(session)[gap] == 1
    with scopes.company(session, cast.other.id):
        assert set(gaps.counts(session).values()) == {0}
    page = browse(app, cast.ada).get(f"/pool/gaps?show={gap.value}").get_data(as_text=True)
    assert name in page
    assert "全部 ある" not in page


def test_the_first_thing_that_is_missing_is_shown_without_asking(app: Flask, cast: Cast, people: None) -> None:
    page = browse(app, cast.vic).get("/pool/gaps?show=nonsense&before=x").get_data(as_text=True)
    assert "宛先 なし" in page
    assert "/facts" not in page, "who may only look is not offered to change"
    assert "宛先 なし" not in browse(app, cast.mona).get("/pool/gaps").get_data(as_text=True)


def test_pages_walk_through_everybody_once(session: Session, cast: Cast) -> None:
    made = [person(session, cast, "読み なし", kana="").id for _ in range(5)]
    with scopes.company(session, cast.acme.id):
        first = gaps.listed(session, Gap.KANA, limit=3)
        rest = gaps.listed(session, Gap.KANA, before=first.next, limit=3)
    assert [each.candidate_id for each in (*first.people, *rest.people)] == made[::-1]
    assert rest.next is None


def test_a_pool_without_gaps_is_not_walked(session: Session, cast: Cast) -> None:
    """SQLite says which index it takes; PostgreSQL chooses by the size of the table."""
    with scopes.company(session, cast.acme.id), counted(session.get_bind()) as said:
        for gap in (Gap.MAIL, Gap.KANA):
            gaps.listed(session, gap)
    if session.get_bind().dialect.name == "sqlite":
        by_mail, by_kana = (
            " ".join(row[-1] for row in session.execute(text(f"EXPLAIN QUERY PLAN {each.replace('?', '1')}")))
            for each in said
        )
        assert "ix_candidates_company_email" in by_mail
        assert "ix_candidates_without_kana" in by_kana
