"""The record of provisions: snapshots that outlive what they describe, kept three years (A-16…A-20)."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Consent, Job, ProvisionKind, ProvisionRecord, scopes
from relay.trust import provisions
from relay.worker import upkeep
from tests.cast import make_cast
from tests.db.network.build import mailed_link, register, the_profile


def test_a_record_says_who_received_what_about_whom_on_which_consent(session: Session) -> None:
    cast = make_cast(session)
    register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi, kana="たかはし")
    profile, given_name, partner_name = the_profile(session, "a@mail.example"), "高橋 花子", cast.tsumugi.name
    profile.name, cast.tsumugi.name, cast.acme.name = "改姓 花子", "改名株式会社", "改名商事"
    session.commit()
    with scopes.profile(session, profile.id):
        record = session.scalars(select(ProvisionRecord)).one()
        consent = session.scalars(select(Consent)).one()
    assert (record.person_name, record.person_code) == (given_name, profile.code)
    assert record.partner_snapshot["name"] == partner_name
    assert record.partner_snapshot["license_number"] == cast.tsumugi.license_number
    assert record.company_snapshot["name"] != "改名商事"
    assert (record.consent_id, record.consented_at) == (consent.id, consent.given_at)
    assert record.items == ["name", "kana", "email"]


def test_it_is_kept_three_years_to_the_day_also_from_a_leap_day(session: Session) -> None:
    cast = make_cast(session)
    with clock.at(datetime(2028, 2, 28, 15, 30, tzinfo=UTC)):  # the 29th in Japan
        cast.tsumugi.license_until = None
        register(session, mailed_link(session, cast.acme, "a@mail.example"), cast.tsumugi)
    with scopes.everyone(session, "test"):
        assert session.scalars(select(ProvisionRecord.keep_until)).one() == date(2031, 2, 28)


def test_a_person_reads_their_own_provisions_only(session: Session) -> None:
    cast = make_cast(session)
    for email in ("a@mail.example", "b@mail.example"):
        register(session, mailed_link(session, cast.acme, email), cast.tsumugi, cast.manabi)
    profile = the_profile(session, "a@mail.example")
    with scopes.profile(session, profile.id):
        consent = session.scalars(select(Consent).where(Consent.partner_id == cast.tsumugi.id)).one()
        provisions.viewed(session, profile.code, consent, cast.agnes.id)
    seen = provisions.of_profile(session, profile.id, since=clock.EPOCH).rows
    assert [each.kind for each in seen] == [ProvisionKind.VIEWED, *[ProvisionKind.MADE_AVAILABLE] * 2]
    assert seen[0].items == ("name", "email")


def test_the_worker_deletes_a_record_after_its_last_day(session: Session) -> None:
    cast = make_cast(session)
    with clock.at(datetime(2026, 11, 21, 3, 0, tzinfo=UTC)):
        register(session, mailed_link(session, cast.acme, "hanako@mail.example"), cast.tsumugi)
        session.commit()
    for day, kept in ((21, 1), (22, 0)):
        with clock.at(datetime(2029, 11, day, 3, 0, tzinfo=UTC)):
            upkeep.sweep(session, Job())
            session.commit()
        with scopes.everyone(session, "test"):
            assert len(session.scalars(select(ProvisionRecord.id)).all()) == kept
