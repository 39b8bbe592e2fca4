"""Requests for a free introduction, for the pictures: one that waits, one whose link is out, one that was met."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interviews, positions, progress, slots
from relay.hiring.interviews import CalledOffBy
from relay.hiring.progress import Progress, ProgressEntry
from relay.infra.keyed_hash import address_hash
from relay.introductions import endings, links, promises, requests
from relay.introductions.endings import MET, Fault
from relay.introductions.guarantees import Guarantee
from relay.mail import tokens
from relay.models import (
    Application,
    Company,
    DeclineReason,
    EmploymentType,
    GuaranteeKind,
    InterviewInvitation,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    MeetingForm,
    Partner,
    Partnership,
    RejectionReason,
    SalaryPeriod,
    TokenPurpose,
    User,
    scopes,
)
from relay.text.times import TypedTime
from tests.db.introductions import build
from tests.db.introductions.build import Desk

PEOPLE = (
    ("岡 千夏", "オカ チナツ"),
    ("茅野 透", "チノ トオル"),
    ("辰野 綾", "タツノ アヤ"),
    ("箕輪 学", "ミノワ マナブ"),
    ("宮田 環", "ミヤタ タマキ"),
    ("飯島 蓮", "イイジマ レン"),
)
Filled = list[tuple[str, dict[str, Any]]]
GUARANTEE = Guarantee(GuaranteeKind.CASUAL, "採用担当者と配属先の課長", 30, MeetingForm.ONLINE)
POSTING = {
    "title": "生産管理（紹介枠）",
    "description": "日々の生産計画を立て、現場と資材の手配を調整します。",
    "duties_change": "会社の定める業務",
    "contract_period": "期間の定めなし",
    "renewal": "なし",
    "trial_period": "3か月（条件の変更なし）",
    "place": "長野県岡谷市",
    "workplace_change": "変更なし",
    "working_hours": "8:30〜17:15",
    "breaks": "12:00〜13:00の60分",
    "holidays": "土日・祝日、年末年始",
    "overtime": "あり（月平均15時間）",
    "salary_per": SalaryPeriod.YEAR,
    "salary_from": 3_800_000,
    "salary_to": 5_200_000,
    "fixed_overtime": "なし",
    "insurance": "健康保険、厚生年金、労災保険、雇用保険",
    "recruiter": "株式会社ひなた精工",
    "employment": EmploymentType.REGULAR,
    "smoking": "屋内禁煙（屋外に喫煙場所あり）",
}


def fillers(hr: str, agent: str, session: Callable[[Any], Session]) -> dict[str, Callable[[Any], Filled]]:
    """Return what fills the routes about requests, of the company of `hr` and the agency of `agent`."""

    kept: list[tuple[int, int, str]] = []
    states: list[dict[str, int]] = []

    def of_states(stage: Any) -> dict[str, int]:
        if not states:
            waiting, out, _token = made(stage)
            states.append({"": waiting, "out": out, **_of_every_end(session(stage), hr, agent)})
        return states[0]

    def made(stage: Any) -> tuple[int, int, str]:
        if not kept:
            kept.append(_two_requests(session(stage), hr, agent))
        return kept[0]

    def asked(stage: Any) -> Filled:
        return [(name, {"asked_id": each}) for name, each in of_states(stage).items()]

    def requested(stage: Any) -> Filled:
        return [(name, {"introduction_request_id": each}) for name, each in of_states(stage).items()]

    def mailed(stage: Any) -> Filled:
        return [("", {"token": _mailed(session(stage), made(stage)[0], agent)})]

    def page(stage: Any) -> Filled:
        return [("", {"token": made(stage)[2]}), ("gone", {"token": "no-such-link"})]

    return {
        "landing.introduction": page,
        "token_link.asked_mail": mailed,
        "asked_id": asked,
        "introduction_request_id": requested,
    }


def met(session: Session) -> Filled:
    """Give the page of the demo's interview that was held, which asks whether it was as promised."""
    theirs = select(Introduction, InterviewInvitation)
    theirs = theirs.join(InterviewInvitation, InterviewInvitation.id == Introduction.invitation_id)
    theirs = theirs.join(IntroductionRequest, IntroductionRequest.id == Introduction.request_id)
    introduction, invitation = session.execute(theirs.where(IntroductionRequest.state.in_(MET)).limit(1)).one()
    with scopes.company(session, introduction.company_id):
        return [("met", {"token": interviews.way_in(session, invitation)})]


