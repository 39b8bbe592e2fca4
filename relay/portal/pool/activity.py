"""The activity (一括操作の履歴): one's own and colleagues' acts on many people, and taking them back."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from relay.access.context import member
from relay.access.permissions import needs
from relay.bulk import activity as activity_page
from relay.bulk.undo import ChangedSince
from relay.errors import DomainError
from relay.extensions import db
from relay.identity import refused_acts
from relay.identity.roles import may
from relay.models import ActionKind, JournalEntry
from relay.portal import portal
from relay.portal.pool.activity_labels import said
from relay.portal.ui.labels import moment
from relay.portal.ui.navigation import tab
from relay.web import announced, done, page, reload, wants_fragment


@portal.get("/pool/activity")
@needs("pool:read")
@tab(5, _l("一括操作の履歴"))
def activity() -> AnyResponse:
    """Show what was done, newest first."""
    session, company_id = db.session(), member().company_id
    found, names = activity_page.listed(session, company_id, after=request.args.get("before", ""))
    return page(
        "portal/pool/activity.html",
        "portal/pool/_activity.html",
        items=[(item, said(item.entry, names)) for item in found.rows],
        waiting=any(item.running or item.going_back for item in found.rows),
        own_id=member().user_id,
        moment=moment,
        here=request.full_path.rstrip("?"),
        older_url=url_for("portal.activity", before=found.next) if found.next else "",
        newest_url="" if found.at_top else url_for("portal.activity"),
        refused=refused_acts.listed(session, company_id) if may(member().role, "settings:read") else [],
    )


@portal.post("/pool/activity/<int:entry_id>/undo")
@needs("pool:write")
def activity_undo(entry_id: int) -> AnyResponse:
    """Take one act back; an import also without the people who changed since."""
    entry = db.session.scalars(select(JournalEntry).where(JournalEntry.id == entry_id)).one_or_none()
    if entry is None:
        raise NotFound
    return _take_back(entry, leave_changed=request.form.get("leave") == "changed")


@portal.post("/pool/activity/undo-last")
@needs("pool:write")
def activity_undo_last() -> AnyResponse:
    """Take back the newest act of one's own."""
    try:
        entry = activity_page.last_of(db.session(), member().user_id)
    except DomainError as refused:
        flash(str(refused), "warning")
        return done(None, go_to=url_for("portal.activity"))
    return _take_back(entry)


def _take_back(entry: JournalEntry, *, leave_changed: bool = False) -> AnyResponse:
    session, person = db.session(), member()
    try:
        whole = activity_page.take_back(
            session, person.company_id, entry, by_user_id=person.user_id, leave_changed=leave_changed
        )
    except ChangedSince as refused:
        session.rollback()
        if entry.action is ActionKind.IMPORTED:  # the list names them, with the choice to leave them as they are
            activity_page.note_refusal(session, entry.id, refused)
            session.commit()
        flash(str(refused), "warning")
        return done(None, go_to=url_for("portal.activity"))
    except DomainError as refused:
        session.rollback()
        flash(str(refused), "warning")
        return done(None, go_to=url_for("portal.activity"))
    session.commit()
    if not whole:
        told = _(
            "人数が多いため、順に元に戻しています。終わるとここに表示されます。"
            "それまでに記録の変わった方は、いまの記録のまま残ります。"
        )
        flash(told)
        return done(None, go_to=url_for("portal.activity"))
    told = _("元に戻しました")
    if wants_fragment() and entry.action is ActionKind.RESULT_RECORDED:  # half of a record speaks of it
        return reload(told)
    if wants_fragment():
        return announced(page("portal/pool/_undone.html", told=told), "people-changed")
    flash(told)
    return redirect(url_for("portal.activity"), 303)
