"""People of the pool who fit an open position (/positions/<id>/fits), with one line why and one what to check first."""

from flask import Response

from relay.access.context import member
from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.candidates.age import MINIMUM_AGE
from relay.extensions import db
from relay.identity.roles import may
from relay.insight import alerts, fits
from relay.insight.scoring import WITH_RECORD
from relay.insight.thresholds import Watched
from relay.portal import portal
from relay.text.occupations import CREDIT
from relay.web import page


@portal.get("/positions/<int:position_id>/fits")
@needs("pool:read")
def position_fits(position_id: int) -> Response:
    """Show the first twenty, best first; of one that is not open nobody."""
    position = position_or_404(position_id)
    found = fits.of_position(db.session(), member().company_id, position)
    return page(
        "portal/positions/fits.html",
        position=position,
        found=found,
        points=found.by.points if found else {},
        learned=found.by.lines(with_record=found.since is not None) if found else [],
        with_record=WITH_RECORD,
        shown=fits.SHOWN,
        minimum_age=MINIMUM_AGE,
        credit=CREDIT,
        may_follow=may(member().role, "alerts:use"),
        alert_id=alerts.alert_of(db.session(), member().user_id, Watched(position=position)),
        may_set=may(member().role, "settings:write"),
        may_tell=may(member().role, "results:tell"),
    )
