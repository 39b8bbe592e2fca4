"""Personal links for results that HR sends itself: a file for a mail merge, or one to copy.

Links are shown once, in the answer that made them; the database keeps their hashes.
"""

from collections.abc import Iterator, Sequence

from flask import Response, request, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay import clock
from relay.access.context import member
from relay.access.permissions import needs
from relay.access.proof import fresh
from relay.extensions import db
from relay.network import company_links, handed_links
from relay.outreach import link_file
from relay.outreach.link_file import LinkRow
from relay.outreach.results import MAX_RECIPIENTS
from relay.portal import portal
from relay.portal.results.choosing import back_empty_handed, chosen_ids
from relay.portal.ui.labels import words
from relay.text.spreadsheet import csv_utf8
from relay.web import done, page


@portal.post("/results/links")
@needs("results:tell")
def results_links_chosen() -> AnyResponse:
    """Lead from the people ticked in the list to the page about them."""
    chosen = chosen_ids()
    return done(None, go_to=url_for("portal.results_links", id=chosen)) if chosen else back_empty_handed(chosen)


@portal.get("/results/links")
@needs("results:tell")
def results_links() -> AnyResponse:
    """Show whom the file is for, who gets no link and why; nothing is made yet."""
    return _page(request.args.getlist("id", type=int)[:MAX_RECIPIENTS])


@portal.post("/results/links/one")
@needs("results:tell")
def results_link() -> AnyResponse:
    """Make the link of one person and show it."""
    chosen = chosen_ids()[:1]
    rows = link_file.make(db.session(), member().company_id, chosen)
    db.session.commit()
    return _page(chosen, made=rows[0] if rows else None)


@portal.post("/results/links/file")
@needs("results:tell")
@fresh
def results_links_file() -> AnyResponse:
    """Make the links and send the file (CSV, UTF-8): a row for each person, with the cause where there is no link."""
    chosen = chosen_ids()
    rows = link_file.make(db.session(), member().company_id, chosen)
    if not any(row.url for row in rows):
        return _page(chosen)
    db.session.commit()
    response = Response(b"".join(csv_utf8(_table(rows))), mimetype="text/csv")
    name = f"relay-links-{clock.now().astimezone(clock.JAPAN):%Y%m%d-%H%M}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _table(rows: Sequence[LinkRow]) -> Iterator[Sequence[str]]:
    yield _("氏名"), _("メールアドレス"), _("求人"), _("リンク"), _("リンクの有効期限"), _("リンクがない理由")
    for row in rows:
        yield (
            row.person.name,
            row.person.email,
            row.person.position or "",
            row.url,
            _("%(when)sまで。使われないと、開けなくなります。", when=format_datetime(row.until, "yyyy/MM/dd HH:mm"))
            if row.until
            else "",
            str(row.refusal.sentence) if row.refusal else "",
        )


def _page(chosen: list[int], *, made: LinkRow | None = None) -> AnyResponse:
    session, company_id = db.session(), member().company_id
    choices = link_file.choices(session, company_id, chosen)
    if not choices:
        return back_empty_handed(chosen)
    return page(
        "portal/results/links.html",
        choices=choices,
        linked=sum(not each.refusal for each in choices),
        dropped=len(set(chosen)) - len(choices),
        open=company_links.is_open(session, company_id),
        days=handed_links.LIFETIME.days,
        made=made,
        **words(),
    )
