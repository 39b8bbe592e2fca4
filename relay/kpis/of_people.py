"""Cases of the talent pool: who is in it, who would come back, and whom the company wrote to once more."""

from sqlalchemy import exists, func, or_, select

from relay.kpis.cases import Cases, columns
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    CaseKind,
    FollowUp,
    Message,
    MessageState,
    OpeningsConsent,
    Reapply,
    Rescout,
    RetentionBasis,
)
from relay.models.days import japan_day

IN_POOL = (RetentionBasis.STATED, RetentionBasis.CONSENTED)
_POOLED = select(*columns(Candidate.id, japan_day(Candidate.created_at), candidate_id=Candidate.id)).where(
    Candidate.basis.in_(IN_POOL)
)
_wants_openings = exists().where(
    OpeningsConsent.company_id == Candidate.company_id,
    OpeningsConsent.candidate_id == Candidate.id,
    OpeningsConsent.ended_at.is_(None),
)
_is_here = exists().where(
    Application.company_id == Candidate.company_id,
    Application.candidate_id == Candidate.id,
    Application.status.in_((ApplicationResult.OPEN, ApplicationResult.HIRED)),
)
_OPEN_TO_RETURN = _POOLED.where(
    or_(
        Candidate.reapply.in_((Reapply.YES, Reapply.MAYBE)),
        Candidate.follow_up == FollowUp.REAPPLY,
        _wants_openings,
    ),
    func.coalesce(Candidate.reapply, "") != Reapply.NO,
    Candidate.contact_stopped_at.is_(None),
    ~_is_here,
)
_CONTACTED = (
    select(
        *columns(
            Rescout.id,
            japan_day(Message.settled_at),
            candidate_id=Rescout.candidate_id,
            application_id=Rescout.application_id,
            key=func.coalesce(Rescout.answer, ""),
            number=Rescout.position_id,
        )
    )
    .join(Message, Message.id == Rescout.message_id)
    .where(Message.state == MessageState.SENT)
)

CASES = (
    Cases(CaseKind.POOLED, _POOLED),
    Cases(CaseKind.OPEN_TO_RETURN, _OPEN_TO_RETURN),
    Cases(CaseKind.CONTACTED, _CONTACTED, kept=True),
)
