"""What HR keeps a rejected candidate for (出口). Never a gate for the relay link (0.3)."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, EventTag, Exit, record, record_each
from relay.models.journal import Recorder
from relay.pool.rules import checks

AT_ONCE = 500


def set_exit(session: Session, candidate: Candidate, exit_: Exit | None) -> bool:
    """Note what the person is kept for, or that it is open again; returns whether that changed anything."""
    if candidate.exit is exit_:
        return False
    candidate.exit, candidate.updated_at = exit_, clock.now()
    record(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data={"exit": exit_.value if exit_ else ""},
    )
    checks.note(session, candidate.company_id, [candidate.id])
    return True


def set_exits(
    session: Session, candidate_ids: Iterable[int], exit_: Exit | None, act: Recorder, *, only_open: bool = False
) -> list[int]:
    """`set_exit` for many, kept by `act`; returns those for whom it changed something.

    `only_open`: leave everybody alone for whom something is noted already.
    """
    wanted = list(dict.fromkeys(candidate_ids))
    changed: list[int] = []
    other = Candidate.exit.is_(None) if only_open else Candidate.exit.is_distinct_from(exit_)
    for start in range(0, len(wanted), AT_ONCE):
        part = select(Candidate.id, Candidate.company_id).where(
            Candidate.id.in_(wanted[start : start + AT_ONCE]), other
        )
        found = session.execute(part).all()
        ids = [row.id for row in found]
        if not ids:
            continue
        act.will_change(Candidate, ids)
        put = update(Candidate).where(Candidate.id.in_(ids)).values(exit=exit_, updated_at=clock.now())
        session.execute(put, execution_options={"synchronize_session": False})
        data = {"exit": exit_.value if exit_ else ""}
        record_each(session, EventTag.CANDIDATE_CHANGED, company_id=found[0].company_id, people=ids, data=data)
        checks.note(session, found[0].company_id, ids)
        changed += ids
    session.expire_all()
    return changed
