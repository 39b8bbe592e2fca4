"""Four unasked mails a year, two of them 再スカウト, and the basis of each: over every verb that sends, in any order.

The checks know the rules in plain words and the rows of the outbox; they do not ask the code that decides.
"""

from datetime import date, timedelta
from itertools import count
from typing import Any

from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import contact, holds
from relay.errors import DomainError
from relay.hiring import positions
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts, outbox
from relay.models import (
    Candidate,
    Company,
    ContactChannel,
    FollowUp,
    HoldReason,
    MailClass,
    Message,
    MessageState,
    Position,
    PositionState,
    Rescout,
    RetentionBasis,
    Role,
    scopes,
)
from relay.network import confirmations, renewals
from relay.outreach import rescout_answers, templates
from relay.rights import record_ends
from tests.cast import make_company, make_partner, make_partnership, make_position, make_user
from tests.db.network.build import EVIDENCE, mailed_link, register
from tests.db.outreach.rescouting import pooled, rescout

_numbers = count(1)
OPTIONAL = ("rescout", "record-ends", "sharing-ends", "profile-confirmation")
"""Letters that can be left out; those that have to be told count and are never held back."""
MANDATORY = "apology"
PROMOTION = ("rescout", "record-ends")
COUNTED = (MessageState.SCHEDULED, MessageState.SENDING, MessageState.SENT, MessageState.BOUNCED)
PEOPLE, COMPANIES = 3, 2
WHO, WHERE = st.integers(0, PEOPLE - 1), st.integers(0, COMPANIES - 1)


def within_a_year(written: date, now: date) -> bool:
    return written > now - relativedelta(years=1)


