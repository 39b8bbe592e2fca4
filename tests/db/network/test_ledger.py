"""The ledger against a simple model of it: any order of completing, voiding, setting aside, releasing, spending.

The model is the counting rule as it is published (invariants 1 and 2), written down a second time and plainly.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.models import AMOUNTS, Company, CreditEntry, CreditKind, LinkState, Referral, RelayLink, scopes
from relay.network import credits, ledger_check, referrals
from tests.bench import plans
from tests.cast import Cast, make_company
from tests.independent.dumping import dump
from tests.independent.recount import recount
from tests.statements import said

_companies = count(1)


@dataclass
class Model:
    """What must be true, kept with lists and sets; a credit is known by the number of its earned line."""

    people: int = 0
    valid: set[int] = field(default_factory=set)
    mistaken: set[int] = field(default_factory=set)
    standing: dict[int, set[int]] = field(default_factory=dict)
    free: set[int] = field(default_factory=set)
    lines: list[tuple[str, int]] = field(default_factory=list)

    def complete(self) -> None:
        self.people += 1
        self.count(self.people)

    def count(self, number: int) -> None:
        self.valid.add(number)
        self.mistaken.discard(number)
        if len(self.valid) // 10 > len(self.standing):
            behind = set().union(*self.standing.values())
            credit = len(self.lines) + 1
            self.standing[credit] = set(sorted(self.valid - behind)[:10])
            self.write("earned", credit)

    def void(self, number: int) -> None:
        before = len(self.valid) // 10
        self.valid.discard(number)
        if len(self.valid) // 10 < before and self.free:
            of_it = [credit for credit in self.free if number in self.standing[credit]]
            taken = of_it[0] if of_it else max(self.free)
            del self.standing[taken]
            self.write("voided", taken)

    def write(self, kind: str, credit: int) -> None:
        self.lines.append((kind, credit))
        if kind in ("earned", "released", "restored"):
            self.free.add(credit)
        else:
            self.free.discard(credit)


class Ledger(RuleBasedStateMachine):
    """Acts on a company of its own in the database and on the model, and compares.

    What is held and spent is known by line and credit. Acts that set aside or end otherwise (a request, its lapse, a
    yes) are further rules: each changes `held` and `spent`, and writes its line into the model.
    """

    session: Session

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.company = make_company(self.session, f"ledger-{next(_companies)}")
        self.link = bare_link(self.session, self.company)
        self.held: dict[int, int] = {}
        self.spent: dict[int, int] = {}
        self.ended: list[int] = []
        self.session.commit()

    @rule(times=st.integers(1, 11))
    def complete(self, times: int) -> None:
        for _each in range(times):
            assert self._register(self.model.people + 1)
            self.model.complete()
        self.session.commit()

    @precondition(lambda self: self.model.people > 0)
    @rule(data=st.data())
    def come_again(self, data: st.DataObject) -> None:
        """Nobody counts twice; who was invited by mistake counts once a right invitation comes."""
        number = data.draw(st.integers(1, self.model.people))
        assert not self._register(number)
        if number in self.model.mistaken:
            self.model.count(number)
        self.session.commit()

    @precondition(lambda self: self.model.people > 0)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, self.model.people))
        fresh = number in self.model.valid
        referrals.void(self.session, self.company.id, referral_id(self.session, self.company, number), "二重の登録")
        self.model.mistaken.discard(number)
        if fresh:
            self.model.void(number)
        self.session.commit()

    @precondition(lambda self: self.model.valid)
    @rule(data=st.data())
    def void_as_mistaken(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.valid)))
        with scopes.company(self.session, self.company.id):
            referral = self.session.scalars(select(Referral).where(Referral.number == number)).one()
            referrals.void_as_mistaken(self.session, referral, None)
        self.model.void(number)
        self.model.mistaken.add(number)
        self.session.commit()

    @rule()
    def reserve(self) -> None:
        if self.model.free:
            oldest = min(self.model.free)
            self.held[credits.reserve(self.session, self.company.id, "経理の募集").id] = oldest
            self.model.write("reserved", oldest)
        else:
            with pytest.raises(credits.NoFreeCredit):
                credits.reserve(self.session, self.company.id, "経理の募集")
        self.session.commit()

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        line, credit = self._end(data)
        credits.release(self.session, self.company.id, line, "期限")
        self.model.write("released", credit)
        self.session.commit()

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def spend(self, data: st.DataObject) -> None:
        line, credit = self._end(data)
        self.spent[credits.spend(self.session, self.company.id, line, "面談").id] = credit
        self.model.write("spent", credit)
        self.session.commit()

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        line = data.draw(st.sampled_from(sorted(self.spent)))
        credits.restore(self.session, self.company.id, line, "面談が実現しなかった")
        self.model.write("restored", self.spent.pop(line))
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

    # acts on requests and links go here

    @invariant()
    def agrees(self) -> None:
        meter = credits.meter(self.session, self.company.id)
        statement = credits.statement(self.session, self.company.id, limit=1000).rows[::-1]
        last = statement[-1] if statement else None
        behind = {line.credit: set(line.numbers) for line in statement}
        assert (meter.free, meter.total) == (len(self.model.free), len(self.model.valid))
        assert 0 <= meter.done < 10
        assert [(line.kind.value, line.credit) for line in statement] == self.model.lines
        assert {credit: behind[credit] for credit in self.model.standing} == self.model.standing
        now = (last.balance, last.set_aside) if last else (0, 0)
        assert now == (len(self.model.free), len(self.held))

    @invariant()
    def counts_again_to_the_same(self) -> None:
        """Two programs that share nothing find invariants 1 to 3 kept."""
        assert ledger_check.verify(self.session, self.company.id) == []
        assert recount(dump(self.session.connection(), self.company.id)) == []

    def _register(self, number: int) -> bool:
        return referrals.complete(self.session, self.link, [f"person-{number}"]) is not None

    def _end(self, data: st.DataObject) -> tuple[int, int]:
        line = data.draw(st.sampled_from(sorted(self.held)))
        self.ended.append(line)
        return line, self.held.pop(line)


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
            set_aside=0,
            credit_id=1,
            reservation_id=reservation,
            at=clock.now(),
            actor_kind="test",
        )
        session.add(forged)
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_a_request_holds_the_oldest_free_credit_and_a_restored_one_is_the_oldest_again(
    session: Session, cast: Cast
) -> None:
    company_id = cast.acme.id
    fill(session, cast.acme, 30)
    first = credits.reserve(session, company_id, "経理の募集")
    second = credits.reserve(session, company_id, "営業の募集")
    spent = credits.spend(session, company_id, first.id, "面談")
    credits.restore(session, company_id, spent.id, "面談が実現しなかった")
    again = credits.reserve(session, company_id, "総務の募集")
    lines = {line.sequence: line for line in credits.statement(session, company_id).rows}
    assert [lines[each.sequence].credit for each in (first, second, spent, again)] == [1, 2, 1, 1]
    assert lines[spent.sequence].numbers == tuple(range(1, 11))
    assert [(lines[n].balance, lines[n].set_aside) for n in range(4, 9)] == [(2, 1), (1, 2), (1, 1), (2, 1), (1, 2)]


def test_a_voiding_takes_a_free_credit_where_its_own_is_held_or_spent(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 20)
    held = credits.reserve(session, cast.acme.id, "経理の募集")
    referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 3), "本人ではなかった")
    newest = credits.statement(session, cast.acme.id).rows[0]
    assert (newest.kind, newest.credit) == (CreditKind.VOIDED, 2)
    credits.spend(session, cast.acme.id, held.id, "面談")
    assert ledger_check.verify(session, cast.acme.id) == []


def test_a_clock_that_was_set_back_moves_no_line_before_an_earlier_one(session: Session, cast: Cast) -> None:
    fill(session, cast.acme, 10)
    with clock.at(clock.now() - timedelta(days=40)):
        credits.reserve(session, cast.acme.id, "経理の募集")
    reserved, earned = credits.statement(session, cast.acme.id).rows
    assert reserved.at == earned.at
    assert ledger_check.verify(session, cast.acme.id) == []


def test_the_credit_of_an_act_is_found_along_an_index_whatever_the_ledger_holds(session: Session, cast: Cast) -> None:
    """The company row is held meanwhile, so that all its other acts would wait."""
    fill(session, cast.acme, 30)
    session.execute(text("ANALYZE"))
    session.commit()
    with said(db.engine) as statements:
        credits.reserve(session, cast.acme.id, "経理の募集")
        referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 15), "二重の登録")
    assert [line.credit for line in credits.statement(session, cast.acme.id).rows[:2]] == [2, 1]
    session.rollback()
    asked = [each for each in statements if "free_credits" in each[0] and each[0].startswith("SELECT")]
    found = plans.explained(db.engine, asked, small=False)
    assert len(found) >= 2
    for plan in found:
        assert re.search(r"(uq|sqlite_autoindex)_free_credits_", plan), plan
        assert "Sort" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "SCAN credit_referrals" not in plan, plan


def test_the_ten_behind_a_new_credit_are_found_along_an_index_whatever_was_counted(
    session: Session, cast: Cast
) -> None:
    fill(session, cast.acme, 30)
    session.execute(text("ANALYZE"))
    session.commit()
    with said(db.engine) as statements:
        fill(session, cast.acme, 10, first=31)
    session.rollback()
    asked = [each for each in statements if "referrals.credit_id IS NULL" in each[0]]
    found = plans.explained(db.engine, asked, small=False)
    assert found
    for plan in found:
        assert "ix_referrals_company_uncounted" in plan, plan


def test_the_meter_counts_no_line_and_says_what_counting_them_would(session: Session, cast: Cast) -> None:
    """It is on every page. Taken back, held against a voiding, voided alone: what stands is counted in each case."""
    fill(session, cast.acme, 34)
    with scopes.company(session, cast.acme.id):
        assert credits.standing_numbers(session) == (34, *counted_lines(session)) == (34, 3, 3)
        referrals.void(session, cast.acme.id, referral_id(session, cast.acme, 33), "二重の登録")
        assert credits.standing_numbers(session) == (33, *counted_lines(session)) == (33, 3, 3)
        for number in (1, 2, 3, 4):
            referrals.void(session, cast.acme.id, referral_id(session, cast.acme, number), "二重の登録")
        assert credits.standing_numbers(session) == (29, *counted_lines(session)) == (29, 2, 2)
        for _each in range(2):
            credits.reserve(session, cast.acme.id, "経理の募集")
        for number in range(11, 21):
            referrals.void(session, cast.acme.id, referral_id(session, cast.acme, number), "二重の登録")
        assert credits.standing_numbers(session) == (19, *counted_lines(session)) == (19, 2, 0)
    session.execute(text("ANALYZE"))
    session.commit()
    with said(db.engine) as statements:
        credits.meter(session, cast.acme.id)
    session.rollback()
    (plan,) = plans.explained(db.engine, statements, small=False)
    assert "kind" not in plan
    assert "ix_referrals_company_uncounted" in plan and "ix_referrals_company_voided" in plan
    assert "SCAN" not in plan.replace("SCAN CONSTANT ROW", "") and "Seq Scan" not in plan


def counted_lines(session: Session) -> tuple[int, int]:
    """Earned lines less those taken back, and the newest balance, counted line by line."""
    kinds = session.scalars(select(CreditEntry.kind)).all()
    return kinds.count(CreditKind.EARNED) - kinds.count(CreditKind.VOIDED), credits.free_credits(session)
