"""Erasing one record before its day: who may, what the page says to everybody alike, and that nothing is left."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import facts
from relay.cli import main
from relay.cli.backup import command as backup
from relay.hiring import progress
from relay.hiring.progress import Progress, ProgressEntry
from relay.mail.mailbox import Mailbox
from relay.models import (
    Candidate,
    Event,
    EventTag,
    JournalImage,
    LinkState,
    Message,
    MessageState,
    Profile,
    RelayLink,
    SavedSearch,
    SourceRecord,
    UserSession,
    scopes,
)
from relay.outreach import drafts, templates
from relay.rights.requests import BACKUP_DAYS, GOES, ErasureReason, declaring, erase_on_request
from relay.search import saved
from relay.search.candidate_search import Query
from relay.trust import provisions
from tests.cast import Cast, browse, make_application
from tests.conftest import ON_ONE
from tests.db.intake.bringing import bring, herp, on_the_disk, received
from tests.db.network.build import mailed_link
from tests.db.rights.journeys import MAIL, NAME, Life, known, registered
from tests.db.rights.test_erasure import found_in_tables

SURE = {"reason": "asked", "sure": "y"}

TOKENS = re.compile(r'data-idle="\d+"|name="csrf_token"[^>]*>|<meta name="csrf-token"[^>]*>|"X-CSRFToken": ?"[^"]*"')
"""Names the second in which a page was made."""


@pytest.fixture
def adam(app: Flask, cast: Cast) -> FlaskClient:
    """The administrator's browser."""
    return browse(app, cast.adam)


@pytest.fixture
def life(session: Session, cast: Cast, app: Flask) -> Iterator[Life]:
    """Somebody with traces everywhere, also where HR works: a draft, a result by hand, a correction, a saved search."""
    box = Mailbox.of(app.config["RELAY"])
    made = known(session, cast.acme, box)
    with scopes.company(session, cast.acme.id):
        templates.install_defaults(session, cast.acme.id)
        saved.save(session, f"{NAME}さん", Query(q=MAIL), user_id=cast.ada.id, shared=True)
        again = make_application(session, made.candidate)
        drafts.start(session, cast.acme, [again.id], by_user_id=cast.ada.id)
        entry = ProgressEntry(Progress.WITHDREW, clock.today())
        seen = progress.version(session, again)
        progress.enter(session, again.id, entry, seen=seen, by_user_id=cast.ada.id)
        facts.change(session, made.candidate, facts.of(made.candidate))
        session.commit()
    yield made
    for path in box.folder.glob("*.eml"):
        path.unlink()


def address(candidate: Candidate) -> str:
    return f"/pool/{candidate.id}/erasure"


def test_erased_in_the_browser_the_person_is_in_no_table_and_no_file(
    session: Session, cast: Cast, app: Flask, adam: FlaskClient, life: Life
) -> None:
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(JournalImage.id)).all(), "the act could be taken back"
    record = f"/pool/{life.candidate.id}"
    answer = adam.post(address(life.candidate), data=SURE | {"day": f"{clock.today():%m/%d}"})
    assert (answer.status_code, answer.location) == (303, "/pool")
    assert found_in_tables(session) == set()
    assert on_the_disk() == set()
    assert not list(Mailbox.of(app.config["RELAY"]).newest_first())
    assert adam.get(record).status_code == 404
    with scopes.company(session, cast.acme.id):
        assert not session.scalars(select(SavedSearch.id)).all()


def test_who_has_no_address_is_erased_as_well(session: Session, cast: Cast, adam: FlaskClient) -> None:
    row = {"応募ID": "X7", "名前": NAME, "電話番号": "080-7788-1199", "メモ": f"{NAME}さんは簿記2級"}
    bring(session, cast.acme, herp(row))
    received(session, cast.acme, herp(row))
    with scopes.company(session, cast.acme.id):
        candidate = session.scalars(select(Candidate)).one()
    assert candidate.email == ""
    assert adam.post(address(candidate), data=SURE).status_code == 303
    assert found_in_tables(session) == set()
    assert on_the_disk() == set()


def test_the_log_keeps_why_and_since_when_and_nothing_of_the_person(
    session: Session, cast: Cast, adam: FlaskClient, life: Life
) -> None:
    number = life.candidate.id
    adam.post(address(life.candidate), data={"reason": "mistaken", "sure": "y", "day": "2026/11/1"})
    event = session.scalars(select(Event).where(Event.tag == EventTag.CANDIDATE_ERASED.value)).one()
    about = {"cause": "request", "reason": "mistaken", "asked_on": "2026-11-01"}
    assert event.data == {"candidate_ids": [number]} | about
    assert (event.actor_kind, event.actor_id) == ("user", cast.adam.id)


def test_a_mail_that_waits_does_not_leave(session: Session, cast: Cast, adam: FlaskClient, life: Life) -> None:
    adam.post(address(life.candidate), data=SURE)
    with scopes.company(session, cast.acme.id):
        states = set(session.scalars(select(Message.state)))
    assert states == {MessageState.CANCELLED}


def test_what_the_person_registered_goes_on_and_the_provision_is_on_record(
    session: Session, cast: Cast, adam: FlaskClient, life: Life
) -> None:
    registered(session, cast, life)
    adam.post(address(life.candidate), data=SURE)
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Profile.name)).all() == [NAME]
    assert "provision_records" in found_in_tables(session)
    assert not {"candidates", "applications", "candidate_search", "notes"} & found_in_tables(session)


