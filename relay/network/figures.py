"""The company's relay in totals: the only place where visits are counted (0.3, C-15)."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.models import RelayLink, scopes
from relay.network import ledger


@dataclass(frozen=True)
class Funnel:
    """How many were told of the relay, saw the page, registered, and count as completed referrals."""

    told: int
    shown: int
    registered: int
    completed: int


def funnel(session: Session, company_id: int) -> Funnel:
    """Totals since the beginning; people erased since stay counted."""
    with scopes.company(session, company_id):
        told, shown, registered = session.execute(
            select(
                func.count(RelayLink.sent_at),
                func.count(RelayLink.visited_at),
                func.count(RelayLink.registered_at),
            )
        ).one()
        return Funnel(told, shown, registered, ledger.valid_referrals(session))
