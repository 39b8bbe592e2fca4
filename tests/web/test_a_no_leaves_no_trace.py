"""What a company sees of somebody who said no, who only looked, and who did nothing: the same bytes (A-45).

Two worlds that differ in nothing else: same moment, same ids. Every page of the portal is compared, and the export.
Whoever says no has looked before, and the no itself changes no row: so a look alone leaves what a no leaves.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import contact
from relay.extensions import Base, db
from relay.indexing import search_rows
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import Candidate, ContactChannel, MailClass, scopes
from relay.network import links
from relay.record.timeline import TimelineSection
from tests.cast import Cast, browse, make_cast
from tests.conftest import ON_ONE, empty
from tests.db.network.build import mailed_link
from tests.web.landing.phone import EMAIL, Phone, mail_link

MOMENT = datetime(2026, 11, 10, 3, 0, tzinfo=clock.JAPAN)
LATER = timedelta(days=61)
CHANGING = re.compile(r'name="csrf_token"[^>]*>|<meta name="csrf-token"[^>]*>|"X-CSRFToken": ?"[^"]*"|data-idle="\d+"')
"""What two pages differ in that were drawn a second apart."""

ActionKind = Callable[[Phone, str], object]


def do_nothing(_phone: Phone, _path: str) -> None:
    """Let the mail lie."""


def say_no(phone: Phone, path: str) -> None:
    """Open the page and press the button, which is no request; an old page would still send one."""
    phone.get(path)
    phone.post(path, {"decline": "1"})


def stop_too(recorder: ActionKind) -> ActionKind:
    """Ask for no more mails afterwards, from the page behind the link."""

    def both(phone: Phone, path: str) -> None:
        recorder(phone, path)
        phone.post(f"{path}/stop")

    return both


def test_no_a_visit_and_silence_look_alike_to_the_company(app: Flask) -> None:
    _look_alike(_seen_by_the_company(app, do_nothing), _seen_by_the_company(app, say_no))


@ON_ONE
def test_so_they_do_where_the_mails_are_stopped_afterwards(app: Flask) -> None:
    """The same pages again, so on one database."""
    _look_alike(_seen_by_the_company(app, stop_too(do_nothing)), _seen_by_the_company(app, stop_too(say_no)))


def test_the_no_of_the_page_is_no_request(phone: Phone, session: Session, cast: Cast) -> None:
    """So nothing stores it, no log has a line of it, and it works without a script."""
    _link, path = mail_link(session, cast.acme)
    page = phone.get(path).text
    no = re.search(r"<details\b.*?</details>", page[page.index('<details class="decline"') :], re.DOTALL)
    assert no is not None and "今回は登録しない" in no[0]
    assert not re.search(r"<(button|input|a|form)\b|hx-|href", no[0])
    before = _everything(session)
    assert phone.post(path, {"decline": "1"}).status_code == 422
    assert _everything(session) == before


def test_a_stop_age_and_a_note_of_hr_are_one_word(app: Flask, session: Session, cast: Cast) -> None:
    """Whoever gets no offer is named with one sentence, and it cannot be told which cause it was."""
    with clock.at(MOMENT):
        stopped, young, noted, free = (_told(session, cast, f"{who}@mail.example") for who in ("a", "b", "c", "d"))
    ada = browse(app, cast.ada)
    with scopes.company(session, cast.acme.id):
        optouts.opt_out(session, cast.acme.id, address_hash(stopped.email), MailClass.RELAY, "page")
        young.birth_date = date(2011, 11, 11)
        contact.stop(session, noted, ContactChannel.PHONE)
    session.commit()
    ids = [each.id for each in (stopped, young, noted, free)]
    causes = links.refusals(session, cast.acme.id, ids)
    assert {causes[each] for each in ids[:3]} == {links.LinkRefusal.NOT_FOR_THEM}
    assert ids[3] not in causes
    assert str(causes[ids[0]].sentence) == "案内は入りません。"
    by_link, by_age = (_alike(ada.get(f"/pool/{each.id}").text, each) for each in (stopped, young))
    assert by_link == by_age
    assert "案内は入りません。" in by_age
    assert "案内は入りません。" in ada.get(f"/pool/{noted.id}").text
    assert "案内は入りません。" not in ada.get(f"/pool/{free.id}").text


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


@pytest.fixture
def phone(app: Flask) -> Phone:
    return Phone(app)


def _look_alike(silence: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert len(silence) > 60
    assert other.keys() == silence.keys()
    assert [path for path in silence if silence[path] != other[path]] == []


def _seen_by_the_company(app: Flask, recorder: ActionKind) -> dict[str, bytes]:
    """Every page of Acme's after the act, at once and 61 days later."""
    empty(db.engine)
    db.session.remove()
    session = db.session()
    with clock.at(MOMENT):
        cast = make_cast(session)
        candidate = _told(session, cast, EMAIL)
        with scopes.company(session, cast.acme.id):
            path = f"/r/{links.mint(session, links.of_application(session, cast.acme.id, 1), None)}"  # type: ignore[arg-type]
        session.commit()
        recorder(Phone(app), path)
        seen = _pages(app, cast, candidate.id, "now")
    with clock.at(MOMENT + LATER):
        seen |= _pages(app, cast, candidate.id, "61 days later")
    return seen


def _pages(app: Flask, cast: Cast, candidate_id: int, when: str) -> dict[str, bytes]:
    adam = browse(app, cast.adam)
    seen = {path: _plain(adam, path) for path in _paths(app, candidate_id)}
    export = adam.post("/pool/export", data={"purpose": "report", "format": "csv"})
    assert export.status_code == 200
    return {f"{when} {path}": page for path, page in (seen | {"export": export.data}).items()}


def _paths(app: Flask, candidate_id: int) -> Iterator[str]:
    """Every page of the portal that needs nothing but a candidate, the record in each of its sections, the list."""
    for rule in app.url_map.iter_rules():
        alone = rule.endpoint.startswith("portal.") and rule.arguments <= {"candidate_id"}
        if alone and "GET" in (rule.methods or set()):
            yield re.sub(r"<(\w+:)?candidate_id>", str(candidate_id), rule.rule)
    yield from (f"/pool/{candidate_id}?show={section.value}" for section in TimelineSection)
    yield "/pool?q=花子"


def _plain(browser: FlaskClient, path: str) -> bytes:
    answer = browser.get(path)
    assert answer.status_code in {200, 204, 302, 303, 404, 422}, (path, answer.status_code)
    return CHANGING.sub("", answer.text).encode() if answer.mimetype == "text/html" else answer.data


def _told(session: Session, cast: Cast, email: str) -> Candidate:
    link = mailed_link(session, cast.acme, email)
    with scopes.company(session, cast.acme.id):
        search_rows.index(session, [link.candidate_id or 0])
        candidate = session.scalars(select(Candidate).where(Candidate.id == link.candidate_id)).one()
    session.commit()
    return candidate


def _alike(page: str, who: Candidate) -> str:
    """The record without what names this one person."""
    page = re.sub(r'/(pool|messages|applications)/\d+|-\d+\b|value="\d+"|id=\d+', "", CHANGING.sub("", page))
    page = re.sub(r'<section[^>]*"says-h".*?</section>\s*', "", page, flags=re.DOTALL)  # what HR typed: the birth date
    return " ".join(page.replace(who.email, "").split())


def _everything(session: Session) -> dict[str, list[str]]:
    session.rollback()
    tables = [each for each in Base.metadata.sorted_tables if each.name != "rate_counts"]
    return {each.name: sorted(map(repr, session.connection().execute(select(each)))) for each in tables}