def test_the_form_sent_twice_is_told_that_it_is_done(
    cast: Cast, app: Flask, adam: FlaskClient, hanako: Candidate
) -> None:
    there = address(hanako)
    for told in ("1名の記録を消去しました", "すでに消去しています"):
        assert adam.post(there, data=SURE).location == "/pool"
        assert told in adam.get("/pool").text
    assert browse(app, cast.mona).post(there, data=SURE).status_code in (403, 404)


def test_nobody_else_is_touched(session: Session, cast: Cast, adam: FlaskClient, life: Life) -> None:
    bring(session, cast.acme, herp({"応募ID": "X2", "名前": "佐藤 健", "メールアドレス": MAIL, "電話番号": ""}))
    adam.post(address(life.candidate), data=SURE)
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate.name)).all() == ["佐藤 健"], "though the address is the same"
        assert session.scalars(select(SourceRecord.source_id)).all() == ["X2"]


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "消去する理由を選んでください。"),
        ({"reason": "asked"}, "元に戻せないことを確認し"),
        (SURE | {"day": "来週"}, "日付として読めません"),
        (SURE | {"day": f"{clock.today() + timedelta(days=1):%Y/%m/%d}"}, "これからの日は記録できません"),
        (SURE | {"reason": "nonsense"}, "まだ消去していません"),
    ],
)
def test_what_is_lacking_is_said_and_nobody_is_erased(
    session: Session, cast: Cast, adam: FlaskClient, hanako: Candidate, typed: dict[str, str], sentence: str
) -> None:
    answer = adam.post(address(hanako), data=typed)
    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate.id)).all() == [hanako.id]


def test_only_administrators_and_only_after_proving_again(
    session: Session, cast: Cast, adam: FlaskClient, ada: FlaskClient, vic: FlaskClient, hanako: Candidate
) -> None:
    for browser in (ada, vic):
        assert address(hanako) not in browser.get(f"/pool/{hanako.id}").text
        assert browser.get(address(hanako)).status_code == 403
        assert browser.post(address(hanako), data=SURE).status_code == 403
    assert address(hanako) in adam.get(f"/pool/{hanako.id}").text
    session.execute(update(UserSession).values(proven_at=clock.now() - timedelta(minutes=16)))
    session.commit()
    asked = adam.post(address(hanako), data=SURE)
    assert "パスワード" in asked.text
    with scopes.company(session, cast.acme.id):
        assert session.scalars(select(Candidate.id)).all() == [hanako.id]


def test_the_page_says_what_every_table_loses_and_for_how_long_the_rest_stays(
    adam: FlaskClient, hanako: Candidate
) -> None:
    assert set(declaring()) == set(GOES), "a table that erasure touches has words for it"
    page = adam.get(address(hanako)).text
    for words in GOES.values():
        assert str(words) in page
    assert f"遅くとも{BACKUP_DAYS}日後" in page
    assert f"作成から{provisions.TERM.years}年間" in page
    keep = next(option for option in backup.params if option.name == "keep")
    assert (keep.default, keep.type.max) == (BACKUP_DAYS, BACKUP_DAYS)  # type: ignore[attr-defined]


def test_the_page_is_the_same_whatever_the_person_did_with_the_invitation(
    session: Session, cast: Cast, adam: FlaskClient
) -> None:
    pages = set()
    for state in LinkState:
        email = f"{state.value}@mail.example"
        link = mailed_link(session, cast.acme, email, name="同じ 名前")
        with scopes.company(session, cast.acme.id):
            session.execute(update(RelayLink).where(RelayLink.id == link.id).values(state=state))
        session.commit()
        page = adam.get(f"/pool/{link.candidate_id}/erasure").text
        assert page.count(email) == 1, "of people with one name, the address says whose record goes"
        pages.add(TOKENS.sub("", page.replace(f"/pool/{link.candidate_id}", "/pool/0").replace(email, "")))
    assert len(pages) == 1


def test_the_command_line_erases_by_the_number_of_the_record(
    session: Session, cast: Cast, hanako: Candidate, stranger: Candidate
) -> None:
    relay = CliRunner()
    refused = relay.invoke(main, ["erase", "--candidate", str(stranger.id), "--company", "acme", "--yes"])
    assert "該当する方はいませんでした" in refused.output
    for words in (["erase"], ["erase", "a@b.example", "--candidate", "1"], ["erase", "--candidate", "1"]):
        assert relay.invoke(main, words).exit_code == 2
    done = relay.invoke(main, ["erase", "--candidate", str(hanako.id), "--company", "acme"], input="y\n")
    assert (done.exit_code, "1件を消去しました" in done.output) == (0, True)
    session.rollback()
    with scopes.everyone(session, "test"):
        assert session.scalars(select(Candidate.id)).all() == [stranger.id]


def test_a_number_nobody_has_erases_nobody(session: Session, cast: Cast, hanako: Candidate) -> None:
    assert not erase_on_request(session, cast.acme.id, 987_654, reason=ErasureReason.OTHER)
    assert not erase_on_request(session, cast.other.id, hanako.id, reason=ErasureReason.OTHER)
