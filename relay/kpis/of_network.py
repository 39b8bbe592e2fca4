"""Cases of what the relay brought: completed referrals, credits, and the interviews and hires that credits led to."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from relay.kpis.cases import Cases, columns
from relay.models import (
    CaseKind,
    CreditEntry,
    CreditKind,
    Introduction,
    IntroductionRequest,
    IntroductionState,
    Referral,
)
from relay.models.days import japan_day
from relay.models.introductions import MET

_answer = aliased(CreditEntry)


def _entries(kind: CreditKind, taken_back: CreditKind) -> Select[*tuple[Any, ...]]:
    """Select the lines of a kind that no later line takes back."""
    undone = select(_answer.id).where(
        _answer.company_id == CreditEntry.company_id,
        _answer.reverses_id == CreditEntry.id,
        _answer.kind == taken_back,
    )
    shown = columns(CreditEntry.id, japan_day(CreditEntry.at))
    return select(*shown).where(CreditEntry.kind == kind, ~undone.exists())


def _introductions(*states: IntroductionState) -> Select[*tuple[Any, ...]]:
    shown = columns(
        Introduction.id,
        japan_day(IntroductionRequest.ended_at),
        candidate_id=Introduction.candidate_id,
        application_id=Introduction.application_id,
        number=IntroductionRequest.position_id,
    )
    joined = select(*shown).join(IntroductionRequest, IntroductionRequest.id == Introduction.request_id)
    return joined.where(IntroductionRequest.state.in_(states))


_REFERRED = select(
    *columns(Referral.id, japan_day(Referral.completed_at), candidate_id=Referral.candidate_id, key=Referral.source)
).where(Referral.voided_at.is_(None))

CASES = (
    Cases(CaseKind.REFERRED, _REFERRED),
    Cases(CaseKind.CREDIT_EARNED, _entries(CreditKind.EARNED, CreditKind.VOIDED)),
    Cases(CaseKind.CREDIT_USED, _entries(CreditKind.SPENT, CreditKind.RESTORED)),
    Cases(CaseKind.INTRODUCED, _introductions(*MET)),
    Cases(CaseKind.INTRODUCED_HIRED, _introductions(IntroductionState.HIRED)),
)
