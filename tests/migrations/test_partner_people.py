"""0038 makes a partner's row of each person with a share, as the verbs keep it, and knows who opened whom."""

from datetime import timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from relay import clock, migrations
from relay.models import (
    Company,
    Consent,
    PartnerPerson,
    PartnerPersonWords,
    ProvisionKind,
    ProvisionRecord,
    Share,
    scopes,
)
from relay.models.partner_people import LAST
from relay.text.partner_words import word_row
from tests.migrations.everything import fill

SAID = (
    "partner_id",
    "profile_id",
    "company_id",
    "since",
    "role_order",
    "place_order",
    "opened_at",
    "opened_by_user_id",
)


def test_each_person_of_a_partner_gets_one_row_of_the_newest_share(database: Engine) -> None:
    migrations.upgrade(database)
    with Session(database) as session, scopes.everyone(session, "test"):
        fill(session)
        share = session.scalars(select(Share)).one()
        newer = _given_again(session, share)
        opened = _opened(session, newer, user_id=7)
        session.commit()
        expected = {
            "partner_id": share.partner_id,
            "profile_id": share.profile_id,
            "company_id": newer.via_company_id,
            "since": newer.given_at,
            "role_order": "経理",
            "place_order": LAST,
            "opened_at": opened.at,
            "opened_by_user_id": 7,
        }

    migrations.downgrade(database, "0036")
    migrations.upgrade(database)

    with Session(database) as session, scopes.everyone(session, "test"):
        row = session.scalars(select(PartnerPerson)).one()
        assert {name: getattr(row, name) for name in SAID} == expected
        assert row.work_state == "new"
        words = session.scalars(select(PartnerPersonWords)).one()
        vector = database.dialect.name == "postgresql"
        made = word_row(row.partner_id, "ABCD-EFGH", {"desired_role": "経理", "place": ""}, vector=vector)
        assert (words.person_id, words.body, words.partner) == (row.id, made["body"], made["partner"])
        assert (words.tsv is not None) == vector


def _given_again(session: Session, share: Share) -> Consent:
    """A second share of the person with the partner, through another company."""
    first = session.scalars(select(Consent).where(Consent.id == share.consent_id)).one()
    names = [column.name for column in Consent.__table__.columns if column.name != "id"]
    other, given = session.scalars(select(func.max(Company.id))).one(), clock.now() + timedelta(days=3)
    changed = {"given_at": given, "via_company_id": other, "facts": {"desired_role": "経理", "place": ""}}
    newer = Consent(**{name: getattr(first, name) for name in names} | changed)
    session.add(newer)
    session.flush()
    session.add(
        Share(
            profile_id=share.profile_id,
            partner_id=share.partner_id,
            company_id=other,
            relay_link_id=share.relay_link_id,
            consent_id=newer.id,
            since=given,
            until=given + timedelta(days=365),
        )
    )
    return newer


def _opened(session: Session, consent: Consent, *, user_id: int) -> ProvisionRecord:
    """The record of two openings; the newer one."""
    for day in (4, 5):
        record = ProvisionRecord(
            profile_id=consent.profile_id,
            partner_id=consent.partner_id,
            kind=ProvisionKind.VIEWED,
            at=clock.now() + timedelta(days=day),
            person_name="",
            person_code="ABCD-EFGH",
            items=[],
            consent_id=consent.id,
            consented_at=consent.given_at,
            company_id=consent.via_company_id,
            company_snapshot={},
            partner_snapshot={},
            user_id=user_id,
            keep_until=clock.today(),
        )
        session.add(record)
        session.flush()
    return record
