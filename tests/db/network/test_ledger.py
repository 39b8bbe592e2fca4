"""The ledger against a simple model of it: any order of completing, voiding, setting aside, releasing, spending.

The model is the counting rule as it is published (invariants 1 and 2), written down a second time and plainly.
"""

from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.models import AMOUNTS, Company, CreditEntry, CreditKind, LinkState, Referral, RelayLink, scopes, triggers
from relay.network import credits, ledger_check, referrals
from tests.cast import Cast, make_company

_companies = count(1)


@dataclass
class Model:
    """What must be true, kept with lists and sets."""

    people: int = 0
    valid: set[int] = field(default_factory=set)
    standing: list[set[int]] = field(default_factory=list)
    taken_back: int = 0
    free: int = 0
    kinds: list[str] = field(default_factory=list)

    def complete(self) -> None:
        self.people += 1
        self.valid.add(self.people)
        if len(self.valid) // 10 > len(self.standing):
            behind = set().union(*self.standing)
            self.standing.append(set(sorted(self.valid - behind)[:10]))
            self.free += 1
            self.kinds.append("earned")

    def void(self, number: int) -> None:
        before = len(self.valid) // 10
        self.valid.discard(number)
        if len(self.valid) // 10 < before and self.free:
            of_it = [line for line in self.standing if number in line]
            self.standing.remove((of_it or self.standing)[-1])
            self.free -= 1
            self.kinds.append("voided")

    def move(self, kind: str, amount: int) -> None:
        self.free += amount
        self.kinds.append(kind)


