"""The steps of a company's beginning: their order, what is done, and the way from one to the next.

What is done is read from what is there, so a step done elsewhere counts, and every step can be left for later.
"""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.access.context import member
from relay.extensions import db
from relay.identity import installation
from relay.insight.costs import baseline
from relay.mail import servers
from relay.models import Candidate, Company, Invitation, InvitationKind, Partnership
from relay.models.prepared import read
from relay.outreach import readiness
from relay.portal.ui.company import own_company
from relay.trust import privacy

WORDS: dict[str, LazyString] = {
    "company": _l("会社の情報"),
    "results": _l("結果連絡の方法"),
    "privacy": _l("個人情報の取扱い"),
    "sending": _l("メールの送信"),
    "operator": _l("運営者の届出"),
    "import": _l("候補者の取り込み"),
    "partner": _l("提携先の招待"),
    "baseline": _l("始める前の1年（任意）"),
    "done": _l("次にすること"),
}
"""The steps in their order, as the pages call them."""
LAST = "done"
"""The page at the end, which asks nothing."""
OPTIONAL = "baseline"
"""The step that nothing waits for."""


@dataclass(frozen=True)
class SetupStep:
    """One step as the list of steps shows it."""

    key: str
    label: LazyString
    url: str
    done: bool


def steps(session: Session, company: Company) -> list[SetupStep]:
    """Return the steps of this company; the operator's only where it answers for the installation."""
    done = _what_is_done(session, company)
    return [SetupStep(key, WORDS[key], address(key), done[key]) for key in WORDS if key in done]


def open_steps(session: Session, company: Company) -> list[SetupStep]:
    """Return the settings still to make, in their order; the last page and what is optional are none of them."""
    return [step for step in steps(session, company) if not step.done and step.key not in (LAST, OPTIONAL)]


def address(key: str) -> str:
    """Return where a step is."""
    return url_for(f"portal.setup_{key}")


def next_address(current: str) -> str:
    """Return where the step after this one is."""
    keys = [key for key in WORDS if key != "operator" or own_company().runs_installation]
    return address(keys[keys.index(current) + 1])


def frame(current: str) -> dict[str, Any]:
    """Return what every page of a step carries: the row of steps, the way back and on, where forms return to."""
    all_steps = steps(db.session(), own_company())
    keys = [step.key for step in all_steps]
    place = keys.index(current)
    return {
        "step": all_steps[place],
        "number": place + 1,
        "count": len(all_steps),
        "rail": [
            {"label": step.label, "state": "now" if step.key == current else "done" if step.done else "todo"}
            for step in all_steps
        ],
        "back": all_steps[place - 1].url if place else url_for("portal.setup"),
        "later": all_steps[place + 1].url if place + 1 < len(all_steps) else "",
        "setup_next": address(current),
    }


def asks_factor(session: Session, company: Company) -> bool:
    """Return whether this person will be asked for a second factor before people are brought in, and has none yet."""
    return readiness.needs_second_factor(session, company, member().user_id)


def sent_from(key: str) -> bool:
    """Return whether a form that the settings share with this step was sent from the step, which then answers it."""
    return request.form.get("next") == address(key)


def after(default: str) -> str:
    """Return where a form of the settings leads once it is done: back to the step it was shown in, or to `default`."""
    target = request.form.get("next", "")
    return target if target in {address(key) for key in WORDS} else default


def _what_is_done(session: Session, company: Company) -> dict[str, bool]:
    found = {
        "company": all((company.address, company.representative, company.contact, company.reply_to)),
        "results": company.results_from is not None,
        "privacy": privacy.is_published(session, company.id),
        "sending": company.mail_tested_at is not None and _logins_have_a_way(session, company),
        "operator": installation.is_answered(session),
        "import": bool(read(session, _ANYBODY)),
        "partner": _partner_asked(session),
        "baseline": baseline.get(session, company.id).is_known,
        "done": company.live_since is not None,
    }
    if not company.runs_installation:
        del found["operator"]
    return found


def _logins_have_a_way(session: Session, company: Company) -> bool:
    """Return whether letters about logins can leave; asked of the company that runs the installation alone."""
    return not company.runs_installation or servers.is_possible(session, None)


def _partner_asked(session: Session) -> bool:
    return any(read(session, wanted) for wanted in (_PARTNERSHIP, _INVITATION))


_ANYBODY = select(Candidate.id).limit(1)
_PARTNERSHIP = select(Partnership.id).where(Partnership.ended_at.is_(None)).limit(1)
_INVITATION = (
    select(Invitation.id)
    .where(Invitation.kind == InvitationKind.PARTNER, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    .limit(1)
)
