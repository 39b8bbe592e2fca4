"""Settings: the guides to other services, filled in with the company's own values."""

from typing import NamedTuple

from flask import Response, abort, request, url_for

from relay.access.context import member
from relay.access.permissions import needs
from relay.extensions import db, settings
from relay.identity import companies
from relay.portal import portal
from relay.portal.settings import guide_script
from relay.portal.settings.guide_words import API, COMPANY, GUIDES, HOME, ZAPIER, GuideStep
from relay.text import Sentence
from relay.web import page


class ShownStep(NamedTuple):
    """A step with its values as they are here."""

    does: Sentence
    link: tuple[Sentence, str] | None
    values: list[tuple[Sentence, str]]
    program: str


@portal.get("/settings/connections/guides")
@needs("settings:write")
def settings_guides() -> Response:
    """Show what to do for the service that is asked for, step by step; without one, for the first."""
    guide = GUIDES.get(request.args.get("service", ZAPIER.key)) or abort(404)
    home = settings().base_url
    api_url = f"{home}{url_for('api.own_key').rpartition('/')[0]}"
    filled = {API: api_url, HOME: home, COMPANY: companies.by_id(db.session(), member().company_id).slug}
    steps = [_shown(step, filled) for step in guide.steps]
    return page("portal/settings/guides.html", guides=GUIDES.values(), guide=guide, steps=steps)


def _shown(step: GuideStep, filled: dict[str, str]) -> ShownStep:
    return ShownStep(
        step.does,
        (step.goes_to.label, url_for(step.goes_to.endpoint, **step.goes_to.values)) if step.goes_to else None,
        [(each.label, _filled(str(each.value), filled)) for each in step.values],
        guide_script.program(filled[API]) if step.has_program else "",
    )


def _filled(value: str, filled: dict[str, str]) -> str:
    for place, known in filled.items():
        value = value.replace(place, known)
    return value
