"""Two records become one, nothing is lost, and taking it back leaves everything as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import undo
from relay.bulk.undo import ChangedSince
from relay.candidates import files, notes, tags
from relay.candidates.duplicates import jobs, pairs
from relay.candidates.duplicates.merging import BothReferred, GoneMeanwhile, MailUnderWay, Merged, merge, preselected
from relay.indexing import search_rows
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts
from relay.models import (
    Application,
    ApplicationResult,
    Attachment,
    Candidate,
    CandidateTag,
    DifferentPeople,
    ErasedKey,
    Event,
    EventTag,
    MailClass,
    Merge,
    Message,
    MessageState,
    Note,
    Reapply,
    Referral,
    RelayLink,
    RetentionBasis,
    SourceRecord,
    journal,
    scopes,
)
from relay.rights import erased_keys, erasure
from relay.search import candidate_search
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position
from tests.db.bulk.test_undo import BY_ITSELF
from tests.db.network.build import mailed_link
from tests.papers import pdf
from tests.rows import every_row

COMPUTED = BY_ITSELF | {"match_keys", "jobs"}


@dataclass
class Two:
    """One person twice, with something of everything on both sides."""

    cast: Cast
    one: Candidate
    other: Candidate

    @property
    def ids(self) -> tuple[int, int]:
        return self.one.id, self.other.id


@pytest.fixture
def two(session: Session) -> Iterator[Two]:
    cast = make_cast(session)
    one = make_candidate(session, cast.acme, "高橋花子", email="old@mail.example", phone="09011112222")
    other = make_candidate(
        session, cast.acme, "髙橋 花子", email="new@mail.example", phone="09011112222", kana="タカハシ ハナコ"
    )
    with scopes.company(session, cast.acme.id):
        _fill(session, cast, one, other)
        session.commit()
        yield Two(cast, one, other)


def _fill(session: Session, cast: Cast, one: Candidate, other: Candidate) -> None:
    today = clock.today()
    one.retain_until, other.retain_until = today + timedelta(days=90), today + timedelta(days=200)
    one.basis, other.basis = RetentionBasis.STATED, RetentionBasis.CONSENTED
    position = make_position(session, cast.acme)
    for each in (one, other):
        made = make_application(session, each, position, status=ApplicationResult.REJECTED, decided_on=today)
        session.add(
            Message(
                letter="result",
                once_per_subject=True,
                mail_class=MailClass.TRANSACTIONAL,
                subject_kind="application",
                subject_id=made.id,
                candidate_id=each.id,
                to_address=each.email,
                state=MessageState.SENT,
                due_at=clock.now(),
                message_id=f"<{each.id}@acme.example>",
                created_at=clock.now(),
            )
        )
        session.add(
            SourceRecord(
                source="herp",
                source_id=f"H{each.id}",
                candidate_id=each.id,
                application_id=made.id,
                values={"name": each.name, "email": each.email},
                updated_at=clock.now(),
            )
        )
        notes.add_note(session, each, f"{each.id}のメモ", by_user_id=cast.ada.id)
        tags.add_tag(session, tags.find_or_make(session, "惜しい"), [each.id], by_user_id=cast.ada.id)
    tags.add_tag(session, tags.find_or_make(session, "営業"), [other.id], by_user_id=cast.ada.id)
    session.flush()
    search_rows.index(session, [one.id, other.id])
    jobs.run(session)


def merged(session: Session, two: Two, **chosen: int) -> Merged:
    result = merge(
        session, two.cast.acme.id, two.ids, preselected(two.one, two.other) | chosen, by_user_id=two.cast.ada.id
    )
    session.commit()
    return result


def everything(session: Session) -> dict[str, Any]:
    return every_row(session, COMPUTED)


def count(session: Session, model: Any, candidate_id: int) -> int:
    return session.scalar(select(func.count()).select_from(model).where(model.candidate_id == candidate_id)) or 0


def test_everything_of_both_is_with_the_record_that_stays(session: Session, two: Two) -> None:
    one_id, other_id = two.ids
    kept = merged(session, two).candidate

    assert kept.id == one_id
    assert (kept.name, kept.kana, kept.email) == ("髙橋 花子", "タカハシ ハナコ", "new@mail.example")
    for model, expected in ((Application, 2), (Message, 2), (SourceRecord, 2), (CandidateTag, 2), (Note, 3)):
        assert (count(session, model, one_id), count(session, model, other_id)) == (expected, 0), model.__name__
    assert session.scalars(select(Candidate.id).where(Candidate.id == other_id)).all() == []
    assert [
        row.name for row in candidate_search.find(session, two.cast.acme.id, candidate_search.Query(q="髙橋 営業")).rows
    ] == [kept.name]


def test_what_was_not_chosen_is_kept_in_a_memo(session: Session, two: Two) -> None:
    kept = merged(session, two, email=two.one.id).candidate

    assert kept.email == "old@mail.example"
    last = session.scalars(select(Note.body).order_by(Note.id.desc())).first()
    assert last is not None
    assert "new@mail.example" in last
    assert "高橋花子" in last


def test_the_narrower_reason_and_the_earlier_day_win(session: Session, two: Two) -> None:
    kept = merged(session, two).candidate
    assert (kept.basis, kept.retain_until) == (RetentionBasis.STATED, clock.today() + timedelta(days=90))


def test_a_wish_to_hear_no_more_at_either_address_holds_for_the_one_that_stays(session: Session, two: Two) -> None:
    acme = two.cast.acme.id
    optouts.opt_out(session, acme, address_hash("old@mail.example"), MailClass.RELAY, "page")
    two.other.contact_stopped_at = stopped = clock.now()
    kept = merged(session, two).candidate

    assert kept.contact_stopped_at == stopped
    assert optouts.is_opted_out(session, acme, "new@mail.example")
    optouts.opt_out(session, acme, address_hash("new@mail.example"), MailClass.RELAY, "page")
    session.commit()
    entry = session.scalars(select(journal.JournalEntry)).one()
    with pytest.raises(ChangedSince):
        undo.undo(session, acme, entry.id, by_user_id=None)


@pytest.mark.parametrize("state", [MessageState.DRAFT, MessageState.SCHEDULED, MessageState.SENDING])
def test_while_a_mail_is_under_way_nothing_is_merged(session: Session, two: Two, state: MessageState) -> None:
    session.scalars(select(Message).where(Message.candidate_id == two.other.id)).one().state = state
    before = everything(session)
    with pytest.raises(MailUnderWay):
        merged(session, two)
    session.rollback()
    assert everything(session) == before


def test_a_record_with_a_completed_referral_stays_and_the_referral_is_not_touched(session: Session, two: Two) -> None:
    session.add(Referral(number=1, candidate_id=two.other.id, completed_at=clock.now()))
    before = everything(session)["referrals"]
    ids = two.ids
    assert merged(session, two).candidate.id == ids[1]
    assert everything(session)["referrals"] == before


def test_two_completed_referrals_are_never_brought_together(session: Session, two: Two) -> None:
    for number, each in enumerate(two.ids, start=1):
        session.add(Referral(number=number, candidate_id=each, completed_at=clock.now()))
    before = everything(session)
    with pytest.raises(BothReferred):
        merged(session, two)
    session.rollback()
    assert everything(session) == before


def test_a_relay_link_goes_along_and_still_opens(session: Session, two: Two) -> None:
    link = mailed_link(session, two.cast.acme, "third@mail.example", name="髙橋 花子")
    ids = (two.one.id, link.candidate_id or 0)
    merge(session, two.cast.acme.id, ids, {}, by_user_id=None)
    session.commit()
    assert session.scalars(select(RelayLink.candidate_id).where(RelayLink.id == link.id)).one() == two.one.id


def test_who_is_gone_cannot_be_merged_again(session: Session, two: Two) -> None:
    ids = two.ids
    merged(session, two)
    with pytest.raises(GoneMeanwhile):
        merge(session, two.cast.acme.id, ids, {}, by_user_id=None)


def test_nobody_of_another_company_is_merged(session: Session, two: Two) -> None:
    stranger = make_candidate(session, two.cast.other)
    session.commit()
    with pytest.raises(GoneMeanwhile):
        merge(session, two.cast.acme.id, (two.one.id, stranger.id), {}, by_user_id=None)


def test_erasing_the_person_later_notes_the_keys_of_both_records(session: Session, two: Two) -> None:
    keys = {erased_keys.hash_of(each.erasure_key) for each in (two.one, two.other)}
    merged(session, two)
    assert erasure.erase_address(session, "old@mail.example").candidates == 1
    session.commit()

    assert set(session.scalars(select(ErasedKey.key_hash))) == keys
    for model in (Merge, Note, journal.JournalImage):
        assert session.scalars(select(model.id)).all() == [], model.__name__


def test_the_act_is_in_the_log_by_ids_alone(session: Session, two: Two) -> None:
    ids = two.ids
    merged(session, two)
    event = session.scalars(select(Event).where(Event.tag == EventTag.CANDIDATES_MERGED.value)).one()
    assert (event.subject_id, event.data) == (ids[0], {"candidate_id": ids[0], "merged_id": ids[1]})


def test_who_was_told_apart_from_the_one_is_apart_from_the_other(session: Session, two: Two) -> None:
    third = make_candidate(session, two.cast.acme, "髙橋 花子", email="third@mail.example")
    pairs.tell_apart(session, two.cast.acme.id, third.id, two.other.id, by_user_id=None)
    merged(session, two)
    found = session.execute(select(DifferentPeople.one_id, DifferentPeople.other_id)).all()
    assert [tuple(row) for row in found] == [(two.one.id, third.id)]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["name", "kana", "email", "phone", "follow_up"]), st.booleans()), st.booleans())
def test_merging_and_taking_it_back_leaves_everything_as_it_was(
    session: Session, two: Two, picked: dict[str, bool], apart: bool
) -> None:
    ids, acme = two.ids, two.cast.acme.id
    if apart:
        pairs.tell_apart(session, acme, *ids, by_user_id=None)
    optouts.opt_out(session, acme, address_hash("old@mail.example"), MailClass.RELAY, "page")
    before = everything(session)
    recorder = merge(session, acme, ids, {name: ids[second] for name, second in picked.items()}, by_user_id=None)
    session.commit()
    assert everything(session) != before

    undo.undo(session, acme, recorder.entry_id, by_user_id=None)

    assert everything(session) == before
    assert [row.id for row in candidate_search.find(session, acme, candidate_search.Query(q="花子")).rows] == [
        ids[1],
        ids[0],
    ]


def test_files_and_what_both_said_of_themselves_stay_with_the_one_record(session: Session, two: Two) -> None:
    two.one.qualifications, two.other.qualifications = "簿記2級", "英検準1級"
    two.one.desired_role, two.other.reapply = "経理", Reapply.YES
    for person in (two.one, two.other):
        files.keep(session, person, "履歴書.pdf", BytesIO(pdf(person.name)), by_user_id=None)
    session.commit()
    merged = merge(session, two.cast.acme.id, two.ids, {}, by_user_id=two.cast.ada.id)
    kept = merged.candidate
    assert set(kept.qualifications.split("、")) == {"簿記2級", "英検準1級"}
    assert (kept.desired_role, kept.reapply) == ("経理", Reapply.YES)
    owners = session.scalars(select(Attachment.candidate_id)).all()
    assert owners == [kept.id, kept.id]
    session.commit()
    undo.undo(session, two.cast.acme.id, merged.entry_id, by_user_id=two.cast.ada.id)
    session.commit()
    assert sorted(session.scalars(select(Attachment.candidate_id))) == sorted(two.ids)