class Senders(RuleBasedStateMachine):
    """Two companies that know the same three people, an operator, and days that pass."""

    session: Session

    def __init__(self) -> None:
        super().__init__()
        number = next(_numbers)
        agency = make_partner(self.session, f"agency-{number}", license_number=f"13-ユ-{800000 + number}")
        self.companies: list[Company] = [
            make_company(self.session, f"sender-{number}-{each}") for each in range(COMPANIES)
        ]
        for company in self.companies:
            templates.install_defaults(self.session, company.id)
            make_partnership(self.session, company, agency)
        self.addresses = [f"p{each}-{number}@mail.example" for each in range(PEOPLE)]
        self.people = [[pooled(self.session, company, email) for email in self.addresses] for company in self.companies]
        self.positions: list[list[Position]] = [
            [make_position(self.session, company, title) for title in ("経理", "購買", "設計")]
            for company in self.companies
        ]
        register(self.session, mailed_link(self.session, self.companies[0], self.addresses[0]), agency)
        self.users = [self._user(company) for company in self.companies]
        self.moment = clock.now()
        self.session.commit()
        self.last = self._newest()

    def _user(self, company: Company) -> int:
        return make_user(self.session, f"hr-{company.slug}", company, Role.RECRUITER).id

    @rule(where=WHERE, people=st.sets(WHO, min_size=1), about=st.integers(0, 2), singly=st.booleans())
    def rescout(self, where: int, people: set[int], about: int, singly: bool) -> None:
        with self._now():
            ids = [self.people[where][each].id for each in sorted(people)]
            self.last, before = self._newest(), {id_: self._standing(where, id_) for id_ in ids}
            company, position = self.companies[where], self.positions[where][about]
            self._try(lambda: rescout(self.session, company, position, ids, self.users[where], singly=singly))
            for mail in self._new():
                assert mail.candidate_id in before
                basis, barred = before[mail.candidate_id]
                assert not barred, barred
                assert basis is RetentionBasis.CONSENTED or (basis is RetentionBasis.STATED and singly)
            self._check()

    @rule(where=WHERE, who=WHO)
    def send_the_letter_of_the_last_month(self, where: int, who: int) -> None:
        with self._now():
            company, person = self.companies[where], self.people[where][who].id
            self._try(lambda: record_ends.send(self.session, company.id, [person], by_user_id=self.users[where]))
            self._check()

    @rule()
    def let_the_worker_write(self) -> None:
        with self._now():
            for company in self.companies:
                record_ends.write_to(self.session, company.id)
            renewals.write_to(self.session)
            confirmations.write_to(self.session)
            self.session.commit()
            self._check()

    @rule(where=WHERE, who=WHO)
    def tell_what_must_be_told(self, where: int, who: int) -> None:
        with self._now():
            company = self.companies[where]
            outbox.queue(self.session, MANDATORY, company_id=company.id, to=self.addresses[who])
            self.session.commit()
            self._check()

    @rule(where=WHERE)
    def stop_what_waits(self, where: int) -> None:
        with self._now():
            outbox.cancel(self.session, self.companies[where].id)
            self.session.commit()

    @rule(where=WHERE, who=WHO, basis=st.sampled_from(RetentionBasis), left=st.integers(0, 400))
    def keep_otherwise(self, where: int, who: int, basis: RetentionBasis, left: int) -> None:
        with self._now(), self._at(where):
            person = self._person(where, who)
            person.basis, person.retain_until = basis, clock.today() + timedelta(days=left)
            self.session.commit()

    @rule(where=WHERE, who=WHO, wish=st.sampled_from(("stop", "resume", "opt-out", "hold", "not-from-us", "again")))
    def wish(self, where: int, who: int, wish: str) -> None:
        with self._now(), self._at(where):
            person, company_id = self._person(where, who), self.companies[where].id
            if wish == "stop":
                contact.stop(self.session, person, ContactChannel.PHONE)
            elif wish == "resume":
                contact.resume(self.session, person, ContactChannel.PHONE)
            elif wish == "opt-out":
                optouts.opt_out(self.session, company_id, address_hash(person.email), MailClass.PROMO, "page")
            elif wish == "hold":
                holds.set_hold(self.session, person, HoldReason.LAW, clock.today(), owner_user_id=self.users[where])
            else:
                person.follow_up = FollowUp.RELAY if wish == "not-from-us" else None
            self.session.commit()

    @rule(where=WHERE, data=st.data(), answer=st.sampled_from(("yes", "later", "placed", "stop")))
    def answer(self, where: int, data: st.DataObject, answer: str) -> None:
        with self._now(), self._at(where):
            sent = self.session.scalars(select(Rescout.id).order_by(Rescout.id)).all()
            if not sent:
                return
            chosen = self.session.get_one(Rescout, data.draw(st.sampled_from(sent)))
            person = self.session.get_one(Candidate, chosen.candidate_id)
            mine = (self.companies[where].id, chosen.id, address_hash(person.email))
            if answer == "yes":
                self._try(lambda: rescout_answers.say_yes(self.session, *mine))
            elif answer == "later":
                wait = rescout_answers.waits(self.session, mine[0], person)[1]
                self._try(
                    lambda: rescout_answers.wait(
                        self.session, *mine, wait.months, shown=wait.words.hash, evidence=EVIDENCE
                    )
                )
            elif answer == "placed":
                self._try(lambda: rescout_answers.say_placed(self.session, *mine, "内定をいただきました"))
            else:
                rescout_answers.stop(self.session, *mine)
            self.session.commit()

    @rule(where=WHERE, about=st.integers(0, 2), state=st.sampled_from(PositionState))
    def open_or_close(self, where: int, about: int, state: PositionState) -> None:
        with self._now(), self._at(where):
            positions.set_state(self.session, self.positions[where][about], state)
            self.session.commit()

    @rule(days=st.sampled_from((1, 40, 120, 366)))
    def let_days_pass(self, days: int) -> None:
        self.moment += timedelta(days=days)

    def _standing(self, where: int, candidate_id: int) -> tuple[RetentionBasis, str]:
        """Why the person is kept, and what speaks against a mail, as the rows say it in plain words."""
        with self._at(where):
            person = self.session.get_one(Candidate, candidate_id, populate_existing=True)
            waits = select(func.max(Rescout.waits_until)).where(Rescout.candidate_id == candidate_id)
            until = self.session.scalar(waits)
            company_id = self.companies[where].id
            reasons = (
                ("stopped", person.contact_stopped_at is not None),
                ("opted out", optouts.is_opted_out(self.session, company_id, person.email, MailClass.PROMO)),
                ("held", bool(holds.in_force(self.session, [candidate_id]))),
                ("not from us", person.follow_up is FollowUp.RELAY),
                ("waits", until is not None and until > clock.today()),
            )  # fmt: skip
        return person.basis, ", ".join(word for word, holds_good in reasons if holds_good)

    def _check(self) -> None:
        """Count by hand what each new mail that could have been left out finds before it."""
        for mail in self._new():
            if mail.letter not in OPTIONAL:
                continue
            with scopes.everyone(self.session, "test"):
                earlier = self.session.scalars(
                    select(Message).where(Message.to_address == mail.to_address, Message.id < mail.id)
                ).all()
            today = mail.created_at.astimezone(clock.JAPAN).date()
            had = [
                each.letter
                for each in earlier
                if each.state in COUNTED
                and each.letter in (*OPTIONAL, MANDATORY)
                and within_a_year(each.created_at.astimezone(clock.JAPAN).date(), today)
            ]
            assert len(had) < 4, (mail.letter, had)
            assert mail.letter != "rescout" or had.count("rescout") < 2, had
            if mail.letter in PROMOTION:
                assert mail.mail_class is MailClass.PROMO
        self.last = self._newest()

    def _new(self) -> list[Message]:
        with scopes.everyone(self.session, "test"):
            return list(self.session.scalars(select(Message).where(Message.id > self.last).order_by(Message.id)))

    def _newest(self) -> int:
        with scopes.everyone(self.session, "test"):
            return self.session.scalar(select(func.max(Message.id))) or 0

    def _try(self, act: Any) -> None:
        try:
            act()
        except DomainError:
            self.session.rollback()
        else:
            self.session.commit()

    def _person(self, where: int, who: int) -> Candidate:
        return self.session.get_one(Candidate, self.people[where][who].id, populate_existing=True)

    def _at(self, where: int) -> Any:
        return scopes.company(self.session, self.companies[where].id)

    def _now(self) -> Any:
        self.moment += timedelta(minutes=1)
        return clock.at(self.moment)


def test_no_order_of_acts_brings_a_fifth_mail_a_third_rescout_or_one_without_a_basis(session: Session) -> None:
    play(session, orders=12)


def play(session: Session, *, orders: int) -> None:
    """Do forty acts in each of so many orders."""

    class OnThisDatabase(Senders):
        pass

    OnThisDatabase.session = session
    run_state_machine_as_test(
        OnThisDatabase,
        settings=settings(
            max_examples=orders,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
