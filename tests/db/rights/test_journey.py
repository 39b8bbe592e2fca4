"""A person goes through everything there is, is erased, and stands nowhere but in the record of provision (A-20).

The walk is compared with what Relay registers: every event, letter, kind of job, and table of people. Whoever adds one
is told here that it is not on the walk yet, and adds the act to `walk.py`, or a line to the exceptions with its reason.
"""

import base64
import gzip
import json
import logging
import quopri
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import timedelta
from email.header import Header
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.indexing import search_rows
from relay.infra import jobs
from relay.mail import letters
from relay.mail.mailbox import Mailbox
from relay.models import (
    Candidate,
    Event,
    EventTag,
    Job,
    Message,
    Profile,
    ProvisionRecord,
    RelatedProvision,
    scopes,
)
from relay.rights import jobs as rights_jobs
from relay.rights import own_erasure, requests
from relay.rights.erasure import erase_address
from relay.rights.requests import ErasureReason
from relay.worker import upkeep
from tests.cast import Cast, browse, make_candidate, make_cast
from tests.db.rights.walk import KANA, MAIL, NAME, OTHER_MAIL, PERSON, PHONE, PLACE, Walk, walk
from tests.db.rights.written_forms import EveryLine, WrittenPerson, fold, places, tables
from tests.kept import Kept

Exceptions = Mapping[str, set[str]]

EVENTS_NOT_WALKED: Exceptions = {
    "sums and targets of a company, no candidate": {
        *("COST_REMOVED", "COST_FILE_APPLIED", "COST_FILE_UNDONE", "BASELINE_SET", "KPI_TARGET_SET"),
    },
    "a login of a company or a partner, no candidate": {
        *("SIGNED_IN", "SIGN_IN_REFUSED", "SIGNED_OUT", "SECOND_FACTOR_ENROLLED", "SECOND_FACTOR_REMOVED"),
        *("SECOND_FACTOR_REFUSED", "RECOVERY_CODE_USED", "RECOVERY_CODES_MADE", "PASSWORD_ASKED", "PASSWORD_RESET"),
        *("EMAIL_CHANGED", "HANDED_OVER", "PROVEN_AGAIN", "SESSION_ENDED", "USER_CREATED", "USER_CHANGED", "INVITED"),
        *("INVITATION_ACCEPTED", "INVITATION_REVOKED", "CONFIDENTIALITY_ACCEPTED", "ACT_REFUSED", "SHELL_OPENED"),
    },
    "what a company or the operator says of itself": {
        *("COMPANY_CREATED", "COMPANY_CHANGED", "RELAY_SWITCHED", "WENT_LIVE", "SENDING_STOPPED", "SENDING_RESUMED"),
        *("MAIL_SERVER_CHANGED", "MAIL_TESTED", "PURPOSE_CHANGED", "PRIVACY_PUBLISHED"),
        *("INSTALLATION_ANSWERED", "TAG_CHANGED", "RETENTION_TERM_SET", "RECORD_USE_SET", "COMPANY_WORD_CHANGED"),
        "LEARNING_SWITCHED",
        *("POSITION_LINK_OPENED", "POSITION_LINK_CLOSED", "RELATED_CHANGED", "RELATED_REMOVED"),
        *("FEED_MADE", "FEED_REVOKED", "API_KEY_MADE", "API_KEY_REVOKED"),
        *("WEBHOOK_ADDED", "WEBHOOK_CHANGED", "WEBHOOK_SECRET_MADE", "WEBHOOK_STOPPED", "WEBHOOK_RESUMED"),
        "WEBHOOK_REMOVED",
        *("HERP_CONNECTED", "HERP_DISCONNECTED"),
    },
    "what a partner says of itself": {
        *("PARTNER_CREATED", "PARTNERSHIP_STARTED", "PARTNERSHIP_CHECKED", "LICENCE_WARNED"),
        "INTRODUCTIONS_PROMISED",
    },
    "a line of the ledger, which holds numbers of referrals (A-27)": {
        *("CREDIT_SPENT", "CREDIT_RESTORED", "CREDIT_VOIDED"),
    },
    "a yes of a person who had not applied here: tests/db/introductions/test_endings.py erases them": {
        *("INTRODUCTION_HELD", "INTRODUCTION_RESULT"),
    },
    "an invented person, typed by a member who practises": {"PRACTICE_SENT", "PRACTICE_REGISTERED", "PRACTICE_ENDED"},
    "a position and how many people came to fit it: tests/db/connect/test_messages.py": {"POSITION_MATCHED"},
    "a file of the operator's, outside the installation": {"PROVISIONS_WRITTEN_OUT"},
    "a word of the log that nothing writes": {"POOL_SEARCHED"},
    "the beginning of an act on more people than a request waits for: its kind and a number": {"BULK_BEGUN"},
    "the end of the walk": {"CANDIDATE_ERASED", "PROFILE_ERASED", "RETENTION_RAN", "INTERVIEW_ERASED"},
}
LETTERS_NOT_WALKED: Exceptions = {
    "to logins, and to those who are to get one": {
        *("invite-agent", "invite-member", "invite-partner", "licence-ends", "mail-server-changed", "mail-test"),
        "webhook-failed",
        *("new-email", "password", "security-notice", "many-opened"),
    },
    "the end of the walk": {"registration-erased"},
}
JOBS_NOT_WALKED: Exceptions = {
    "queued once by a migration, for what older versions had written": {
        *("ask-for-pins", "count-by-mailbox", "search-words"),
    },
    "what a request does itself until there are too many people": {
        "bulk",
        "undo",
        "import",
        "read-import",
        "index-import",
    },
    "moves days alone": {"retention-terms"},
    "asks another host, and brings people by an import: tests/db/connect/test_herp.py": {"read-herp"},
    "the words of a tag or a position, which are the company's": {"tag-words", "position-words"},
    "the end of the walk": {"rewrite", "scrub"},
}
TABLES_NOT_WALKED: Exceptions = {
    "people who sign in, and those they invent": {"users", "user_sessions", "invitations", "practice_registrations"},
    "a search, while the worker is at it": {"bulk_runs"},
    "a number of 64 bits that tells nothing": {"match_keys"},
    "the network and the browser of the person alone": {"openings_consents", "related_consents", "outcome_consents"},
    "a keyed hash alone": {"alert_hits"},
}
ROWS_NOT_WALKED: Exceptions = {
    "a note for the worker, gone when it has looked": {
        *("match_checks.candidate_id", "rule_checks.candidate_id", "alert_checks.candidate_id"),
    },
    "a pair that was told apart or merged waits no longer": {"duplicate_pairs.one_id", "duplicate_pairs.other_id"},
}


