"""Below 0046 nothing knows a request: what one holds is free again, and nothing about one is on its way."""

from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from relay import clock, migrations
from relay.models import (
    CreditKind,
    IntroductionRequest,
    IntroductionState,
    Job,
    JobState,
    Message,
    MessageState,
    scopes,
)
from relay.network import credits, ledger_check
from tests.migrations.stages import steps

COPIED = ("partner_id", "position_id", "title", "posting", "guarantee", "meets_with", "minutes", "form")
STANDS = text("SELECT letter, state FROM messages WHERE letter LIKE 'introduction-%'")


def test_what_a_waiting_request_holds_is_free_again_and_its_mails_stay(filled: Engine) -> None:
    company_id = _ask(filled)
    before = _found(filled, company_id)
    migrations.downgrade(filled, dict(steps())["0046"])
    with filled.begin() as connection:
        assert set(connection.execute(STANDS).all()) == {("introduction-news", "cancelled")}
        kinds = connection.scalars(text("SELECT kind FROM credit_entries ORDER BY sequence DESC")).all()
        assert kinds[:2] == ["released", "reserved"]
        assert not connection.scalar(text("SELECT COUNT(*) FROM jobs WHERE kind = 'introductions'"))

    migrations.upgrade(filled)

    with Session(filled) as session:
        assert (credits.balance(session, company_id), credits.set_aside_credits(session, company_id)) == (1, 0)
    newly = {*_found(filled, company_id)} - {*before}
    assert not [each for each in newly if "操作ログ" in each], "the ledger agrees with its log as before"


def _ask(engine: Engine) -> int:
    """Let one more credit be earned and held by a request that waits, with a mail that has not left."""
    with Session(engine) as session:
        with scopes.everyone(session, "test"):
            like = session.scalars(select(IntroductionRequest)).one()
            first = session.scalar(select(func.min(Message.id)))
            waiting = {"letter": "introduction-news", "state": MessageState.SCHEDULED}
            session.execute(update(Message).where(Message.id == first).values(waiting))
        company_id = like.company_id
        session.add(
            Job(
                kind="introductions",
                key="introductions",
                state=JobState.QUEUED,
                due_at=clock.now(),
                created_at=clock.now(),
            )
        )
        with scopes.company(session, company_id):
            credits.append_entry(session, company_id, CreditKind.EARNED)
            reserved = credits.reserve(session, company_id, "依頼")
            session.add(
                IntroductionRequest(
                    **{name: getattr(like, name) for name in COPIED},
                    reservation_id=reserved.id,
                    state=IntroductionState.OPEN,
                    due_on=clock.today(),
                    made_at=clock.now(),
                )
            )
        session.commit()
        return company_id


def _found(engine: Engine, company_id: int) -> list[str]:
    with Session(engine) as session:
        return ledger_check.verify(session, company_id)
