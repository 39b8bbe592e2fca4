"""Requests for a free introduction, for the pictures: one that waits, one whose link is out, one that was met."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.hiring import interviews, positions, slots
from relay.infra.keyed_hash import address_hash
from relay.introductions import links, requests
from relay.introductions.endings import MET
from relay.introductions.guarantees import Guarantee
from relay.mail import tokens
from relay.models import (
    EmploymentType,
    GuaranteeKind,
    InterviewInvitation,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    MeetingForm,
    SalaryPeriod,
    TokenPurpose,
    User,
    scopes,
)
from relay.text.times import TypedTime

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

    def made(stage: Any) -> tuple[int, int, str]:
        if not kept:
            kept.append(_two_requests(session(stage), hr, agent))
        return kept[0]

    def asked(stage: Any) -> Filled:
        waiting, out, _token = made(stage)
        return [("", {"asked_id": waiting}), ("out", {"asked_id": out})]

    def mailed(stage: Any) -> Filled:
        return [("", {"token": _mailed(session(stage), made(stage)[0], agent)})]

    def page(stage: Any) -> Filled:
        return [("", {"token": made(stage)[2]}), ("gone", {"token": "no-such-link"})]

    return {"landing.introduction": page, "token_link.asked_mail": mailed, "asked_id": asked}


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


def _mailed(session: Session, request_id: int, agent: str) -> str:
    company_id = select(IntroductionRequest.company_id).where(IntroductionRequest.id == request_id)
    return tokens.mint(
        session,
        TokenPurpose.INTRODUCTION_REQUEST,
        request_id,
        company_id=session.scalars(company_id).one(),
        address_hash=address_hash(agent),
    )