@pytest.fixture(scope="session")
def _walks() -> dict[str, tuple[Walk, Kept]]:
    return {}


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every line that is logged from here on."""
    heard, root = EveryLine(), logging.getLogger()
    level = root.level
    root.addHandler(heard)
    root.setLevel(1)
    yield heard.lines
    root.setLevel(level)
    root.removeHandler(heard)


@pytest.fixture
def went(app: Flask, session: Session, lines: list[str], _walks: dict[str, tuple[Walk, Kept]]) -> Walk:
    """The walk: taken for the first test on each database, put back for the others."""
    kind = db.engine.dialect.name
    if kind not in _walks:
        taken = walk(app, session, make_cast(session))
        folders = ("uploads", "mailbox", "unknown-mails")
        _walks[kind] = taken, Kept(db.engine, "walk", *(app.config["RELAY"].instance / each for each in folders))
        assert lines, "something was logged, or nothing is known of the log"
        assert not [line for line in lines if PERSON.is_in(line)], "a line of the log names the person"
    else:
        _walks[kind][1].put_back()
    return _again(app, session, _walks[kind][0])


def _again(app: Flask, session: Session, taken: Walk) -> Walk:
    def row(one: Any) -> Any:
        return session.get_one(type(one), inspect(one).identity)

    with scopes.everyone(session, "test builder"):
        cast = Cast(**{each.name: row(getattr(taken.cast, each.name)) for each in fields(Cast)})
        return replace(taken, app=app, session=session, cast=cast, ada=browse(app, cast.ada), heir=row(taken.heir))


def test_every_event_letter_and_job_is_on_the_walk(went: Walk) -> None:
    caused = set(went.session.scalars(select(Event.tag)))
    compare("event", {each.name for each in EventTag if each in caused}, {t.name for t in EventTag}, EVENTS_NOT_WALKED)
    with scopes.everyone(went.session, "test"):
        written = set(went.session.scalars(select(Message.letter)))
    compare("letter", written, set(letters.names()), LETTERS_NOT_WALKED)
    done = set(went.session.scalars(select(Job.kind)))
    compare("job", done, set(jobs.kinds()), JOBS_NOT_WALKED)


def test_the_person_stands_in_every_table_of_people_and_in_every_folder(went: Walk) -> None:
    """Otherwise nothing would be shown by their standing in none afterwards."""
    personal = {name for name, model in scopes.models_by_table().items() if model.__personal__}  # type: ignore[attr-defined]
    found = tables(went.session, PERSON)
    compare("table", found & personal, personal, TABLES_NOT_WALKED)
    words = {f"{table}_fts{part}" for table in ("candidate", "partner_people") for part in ("", "_data", "_content")}
    assert found - personal <= words, "a table unheard of"
    rows = rows_about(went.session)
    compare("rows", {name for name, count in rows.items() if count}, set(rows), ROWS_NOT_WALKED)
    folders = {place.partition("/")[0] for place in places(went.session, PERSON, instance(went), ())} - found
    assert folders == {"uploads", "mailbox", "unknown-mails"}


def compare(what: str, walked: set[str], there: set[str], exceptions: Exceptions) -> None:
    """Fail where something is neither walked nor excepted, or where an exception is no longer true."""
    excepted = set().union(*exceptions.values())
    forgotten, untrue = sorted(there - walked - excepted), sorted(excepted - there | excepted & walked)
    assert not forgotten, (
        f"{what} not on the walk: cause it in tests/db/rights/walk.py, or say here why not: {forgotten}"
    )
    assert not untrue, f"{what} excepted though it is walked, or not there any more: {untrue}"


def rows_about(session: Session) -> dict[str, int]:
    """How many rows erasure would find, by each rule of each table about a candidate or a profile."""
    models, found = scopes.models_by_table(), {}
    with scopes.everyone(session, "test"):
        ids = {"candidate": select(Candidate.id), "profile": select(Profile.id)}
        for name, model in models.items():
            for rule in model.__erasure__:  # type: ignore[attr-defined]
                if rule.person in ids and rule.act != "keep":
                    mine = select(func.count()).select_from(model).where(getattr(model, rule.by).in_(ids[rule.person]))
                    found[f"{name}.{rule.by}"] = session.scalar(mine) or 0
    return found


def by_the_operator(w: Walk) -> None:
    """`relay erase`, for both addresses of the person."""
    for address in (MAIL, OTHER_MAIL):
        assert erase_address(w.session, address).candidates == 1


def by_hr_and_by_oneself(w: Walk) -> None:
    """Acme erases its records, and the person their registrations; the last mails leave, and links run out."""
    with scopes.company(w.session, w.company_id):
        records = w.session.scalars(select(Candidate.id)).all()
    for record in records:
        assert requests.erase_on_request(w.session, w.company_id, record, reason=ErasureReason.ASKED)
    with scopes.everyone(w.session, "test"):
        registered = w.session.scalars(select(Profile.id)).all()
    for profile in registered:
        own_erasure.erase_now(w.session, profile)
    w.session.commit()
    w.post()
    told = [mail for mail in (instance(w) / "mailbox").iterdir() if PERSON.is_in(mail.read_bytes())]
    assert len(told) == 2, "what lies in the person's mailbox: that it is done, once for each registration"
    for mail in told:
        mail.unlink()
    with clock.at(clock.now() + timedelta(days=2)):
        upkeep.sweep(w.session, Job(kind="test", key="test"))


def by_the_clock(w: Walk) -> None:
    """Nobody does anything for sixteen months, not even end what runs."""
    for days in (460, 491):
        with clock.at(clock.now() + timedelta(days=days)):
            for act in (rights_jobs.retain, upkeep.sweep):
                act(w.session, Job(kind="test", key="test"))
                w.session.commit()


@pytest.mark.parametrize("end", [by_the_operator, by_hr_and_by_oneself, by_the_clock])
def test_afterwards_only_the_record_of_provision_is_left(
    went: Walk, lines: list[str], end: Callable[[Walk], None]
) -> None:
    session = went.session
    end(went)
    session.commit()
    went.work()
    went.post()
    assert places(session, PERSON, instance(went), lines) == {"provision_records", "related_provisions"}
    assert {name: count for name, count in rows_about(session).items() if count} == {}
    with scopes.everyone(session, "test"):
        kept = {*session.scalars(select(ProvisionRecord.person_name))}
        kept |= {*session.scalars(select(RelatedProvision.person_name))}
    assert kept == {NAME}
    assert what_the_database_holds(WrittenPerson.known_by(MAIL, PHONE, OTHER_MAIL, PLACE)) == []
    with clock.at(clock.now() + timedelta(days=3 * 366)):
        upkeep.sweep(session, Job(kind="sweep", key="test"))
        session.commit()
    assert places(session, PERSON, instance(went), lines) == set(), "the term of the records is over (A-19)"


def instance(went: Walk) -> Path:
    folder: Path = went.app.config["RELAY"].instance
    return folder


def what_the_database_holds(person: WrittenPerson) -> list[str]:
    """Which words stand in what is no table: the bytes of SQLite's files, the samples of PostgreSQL's planner."""
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        said = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*")).decode("utf-8", "ignore")
    else:
        columns = "concat_ws(' ', most_common_vals::text, histogram_bounds::text, most_common_elems::text)"
        with db.engine.begin() as connection:
            said = " ".join(connection.scalars(text(f"SELECT {columns} FROM pg_stats WHERE schemaname = 'public'")))
    return [word for word in person.words if word in fold(said)]


WRITTEN: dict[str, str | bytes] = {
    "as it is": NAME,
    "half-width kana": "ﾇｴﾉ ｱﾗｺ",
    "hiragana without a space": "ぬえのあらこ",
    "full-width capitals": "ＮＵＥＮＯ．ＡＲＡＫＯ７７８８＠ｍａｉｌ．ｅｘａｍｐｌｅ",
    "a number in brackets": "（０８０）７７８８ー１１９９",
    "a number from abroad": "+81 80 7788 1199",
    "in an address": f"/pool?q={quote(NAME)}",
    "in a form": quote_plus(PLACE),
    "in a page": escape(NAME).encode("ascii", "xmlcharrefreplace").decode(),
    "in JSON": json.dumps({"name": NAME}),
    "in JSON in JSON": json.dumps(json.dumps({"name": KANA})),
    "in base64": base64.b64encode(f"いつもお世話に {NAME}様".encode()).decode(),
    "in the address of a page, in base64": base64.urlsafe_b64encode(f"??{NAME}".encode()).decode().rstrip("="),
    "in a mail": quopri.encodestring(f"こんにちは、{NAME}様。".encode()).decode(),
    "in a subject": Header(f"{NAME}様", "utf-8").encode(),
    "in Shift_JIS": KANA.encode("cp932"),
    "compressed": gzip.compress(NAME.encode()),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_the_scan_sees_a_person_however_they_are_written(how: str) -> None:
    assert PERSON.is_in(WRITTEN[how])


@pytest.mark.parametrize(
    "said", ["", "高橋 花子", "080-1234-5678", "mail.example", quote("荒子"), '{"name": "\\u9ad8"}']
)
def test_the_scan_sees_nobody_else(said: str) -> None:
    assert not PERSON.is_in(said)


def in_a_column(app: Flask, session: Session) -> set[str]:
    make_candidate(session, make_cast(session).acme, "別の 方", qualifications="ﾇｴﾉさんの紹介", email="")
    return {"candidates"}


def in_an_index(app: Flask, session: Session) -> set[str]:
    with scopes.company(session, (company := make_cast(session).acme).id):
        candidate = make_candidate(session, company, "別の 方", qualifications=NAME, email="")
        search_rows.index(session, [candidate.id])
        search_rows.write_marked(session)
        candidate.qualifications = ""
    return {"candidate_search"}


def in_a_job(app: Flask, session: Session) -> set[str]:
    jobs.enqueue(session, "retention", key="x", payload={"q": quote(NAME)})
    return {"jobs"}


def in_an_upload(app: Flask, session: Session) -> set[str]:
    folder = app.config["RELAY"].instance / "uploads" / "0a"
    folder.mkdir(parents=True)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", f"<si>{KANA}</si>")
    (folder / "0a1b").write_bytes(packed.getvalue())
    return {"uploads/0a"}


def in_the_name_of_a_file(app: Flask, session: Session) -> set[str]:
    (app.config["RELAY"].instance / "uploads").mkdir(parents=True)
    (app.config["RELAY"].instance / "uploads" / f"{PHONE}.csv").write_bytes(b"")
    return {"uploads"}


def in_a_mail(app: Flask, session: Session) -> set[str]:
    body = quopri.encodestring(f"{PLACE}へ".encode()).decode()
    Mailbox.of(app.config["RELAY"]).keep(f"Content-Transfer-Encoding: quoted-printable\n\n{body}".encode())
    return {"mailbox"}


def in_the_log(app: Flask, session: Session) -> set[str]:
    logging.getLogger("relay").warning("GET /pool?q=%s", quote(NAME))
    return {"log"}


@pytest.mark.parametrize(
    "left",
    [in_a_column, in_an_index, in_a_job, in_an_upload, in_the_name_of_a_file, in_a_mail, in_the_log],
)
def test_one_thing_left_behind_is_found_and_named(
    app: Flask, session: Session, lines: list[str], left: Callable[[Flask, Session], set[str]]
) -> None:
    wanted = left(app, session)
    session.commit()
    found = places(session, PERSON, app.config["RELAY"].instance, lines)
    assert {each for each in found if not each.startswith(("candidate_fts", "partner_people_fts"))} == wanted
