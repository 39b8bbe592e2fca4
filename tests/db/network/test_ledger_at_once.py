"""Sixty-four at once on one reservation: one of them ends it, by one line; the others read that it is over."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

from flask import Flask
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.extensions import begin_writing, db
from relay.models import Company
from relay.network import credits, ledger_check, referrals
from relay.network.credits import NotSetAside
from tests.cast import make_company
from tests.db.network.test_ledger import fill, referral_id
from tests.independent.dumping import dump
from tests.independent.recount import recount

THREADS, ROUNDS = 64, 20
Act = Callable[[Session], object]
_companies = count(1)


def test_one_of_sixty_four_ends_a_reservation_by_one_line(app: Flask, session: Session) -> None:
    race(app, session, rounds=ROUNDS)


def race(app: Flask, session: Session, *, rounds: int) -> None:
    """Let release, spend, a voiding and a second release race so many times; tests/soak/test_any_order.py does more."""
    ways: Counter[str] = Counter()
    with ThreadPoolExecutor(THREADS) as pool:
        for _round in range(rounds):
            company = make_company(session, f"race-{next(_companies)}")
            fill(session, company, 10)
            held = credits.reserve(session, company.id, "経理の募集").id
            third = referral_id(session, company, 3)
            session.commit()
            told = _all_at_once(app, pool, _acts(company.id, held, third))
            ways[_settled(session, company, told)] += 1
    assert ways.total() == rounds


def _acts(company_id: int, held: int, referral: int) -> list[Act]:
    four: list[Act] = [
        lambda session: credits.release(session, company_id, held, "期限"),
        lambda session: credits.spend(session, company_id, held, "面談"),
        lambda session: referrals.void(session, company_id, referral, "二重の登録"),
        lambda session: credits.release(session, company_id, held, "取り消し"),
    ]
    return four * (THREADS // len(four))


def _all_at_once(app: Flask, pool: ThreadPoolExecutor, acts: list[Act]) -> list[str]:
    """Run each act in a thread and transaction of its own, all begun together; returns the sentences of the losers."""
    start = Barrier(len(acts))

    def run(act: Act) -> str:
        with app.app_context():
            start.wait(30)
            begin_writing()
            try:
                act(db.session())
                db.session.commit()
            except DomainError as refused:
                return str(refused)
            finally:
                db.session.remove()
        return ""

    return [done.result(120) for done in [pool.submit(run, act) for act in acts]]


def _settled(session: Session, company: Company, told: list[str]) -> str:
    """Return how it ended, after looking at every line of it: a voiding takes the credit only once it is free again."""
    lines = [line.kind.value for line in credits.statement(session, company.id).rows[::-1]]
    assert lines in (
        ["earned", "reserved", "released"],
        ["earned", "reserved", "spent"],
        ["earned", "reserved", "released", "voided"],
    )
    losers = [said for said in told if said]
    assert len(losers) == THREADS // 4 * 3 - 1
    assert set(losers) == {str(NotSetAside.message)}
    assert ledger_check.verify(session, company.id) == []
    assert recount(dump(session.connection(), company.id)) == []
    session.commit()
    return lines[-1]
