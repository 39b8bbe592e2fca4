"""From when on an own page shows what was chosen: after a forgotten number was replaced, only what came after (C-25).

Every list, figure, name and download of the page asks here.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, Profile, scopes


def visible_since(session: Session, profile_id: int) -> datetime:
    """Return the moment from which on consents are shown; the epoch when all of them are."""
    with scopes.profile(session, profile_id):
        return session.scalar(select(Profile.visible_since).where(Profile.id == profile_id)) or clock.EPOCH


def is_visible(since: datetime) -> ColumnElement[bool]:
    """Select the consents that were given since that moment."""
    return Consent.given_at >= since
