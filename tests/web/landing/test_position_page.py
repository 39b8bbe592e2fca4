"""A position under its link to pass on: the whole posting and how one applies, for anybody; else honestly gone."""

from html import unescape

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from relay.hiring import passing_on, positions, posting
from relay.models import Position, PositionState, scopes
from relay.models.base import Table
from tests.cast import Cast, browse
from tests.db.hiring.test_passing_on import WAY, WHOLE
from tests.web.landing.phone import Phone, words


@pytest.fixture
def position(session: Session, cast: Cast) -> Position:
    with scopes.company(session, cast.acme.id):
        made = positions.create(session, WHOLE)
        passing_on.open_link(session, made)
    session.commit()
    return made


def path(cast: Cast, position: Position) -> str:
    return f"/careers/{cast.acme.slug}/positions/{position.link_code}"


def test_the_page_says_everything_a_posting_must_and_how_one_applies(
    phone: Phone, cast: Cast, position: Position
) -> None:
    page = phone.get(path(cast, position))
    said = words(page)
    assert page.headers["X-Robots-Tag"] == "noindex" and '<meta name="robots" content="noindex' in page.text
    for item in posting.ITEMS:
        if item.is_written:
            assert str(item.label) in said
    for part in ("法人営業", "製造業のお客さまへの提案", "長野県岡谷市", "年収400万円〜600万円", "正社員", "2名"):
        assert part in said
    for part in (cast.acme.name, cast.acme.address, cast.acme.contact):
        assert part in said
    assert f'href="{WAY}" rel="noopener noreferrer"' in page.text
    assert "<form" not in page.text


def test_a_mail_address_is_a_link_that_writes_to_it(
    phone: Phone, session: Session, cast: Cast, position: Position
) -> None:
    with scopes.company(session, cast.acme.id):
        positions.change(session, position, {"apply_at": "saiyo+jobs@acme.example"})
    session.commit()
    page = unescape(phone.get(path(cast, position)).text)
    assert "saiyo+jobs@acme.example</a>" in page
    assert 'href="mailto:saiyo%2Bjobs%40acme.example"' in page


@pytest.mark.parametrize("why", ["paused", "closed", "link closed", "item missing", "unknown"])
def test_a_position_that_is_not_hired_for_by_the_link_is_gone(
    phone: Phone, session: Session, cast: Cast, position: Position, why: str
) -> None:
    address = path(cast, position)
    with scopes.company(session, cast.acme.id):
        if why in ("paused", "closed"):
            positions.set_state(session, position, PositionState(why))
        elif why == "link closed":
            passing_on.close_link(session, position)
        elif why == "item missing":
            positions.change(session, position, {"holidays": ""})
    session.commit()
    gone = phone.get(address if why != "unknown" else f"/careers/{cast.acme.slug}/positions/guessed")
    assert gone.status_code == 410
    assert "この求人は、いまは募集していません" in words(gone) and cast.acme.contact in words(gone)
    assert position.title not in words(gone)


def test_another_company_s_name_opens_nothing(phone: Phone, cast: Cast, position: Position) -> None:
    assert phone.get(path(cast, position).replace(cast.acme.slug, cast.other.slug)).status_code == 410
    assert phone.get(path(cast, position).replace(cast.acme.slug, "nobody")).status_code == 404


def test_a_visit_leaves_nothing_behind(app: Flask, session: Session, cast: Cast, position: Position) -> None:
    ada = browse(app, cast.ada)
    page = f"/positions/{position.id}"
    before, seen = _rows(session), words(ada.get(page))
    Phone(app).get(path(cast, position), headers={"User-Agent": "Phone of Hana"})
    assert _rows(session) == before
    assert words(ada.get(page)) == seen


def _rows(session: Session) -> dict[str, int]:
    session.rollback()
    counts = {
        each.name: session.execute(text(f"SELECT count(*) FROM {each.name}")).scalar_one()
        for each in Table.metadata.sorted_tables
    }
    return {name: n for name, n in counts.items() if name not in ("user_sessions", "rate_counts")}
