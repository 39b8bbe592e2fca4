"""People who were told their result another way: asked once, then kept off the list and without a mail."""

from collections.abc import Sequence

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db
from relay.models import Application, RejectionReason
from relay.outreach import link_file, pending_results
from relay.portal import portal
from relay.portal.results.choosing import back_empty_handed, chosen_ids, read_reason
from relay.portal.ui.labels import words
from relay.web import done, page


@portal.post("/results/elsewhere")
@needs("results:tell")
def results_elsewhere() -> AnyResponse:
    """Record that people were told another way. Asks first: who, and why where it is still open."""
    chosen, draft = chosen_ids(), request.form.get("draft", "")
    people = pending_results.notifiable(db.session(), chosen)
    if not people:
        return back_empty_handed(chosen)
    reason, typed = read_reason(request.form.get("reason", "")), bool(request.form.get("confirmed"))
    missing = typed and reason is None and _some_open(people)
    if typed and not missing:
        return _record_elsewhere([person.application_id for person in people], reason, draft)
    return ask_elsewhere(people, draft=draft, dropped=len(set(chosen)) - len(people), missing=missing)


def ask_elsewhere(
    people: Sequence[pending_results.PendingRow], *, draft: str = "", dropped: int = 0, missing: bool = False
) -> Response:
    """Show who is to be recorded so, and ask why where it is still open; `draft` is the draft one came from."""
    return page(
        "portal/results/elsewhere.html",
        status=422 if missing else 200,
        people=people,
        needed=_some_open(people),
        missing=missing,
        dropped=dropped,
        back=_back(draft),
        draft=draft,
        **words(),
    )


def _record_elsewhere(application_ids: list[int], reason: RejectionReason | None, draft: str) -> AnyResponse:
    statement = select(Application).where(Application.id.in_(application_ids)).order_by(Application.id)
    applications = db.session.scalars(statement.with_for_update()).all()
    try:
        noted = link_file.note_notified_elsewhere(
            db.session(), member().company_id, applications, by_user_id=member().user_id, reason=reason
        )
    except DomainError as refused:
        db.session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=_back(draft))
    db.session.commit()
    flash(_("%(count)s名を「電話などで連絡済み」と記録しました。Relayから結果連絡は送りません。", count=len(noted)))
    return done(None, go_to=_back(draft))


def _some_open(people: Sequence[pending_results.PendingRow]) -> bool:
    return any(person.decided_on is None for person in people)


def _back(draft: str) -> str:
    """Return where one came from: the list, or the page of the draft."""
    return url_for("portal.result_draft", batch=draft) if draft else url_for("portal.results")
