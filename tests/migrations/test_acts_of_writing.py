"""Drafts, queued mails and stopped acts of an older version: each act becomes a row, and nothing typed is lost."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from relay import migrations
from tests.migrations import stages
from tests.migrations.before import company_before
from tests.prepared import Prepared, opened

BEFORE, THEN = "0014", "0015"
NOON = datetime(2026, 11, 27, 3, tzinfo=UTC)
AUTHOR = 7
WORDS = {"氏名": "佐藤 花子", "職種": "経理", "会社名": "acme", "担当者": "エイダ"}
NOTHING = {"reason": None, "template_id": None, "remark": "", "sure": []}
"""What was typed for one person alone, where nothing was."""
FOR_ALL = {"all_reason": "skills", "all_template_id": 1}
DEFAULTS = {
    "letter": "result",
    "mail_class": "relay",
    "subject_kind": "application",
    "to_address": "hanako@mail.example",
    "due_at": NOON,
    "attempts": 0,
    "last_error": "",
    "created_at": NOON,
    "by_user_id": AUTHOR,
    "practice": False,
}


@pytest.fixture
def database(each: Prepared) -> Iterator[Engine]:
    """A database of the version before, empty, once of each kind."""
    with each.copy(stages.at(each, BEFORE)) as url, opened(url) as engine:
        yield engine


def test_a_draft_keeps_what_holds_for_all_and_what_was_typed_for_one(database: Engine) -> None:
    own = {"reason": "filled", "template_id": 2, "remark": "ご縁があれば", "sure": [], "rejecting": True}
    write_before(
        database,
        draft("d", WORDS | {"ひとこと": "", "draft": NOTHING | FOR_ALL}),
        draft("d", WORDS | {"ひとこと": "ご縁があれば", "draft": own | FOR_ALL}),
    )

    migrations.upgrade(database, THEN)

    assert acts(database) == {"d": ("draft", "skills", 1, AUTHOR, False)}
    assert mails(database) == [
        ("d", None, None, None, WORDS | {"ひとこと": ""}),
        ("d", "filled", 2, True, WORDS | {"ひとこと": "ご縁があれば"}),
    ]


def test_what_waits_can_be_stopped_and_taken_back_and_what_was_stopped_written_anew(database: Engine) -> None:
    decided = WORDS | {"ひとこと": "", "decided_here": True, "reason": "skills"}
    earlier = WORDS | {"ひとこと": "またぜひ", "decided_here": False, "reason": None}
    write_before(
        database,
        {"batch": "w", "state": "scheduled", "values": decided},
        {"batch": "w", "state": "sent", "values": earlier},
        {"batch": "s", "state": "cancelled", "values": decided},
        {"batch": "s", "state": "sent", "values": earlier},
    )

    migrations.upgrade(database, THEN)

    assert acts(database) == {"w": ("sent", None, None, AUTHOR, True), "s": ("stopped", None, None, AUTHOR, True)}
    assert mails(database) == [
        ("w", "skills", None, True, WORDS | {"ひとこと": ""}),
        ("w", None, None, False, WORDS | {"ひとこと": "またぜひ"}),
        ("s", "skills", None, True, WORDS | {"ひとこと": ""}),
        ("s", None, None, False, WORDS | {"ひとこと": "またぜひ"}),
    ]
    with database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM messages WHERE once_per_subject")) == 4


def test_what_was_practised_or_erased_is_not_sent_and_a_sample_is_of_no_act(database: Engine) -> None:
    meant = {"draft": NOTHING | FOR_ALL | {"rejecting": False}}
    practised = {"decided_here": False, "reason": "skills"}
    sample = {"text": ["件名", "本文"]}
    write_before(
        database,
        draft("p", WORDS | meant),
        {"batch": "p", "state": "scheduled", "values": WORDS | practised, "practice": True},
        {"batch": "g", "state": "sent", "values": WORDS, "practice": True},
        draft("sample-7", sample) | {"subject_kind": "sample", "subject_id": None},
        draft("e", {}) | {"state": "cancelled"},
    )

    migrations.upgrade(database, THEN)

    assert {code: recorder[0] for code, recorder in acts(database).items()} == {
        "p": "draft",
        "g": "discarded",
        "e": "discarded",
    }
    assert [mail[0] for mail in mails(database)] == ["p", "p", "g", None, "e"]
    assert mails(database)[0][3] is False, "confirmed in practice, so asked anew in earnest"
    assert mails(database)[3][4] == sample


def test_a_reason_or_text_that_is_no_more_is_left_out(database: Engine) -> None:
    typed = {"reason": "looks", "template_id": 99, "all_reason": "looks", "all_template_id": 99}
    write_before(database, draft("d", WORDS | {"draft": typed}))

    migrations.upgrade(database, THEN)

    assert acts(database) == {"d": ("draft", None, None, AUTHOR, False)}
    assert mails(database) == [("d", None, None, None, WORDS)]


def test_down_again_the_older_version_finds_its_drafts_and_what_waits(database: Engine) -> None:
    own = {"reason": "filled", "template_id": 2, "remark": "ご縁があれば", "sure": []}
    written = WORDS | {"ひとこと": "ご縁があれば", "draft": own | FOR_ALL}
    queued = WORDS | {"ひとこと": "", "decided_here": True, "reason": "skills"}
    write_before(database, draft("d", written), {"batch": "w", "state": "scheduled", "values": queued})

    migrations.upgrade(database, THEN)
    migrations.downgrade(database, BEFORE)

    with database.connect() as connection:
        rows = connection.execute(text('SELECT batch, message_id, "values" FROM messages ORDER BY id')).all()
    assert [(batch, loaded(values)) for batch, _id, values in rows] == [("d", written), ("w", queued)]
    assert rows[0][1].startswith("draft-"), "how that version knows what was never sent"


def draft(batch: str, values: dict[str, Any]) -> dict[str, Any]:
    """A mail that is being written, as that version kept it."""
    return {"batch": batch, "state": "draft", "message_id": f"draft-{batch}-{len(str(values))}", "values": values}


def write_before(database: Engine, *written: dict[str, Any]) -> None:
    """Give the database a company, its texts 1 and 2, and these mails."""
    with Session(database) as session:
        company_id = company_before(session, "acme")
        for name in ("書類", "面接"):
            template = {"company_id": company_id, "letter": "result", "name": name, "created_at": NOON}
            add(session, "mail_templates", template)
        for number, mail in enumerate(written, 1):
            own = {"company_id": company_id, "subject_id": number, "message_id": f"<{number}@acme.example>"}
            row = DEFAULTS | own | mail
            add(session, "messages", row | {"values": json.dumps(row["values"])})
        session.commit()


def add(session: Session, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(f'"{name}"' for name in row)
    session.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


def acts(database: Engine) -> dict[str, tuple[Any, ...]]:
    """Code → state, reason and text for all, author, and whether it says when it was sent."""
    asked = "SELECT code, state, reason, template_id, by_user_id, sent_at IS NOT NULL FROM message_batches ORDER BY id"
    with database.connect() as connection:
        return {row[0]: (*row[1:5], bool(row[5])) for row in connection.execute(text(asked))}


def mails(database: Engine) -> Sequence[tuple[Any, ...]]:
    """Of each mail the code of its act, its own reason and text, whether it rejects, and its values."""
    asked = text(
        'SELECT acts.code, mails.reason, mails.template_id, mails.rejects, mails."values" FROM messages AS mails'
        " LEFT JOIN message_batches AS acts ON acts.id = mails.batch_id AND acts.company_id = mails.company_id"
        " ORDER BY mails.id"
    )
    with database.connect() as connection:
        rows = connection.execute(asked).all()
    return [(*row[:3], None if row[3] is None else bool(row[3]), loaded(row[4])) for row in rows]


def loaded(values: Any) -> Any:
    return json.loads(values) if isinstance(values, str) else values
