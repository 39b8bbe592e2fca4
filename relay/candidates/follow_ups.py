"""The purpose HR intends with a rejected candidate (今後の対応). Never a gate for the relay link (0.3)."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import rule_checks
from relay.models import Candidate, EventTag, FollowUp, event_data, record, record_each
from relay.models.journal import Recorder

CHUNK_SIZE = 500


def set_follow_up(session: Session, candidate: Candidate, follow_up: FollowUp | None) -> bool:
    """Note what the person is kept for, or that it is open again; returns whether that changed anything."""
    if candidate.follow_up is follow_up:
        return False
    candidate.follow_up, candidate.updated_at = follow_up, clock.now()
    record(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data=event_data.CandidateChanged(follow_up=follow_up.value if follow_up else ""),
    )
    rule_checks.enqueue(session, candidate.company_id, [candidate.id])
    return True


def set_follow_ups(
    session: Session,
    candidate_ids: Iterable[int],
    follow_up: FollowUp | None,
    recorder: Recorder,
    *,
    only_open: bool = False,
) -> list[int]:
    """`set_follow_up` for many, kept by `recorder`; returns those for whom it changed something.

    `only_open`: leave everybody alone for whom something is noted already.
    """
    wanted = list(dict.fromkeys(candidate_ids))
    changed: list[int] = []
    other = Candidate.follow_up.is_(None) if only_open else Candidate.follow_up.is_distinct_from(follow_up)
    for start in range(0, len(wanted), CHUNK_SIZE):
        part = select(Candidate.id, Candidate.company_id).where(
            Candidate.id.in_(wanted[start : start + CHUNK_SIZE]), other
        )
        found = session.execute(part).all()
        ids = [row.id for row in found]
        if not ids:
            continue
        recorder.will_change(Candidate, ids)
        put = update(Candidate).where(Candidate.id.in_(ids)).values(follow_up=follow_up, updated_at=clock.now())
        session.execute(put, execution_options={"synchronize_session": False})
        data = event_data.CandidateChanged(follow_up=follow_up.value if follow_up else "")
        record_each(session, EventTag.CANDIDATE_CHANGED, company_id=found[0].company_id, people=ids, data=data)
        rule_checks.enqueue(session, found[0].company_id, ids)
        changed += ids
    session.expire_all()
    return changed
