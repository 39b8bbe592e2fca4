"""A year at the demo company, month by month, told with the product's own verbs under an earlier clock.

Reproducible: the same seed and day give the same people, choices and numbers.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import follow_ups, notes
from relay.demo import afterwards, contacting, introducing, positions, spending
from relay.demo.organisations import DemoOrganisations, create_organisations
from relay.demo.people import STAGES, Applicant, applicant
from relay.demo.postman import Postman
from relay.demo.relaying import answer_links, visit_as_partners
from relay.hiring import decisions
from relay.intake.planning.plan import Answers
from relay.intake.rows.reader import read_rows
from relay.intake.writing.applying import apply
from relay.mail import sending_hours
from relay.models import (
    Actor,
    Application,
    ApplicationResult,
    Candidate,
    FollowUp,
    Import,
    ImportState,
    RejectionReason,
    RetentionBasis,
    act_as,
    scopes,
)
from relay.network import renewals
from relay.network.granting import RENEWABLE
from relay.outreach import results, templates
from relay.rights import retention

MONTHS = 12
PER_MONTH = 21
RECENT_DAYS = 38
"""How many apply in the last month, in which the company looks for more."""
STILL_OPEN = 17
"""How many wait for their result on the demo's present day."""
DECIDED = 6
"""How many of these are rejected already and have not been told."""
WEEK = timedelta(days=7)

_INTRODUCTIONS = {5: introducing.hire_one, 3: introducing.call_one_off}
"""The months before the present in which a credit is spent."""

REMARKS = (
    "治具の改善を、ご自分の言葉で説明してくださったことが印象に残っています。",
    "ご質問の着眼点が鋭く、社内でも話題になりました。",
    "遠方からお越しくださり、ありがとうございました。",
)
MEMOS = (
    "二次面接の説明が具体的。来期の増員時に声をかけたい。",
    "経験年数は足りないが、学ぶ姿勢がよい。",
    "希望の勤務地が合えば、ぜひもう一度話したい。",
    "面接後のお礼のメールがていねいだった。",
)
RESULTS = ("",) * 15 + ("辞退",) * 3 + ("入社",) + ("不採用",) * 2 + ("重複",)
COLUMNS = (
    "応募ID", "氏名", "フリガナ", "メールアドレス", "電話番号", "応募日", "応募経路",
    "募集職種", "選考ステップ", "結果", "タグ", "メモ",
)  # fmt: skip
TAGS = ("再スカウト候補", "経験を積めば", "他職種向き", "")


@dataclass
class Story:
    """The state carried through the year."""

    session: Session
    chance: Random
    organisations: DemoOrganisations
    postman: Postman


def build(session: Session, *, password: str, seed: int = 2026) -> None:
    """Fill an installation with the demo. Commits as it goes, like the people it plays."""
    present = last_morning()
    with clock.at(present - timedelta(days=30 * MONTHS + 3)):
        organisations = create_organisations(session, password)
        session.commit()
    chance = Random(seed)  # noqa: S311  (a story, not a secret)
    story = Story(session, chance, organisations, Postman(session, chance))
    for month in range(MONTHS, 0, -1):
        begin = present - timedelta(days=30 * month)
        with clock.at(begin):
            _take_in(story, MONTHS - month)
        _introduce(story, month, begin)
        for week in range(4):
            monday = begin + timedelta(days=2) + week * WEEK
            _live_a_week(story, monday, keep=STILL_OPEN if month == 1 else 4)
    _contact_again(story, present)
    with clock.at(present - timedelta(hours=20)):
        retention.run(session)
        renewals.write_to(session, within=RENEWABLE + timedelta(days=2))  # else the worker would, at once
        session.commit()
        story.postman.drain()
        _decide_some(story)
        session.commit()
        afterwards.tell(session, story.organisations)
        spending.keep_costs(session, story.organisations)


def last_morning() -> datetime:
    """Return when it was last ten in Japan: the year is lived by day, for at night no result leaves."""
    ten = datetime.combine(clock.today(), time(10), tzinfo=clock.JAPAN)
    return ten if ten <= clock.now() else ten - timedelta(days=1)


def _take_in(story: Story, month: int) -> None:
    """Import the month's spreadsheet."""
    count = RECENT_DAYS if month == MONTHS - 1 else PER_MONTH
    people = [applicant(story.chance, month * PER_MONTH + place) for place in range(count)]
    reading = read_rows(_sheet(story, people), filename="応募者.csv", today=clock.today())
    basis = RetentionBasis.STATED if month % 4 == 3 else RetentionBasis.CONSENTED
    company = story.organisations.company
    with scopes.company(story.session, company.id):
        act_as(story.session, Actor("user", story.organisations.hr.id))
        row = Import(
            state=ImportState.PREVIEWED,
            format=reading.format,
            created_at=clock.now(),
            by_user_id=story.organisations.hr.id,
        )
        story.session.add(row)
        story.session.flush()
        apply(story.session, company.id, reading, Answers(basis), by_user_id=story.organisations.hr.id, import_row=row)
    story.session.commit()