def _two_requests(session: Session, hr: str, agent: str) -> tuple[int, int, str]:
    """Take the demo's request that waits, else make one, and one whose link is out; gives their ids and the token."""
    asking = session.scalars(select(User).where(User.email == hr)).one()
    asked = session.scalars(select(User).where(User.email == agent)).one()
    company_id, partner_id = scopes.required(asking.company_id), scopes.required(asked.partner_id)
    with scopes.company(session, company_id):
        position = positions.create(session, POSTING)
        times = [TypedTime(clock.today() + timedelta(days=day), time(hour)) for day in (4, 6) for hour in (10, 15)]
        slots.offer(session, company_id, position.id, times, minutes=30, place="本社3階", by_user_id=asking.id)
        waits = IntroductionRequest.state == IntroductionState.OPEN
        known = session.scalars(
            select(IntroductionRequest.id).where(IntroductionRequest.partner_id == partner_id, waits).limit(1)
        ).one_or_none()
        made = [
            requests.request(session, company_id, position.id, partner_id, GUARANTEE, by_user_id=asking.id).id
            for _each in range(1 if known else 2)
        ]
        token = links.make_link(session, company_id, made[-1], partner_id=partner_id, by_user_id=asked.id)
    return known or made[0], made[-1], token


def _of_every_end(session: Session, hr: str, agent: str) -> dict[str, int]:
    """Make a request of each state that is no turn of partner or person; gives their ids by what is to be seen."""
    desk, ago = _desk(session, hr, agent), clock.now() - timedelta(days=12)
    with clock.at(ago):
        build.offer(session, desk.position)
        lapsed = desk.ask()
        met = {
            what: _accepted(desk, place, what) for place, what in enumerate(("held", "not-hired", "broken", "hired"))
        }
    company_id = desk.company.id
    endings.lapse(session, company_id, lapsed.id)
    for what in ("held", "not-hired", "hired"):
        endings.interview_held(session, company_id, met[what].id)
    endings.interview_failed(session, company_id, met["broken"].id, by=Fault.COMPANY)
    promises.asked_of_candidate(session, company_id, met["broken"].id, kept=False)
    for what, result in (("not-hired", Progress.REJECTED), ("hired", Progress.HIRED)):
        _decide(desk, met[what], result)
    build.offer(session, desk.position)
    met["failed"] = _accepted(desk, 4, "failed")
    with scopes.company(session, company_id):
        theirs = select(Introduction.invitation_id).where(Introduction.request_id == met["failed"].id)
        interviews.call_off(session, scopes.required(session.scalar(theirs)), CalledOffBy.PERSON)
    endings.interview_failed(session, company_id, met["failed"].id, by=Fault.PERSON)
    met["accepted"], declined, cancelled = _accepted(desk, 5, "accepted"), desk.ask(), desk.ask()
    endings.cancel(session, company_id, cancelled.id)
    said = {"reason": DeclineReason.CONDITIONS, "advice": "年収の幅を広げると、ご紹介しやすくなります。"}
    endings.decline(session, company_id, declined.id, partner_id=desk.partner.id, **said)
    session.commit()
    found = met | {"lapsed": lapsed, "cancelled": cancelled, "declined": declined}
    return {what: each.id for what, each in found.items()}


def _desk(session: Session, hr: str, agent: str) -> Desk:
    """The demo's desk, with credits enough and a position of its own."""
    asking, asked = (session.scalars(select(User).where(User.email == each)).one() for each in (hr, agent))
    company = session.get_one(Company, scopes.required(asking.company_id))
    partner = session.get_one(Partner, scopes.required(asked.partner_id))
    build.earn(session, company, 8)
    with scopes.company(session, company.id):
        theirs = Partnership.partner_id == partner.id
        session.execute(update(Partnership).where(theirs).values(free_introductions_per_year=20))
        position = positions.create(session, POSTING | {"title": "設備保全（紹介枠）"})
    return Desk(session, company, partner, position, asking.id, asked.id)


def _decide(desk: Desk, made: IntroductionRequest, result: Progress) -> None:
    with scopes.company(desk.session, desk.company.id):
        theirs = select(Application).join(Introduction, Introduction.application_id == Application.id)
        application = desk.session.scalars(theirs.where(Introduction.request_id == made.id)).one()
        reason = RejectionReason.COMPARISON if result is Progress.REJECTED else None
        entry, seen = ProgressEntry(result, clock.today(), reason=reason), progress.version(desk.session, application)
        progress.enter(desk.session, application.id, entry, seen=seen, by_user_id=desk.user_id)
    endings.follow_result(desk.session, desk.company.id, made.id)


def _accepted(desk: Desk, place: int, what: str) -> IntroductionRequest:
    made = desk.ask()
    name, kana = PEOPLE[place]
    desk.yes(desk.link(made), name=name, kana=kana, email=f"{what}@mail.example", phone=f"090-0000-800{place}")
    return made


def _mailed(session: Session, request_id: int, agent: str) -> str:
    company_id = select(IntroductionRequest.company_id).where(IntroductionRequest.id == request_id)
    return tokens.mint(
        session,
        TokenPurpose.INTRODUCTION_REQUEST,
        request_id,
        company_id=session.scalars(company_id).one(),
        address_hash=address_hash(agent),
    )
