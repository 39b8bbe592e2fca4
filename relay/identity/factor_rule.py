"""The rule of who needs a second factor, and from when (E-5), for pages, the command line and `relay doctor`.

An organisation is asked once there are people to protect: a partner from its first login, a company while it keeps
candidates or sends real mail. The person who brings the first candidate is asked before.
"""

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from relay.config import Settings
from relay.errors import DomainError
from relay.models import Candidate, Company, Partner, scopes


class OnlyInDevelopment(DomainError):
    """Raise where an organisation would be excused from the second factor outside development."""

    code = "only-in-development"
    message = _l("「--no-second-factor」は、「RELAY_ENV=development」のときだけ使えます。何も登録していません。")


def is_required(organisation: Company | Partner) -> bool:
    """Return whether the organisation's people need a second factor: always, but in development it may be excused."""
    return is_in_force(organisation.second_factor_required)


def is_in_force(second_factor_required: bool) -> bool:
    """Return the same for what is stored of an organisation."""
    settings: Settings = current_app.config["RELAY"]
    return second_factor_required or not settings.development


def is_due(session: Session, organisation: Company | Partner) -> bool:
    """Return whether a login without one is asked for it before anything else."""
    company_id = organisation.id if isinstance(organisation, Company) else None
    return is_required(organisation) and protects(session, company_id)


def protects(session: Session, company_id: int | None) -> bool:
    """Return whether a company has people to protect; a partner, which is no company, always has."""
    if company_id is None:
        return True
    with scopes.company(session, company_id):
        return bool(session.scalar(select(protects_somebody()).where(Company.id == company_id)))


def protects_somebody() -> ColumnElement[bool]:
    """Return the condition that a row's company has people to protect; true without one (a partner's row)."""
    keeps = exists().where(Candidate.company_id == Company.id)
    return or_(Company.id.is_(None), Company.live_since.is_not(None), keeps)


def excuse(organisation: Company | Partner) -> None:
    """Leave the second factor to each person, for demos and trials. Raises OnlyInDevelopment elsewhere."""
    settings: Settings = current_app.config["RELAY"]
    if not settings.development:
        raise OnlyInDevelopment
    organisation.second_factor_required = False
