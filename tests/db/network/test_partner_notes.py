"""A partner's memos about a person: its own, as long as something is shared, and gone for good afterwards."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Partner, PartnerNote, Profile, scopes
from relay.network import consents, granting, partner_notes, partner_people, partner_records, partners, pins, sharing
from relay.network.partner_notes import NoteLine
from tests.cast import Cast, make_partner, make_partnership, make_user
from tests.db.network.build import EVIDENCE, mailed_link, register, the_profile

MAIL = "hanako@mail.example"
TERM = timedelta(days=30)


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    register(session, mailed_link(session, cast.acme, MAIL), cast.tsumugi, cast.manabi)
    session.commit()
    return the_profile(session, MAIL)


def write(session: Session, cast: Cast, person: Profile, body: str = "電話した", **how: bool) -> PartnerNote | None:
    """Agnes keeps a memo on the person."""
    note = partner_notes.add(session, cast.tsumugi.id, person.id, body, by_user_id=cast.agnes.id, **how)
    session.commit()
    return note


def read(session: Session, partner: Partner, person: Profile) -> list[str]:
    return [each.body for each in partner_notes.of_person(session, partner.id, person.id, reader_id=0)]


def kept(session: Session) -> int:
    with scopes.everyone(session, "test"):
        return session.scalar(select(func.count(PartnerNote.id))) or 0


def swept(session: Session, after: timedelta) -> int:
    """How many are left once the sweep has run so much later."""
    with clock.at(clock.now() + after):
        partner_people.sweep(session)
        session.commit()
    return kept(session)


def test_the_partners_people_read_it_and_no_other_partner(session: Session, cast: Cast, hanako: Profile) -> None:
    write(session, cast, hanako, "午前に電話した")
    write(session, cast, hanako, "来週、面談")
    assert read(session, cast.tsumugi, hanako) == ["来週、面談", "午前に電話した"]
    assert read(session, cast.manabi, hanako) == []
    [line, _first] = partner_notes.of_person(session, cast.tsumugi.id, hanako.id, reader_id=cast.agnes.id)
    assert line == NoteLine(line.id, "来週、面談", line.at, None, cast.agnes.name, own=True)


def test_a_form_that_is_sent_twice_keeps_one_memo(session: Session, cast: Cast, hanako: Profile) -> None:
    assert write(session, cast, hanako) is not None
    assert write(session, cast, hanako) is None
    assert kept(session) == 1


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (" \n", partner_notes.PartnerNoteMissing),
        ("あ" * (partner_notes.MAX_LENGTH + 1), partner_notes.PartnerNoteTooLong),
        ("うつ病で通院中とのこと", partner_notes.SensitivePartnerNote),
    ],
)
def test_what_is_no_memo_is_refused(
    session: Session, cast: Cast, hanako: Profile, body: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        write(session, cast, hanako, body)
    assert kept(session) == 0


def test_what_a_person_confirmed_is_kept(session: Session, cast: Cast, hanako: Profile) -> None:
    write(session, cast, hanako, "病院事務の経験", confirmed=False)
    write(session, cast, hanako, "労働組合の専従だった方", confirmed=True)
    assert kept(session) == 2


def test_there_are_so_many_and_no_more(
    session: Session, cast: Cast, hanako: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_notes, "MAX_NOTES", 2)
    for each in "ab":
        write(session, cast, hanako, each)
    with pytest.raises(partner_notes.TooManyPartnerNotes):
        write(session, cast, hanako, "c")


def test_its_author_changes_and_removes_it_and_no_colleague(session: Session, cast: Cast, hanako: Profile) -> None:
    note = write(session, cast, hanako)
    assert note is not None
    ben = make_user(session, "ben", cast.tsumugi, cast.agnes.role)
    assert partner_notes.find(session, cast.tsumugi.id, hanako.id, note.id, by_user_id=ben.id) is None
    assert partner_notes.find(session, cast.manabi.id, hanako.id, note.id, by_user_id=cast.agnes.id) is None
    found = partner_notes.find(session, cast.tsumugi.id, hanako.id, note.id, by_user_id=cast.agnes.id)
    assert found is note
    seen = partner_notes.version(note)
    assert partner_notes.change(note, "留守だった", seen=seen)
    assert note.changed_at is not None
    for act in (
        lambda: partner_notes.change(note, "別の窓", seen=seen),
        lambda: partner_notes.remove(session, note, seen=seen),
    ):
        with pytest.raises(partner_notes.PartnerNoteChanged):
            act()
    assert read(session, cast.tsumugi, hanako) == ["留守だった"]
    partner_notes.remove(session, note, seen=partner_notes.version(note))
    assert kept(session) == 0


def test_with_the_withdrawal_it_is_closed_and_thirty_days_later_it_is_gone(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    write(session, cast, hanako)
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    session.commit()
    with scopes.partner(session, cast.tsumugi.id), pytest.raises(sharing.Gone):
        sharing.hold(session, hanako.code)
    assert read(session, cast.tsumugi, hanako) == []
    assert swept(session, TERM - timedelta(hours=1)) == 1
    assert swept(session, TERM + timedelta(hours=1)) == 0


def test_a_new_share_begins_without_the_old_memos(session: Session, cast: Cast, hanako: Profile) -> None:
    write(session, cast, hanako, "まえの登録のときの話")
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    session.commit()
    with scopes.partner(session, cast.tsumugi.id):
        assert sharing.hold(session, hanako.code) == hanako.id
    assert read(session, cast.tsumugi, hanako) == []
    write(session, cast, hanako, "改めて電話した")
    assert swept(session, TERM + timedelta(hours=1)) == 1
    assert read(session, cast.tsumugi, hanako) == ["改めて電話した"]


def test_while_another_company_still_shares_the_person_it_stays(session: Session, cast: Cast, hanako: Profile) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    register(session, mailed_link(session, cast.other, MAIL), cast.tsumugi)
    write(session, cast, hanako)
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    session.commit()
    assert read(session, cast.tsumugi, hanako) == ["電話した"]
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    session.commit()
    assert read(session, cast.tsumugi, hanako) == []
    assert swept(session, TERM + timedelta(hours=1)) == 0


def test_a_share_that_runs_out_ends_it_from_that_moment(session: Session, cast: Cast, hanako: Profile) -> None:
    write(session, cast, hanako)
    with scopes.everyone(session, "test"):
        until = session.scalars(select(sharing.Share.until).where(sharing.Share.partner_id == cast.tsumugi.id)).one()
    ran_out = until - clock.now()
    assert swept(session, ran_out + timedelta(hours=5)) == 1, "ended, and not yet gone"
    assert read(session, cast.tsumugi, hanako) == []
    assert swept(session, ran_out + TERM - timedelta(hours=1)) == 1
    assert swept(session, ran_out + TERM + timedelta(hours=1)) == 0


def test_a_share_that_ran_out_and_is_given_anew_begins_without_them_also_before_the_sweep(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    write(session, cast, hanako)
    with clock.at(clock.now() + timedelta(days=370)):
        cast.tsumugi.license_until = clock.today() + timedelta(days=300)
        consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
        session.commit()
        assert read(session, cast.tsumugi, hanako) == []


def test_a_pause_ends_nothing(session: Session, cast: Cast, hanako: Profile) -> None:
    write(session, cast, hanako)
    hanako.paused_until = clock.today()
    session.commit()
    with scopes.partner(session, cast.tsumugi.id), pytest.raises(sharing.Gone):
        sharing.hold(session, hanako.code)
    assert swept(session, timedelta(0)) == 1
    assert read(session, cast.tsumugi, hanako) == ["電話した"]


def test_the_end_at_one_partner_ends_nothing_at_another(session: Session, cast: Cast, hanako: Profile) -> None:
    second = make_partner(session, "second")
    make_partnership(session, cast.acme, second)
    session.commit()
    consents.give_more(session, hanako.id, second.id, token_id=None, evidence=EVIDENCE)
    write(session, cast, hanako)
    consents.withdraw(session, hanako.id, second.id)
    session.commit()
    assert read(session, cast.tsumugi, hanako) == ["電話した"]


def test_a_partner_of_before_the_present_number_is_not_told_of(session: Session, cast: Cast, hanako: Profile) -> None:
    """Whoever reads the mailbox and chose a number anew learns no partner by the memo it writes afterwards (C-25)."""
    with clock.at(clock.now() + timedelta(hours=1)):
        pins.adopt(session, hanako, pins.hash_of("7204"))
        write(session, cast, hanako)
        since = granting.visible_since(session, hanako.id)
        assert partner_records.of_profile(session, hanako.id, since=since) == []
    assert [each.partner_id for each in partner_records.of_profile(session, hanako.id, since=clock.EPOCH)] == [
        cast.tsumugi.id
    ]
