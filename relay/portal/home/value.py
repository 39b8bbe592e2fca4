"""The first line of what Relay brought: registered, credits, interviews, hires, each number leading to its page."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay.models import IntroductionRequest, IntroductionState
from relay.models.introductions import MET
from relay.models.prepared import read
from relay.network.credits import REFERRALS_PER_CREDIT, Meter

_COUNTED = (
    select(IntroductionRequest.state, func.count())
    .where(IntroductionRequest.state.in_(MET))
    .group_by(IntroductionRequest.state)
)


@dataclass(frozen=True)
class ValueStep:
    """One number of the line, with its unit in it, and the page it leads to."""

    label: str
    count: str
    url: str


def first_line(session: Session, meter: Meter) -> list[ValueStep]:
    """Return the four numbers in their order; nothing before anybody has registered. Asks in the company's scope."""
    if not meter.total:
        return []
    met, hired = met_and_hired(session)
    credits = (meter.to_next + meter.total) // REFERRALS_PER_CREDIT - 1
    page, requests = url_for("portal.credits"), url_for("portal.introductions")
    return [
        ValueStep(_("登録"), _("%(n)s名", n=f"{meter.total:,}"), f"{page}#progress-h"),
        ValueStep(_("紹介枠"), _("%(n)s件", n=f"{credits:,}"), f"{page}#ledger-h"),
        ValueStep(_("面談"), _("%(n)s件", n=f"{met:,}"), f"{requests}#requests-h"),
        ValueStep(_("採用"), _("%(n)s名", n=f"{hired:,}"), f"{requests}#requests-h"),
    ]


def met_and_hired(session: Session) -> tuple[int, int]:
    """Return how many interviews were held by introductions, and how many people were hired."""
    counts: dict[IntroductionState, int] = dict(read(session, _COUNTED))
    return sum(counts.values()), counts.get(IntroductionState.HIRED, 0)
