"""How far a partner is with a person (対応): its own mark, which touches no consent, no share and no profile.

A caller finds the person by `sharing.hold`. Every change is kept with its author; one is undone by choosing another.
With the last share all of it ends (`relay.network.partner_people`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Partner, PartnerKind, PartnerPerson, User, WorkChange, WorkState, scopes
from relay.models.partner_records import CONTACT
from relay.models.prepared import Prepared

MAX_SHOWN = 20
"""So many of the last changes the pages show."""
_ENDS = (WorkState.JOINED, WorkState.CLOSED, WorkState.COMPLETED)


class WorkStateUnknown(DomainError):
    """Raise for a state that this kind of partner does not work with, or none at all."""

    code = "work-state-unknown"
    message = _l("対応を選んでください。まだ変更していません。")


class WorkStateChanged(DomainError):
    """Raise where a colleague has changed the state since the page was opened; `stored` is what they chose."""

    code = "work-state-changed"
    message = _l("この方の対応は、ほかの画面から先に変更されました。まだ変更していません。")

    def __init__(self, stored: WorkState) -> None:
        self.stored = stored
        super().__init__()


@dataclass(frozen=True)
class ChangeLine:
    """One change as the pages show it."""

    was: WorkState
    became: WorkState
    at: datetime
    author: str


@dataclass(frozen=True)
class Work:
    """How far the partner is with a person, what may be chosen, and the last changes, the newest first."""

    state: WorkState
    choices: Sequence[WorkState]
    changes: Sequence[ChangeLine]

    @property
    def contact(self) -> WorkState:
        """Return the state of which the person is told."""
        return next(each for each in self.choices if each in CONTACT)

    @property
    def next(self) -> WorkState | None:
        """Return the state that ordinarily follows; none behind a last one."""
        here = self.choices.index(self.state)
        return None if self.state in _ENDS else self.choices[here + 1]


def of_person(session: Session, partner_id: int, profile_id: int) -> Work:
    """Return how far the partner is with the person."""
    with scopes.partner(session, partner_id):
        [(kind, state)] = _KIND_AND_STATE.all(session, profile_id=profile_id)
        changes = _CHANGES.all(session, profile_id=profile_id)
    return Work(state, WorkState.of(kind), changes)


_KIND_AND_STATE = Prepared(
    select(Partner.kind, PartnerPerson.work_state)
    .join(Partner, Partner.id == PartnerPerson.partner_id)
    .where(PartnerPerson.profile_id == bindparam("profile_id")),
    lambda kind, state: (PartnerKind(kind), WorkState(state)),
)
_CHANGES = Prepared(
    select(WorkChange.was, WorkChange.became, WorkChange.at, func.coalesce(User.name, ""))
    .outerjoin(User, User.id == WorkChange.by_user_id)
    .where(WorkChange.profile_id == bindparam("profile_id"), WorkChange.ended_at.is_(None))
    .order_by(WorkChange.id.desc())
    .limit(MAX_SHOWN),
    ChangeLine,
)


def choose(
    session: Session, partner_id: int, profile_id: int, state: str, *, seen: str, by_user_id: int
) -> WorkState | None:
    """Set how far the partner is, and keep the change; None where it is so already (a form that was sent twice).

    Raises WorkStateUnknown, and WorkStateChanged unless the state is as it was `seen`.
    """
    with scopes.partner(session, partner_id):
        kind = session.scalars(select(Partner.kind).where(Partner.id == partner_id)).one()
        stored = session.scalars(_state(profile_id)).one()
        chosen = next((each for each in WorkState.of(kind) if each.value == state), None)
        if chosen is None:
            raise WorkStateUnknown
        if chosen is stored:
            return None
        if stored.value != seen:
            raise WorkStateChanged(stored)
        session.execute(update(PartnerPerson).where(PartnerPerson.profile_id == profile_id).values(work_state=chosen))
        session.add(
            WorkChange(
                partner_id=partner_id,
                profile_id=profile_id,
                was=stored,
                became=chosen,
                by_user_id=by_user_id,
                at=clock.now(),
            )
        )
    return chosen


def _state(profile_id: int) -> Select[WorkState]:
    return select(PartnerPerson.work_state).where(PartnerPerson.profile_id == profile_id)
