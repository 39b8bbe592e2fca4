"""Consents of an older version, which showed partners the present profile, become snapshots that hurt nobody (A-43)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from relay import migrations
from relay.models import Profile, scopes
from tests.migrations import stages
from tests.migrations.before import company_before
from tests.prepared import Prepared, opened

BEFORE, THEN = "0009", "0010"
NOON = datetime(2026, 11, 10, 3, tzinfo=UTC)
TODAY = {
    "name": "前田（旧姓）二重",
    "kana": "",
    "email": "double@case.example",
    "phone": "08099998888",
    "desired_role": "人事",
    "place": "",
    "experience": "あとの相手だけに話したいこと",
}
ITEMS = ["name", "email", "phone", "desired_role", "experience"]


@pytest.fixture
def database(each: Prepared) -> Iterator[Engine]:
    """A database of the version before, empty, once of each kind."""
    with each.copy(stages.at(each, BEFORE)) as url, opened(url) as engine:
        yield engine


def test_each_consent_gets_the_facts_of_its_items_and_what_was_overwritten_is_hidden(database: Engine) -> None:
    """The first was given through Acme; then the person registered through Other, with other words."""
    with Session(database) as session:
        acme, other = company_before(session, "acme"), company_before(session, "other")
        agency, rival = (_partner(session, each) for each in ("tsumugi", "michibiki"))
        profile = _profile(session, updated_at=NOON + timedelta(days=3))
        first = _consent(session, profile, agency, acme, 1, at=NOON, items=ITEMS, name="前田 二重")
        second = _consent(session, profile, rival, other, 2, at=NOON + timedelta(days=3), items=ITEMS)
        third = _consent(session, profile, agency, acme, 1, at=NOON + timedelta(days=5), items=["name", "email"])
        session.commit()

    migrations.upgrade(database, THEN)

    facts = _facts(database)
    assert facts[first] == {"name": "前田 二重", "email": TODAY["email"], "phone": TODAY["phone"]}
    assert facts[second] == {item: TODAY[item] for item in ITEMS}
    assert facts[third] == {"name": TODAY["name"], "email": TODAY["email"]}, "given after it, to what it says"
    with database.connect() as connection:
        named = connection.execute(text("SELECT DISTINCT partner_name, legal_identity FROM consents ORDER BY 1")).all()
        assert connection.scalar(text("SELECT unshared_since IS NOT NULL FROM profiles")), "the person is asked"
    assert named == [("michibiki株式会社", "13-ユ-100009"), ("tsumugi株式会社", "13-ユ-100007")]
    migrations.downgrade(database, BEFORE)
    migrations.upgrade(database, THEN)
    assert _facts(database) == facts


def test_who_registered_once_is_not_asked_and_nothing_of_theirs_is_hidden(database: Engine) -> None:
    with Session(database) as session:
        acme = company_before(session, "acme")
        profile = _profile(session, updated_at=NOON)
        consents = [
            _consent(session, profile, _partner(session, each), acme, 1, at=NOON, items=ITEMS)
            for each in ("tsumugi", "michibiki")
        ]
        session.commit()

    migrations.upgrade(database, THEN)

    assert list(_facts(database)) == consents
    assert all(facts == {item: TODAY[item] for item in ITEMS} for facts in _facts(database).values())
    with Session(database) as session:
        assert session.scalar(text("SELECT unshared_since FROM profiles")) is None


def test_what_was_written_before_a_replaced_number_is_hidden_by_the_newest_version(database: Engine) -> None:
    """The own page did not show it, and shows it now to the number alone that it was written by (C-25)."""
    with Session(database) as session:
        acme, agency = company_before(session, "acme"), _partner(session, "tsumugi")
        profile = _profile(session, updated_at=NOON + timedelta(days=3))
        _consent(session, profile, agency, acme, 1, at=NOON, items=ITEMS)
        _consent(session, profile, agency, acme, 2, at=NOON + timedelta(days=3), items=["name", "email"])
        session.execute(text("UPDATE profiles SET visible_since = :at"), {"at": NOON + timedelta(days=1)})
        session.commit()

    migrations.upgrade(database)

    with Session(database) as session, scopes.profile(session, profile):
        assert session.scalars(select(Profile.hidden_items)).one() == ["phone", "desired_role", "experience"]


def _facts(database: Engine) -> dict[int, Any]:
    with database.connect() as connection:
        rows = connection.execute(text("SELECT id, facts FROM consents ORDER BY id")).all()
    return {row.id: json.loads(row.facts) if isinstance(row.facts, str) else row.facts for row in rows}


def _partner(session: Session, slug: str) -> int:
    return _insert(
        session,
        "partners",
        slug=slug,
        kind="agency",
        name=f"{slug}株式会社",
        license_number=f"13-ユ-10000{len(slug)}",
        second_factor_required=True,
        demo=False,
        created_at=NOON,
        country="JP",
        **dict.fromkeys(
            ("address", "representative", "contact", "about", "office", "manager", "complaints", "notices_url",
             "fees_url", "register_url", "checked_by"),
            "",
        ),
    )  # fmt: skip


def _profile(session: Session, *, updated_at: datetime) -> int:
    return _insert(
        session,
        "profiles",
        code="ABCD-EFGH",
        email_key=TODAY["email"],
        phone_key="",
        locale="ja",
        erasure_key="k",
        created_at=NOON,
        updated_at=updated_at,
        **TODAY,
    )


def _consent(
    session: Session,
    profile: int,
    partner: int,
    company: int,
    link: int,
    *,
    at: datetime,
    items: list[str],
    name: str = "",
) -> int:
    """A consent with its record of provision, which holds the name of that day."""
    consent = _insert(
        session,
        "consents",
        profile_id=profile,
        partner_id=partner,
        purpose="introduce-jobs",
        wording_version="2026-11",
        wording="…",
        wording_hash="0" * 64,
        items=json.dumps(items),
        locale="ja",
        given_at=at,
        until=at + timedelta(days=365),
        ip="",
        agent="",
        via_company_id=company,
        via_relay_link_id=link,
    )
    _insert(
        session,
        "provision_records",
        profile_id=profile,
        partner_id=partner,
        kind="made_available",
        at=at,
        person_name=name or TODAY["name"],
        person_code="ABCD-EFGH",
        items=json.dumps(items),
        consent_id=consent,
        consented_at=at,
        company_id=company,
        company_snapshot="{}",
        partner_snapshot="{}",
        keep_until=(at + timedelta(days=1095)).date(),
    )
    return consent


def _insert(session: Session, table: str, **values: Any) -> int:
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    added = session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING id"), values)
    return int(added.scalar_one())
