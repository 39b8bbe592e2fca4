"""Three years of random days: nobody is kept past their date, nobody leaves early, holds hold (A-24, A-28, A-44).

Who is written to before, is written to once, and never gets a fifth mail in a year by it (A-25).

The model is the rule as the page 保管期間 prints it, written down a second time and plainly.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import holds
from relay.hiring import progress
from relay.hiring.decisions import reject_all, renew_dates
from relay.hiring.progress import Progress, ProgressEntry
from relay.infra import jobs
from relay.mail import outbox
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    HoldReason,
    Job,
    Message,
    NotifiedBy,
    Profile,
    RejectionReason,
    RetentionBasis,
    Role,
    StepKind,
    scopes,
)
from relay.network import consents, renewals
from relay.rights import jobs as rights_jobs
from relay.rights import keeping, record_ends, term_changes
from relay.trust.terms import MAX_MONTHS, MIN_MONTHS
from tests.cast import Cast, make_application, make_candidate, make_cast, make_company, make_user
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile

BEGINNING = datetime(2027, 1, 15, 3, tzinfo=UTC)
END = BEGINNING + timedelta(days=3 * 365)
LONGEST_PAUSE = 25
"""Days between two acts, at most; the daily run comes on the last of them."""
CONSENTED = RetentionBasis.CONSENTED


@dataclass
class Person:
    """What must be true of a candidate."""

    basis: RetentionBasis
    email: str
    decided: date | None = None
    applied: date | None = None
    """Of those in a selection, the last day on which they applied or came a step further."""
    agreed: date | None = None
    untold: bool = False
    last: date | None = None
    holds: dict[int, date] = field(default_factory=dict)

    def is_held(self, today: date) -> bool:
        return any(until >= today for until in self.holds.values())


@dataclass
class Model:
    """Who is there, by the numbers of the records, and what the company has set."""

    people: dict[int, Person] = field(default_factory=dict)
    terms: list[tuple[date, RetentionBasis, int]] = field(default_factory=list)
    registered: dict[int, date] = field(default_factory=dict)
    """By the number of the profile, the day on which the last consent ends."""
    gone: int = 0
    silently: int = 0
    """How many of them in a selection that nobody carried on."""
    saved: int = 0
    """How many had their day already when a step was entered."""
    ending: dict[int, datetime] = field(default_factory=dict)
    """By the number of the profile, when the last consent ends that was not withdrawn."""
    letters: dict[int, list[datetime]] = field(default_factory=dict)
    """By the number of the record, when the company wrote that it ends."""
    mails: dict[str, list[datetime]] = field(default_factory=dict)
    """By the address, when an unasked mail was written, whoever sent it."""
    told: set[int] = field(default_factory=set)
    """The profiles to which the operator wrote that their consents end."""
    answers: Counter[str] = field(default_factory=Counter)

    def months(self, basis: RetentionBasis, day: date) -> int:
        before = [months for since, of, months in self.terms if of is basis and since <= day]
        after = [months for since, of, months in self.terms if of is basis and since > day]
        standing = (before or [12 if basis is CONSENTED else 6])[-1]
        return standing if basis is CONSENTED else min([standing, *after])

    def is_due(self, person: Person, today: date) -> bool:
        """Whether the months of someone in a selection are over within 30 days, a term set in the last 30 left out."""
        known = max(filter(None, (person.applied, person.decided, person.agreed)))
        settled = [row for row in self.terms if row[0] <= today - timedelta(days=30)]
        months = Model(terms=settled).months(person.basis, known)
        return known + relativedelta(months=months) <= today + timedelta(days=30)

    def day_of(self, person: Person) -> date:
        assert person.decided
        return person.decided + relativedelta(months=self.months(person.basis, person.decided))

    def is_written_to(self, number: int, now: datetime) -> bool:
        """Whether the daily job writes to the person: two weeks before, of the pool, and not too often."""
        person, today = self.people[number], now.astimezone(clock.JAPAN).date()
        ends = person.last is not None and today <= person.last <= today + timedelta(days=14)
        if not ends or person.applied or person.basis is not CONSENTED or person.untold or person.is_held(today):
            return False
        year = now - relativedelta(years=1)
        mails = [each for each in self.mails.get(person.email, ()) if each > year]
        return len(mails) < 4 and not any(each > year for each in self.letters.get(number, ()))

    def writes(self, number: int, now: datetime) -> None:
        self.letters.setdefault(number, []).append(now)
        self.mails.setdefault(self.people[number].email, []).append(now)

    def run(self, today: date) -> None:
        soonest = today + timedelta(days=30)
        for person in self.people.values():
            if person.applied and (person.last is None or person.last <= soonest):
                person.last = (person.last or soonest) if self.is_due(person, today) else None
        gone = [
            number
            for number, each in self.people.items()
            if each.last and each.last < today and not each.is_held(today)
        ]
        self.gone += len(gone)
        for number in gone:
            self.silently += self.people.pop(number).applied is not None
        self.registered = {each: end for each, end in self.registered.items() if end + timedelta(days=30) > today}


class Years:
    """Acts in the database and on the model, and compares who is there and until when."""

    def __init__(self, session: Session, cast: Cast, seed: int) -> None:
        self.session, self.cast, self.chance = session, cast, Random(seed)  # noqa: S311  (no secret)
        self.now, self.model, self.addresses = BEGINNING, Model(), count(1)
        self.company = make_company(session, f"years-{seed}")
        self.owner = make_user(session, f"owner-{seed}", self.company, Role.RECRUITER).id
        session.commit()

    @property
    def today(self) -> date:
        return self.now.astimezone(clock.JAPAN).date()

    def live(self) -> None:
        """Do one thing after the other until the three years are over."""
        acts = [getattr(self, name) for name in vars(Years) if name.startswith(("a_", "an_", "another_", "somebody_"))]
        acts += [self.a_result_is_typed] * 3 + [self.somebody_registers] * 2
        while self.now < END:
            with clock.at(self.now):
                self.chance.choice(acts)()
                self.session.commit()
            self.compare()
            self.now += timedelta(days=self.chance.randint(0, LONGEST_PAUSE))
            with clock.at(self.now):
                rights_jobs.retain(self.session, Job(kind="retention", key="test"))
                self.session.commit()
            self.model.run(self.today)
            with clock.at(self.now):
                self.letters_leave()
            self.compare()

    def compare(self) -> None:
        with scopes.company(self.session, self.company.id):
            days = self.session.execute(select(Candidate.id, Candidate.retain_until)).all()
        assert dict(days) == {number: each.last for number, each in self.model.people.items()}
        mine = Profile.email.endswith(f"@{self.company.slug}.example")
        with scopes.everyone(self.session, "test"):
            assert set(self.session.scalars(select(Profile.id).where(mine))) == set(self.model.registered)

    def letters_leave(self) -> None:
        """Both letters of a last month, and what people answer to the company's."""
        written = [each for each in self.model.people if self.model.is_written_to(each, self.now)]
        record_ends.write_to(self.session, self.company.id)
        renewals.write_to(self.session)
        self.session.commit()
        for number in written:
            self.model.writes(number, self.now)
        month = self.now + timedelta(days=31)
        self.model.told |= {each for each, until in self.model.ending.items() if self.now <= until < month}
        self.compare_letters()
        for number in written:
            self.answer(number, self.chance.choice(("keep", "erase", "later")))
            self.session.commit()

    def compare_letters(self) -> None:
        with scopes.company(self.session, self.company.id):
            mine = (Message.letter == record_ends.LETTER, Message.candidate_id.is_not(None))
            found = self.session.execute(
                select(Message.candidate_id, func.count()).where(*mine).group_by("candidate_id")
            )
            assert dict(found.all()) == {
                number: len(days) for number, days in self.model.letters.items() if number in self.model.people
            }
        with scopes.everyone(self.session, "test"):
            here = (Message.letter == renewals.LETTER, Message.profile_id.in_(self.model.registered))
            told = self.session.scalars(select(Message.profile_id).where(*here)).all()
        assert sorted(told) == sorted(self.model.told & self.model.registered.keys()), "once, and to nobody else"

    def answer(self, number: int, word: str) -> None:
        self.model.answers[word] += 1
        person = self.model.people[number]
        with scopes.company(self.session, self.company.id):
            candidate = self.session.get_one(Candidate, number)
            if word == "erase":
                assert keeping.erase(self.session, self.company.id, candidate)
                del self.model.people[number]
            elif word == "keep":
                asked = keeping.question(self.session, self.company.id, candidate)
                assert asked
                shown = asked.words.hash
                assert keeping.keep_on(self.session, self.company.id, number, shown=shown, evidence=EVIDENCE)
                assert person.last
                longer = person.last + relativedelta(months=self.model.months(CONSENTED, self.today))
                person.last = min(longer, self.today + relativedelta(months=24))
                person.agreed = self.today

    def another_sender_writes(self) -> None:
        if number := self.one_of(each for each, one in self.model.people.items() if one.basis is CONSENTED):
            email = self.model.people[number].email
            for _each in range(self.chance.randint(1, 4)):
                outbox.queue(self.session, "apology", company_id=self.cast.other.id, to=email)
                self.model.mails.setdefault(email, []).append(self.now)

    def a_result_is_typed(self) -> None:
        ago = self.chance.choice((0, 0, 0, 3, 40, 250, 340))
        email = f"{next(self.addresses)}@{self.company.slug}-c.example"
        basis = self.chance.choice((*RetentionBasis, CONSENTED))
        person = Person(basis, email, self.today - timedelta(days=ago), untold=self.chance.random() < 0.2)
        told = {} if person.untold else {"notified_at": clock.now(), "notified_by": NotifiedBy.RELAY}
        with scopes.company(self.session, self.company.id):
            made = make_candidate(self.session, self.company, basis=person.basis, email=email)
            make_application(self.session, made, status=ApplicationResult.REJECTED, decided_on=person.decided, **told)
            renew_dates(self.session, [made.id])
        day = self.model.day_of(person)
        person.last = day if day >= self.today else self.today + timedelta(days=30)
        self.model.people[made.id] = person

    def somebody_applies_again(self) -> None:
        if number := self.one_of(each for each, one in self.model.people.items() if one.last):
            with scopes.company(self.session, self.company.id):
                made = make_application(self.session, self.session.get_one(Candidate, number))
                renew_dates(self.session, [number])
            person = self.model.people[number]
            assert made.applied_on
            person.applied, person.last = max(made.applied_on, person.applied or made.applied_on), None

    def a_selection_is_entered(self) -> None:
        ago = self.chance.choice((0, 0, 60, 150, 400))
        email, basis = f"{next(self.addresses)}@{self.company.slug}-c.example", self.chance.choice(list(RetentionBasis))
        person = Person(basis, email, applied=self.today - timedelta(days=ago))
        with scopes.company(self.session, self.company.id):
            made = make_candidate(self.session, self.company, basis=basis, email=email)
            make_application(self.session, made, applied_on=person.applied)
        self.model.people[made.id] = person

    def a_step_is_entered(self) -> None:
        if number := self.one_of(each for each, one in self.model.people.items() if one.applied):
            mine = (Application.candidate_id == number, Application.status == ApplicationResult.OPEN)
            with scopes.company(self.session, self.company.id):
                running = self.session.scalars(select(Application).where(*mine).limit(1)).one()
                assert running.applied_on
                on = max(running.applied_on, self.today - timedelta(days=self.chance.choice((0, 0, 20, 200))))
                entry = ProgressEntry(Progress.STEP, on, StepKind.OTHER, f"面談{next(self.addresses)}")
                seen = progress.version(self.session, running)
                assert progress.enter(self.session, running.id, entry, seen=seen, by_user_id=None)
            person = self.model.people[number]
            assert person.applied
            self.model.saved += person.last is not None
            person.applied, person.last = max(on, person.applied), None

    def somebody_is_rejected(self) -> None:
        if number := self.one_of(each for each, one in self.model.people.items() if one.applied):
            mine = (Application.candidate_id == number, Application.status == ApplicationResult.OPEN)
            with scopes.company(self.session, self.company.id):
                running = self.session.scalars(select(Application).where(*mine)).all()
                reject_all(self.session, [(each, RejectionReason.SKILLS) for each in running], by_user_id=None)
            person = self.model.people[number]
            person.decided, person.applied, person.untold = self.today, None, True
            person.last = self.model.day_of(person)

    def an_erasure_is_held(self) -> None:
        if number := self.one_of(self.model.people):
            until = self.today + timedelta(days=self.chance.randint(0, 365))
            with scopes.company(self.session, self.company.id):
                person = self.session.get_one(Candidate, number)
                made = holds.set_hold(self.session, person, HoldReason.DISPUTE, until, owner_user_id=self.owner)
            self.model.people[number].holds[made.id] = until

    def a_hold_is_released(self) -> None:
        if number := self.one_of(each for each, one in self.model.people.items() if one.holds):
            released, _until = self.model.people[number].holds.popitem()
            with scopes.company(self.session, self.company.id):
                person = self.session.get_one(Candidate, number)
                holds.release(self.session, person, released, by_user_id=self.owner)

    def a_term_is_set(self) -> None:
        basis = self.chance.choice(list(RetentionBasis))
        months = self.chance.randint(MIN_MONTHS, MAX_MONTHS[basis])
        said = term_changes.effect(self.session, self.company.id, {basis: months})
        term_changes.change(self.session, self.company.id, {basis: months}, by_user_id=None)
        self.session.commit()
        while jobs.run_one(self.session, clock.now()):
            pass
        self.model.terms.append((self.today + timedelta(days=1), basis, months))
        moved = 0
        for each in self.model.people.values():
            if each.last and not each.applied and each.basis is not CONSENTED:
                day = max(self.model.day_of(each), self.today + timedelta(days=60))
                moved += day < each.last
                each.last = min(each.last, day)
        assert said.moved == moved, "what was said before is what happened"

    def somebody_registers(self) -> None:
        email = f"{next(self.addresses)}@{self.company.slug}.example"
        register(self.session, mailed_link(self.session, self.cast.acme, email), self.cast.tsumugi)
        number = the_profile(self.session, email).id
        self.model.registered[number] = self.today + relativedelta(months=12)
        self.model.ending[number] = self.now + relativedelta(months=12)

    def somebody_withdraws(self) -> None:
        if number := self.one_of(self.model.registered):
            consents.withdraw_all(self.session, number, way="own-page")
            self.model.ending.pop(number, None)
            self.model.registered[number] = min(self.today, self.model.registered[number])

    def one_of(self, numbers: Iterable[int]) -> int:
        """Draw one of these; 0 where there is none."""
        return self.chance.choice(sorted(numbers) or [0])


def test_three_years_of_random_days(session: Session) -> None:
    model = live_three_years(session, make_cast(session), seed=2030)
    assert min(model.answers[each] for each in ("keep", "erase", "later")) >= 1
    assert model.told, "the operator wrote, too"
    assert model.silently and model.saved, "selections that were not carried on, and some that were after all"


def live_three_years(session: Session, cast: Cast, *, seed: int) -> Model:
    """Live them once; tests/soak/test_any_order.py does so many times."""
    cast.tsumugi.license_until = END.date()
    years = Years(session, cast, seed)
    years.live()
    assert years.model.gone >= 10, "people have left, so that this can fail"
    return years.model
