"""次回の消去: who leaves next, why and when; and asking them first whether they want to be kept on (A-25).

The letter goes by itself to people who agreed to be kept. Here it is sent earlier, and to those who were merely
informed: each mail is on the page before it is sent (C-2).
"""

from datetime import date
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member, signed_in
from relay.access.permissions import needs
from relay.extensions import db
from relay.identity.roles import may
from relay.mail import compose
from relay.models import RetentionBasis
from relay.portal import portal
from relay.portal.ui.labels import long_day, words
from relay.rights import record_ends, request_register, retention
from relay.rights.record_ends import MAX_RECIPIENTS, WRITTEN, EndingRecord, LetterStanding, NobodyToWriteTo
from relay.rights.retention import Leaving
from relay.text import whole_number
from relay.web import done, page


@portal.get("/pool/leaving")
@needs("pool:read")
def leaving() -> AnyResponse:
    """Show who leaves within the coming days because their date comes, and how far the letter to each is."""
    session, here = db.session(), "portal.leaving"
    run = retention.next_run(session, after=request.args.get("after", ""), before=request.args.get("before", ""))
    standings = record_ends.standings(session, member().company_id, [each.candidate_id for each in run.page.rows])
    return page(
        "portal/pool/leaving.html",
        run=run,
        letters={each.candidate_id: _standing(each, standings[each.candidate_id]) for each in run.page.rows},
        possible=[id_ for id_, each in standings.items() if each is LetterStanding.POSSIBLE] if _may_write() else [],
        held=retention.held_people(session) if run.page.at_top else (),
        asked=request_register.asked_about(session) if run.page.at_top else (),
        may_answer=may(member().role, "requests:write"),
        days_before=WRITTEN.days,
        most=MAX_RECIPIENTS,
        most_counted=retention.COUNT_CAP,
        sooner_url=url_for(here, before=run.page.previous) if run.page.previous else "",
        later_url=url_for(here, after=run.page.next) if run.page.next else "",
        **words(),
    )


@portal.get("/pool/leaving/letters")
@needs("results:tell")
def leaving_letters() -> AnyResponse:
    """Show each mail as it would leave, to the people ticked, or to all to whom one can go."""
    chosen = _numbers(request.args.getlist("id")) if "id" in request.args else None
    found = record_ends.recipients(db.session(), member().company_id, chosen) if _may_write() else []
    if not found:
        return _nobody()
    return _read(found)


@portal.post("/pool/leaving/letters")
@needs("results:tell")
def leaving_letters_send() -> AnyResponse:
    """Queue the letters whose mails were on the page; sent twice, the second finds nobody."""
    chosen = _numbers(request.form.getlist("id"))
    try:
        told = record_ends.send(db.session(), member().company_id, chosen, by_user_id=member().user_id)
    except NobodyToWriteTo:
        return _nobody()
    db.session.commit()
    flash(_("%(count)s名に、保管を続けるかどうかをうかがうメールを送ります。", count=told.count))
    if left_out := len(set(chosen)) - told.count:
        flash(_("%(count)s名には、すでに送ったか、いまは送れないため、送りません。", count=left_out), "warning")
    return done(None, go_to=url_for("portal.leaving"))


def _read(found: list[EndingRecord]) -> Response:
    session, company_id = db.session(), member().company_id
    mails = compose.previews(session, record_ends.drafts(session, company_id, found))
    return page("portal/pool/leaving_letters.html", people=list(zip(found, mails, strict=True)), **words())


def _nobody() -> AnyResponse:
    flash(str(NobodyToWriteTo.message), "warning")
    return done(None, go_to=url_for("portal.leaving"))


def _may_write() -> bool:
    """Return whether this member may send, in earnest: while a company practises nobody is written to."""
    return may(member().role, "results:tell") and not signed_in().practising


def _standing(person: Leaving, standing: LetterStanding) -> str:
    """Return how far the letter is, and when it goes by itself."""
    if standing is LetterStanding.POSSIBLE and person.basis is RetentionBasis.CONSENTED:
        day: date = person.last_day - WRITTEN
        if day > clock.today():
            return _("%(day)sに自動で送ります", day=long_day(day))
        return _("まもなく自動で送ります")
    known: dict[LetterStanding, Any] = {
        LetterStanding.POSSIBLE: _("送れます（自動では送りません）"),
        LetterStanding.WAITS: _("送信を待っています"),
        LetterStanding.SENT: _("送りました"),
        LetterStanding.IMPOSSIBLE: _("送りません"),
    }
    return str(known[standing])


def _numbers(typed: list[str]) -> list[int]:
    return [number for number in map(whole_number, typed[:MAX_RECIPIENTS]) if number is not None]