def _sheet(story: Story, people: Sequence[Applicant]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for person in people:
        applied = clock.today() - timedelta(days=story.chance.randrange(2, 26))
        rows.writerow(
            (
                f"A{person.number:04d}", person.name, person.kana, person.email, person.phone, applied.isoformat(),
                person.channel, person.position, person.stage, story.chance.choice(RESULTS),
                story.chance.choice(TAGS), "、".join(person.skills),
            )
        )  # fmt: skip
    return text.getvalue().encode("utf-8-sig")


def _live_a_week(story: Story, monday: datetime, *, keep: int) -> None:
    """HR tells some of those who wait; a few days later some of them answer, and partners look in."""
    with clock.at(monday):
        _notify_results(story, keep)
        _tend_pool(story)
        story.session.commit()
    with clock.at(monday + timedelta(minutes=15)):
        story.postman.drain()
    for days in (1, 3):
        with clock.at(monday + timedelta(days=days, hours=story.chance.randrange(1, 9))):
            answer_links(story.session, story.chance, story.organisations)
            story.postman.drain()
    with clock.at(monday + timedelta(days=5)):
        visit_as_partners(story.session, story.chance, story.organisations)
        retention.run(story.session)
        story.session.commit()


def _notify_results(story: Story, keep: int) -> None:
    session, company, hr = story.session, story.organisations.company, story.organisations.hr
    with scopes.company(session, company.id):
        act_as(session, Actor("user", hr.id))
        waiting = session.execute(
            select(Application.id, Application.stage)
            .where(Application.status == ApplicationResult.OPEN)
            .order_by(Application.applied_on, Application.id)
        ).all()
        offered = templates.choices(session)
        notifications = []
        for application_id, stage in waiting[: max(0, len(waiting) - keep)][:9]:
            template = templates.fitting(offered, stage) or offered[0]
            late = stage in STAGES[2:]
            notifications.append(
                results.ResultNotification(
                    application_id=application_id,
                    reason=story.chance.choice(list(RejectionReason)),
                    template_id=template.id,
                    remark=story.chance.choice(REMARKS) if late and story.chance.random() < 0.5 else "",
                )
            )
        if notifications:
            results.notify(session, company, notifications, by_user_id=hr.id)


def _introduce(story: Story, month: int, begin: datetime) -> None:
    """Spend a credit in the month told so, from a working day on."""
    if (tell := _INTRODUCTIONS.get(month)) is not None:
        tell(story.session, story.organisations, story.postman, _working_day(begin))


def _working_day(moment: datetime) -> datetime:
    """Return the moment, or the same hour of the last working day before it."""
    while sending_hours.is_day_off(moment.date()):
        moment -= timedelta(days=1)
    return moment


def _contact_again(story: Story, present: datetime) -> None:
    """HR writes positions out, and about one of them to people who fit; some answer, some come for an interview."""
    begin = _working_day(present - timedelta(days=2))
    with clock.at(begin):
        _write_positions(story)
        contacting.write_to_the_fitting(story.session, story.organisations)
    introducing.leave_one_waiting(story.session, story.organisations, begin)
    with clock.at(begin + timedelta(minutes=15)):
        story.postman.drain()
    with clock.at(begin + timedelta(hours=3)):
        contacting.answer(story.session, story.organisations)
        contacting.invite_for_interviews(story.session, story.organisations)
    with clock.at(begin + timedelta(hours=4)):
        story.postman.drain()


def _write_positions(story: Story) -> None:
    """HR completes the positions that the files had named."""
    session, company = story.session, story.organisations.company
    with scopes.company(session, company.id):
        act_as(session, Actor("user", story.organisations.hr.id))
        positions.complete(session, company.name)


def _decide_some(story: Story) -> None:
    """HR has decided on those who wait longest, and has their results yet to tell."""
    session, hr = story.session, story.organisations.hr
    with scopes.company(session, story.organisations.company.id):
        act_as(session, Actor("user", hr.id))
        waiting = select(Application).where(Application.status == ApplicationResult.OPEN)
        longest = session.scalars(waiting.order_by(Application.applied_on, Application.id).limit(DECIDED)).all()
        reason = RejectionReason.COMPARISON
        decisions.reject_all(session, [(each, reason) for each in longest], by_user_id=hr.id)


def _tend_pool(story: Story) -> None:
    """Write a memo here, set a follow-up there."""
    session, company, hr = story.session, story.organisations.company, story.organisations.hr
    with scopes.company(session, company.id):
        newest = session.scalars(select(Candidate).order_by(Candidate.id.desc()).limit(30)).all()
        for candidate in story.chance.sample(list(newest), min(2, len(newest))):
            notes.add_note(session, candidate, story.chance.choice(MEMOS), by_user_id=hr.id)
            follow_ups.set_follow_up(session, candidate, story.chance.choice(list(FollowUp)))
