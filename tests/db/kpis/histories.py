"""Random histories of a company, by Relay's own acts where one is quick, else by rows as files bring them.

Days lie close to the ends of months, times close to midnight in Japan; days are missing, out of order and the same.
Before people are erased, the other program counts what was theirs, which is what must go on counting.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from dateutil.relativedelta import relativedelta
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import progress, stays
from relay.hiring.progress import Progress, ProgressEntry
from relay.hiring.stays import StayNotDue
from relay.insight.costs import baseline, months
from relay.insight.costs.baseline import Baseline
from relay.models import (
    Application,
    ApplicationResult,
    ApplicationStep,
    Candidate,
    Company,
    CostKind,
    FollowUp,
    GuaranteeKind,
    Introduction,
    IntroductionLink,
    IntroductionRequest,
    IntroductionState,
    LinkState,
    MailClass,
    MeetingForm,
    Message,
    MessageState,
    NotifiedBy,
    OpeningsConsent,
    Position,
    Reapply,
    RejectionReason,
    RelayLink,
    RelayTotals,
    RequestEnd,
    Rescout,
    RescoutAnswer,
    RetentionBasis,
    Stay,
    StepKind,
    scopes,
)
from relay.network import credits, referrals
from relay.rights import erasure
from tests.cast import Cast, make_application, make_candidate, make_company, make_position
from tests.independent import kpis
from tests.independent.dumping import OF_NUMBERS, dump

BEGINNING = date(2025, 3, 20)
ACTS = 90
LONGEST_PAUSE = 9
"""Days between two acts, at most."""
CHANNELS = ("Indeed", "ｉｎｄｅｅｄ", "自社サイト", "社員紹介", "")
STAGES = ("", "書類選考", "一次面接", "カジュアル面談", "役員との最終", "内定承諾待ち", "適性検査")
TIMES = (time(0, 0), time(0, 30), time(8, 59), time(9, 0), time(14, 0), time(23, 30), time(23, 59, 59))
ENDS = [each for each in ApplicationResult if each is not ApplicationResult.OPEN]
MET = (IntroductionState.HELD, IntroductionState.HIRED, IntroductionState.NOT_HIRED)


@dataclass
class History:
    """A company, the time at which it is, and what was counted of the people it erased."""

    session: Session
    company: Company
    cast: Cast
    chance: Random
    today: date = BEGINNING
    erased: kpis.Counted = field(default_factory=lambda: {kind: Counter() for kind in kpis.KINDS})
    referred: int = 0
    spent: list[int] = field(default_factory=list)
    """The lines that spent a credit and may give it back."""

    @property
    def moment(self) -> datetime:
        """Some time of the day."""
        return datetime.combine(self.today, self.chance.choice(TIMES), clock.JAPAN)

    def live(self) -> None:
        """Do acts by chance, over a year and a half, and commit."""
        with clock.at(self.moment), scopes.company(self.session, self.company.id):
            for title in ("経理", "営業", "総務"):
                make_position(self.session, self.company, title)
            self.session.add(RelayTotals(taken_at=clock.now(), told=self.chance.randint(0, 90), viewed=0, completed=0))
        acts: list[Callable[[], None]] = [
            *(self.meet,) * 4,
            *(self.apply,) * 6,
            *(self.come_again,) * 4,
            *(self.turn_down,) * 8,
            *(self.bring,) * 7,
            *(self.step,) * 10,
            *(self.decide,) * 8,
            *(self.tell_result,) * 3,
            *(self.tell_stay,) * 4,
            *(self.write_again,) * 4,
            *(self.agree,) * 4,
            *(self.correct,) * 4,
            *(self.refer,) * 4,
            *(self.use_credit,) * 3,
            *(self.introduce,) * 2,
            *(self.pay,) * 4,
            self.look_back,
            self.erase,
        ]
        for _act in range(ACTS):
            self.pass_time()
            with clock.at(self.moment), scopes.company(self.session, self.company.id):
                self.chance.choice(acts)()
                self.session.flush()
        with clock.at(self.moment), scopes.company(self.session, self.company.id):
            for _hire in range(3):
                self.hire()
        self.session.commit()

    def pass_time(self) -> None:
        """Go on some days, often to the last or the first day of a month."""
        self.today += timedelta(days=self.chance.randint(0, LONGEST_PAUSE))
        if self.chance.random() < 0.25:
            first = (self.today.replace(day=1) + timedelta(days=32)).replace(day=1)
            self.today = first - timedelta(days=self.chance.randint(0, 1))

    def some_day(self, furthest: int = 60) -> date:
        """A day up to today."""
        return clock.today() - timedelta(days=self.chance.choice((0, 0, 1, self.chance.randint(0, furthest))))

    def people(self) -> list[int]:
        return list(self.session.scalars(select(Candidate.id).order_by(Candidate.id)))

    def person(self) -> Candidate:
        """One of the people, often the last, so that some come again and again."""
        ids = self.people()
        if not ids:
            return self.meet()
        return self.session.get_one(Candidate, self.chance.choice((*ids, *ids[-4:], *ids[-4:])))

    def position(self) -> Position:
        return self.chance.choice(self.session.scalars(select(Position).order_by(Position.id)).all())

    def application(self, *statuses: ApplicationResult) -> Application | None:
        """One of the applications with such a result, often one of the last."""
        wanted = select(Application).where(Application.status.in_(statuses)).order_by(Application.id)
        found = self.session.scalars(wanted).all()
        return self.chance.choice((*found, *found[-3:], *found[-3:])) if found else None

    def meet(self) -> Candidate:
        """Somebody comes to be known."""
        return make_candidate(
            self.session,
            self.company,
            basis=self.chance.choice(list(RetentionBasis)),
            reapply=self.chance.choice((None, *Reapply)),
            follow_up=self.chance.choice((None, *FollowUp)),
            contact_stopped_at=clock.now() if self.chance.random() < 0.1 else None,
        )

    def apply(self, person: Candidate | None = None) -> Application:
        """Somebody applies, for some position or none, on a day that is known or not."""
        return make_application(
            self.session,
            person or self.person(),
            self.chance.choice((None, self.position())),
            channel=self.chance.choice(CHANNELS),
            stage=self.chance.choice(STAGES),
            applied_on=self.chance.choice((None, *(self.some_day() for _each in range(4)))),
        )

    def come_again(self) -> None:
        """Somebody who was turned down or withdrew comes again."""
        before = self.application(ApplicationResult.REJECTED, ApplicationResult.REJECTED, ApplicationResult.WITHDREW)
        if before is None:
            return
        self.follow(before)

    def turn_down(self) -> None:
        """Somebody new is turned down, and one thing comes after it."""
        application = self.apply(self.meet())
        application.status, application.decided_on = ApplicationResult.REJECTED, self.some_day()
        self.session.flush()
        self.follow(application)

    def follow(self, before: Application) -> None:
        """The person of this application applies, is written to or registers, about the day of its result."""
        assert before.decided_on is not None
        person = self.session.get_one(Candidate, before.candidate_id)
        about = min(before.decided_on + timedelta(days=self.chance.choice((-1, 0, 0, 1, 40))), clock.today())
        with clock.at(datetime.combine(about, self.chance.choice(TIMES), clock.JAPAN)):
            how = self.chance.choice((self.apply, self.write_again, self.refer))
            if how is not self.apply:
                how(person)
                return
            again = self.apply(person)
            again.applied_on = about
            if self.chance.random() < 0.5:
                again.status = self.chance.choice((*ENDS, ApplicationResult.DUPLICATE, ApplicationResult.DUPLICATE))
                again.decided_on = about + timedelta(days=self.chance.choice((0, 0, 20)))

    def hire(self) -> None:
        """Somebody began about so many months ago, and what is said of them was about that day or about another."""
        months = self.chance.choice(stays.MARKS)
        begun = clock.today() - relativedelta(months=months) + timedelta(days=self.chance.randint(-1, 1))
        hire = self.apply()
        hire.status, hire.decided_on = ApplicationResult.HIRED, begun
        for _word in range(self.chance.randint(0, 2)):
            self.session.add(
                Stay(
                    candidate_id=hire.candidate_id,
                    application_id=hire.id,
                    hired_on=begun - timedelta(days=self.chance.choice((0, 0, 1))),
                    months=months,
                    there=self.chance.random() < 0.6,
                    at=clock.now(),
                )
            )
        self.session.flush()

    def bring(self) -> None:
        """A file brings an application with its result and steps, whatever their days."""
        application = self.apply()
        begun = self.chance.choice((application.applied_on or self.some_day(500), self.some_day(500)))
        application.status = self.chance.choice(
            [each for each in ApplicationResult if each is not ApplicationResult.OPEN]
        )
        application.decided_on = min(begun + timedelta(days=self.chance.choice((0, 1, 20, 45))), clock.today())
        if self.chance.random() < 0.5:
            application.applied_on = begun
        if application.status is ApplicationResult.REJECTED:
            application.reason = self.chance.choice((None, *RejectionReason))
        for _step in range(self.chance.randint(0, 3)):
            on = self.chance.choice((None, begun, begun + timedelta(days=self.chance.randint(-3, 30))))
            self.add_step(application, self.chance.choice(STAGES[1:]), on)

    def add_step(self, application: Application, name: str, on: date | None) -> None:
        moment = clock.now()
        self.session.add(
            ApplicationStep(
                candidate_id=application.candidate_id,
                application_id=application.id,
                place=self.chance.randint(1, 4),
                name=name,
                on=on,
                imported=True,
                created_at=moment,
                updated_at=moment,
            )
        )
        self.session.flush()

    def step(self) -> None:
        """A selection goes a step further, recorded by hand."""
        if (application := self.application(ApplicationResult.OPEN)) is not None:
            entry = ProgressEntry(
                Progress.STEP,
                self.day_after(application),
                step=self.chance.choice(list(StepKind)),
                own_word=self.chance.choice(("", "", "見学", self.chance.choice(STAGES))),
            )
            self.enter(application, entry)

    def decide(self) -> None:
        """A selection ends, or ends otherwise: withdrawn after a rejection, hired after a withdrawal."""
        what = self.chance.choice((Progress.REJECTED, Progress.REJECTED, Progress.WITHDREW, Progress.HIRED))
        application = self.application(*(status for status in progress.FROM[what]))
        if application is None or application.notified_at is not None:
            return
        on = self.day_after(application)
        if what is Progress.HIRED:
            on += timedelta(days=self.chance.choice((0, 0, 14, 60)))
        reason = self.chance.choice(list(RejectionReason)) if what is Progress.REJECTED else None
        self.enter(application, ProgressEntry(what, on, reason=reason))
        if what is Progress.REJECTED and self.chance.random() < 0.5:
            application.notified_at, application.notified_by = clock.now(), NotifiedBy.RELAY

    def day_after(self, application: Application) -> date:
        return max(self.some_day(), application.applied_on or date.min)

    def enter(self, application: Application, entry: ProgressEntry) -> None:
        seen = progress.version(self.session, application)
        progress.enter(self.session, application.id, entry, seen=seen, by_user_id=None)

    def tell_result(self) -> None:
        """Somebody is told, by Relay or elsewhere."""
        application = self.application(ApplicationResult.REJECTED)
        if application is not None and application.notified_at is None:
            application.notified_at = clock.now()
            application.notified_by = self.chance.choice((NotifiedBy.RELAY, NotifiedBy.RELAY, NotifiedBy.ELSEWHERE))

    def tell_stay(self) -> None:
        """HR says whether somebody is still there, and sometimes otherwise afterwards."""
        if (hire := self.application(ApplicationResult.HIRED)) is not None:
            for _word in range(self.chance.randint(1, 2)):
                with suppress(StayNotDue):
                    there = self.chance.random() < 0.6
                    months = self.chance.choice(stays.MARKS)
                    stays.tell(self.session, hire.id, months, there=there, by_user_id=None)

    def correct(self) -> None:
        """A day or a channel was wrong."""
        one_of = ((ApplicationResult.HIRED,), (ApplicationResult.REJECTED,), tuple(ApplicationResult))
        application = self.application(*self.chance.choice(one_of))
        if application is None:
            return
        if application.decided_on is not None and self.chance.random() < 0.7:
            application.decided_on += timedelta(days=self.chance.choice((-31, -1, 1, 31)))
        else:
            application.channel = self.chance.choice(CHANNELS)
        application.updated_at = clock.now()

    def write_again(self, person: Candidate | None = None) -> None:
        """Somebody is written to about a position, answers or not, and by a yes applies again."""
        person, position = person or self.person(), self.position()
        state = self.chance.choice((*(MessageState.SENT,) * 4, MessageState.BOUNCED, MessageState.SCHEDULED))
        mail = Message(
            company_id=self.company.id,
            letter="rescout",
            mail_class=MailClass.PROMO,
            candidate_id=person.id,
            to_address=person.email,
            state=state,
            due_at=clock.now(),
            message_id=f"{self.company.slug}-{self.chance.getrandbits(64)}",
            created_at=clock.now(),
            settled_at=None if state is MessageState.SCHEDULED else clock.now(),
        )
        self.session.add(mail)
        self.session.flush()
        answer = (
            self.chance.choice((None, RescoutAnswer.YES, RescoutAnswer.YES, *RescoutAnswer))
            if state is MessageState.SENT
            else None
        )
        application = self.apply(person) if answer is RescoutAnswer.YES else None
        if application is not None and self.chance.random() < 0.4:
            application.status, application.decided_on = ApplicationResult.HIRED, clock.today()
        self.session.add(
            Rescout(
                candidate_id=person.id,
                position_id=position.id,
                message_id=mail.id,
                application_id=application.id if application else None,
                answer=answer,
                answered_at=clock.now() if answer else None,
                created_at=clock.now(),
            )
        )

    def agree(self) -> None:
        """Somebody wants to hear of openings, or wanted to."""
        person = self.chance.choice((self.person, self.meet))()
        self.session.add(
            OpeningsConsent(
                candidate_id=person.id,
                basis_before=person.basis,
                given_at=clock.now(),
                ended_at=self.chance.choice((None, clock.now())),
                wording_version="1",
                wording="同意します。",
                wording_hash="0",
                locale="ja",
            )
        )

    def refer(self, known: Candidate | None = None) -> None:
        """Some register by their links, people of the company among them; or this one alone."""
        for _each in range(1 if known else self.chance.randint(1, 9)):
            person = known or (self.person() if self.chance.random() < 0.4 else None)
            link = RelayLink(
                candidate_id=person.id if person else None,
                state=LinkState.SENT,
                issued_at=clock.now(),
                sent_at=clock.now(),
                expires_at=clock.now(),
            )
            self.session.add(link)
            self.session.flush()
            self.referred += 1
            done = referrals.complete(self.session, link, [f"{self.company.slug}-{self.referred}"])
            assert done is not None
            if self.chance.random() < 0.2:
                referrals.void(self.session, self.company.id, done.id, "二重の登録")

    def use_credit(self) -> None:
        """A credit is set aside, and is given back, or used and then restored."""
        if self.spent and self.chance.random() < 0.4:
            credits.restore(self.session, self.company.id, self.spent.pop(), "面談が実現しなかった")
        elif credits.balance(self.session, self.company.id):
            held = credits.reserve(self.session, self.company.id, "経理の募集").id
            how = self.chance.random()
            if how < 0.3:
                credits.release(self.session, self.company.id, held, "期限")
            elif how < 0.9:
                self.spent.append(credits.spend(self.session, self.company.id, held, "面談").id)

    def introduce(self) -> None:
        """A partner introduced somebody: the interview was held, and led to a hire, or was not."""
        if not credits.balance(self.session, self.company.id):
            return
        state = self.chance.choice((*MET, IntroductionState.FAILED))
        partner_id, position, person = self.cast.tsumugi.id, self.position(), self.person()
        held = credits.reserve(self.session, self.company.id, "経理の募集").id
        again = self.chance.random() < 0.2
        used = credits.release if again else credits.spend
        line = used(self.session, self.company.id, held, "面談").id
        request = IntroductionRequest(
            partner_id=partner_id,
            position_id=position.id,
            title=position.title,
            posting=[],
            guarantee=next(iter(GuaranteeKind)),
            meets_with="採用担当者",
            minutes=30,
            form=MeetingForm.ONLINE,
            reservation_id=held,
            spent_id=None if again else line,
            reapplied=again,
            state=state,
            made_at=clock.now(),
            ended_at=clock.now(),
            end_reason=RequestEnd.PERSON_FAULT if state is IntroductionState.FAILED else None,
        )
        self.session.add(request)
        self.session.flush()
        link = IntroductionLink(
            partner_id=partner_id,
            request_id=request.id,
            token_hash=f"{self.chance.getrandbits(250):x}",
            licence_number="13-ユ-000001",
            legal_identity="1",
            made_at=clock.now(),
            made_by_user_id=self.cast.agnes.id,
            until=clock.today(),
        )
        self.session.add(link)
        self.session.flush()
        self.session.add(
            Introduction(
                partner_id=partner_id,
                request_id=request.id,
                link_id=link.id,
                candidate_id=person.id,
                accepted_at=clock.now(),
                wording_version="1",
                wording_hash="0",
                items=[],
            )
        )

    def pay(self) -> None:
        """A month's costs are typed, or corrected; or the fee of one hire."""
        hire = self.application(ApplicationResult.HIRED)
        month, yen = self.some_day(500), self.chance.choice((0, 1, 99_999, 1_234_567))
        if hire is not None and self.chance.random() < 0.5:
            months.hire_fee(self.session, self.company.id, hire.id, yen, month=month, by_user_id=None)
            return
        kind, channel = self.chance.choice(list(CostKind)), self.chance.choice(CHANNELS)
        months.set_cost(self.session, self.company.id, month, kind, channel, yen, by_user_id=None)

    def look_back(self) -> None:
        """The company says what the year before was, in part or as a whole."""
        known = Baseline(
            self.chance.choice((None, 0, 1_000_001, 1_000_001)),
            self.chance.choice((None, 2_000_000, 2_000_000)),
            self.chance.choice((None, 0, 1, 3, 7)),
        )
        baseline.keep(self.session, self.company.id, known, by_user_id=None)

    def erase(self) -> None:
        """Some people leave; what was theirs is counted before."""
        ids = self.people()
        leaving = set(self.chance.sample(ids, min(len(ids), self.chance.randint(1, 3))))
        self.session.flush()
        for case in kpis.Company(self.dump(), clock.today()).cases():
            if case.person in leaving and case.kind in kpis.LASTING:
                self.erased[case.kind][case.cell] += 1
        erasure.erase_candidates(self.session, self.company.id, leaving)

    def dump(self) -> dict[str, list[kpis.Row]]:
        """The tables of the company as they are."""
        return dump(self.session.connection(), self.company.id, OF_NUMBERS)


def live(session: Session, cast: Cast, seed: int) -> History:
    """A company with a history of its own."""
    history = History(session, make_company(session, f"history-{seed}"), cast, Random(seed))  # noqa: S311  (no secret)
    history.live()
    return history