class Ledger(RuleBasedStateMachine):
    """Acts on a company of its own in the database and on the model, and compares."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.company = make_company(self.session, f"ledger-{next(_companies)}")
        self.link = bare_link(self.session, self.company)
        self.reserved: list[int] = []
        self.ended: list[int] = []
        self.spent: list[int] = []
        self.session.commit()

    @rule(times=st.integers(1, 11))
    def complete(self, times: int) -> None:
        for _each in range(times):
            assert referrals.complete(self.session, self.link, [f"person-{self.model.people + 1}"]) is not None
            self.model.complete()
        assert referrals.complete(self.session, self.link, [f"person-{self.model.people}"]) is None
        self.session.commit()

    @precondition(lambda self: self.model.people > 0)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, self.model.people))
        fresh = number in self.model.valid
        referrals.void(self.session, self.company.id, referral_id(self.session, self.company, number), "二重の登録")
        if fresh:
            self.model.void(number)
        self.session.commit()

    @rule()
    def reserve(self) -> None:
        if self.model.free == 0:
            with pytest.raises(credits.NoFreeCredit):
                credits.reserve(self.session, self.company.id, "経理の募集")
        else:
            self.reserved.append(credits.reserve(self.session, self.company.id, "経理の募集").id)
            self.model.move("reserved", -1)
        self.session.commit()

    @precondition(lambda self: self.reserved)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        credits.release(self.session, self.company.id, self._end(data), "期限")
        self.model.move("released", 1)
        self.session.commit()

    @precondition(lambda self: self.reserved)
    @rule(data=st.data())
    def spend(self, data: st.DataObject) -> None:
        self.spent.append(credits.spend(self.session, self.company.id, self._end(data), "面談").id)
        self.model.move("spent", 0)
        self.session.commit()

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        line = self.spent.pop(data.draw(st.integers(0, len(self.spent) - 1)))
        credits.restore(self.session, self.company.id, line, "面談が実現しなかった")
        self.model.move("restored", 1)
        self.session.commit()
        with pytest.raises(credits.NotSpent):
            credits.restore(self.session, self.company.id, line, "もう一度")

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def end_again(self, data: st.DataObject) -> None:
        line = data.draw(st.sampled_from(self.ended))
        for verb in (credits.release, credits.spend):
            with pytest.raises(credits.NotSetAside):
                verb(self.session, self.company.id, line, "もう一度")

    @invariant()
    def agrees(self) -> None:
        meter = credits.meter(self.session, self.company.id)
        statement = credits.statement(self.session, self.company.id, limit=1000).rows[::-1]
        taken_back = {line.reverses for line in statement if line.kind is CreditKind.VOIDED}
        earned = [line for line in statement if line.kind is CreditKind.EARNED]
        assert (meter.free, meter.total) == (self.model.free, len(self.model.valid))
        assert 0 <= meter.done < 10
        assert [line.kind.value for line in statement] == self.model.kinds
        assert [set(line.numbers) for line in earned if line.sequence not in taken_back] == self.model.standing
        assert ledger_check.verify(self.session, self.company.id) == []

    def _end(self, data: st.DataObject) -> int:
        line = self.reserved.pop(data.draw(st.integers(0, len(self.reserved) - 1)))
        self.ended.append(line)
        return line


def bare_link(session: Session, company: Company) -> RelayLink:
    """A link to nobody, enough to count through."""
    link = RelayLink(
        company_id=company.id, state=LinkState.SENT, issued_at=clock.now(), sent_at=clock.now(), expires_at=clock.now()
    )
    session.add(link)
    session.flush()
    return link


def referral_id(session: Session, company: Company, number: int) -> int:
    with scopes.company(session, company.id):
        return session.scalars(select(Referral.id).where(Referral.number == number)).one()


def fill(session: Session, company: Company, people: int, *, first: int = 1) -> None:
    link = bare_link(session, company)
    for each in range(first, first + people):
        referrals.complete(session, link, [f"person-{each}"])


def test_every_order_of_acts_keeps_the_ledger_exact(session: Session) -> None:
    play(session, orders=4)


def play(session: Session, *, orders: int) -> None:
    """Do twenty acts in each of so many orders; tests/soak/test_any_order.py does many more."""

    class OnThisDatabase(Ledger):
        pass

    OnThisDatabase.session = session
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=orders,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_voiding_takes_a_free_credit_back_and_the_next_ten_earn_it_again(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 10)
    referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 3), "本人ではなかった")
    assert credits.balance(session, cast.acme.id) == 0
    assert credits.meter(session, cast.acme.id).to_next == 1
    fill(session, cast.acme, 1, first=11)
    lines = credits.statement(session, cast.acme.id).rows
    assert [line.kind.value for line in lines] == ["earned", "voided", "earned"]
    assert lines[0].numbers == (1, 2, 4, 5, 6, 7, 8, 9, 10, 11)
    assert lines[1].reverses == 1


def test_a_credit_set_aside_stays_and_the_next_waits_until_the_count_has_caught_up(
    session: Session, cast: Cast
) -> None:
    fill(session, cast.acme, 10)
    held = credits.reserve(session, cast.acme.id, "経理の募集")
    referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 3), "本人ではなかった")
    assert credits.balance(session, cast.acme.id) == 0
    credits.release(session, cast.acme.id, held.id, "募集を終えた")
    assert credits.balance(session, cast.acme.id) == 1
    fill(session, cast.acme, 10, first=11)
    assert credits.balance(session, cast.acme.id) == 1
    assert credits.meter(session, cast.acme.id).to_next == 1
    fill(session, cast.acme, 1, first=21)
    assert credits.balance(session, cast.acme.id) == 2


def test_voiding_needs_a_reason_and_a_referral_of_this_company(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 1)
    with pytest.raises(referrals.VoidReasonMissing):
        referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 1), "  ")
    with pytest.raises(referrals.ReferralUnknown):
        referrals.void(session, cast.other.id, referral_id(session, cast.acme, 1), "理由")


def test_the_database_refuses_to_change_the_ledger(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 10)
    session.commit()
    for statement in (
        "UPDATE credit_entries SET reason = 'x'",
        "DELETE FROM credit_entries",
        "UPDATE credit_referrals SET referral_id = referral_id",
        "DELETE FROM credit_referrals",
    ):
        with pytest.raises(DatabaseError, match="append-only"):
            session.execute(text(statement))
        session.rollback()
    assert credits.balance(session, cast.acme.id) == 1


def test_the_database_refuses_a_negative_balance_and_a_second_end(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 10)
    held = credits.reserve(session, cast.acme.id, "募集").id
    credits.spend(session, cast.acme.id, held, "面談")
    session.commit()
    for kind, balance, reservation in ((CreditKind.RESERVED, -1, None), (CreditKind.RELEASED, 1, held)):
        forged = CreditEntry(
            company_id=cast.acme.id,
            sequence=4,
            kind=kind,
            amount=AMOUNTS[kind],
            balance=balance,
            reservation_id=reservation,
            at=clock.now(),
            actor_kind="test",
        )
        session.add(forged)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_the_check_names_what_was_tampered_with(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 20)
    session.commit()
    assert ledger_check.verify(session, cast.acme.id) == []
    with triggers.suspended(session.connection()):
        session.execute(text("DELETE FROM credit_referrals WHERE entry_id = 2"))
        session.execute(text("DELETE FROM credit_entries WHERE sequence = 2"))
        session.execute(text("UPDATE credit_entries SET balance = 5"))
    session.expire_all()
    assert len(ledger_check.verify(session, cast.acme.id)) == 2
