"""The switch of purpose ②-b: counsel's day, a published purpose and the day people are told come first (A-42)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Company, Event, EventTag, LegalItem, Purpose, scopes
from relay.rights import privacy_draft
from relay.trust import legal_checklist, privacy, purposes, record_use
from relay.trust.legal_checklist import LegalEntry
from relay.trust.record_use import CounselMissing, PurposeNotPublished, ToldDayImpossible
from tests.cast import make_company
from tests.db.trust.test_privacy import changed

WITH_RECORD = changed(purposes={Purpose.RECORD: privacy_draft.RECORD})


@pytest.fixture
def acme(session: Session) -> Company:
    company = make_company(session, "acme")
    session.commit()
    return company


def confirmed(session: Session, company: Company, day: date | None) -> None:
    entry = LegalEntry(LegalItem.SELECTION_RECORD, "弁護士 山田", day)
    legal_checklist.save(session, company.id, entry, by_user_id=None)


def published(session: Session, company: Company, *, with_record: bool = True) -> None:
    content = WITH_RECORD if with_record else changed()
    privacy.save(session, company, content, by_user_id=None)
    privacy.publish(session, company, confirmed=True)
    session.commit()


def told(session: Session, company: Company) -> list[str | None]:
    """What the log says of the switch."""
    with scopes.company(session, company.id):
        rows = session.scalars(select(Event.data).where(Event.tag == EventTag.RECORD_USE_SET).order_by(Event.id))
        return [data.get("since") for data in rows]


def test_it_is_off_and_begins_only_with_counsels_day_and_a_published_purpose(session: Session, acme: Company) -> None:
    today = clock.today()
    assert record_use.since(session, acme.id) is None
    published(session, acme)
    with pytest.raises(CounselMissing):
        record_use.begin(session, acme.id, today)
    published(session, acme, with_record=False)
    confirmed(session, acme, today)
    with pytest.raises(PurposeNotPublished):
        record_use.begin(session, acme.id, today)
    assert record_use.since(session, acme.id) is None and told(session, acme) == []


def test_it_counts_from_the_day_after_the_form_said_it_and_the_log_knows(session: Session, acme: Company) -> None:
    published(session, acme)
    confirmed(session, acme, clock.today())
    with clock.at(clock.now() + timedelta(days=10)):
        day = clock.today() - timedelta(days=4)
        for other in (clock.today() - timedelta(days=11), clock.today() + timedelta(days=1)):
            with pytest.raises(ToldDayImpossible):
                record_use.begin(session, acme.id, other)
        assert record_use.begin(session, acme.id, day) == day + timedelta(days=1)
        record_use.begin(session, acme.id, day)
    assert record_use.since(session, acme.id) == day + timedelta(days=1)
    assert told(session, acme) == [(day + timedelta(days=1)).isoformat()], "twice is once"
    assert record_use.since(session, make_company(session, "other").id) is None
    record_use.end(session, acme.id)
    assert told(session, acme)[-1] is None and record_use.since(session, acme.id) is None


@pytest.mark.parametrize("what", ["a text without it", "counsel's day taken back"])
def test_it_ends_with_what_it_stands_on(session: Session, acme: Company, what: str) -> None:
    published(session, acme)
    confirmed(session, acme, clock.today())
    record_use.begin(session, acme.id, clock.today())
    if what == "a text without it":
        published(session, acme, with_record=False)
    else:
        confirmed(session, acme, None)
    assert record_use.since(session, acme.id) is None


def test_who_applied_while_the_page_did_not_say_it_was_not_told(session: Session, acme: Company) -> None:
    """Published, taken out and published again: the day is that of the second time."""
    published(session, acme)
    published(session, acme, with_record=False)
    with clock.at(clock.now() + timedelta(days=30)):
        published(session, acme)
        assert record_use.standing(session, acme.id).published_on == clock.today()


def test_a_text_without_the_purpose_is_none_of_a_company(session: Session, acme: Company) -> None:
    """It is optional: no fault without it, no version kept of nothing, and the wording is the same again later."""
    assert purposes.faults(Purpose.RECORD, "") == [] and purposes.faults(Purpose.RECORD, privacy_draft.RECORD) == []
    assert purposes.faults(Purpose.RECORD, "採用活動をよりよくするために使用します。どうぞよろしく。")
    published(session, acme)
    published(session, acme, with_record=False)
    published(session, acme)
    text = privacy.current(session, acme.id)
    assert text is not None
    versions = {wording.purpose: wording.version for wording in text.purposes}
    assert list(versions) == list(Purpose) and versions[Purpose.RECORD] == 1
