"""References that ended: a line for each person a partner sees no more, and its answer (A-13, A-35)."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra import jobs
from relay.mail import compose
from relay.models import EndedReference, Event, EventTag, Job, Message, Partner, Profile, Share, scopes
from relay.network import consents, ended_references, partners
from relay.network.ended_references import ReferenceLine
from relay.rights.erasure import erase_profile
from relay.worker import upkeep
from tests.bench import plans
from tests.cast import Cast, make_partner, make_partnership
from tests.db.network.build import EVIDENCE, mailed_link, mails, register, the_profile
from tests.statements import said

MAIL = "hanako@mail.example"


@pytest.fixture
def hanako(session: Session, cast: Cast) -> Profile:
    register(session, mailed_link(session, cast.acme, MAIL), cast.tsumugi, cast.manabi)
    session.commit()
    return the_profile(session, MAIL)


def lines(session: Session, partner: Partner, **which: bool) -> Sequence[ReferenceLine]:
    with scopes.partner(session, partner.id):
        return list(ended_references.lines(session, **which).rows)


def sweep(session: Session) -> None:
    session.commit()
    upkeep.sweep(session, Job(kind="sweep", key="test"))
    session.commit()


def answer(session: Session, cast: Cast, code: str) -> int:
    with scopes.partner(session, cast.tsumugi.id):
        return ended_references.answer(session, cast.tsumugi.id, code, by_user_id=cast.agnes.id)


def test_a_withdrawal_leaves_reference_and_days_at_that_partner_alone(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    registered = clock.now()
    with clock.at(clock.now() + timedelta(days=3)):
        consents.withdraw(session, hanako.id, cast.tsumugi.id)
        (line,) = lines(session, cast.tsumugi)
        assert (line.code, line.deleted_at) == (hanako.code, None)
        assert line.registered_at - registered < timedelta(minutes=1)
        assert line.ended_at - registered >= timedelta(days=3)
    assert lines(session, cast.manabi) == []
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    assert len(lines(session, cast.tsumugi)) == 1, "asked for twice, it ended once"


def test_whom_the_partner_still_sees_through_another_company_has_not_ended(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    make_partnership(session, cast.other, cast.tsumugi)
    register(session, mailed_link(session, cast.other, MAIL), cast.tsumugi)
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    assert lines(session, cast.tsumugi) == []
    partners.end_partnership(session, cast.other.id, cast.tsumugi.id)
    assert [each.code for each in lines(session, cast.tsumugi)] == [hanako.code]


def test_a_term_that_is_over_ends_with_the_hourly_sweep_on_its_own_day(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    with scopes.partner(session, cast.tsumugi.id):
        until = session.scalars(select(Share.until)).one()
    with clock.at(until - timedelta(minutes=1)):
        sweep(session)
        assert lines(session, cast.tsumugi) == []
    with clock.at(until + timedelta(days=2)):
        for _hour in range(2):
            sweep(session)
        (line,) = lines(session, cast.tsumugi)
    assert (line.code, line.ended_at) == (hanako.code, until)


def test_the_day_of_registration_is_that_of_the_consent_that_ended(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    """Not of one that ran out unseen before the person came again through another company."""
    make_partnership(session, cast.other, cast.tsumugi)
    with scopes.partner(session, cast.tsumugi.id):
        until = session.scalars(select(Share.until)).one()
    cast.tsumugi.license_until = until.date() + timedelta(days=300)
    with clock.at(until + timedelta(days=3)):
        register(session, mailed_link(session, cast.other, MAIL), cast.tsumugi)
        again = clock.now()
    with clock.at(until + timedelta(days=5)):
        consents.withdraw(session, hanako.id, cast.tsumugi.id)
    (line,) = lines(session, cast.tsumugi)
    assert line.registered_at == again


def test_agreeing_anew_takes_the_request_to_delete_back_but_no_answer(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    assert lines(session, cast.tsumugi) == []
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    assert answer(session, cast, hanako.code) == 1
    consents.give_more(session, hanako.id, cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    assert [each.deleted_at is None for each in lines(session, cast.tsumugi)] == [False]


def test_an_answer_is_kept_with_its_moment_and_its_user_and_is_given_once(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    with scopes.profile(session, hanako.id):
        assert ended_references.answers(session, hanako.id) == {}
    assert [answer(session, cast, hanako.code) for _press in range(2)] == [1, 0]
    with scopes.partner(session, cast.tsumugi.id):
        kept = session.scalars(select(EndedReference)).one()
    assert kept.deleted_at is not None and kept.deleted_by_user_id == cast.agnes.id
    event = session.scalars(select(Event).where(Event.tag == EventTag.DELETION_ANSWERED.value)).one()
    assert (event.partner_id, event.data["count"], event.profile_id) == (cast.tsumugi.id, 1, None)
    assert lines(session, cast.tsumugi, unanswered=True) == []


def test_another_partner_answers_for_none_of_them(session: Session, cast: Cast, hanako: Profile) -> None:
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    with scopes.partner(session, cast.manabi.id):
        assert ended_references.answer(session, cast.manabi.id, hanako.code, by_user_id=cast.sho.id) == 0
        assert ended_references.answer_all(session, cast.manabi.id, 10**6, by_user_id=cast.sho.id) == 0
    assert len(lines(session, cast.tsumugi, unanswered=True)) == 1


def test_all_are_those_that_were_counted_when_the_page_was_shown_and_so_many_at_once(
    session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ended_references, "AT_ONCE", 2)
    for each in "abcd":
        register(session, mailed_link(session, cast.acme, f"{each}@mail.example"), cast.tsumugi)
        consents.withdraw(session, the_profile(session, f"{each}@mail.example").id, cast.tsumugi.id)
    with scopes.partner(session, cast.tsumugi.id):
        shown = ended_references.lines(session).rows[1].id
        counted = [
            ended_references.answer_all(session, cast.tsumugi.id, shown, by_user_id=cast.agnes.id) for _press in "123"
        ]
        assert counted == [2, 1, 0]
        assert ended_references.count_unanswered(session) == 1, "the newest was not on the page"


def test_nothing_of_the_person_is_left_in_it_after_their_erasure_and_it_ends_after_three_years(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    code = hanako.code
    erase_profile(session, hanako.id)
    session.commit()
    (line,) = lines(session, cast.tsumugi)
    assert line.code == code
    assert answer(session, cast, code) == 1, "the partner may still say so"
    with scopes.partner(session, cast.tsumugi.id):
        row = session.scalars(select(EndedReference)).one()
        written = " ".join(str(getattr(row, each.key)) for each in EndedReference.__table__.columns)
    assert not any(each in written for each in ("花子", "hanako", MAIL))
    last = clock.today() + relativedelta(years=3)
    for day, kept in ((last, 1), (last + timedelta(days=1), 0)):
        with clock.at(clock.start_of_day(day)):
            sweep(session)
        assert len(lines(session, cast.tsumugi)) == kept


def test_the_notice_carries_reference_day_and_the_way_to_answer(session: Session, cast: Cast, hanako: Profile) -> None:
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    session.commit()
    while jobs.deliver_event(session, clock.now()):
        pass
    (notice,) = mails(session, "withdrawal-notice")
    day = hanako.created_at.astimezone(clock.JAPAN)
    told = shown(session, notice)
    for part in (f"照会番号{hanako.code}の方", f"登録日：{day.year}年{day.month}月{day.day}日", "/agency/ended"):
        assert part in told
    assert "花子" not in told


def test_the_end_of_a_partnership_names_each_with_its_day(session: Session, cast: Cast, hanako: Profile) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    (notice,) = mails(session, "partnership-ended-notice")
    day = hanako.created_at.astimezone(clock.JAPAN)
    told = shown(session, notice)
    assert f"{hanako.code}（登録日：{day.year}年{day.month}月{day.day}日）" in told and "/agency/ended" in told


def test_a_person_who_agreed_again_meanwhile_is_named_without_a_day(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    partners.end_partnership(session, cast.acme.id, cast.tsumugi.id)
    with scopes.partner(session, cast.tsumugi.id):
        session.execute(delete(EndedReference))
    (notice,) = mails(session, "partnership-ended-notice")
    told = shown(session, notice)
    assert hanako.code in told and "登録日" not in told


def shown(session: Session, message: Message) -> str:
    with scopes.everyone(session, "test"):
        made = compose.render(session, message, preview=True)
    assert made.html.count("登録日") == made.text.count("登録日")
    return made.text


def test_another_legal_person_leaves_lines_too(session: Session, cast: Cast) -> None:
    heir = make_partner(session, "heir", corporate_number="7000012050002")
    make_partnership(session, cast.acme, heir)
    register(session, mailed_link(session, cast.acme, MAIL), heir)
    partners.describe_itself(session, heir, sure=True, corporate_number="1180301018771")
    assert [each.code for each in lines(session, heir)] == [the_profile(session, MAIL).code]
    with scopes.everyone(session, "test"):
        assert session.scalar(select(func.count()).select_from(Share)) == 0


def test_each_page_and_figure_of_the_list_walks_an_index_in_its_order(
    session: Session, cast: Cast, hanako: Profile
) -> None:
    consents.withdraw(session, hanako.id, cast.tsumugi.id)
    session.commit()
    with said(db.engine) as statements, scopes.partner(session, cast.tsumugi.id):
        for which in ({}, {"unanswered": True}, {"unanswered": True, "after": "9"}, {"code": hanako.code}):
            ended_references.lines(session, **which)  # type: ignore[arg-type]
        ended_references.count_unanswered(session)
        ended_references.newest_unanswered(session)
    session.rollback()
    found = plans.explained(db.engine, statements, small=False)
    assert len(found) == 6
    for plan in found:
        assert "ix_ended_references_" in plan, plan
        assert not any(each in plan for each in ("Seq Scan", "TEMP B-TREE", "Sort")), plan
