"""The link of a position to pass on (リファラル): made, copied and closed on its page, with what came by it."""

from typing import NamedTuple

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from relay.access.getters import position_or_404
from relay.access.permissions import needs
from relay.errors import DomainError
from relay.extensions import db, settings
from relay.hiring import passing_on
from relay.models import Position
from relay.portal import portal
from relay.portal.ui.company import own_company
from relay.text import Sentence
from relay.web import done


class LinkToPassOn(NamedTuple):
    """The link of a position as its page shows it."""

    url: str
    """'' while there is none."""
    shown: bool
    """Whether it shows the position now."""
    lacking: list[Sentence]
    """What keeps it from being made, or from showing the position."""
    waits: bool
    """Whether the company has not begun to send to candidates, which settles the address."""
    came: int
    """Applications by it, counted up to `most` + 1."""
    most: int


def link_of(position: Position) -> LinkToPassOn:
    """Return the link of the position, under the configured base URL (C-21)."""
    session, code = db.session(), position.link_code
    path = url_for("landing.position_page", slug=own_company().slug, link=code) if code else ""
    return LinkToPassOn(
        f"{settings().base_url}{path}" if path else "",
        passing_on.shown(session, position),
        passing_on.lacking(session, position),
        not passing_on.is_settled(session, position),
        passing_on.came_by_it(session, position.id),
        passing_on.COUNT_CAP,
    )


@portal.post("/positions/<int:position_id>/link")
@needs("positions:write")
def position_link(position_id: int) -> AnyResponse:
    """Make the link; sent twice, the second changes nothing."""
    position, session = position_or_404(position_id), db.session()
    session.refresh(position, with_for_update=True)
    try:
        new = passing_on.open_link(session, position)
    except DomainError as refused:
        session.rollback()
        flash(str(refused), "warning")
        return _back(position_id)
    session.commit()
    flash(_("求人のリンクを作成しました") if new else _("求人のリンクは、すでに作成されています"))
    return _back(position_id)


@portal.post("/positions/<int:position_id>/link/end")
@needs("positions:write")
def position_link_close(position_id: int) -> AnyResponse:
    """Close the link for good."""
    position, session = position_or_404(position_id), db.session()
    closed = passing_on.close_link(session, position)
    session.commit()
    flash(_("求人のリンクを閉じました") if closed else _("求人のリンクは、すでに閉じられています"))
    return _back(position_id)


def _back(position_id: int) -> AnyResponse:
    return done(None, go_to=url_for("portal.position", position_id=position_id, _anchor="link-h"))
