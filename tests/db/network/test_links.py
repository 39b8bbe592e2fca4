"""Who gets a relay link, by one rule for everyone, and what HR is told of it afterwards."""

from datetime import timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra.keyed_hash import address_hash
from relay.mail import optouts, tokens
from relay.models import Application, ApplicationResult, LinkState, MailClass, RelayLink, TokenPurpose, scopes
from relay.network import figures, links, mistaken, partners, referrals
from relay.network.links import LinkRefusal, RelayWord
from tests.cast import Cast, make_application, make_candidate
from tests.db.network.build import mailed_link, register


def word(session: Session, cast: Cast, link: RelayLink) -> RelayWord:
    with scopes.company(session, cast.acme.id):
        return links.statuses(session, [link.candidate_id or 0])[link.candidate_id or 0].word


def an_application(session: Session, cast: Cast, **candidate: Any) -> Application:
    return make_application(
        session,
        make_candidate(session, cast.acme, **candidate),
        status=ApplicationResult.REJECTED,
        decided_on=clock.today(),
    )


@pytest.mark.parametrize(
    ("candidate", "refusal"),
    [
        ({}, None),
        ({"email": ""}, LinkRefusal.NO_ADDRESS),
        ({"birth_date": clock.today() - relativedelta(years=15)}, LinkRefusal.NOT_FOR_THEM),
        ({"birth_date": clock.today() - relativedelta(years=17)}, None),
        ({"email": "STOPPED@mail.example"}, LinkRefusal.NOT_FOR_THEM),
        ({"follow_up": "scout"}, None),
        ({"basis": "selection"}, None),
    ],
)
def test_only_the_named_causes_leave_the_link_out(
    session: Session, cast: Cast, candidate: dict[str, Any], refusal: LinkRefusal | None
) -> None:
    with scopes.company(session, cast.acme.id):
        optouts.opt_out(session, cast.acme.id, address_hash("stopped@mail.example"), MailClass.RELAY, "page")
    person = make_candidate(session, cast.acme, **candidate)
    assert links.refusals(session, cast.acme.id, [person.id]).get(person.id) is refusal


def test_two_causes_concern_the_whole_company(session: Session, cast: Cast) -> None:
    people = [make_candidate(session, cast.acme, email=f"{each}@mail.example").id for each in range(2)]
    for partner in (cast.tsumugi, cast.manabi):
        partners.end_partnership(session, cast.acme.id, partner.id)
    assert links.refusals(session, cast.acme.id, people) == dict.fromkeys(people, LinkRefusal.NO_PARTNERSHIP)
    cast.acme.relay_enabled = False
    assert links.refusals(session, cast.acme.id, people) == dict.fromkeys(people, LinkRefusal.RELAY_OFF)


def test_every_cause_has_its_sentence(session: Session) -> None:
    sentences = {str(each.sentence) for each in LinkRefusal}
    assert len(sentences) == len(LinkRefusal)
    assert all(sentence.endswith("。") for sentence in sentences)


def test_the_rule_and_the_states_cost_the_same_for_two_and_for_sixty_people(session: Session, cast: Cast) -> None:
    people = [mailed_link(session, cast.acme, f"{each}@mail.example").candidate_id or 0 for each in range(60)]
    session.commit()

    def queries(ids: list[int]) -> int:
        asked: list[str] = []

        def listen(*args: Any) -> None:
            asked.append(args[2])

        event.listen(db.engine, "before_cursor_execute", listen)
        try:
            links.refusals(session, cast.acme.id, ids)
            with scopes.company(session, cast.acme.id):
                links.statuses(session, ids)
        finally:
            event.remove(db.engine, "before_cursor_execute", listen)
        return len(asked)

    queries(people[:1])  # opens the transaction
    assert queries(people[:2]) == queries(people) <= 6


def test_a_link_is_one_per_application_and_lives_no_longer_than_the_person_is_kept(
    session: Session, cast: Cast
) -> None:
    soon = clock.today() + timedelta(days=10)
    application = an_application(session, cast, retain_until=soon)
    first = links.issue(session, application=application, address="hanako@mail.example")
    assert links.issue(session, application=application, address="hanako@mail.example").id == first.id
    assert first.expires_at == clock.end_of_day(soon)
    other = an_application(session, cast, email="taro@mail.example")
    lasting = links.issue(session, application=other, address="taro@mail.example")
    assert timedelta(days=59) < lasting.expires_at - clock.now() <= timedelta(days=60)


def test_a_link_mailed_to_a_corrected_address_ends_those_mailed_before(session: Session, cast: Cast) -> None:
    application = an_application(session, cast, email="typo@mail.example")
    link = links.issue(session, application=application, address="typo@mail.example")
    before = links.mint(session, link, None)
    again = links.mint(session, link, None)
    assert tokens.find(session, before, TokenPurpose.RELAY) is not None
    assert tokens.find(session, again, TokenPurpose.RELAY) is not None
    links.issue(session, application=application, address="hanako@mail.example")
    assert tokens.find(session, before, TokenPurpose.RELAY) is None
    assert link.address_hash == address_hash("hanako@mail.example")


def test_hr_reads_four_words_and_no_visit(session: Session, cast: Cast) -> None:
    application = an_application(session, cast, email="a@mail.example")
    waiting = links.issue(session, application=application, address="a@mail.example")
    assert word(session, cast, waiting) is RelayWord.BEFORE
    told = mailed_link(session, cast.acme, "b@mail.example")
    links.visit(session, cast.acme.id, told.id)
    assert word(session, cast, told) is RelayWord.TOLD
    school = mailed_link(session, cast.acme, "c@mail.example")
    register(session, school, cast.manabi)
    assert word(session, cast, school) is RelayWord.TOLD
    agency = mailed_link(session, cast.acme, "d@mail.example")
    register(session, agency, cast.tsumugi)
    assert word(session, cast, agency) is RelayWord.COMPLETED
    quiet = mailed_link(session, cast.acme, "e@mail.example")
    with clock.at(clock.now() + timedelta(days=61)):
        assert word(session, cast, quiet) is RelayWord.EXPIRED
        assert word(session, cast, agency) is RelayWord.COMPLETED
        assert word(session, cast, school) is RelayWord.EXPIRED, "to the company a school is as good as silence"


def test_a_completed_relay_tells_its_number_and_day_until_it_is_voided(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "a@mail.example")
    register(session, link, cast.tsumugi)
    ids = [link.candidate_id or 0]
    with scopes.company(session, cast.acme.id):
        status = links.statuses(session, ids)[ids[0]]
        assert (status.number, status.date, str(status.label)) == (1, clock.today(), "リレー完了")
        referrals.void(session, cast.acme.id, 1, "二重の登録")
        assert links.statuses(session, ids)[ids[0]].word is RelayWord.TOLD


def test_another_company_learns_nothing(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "a@mail.example")
    with scopes.company(session, cast.other.id):
        assert links.statuses(session, [link.candidate_id or 0]) == {}
        with pytest.raises(links.LinkGone):
            links.load(session, link.id)
    assert links.refusals(session, cast.other.id, [link.candidate_id or 0]) != {}


def test_the_totals_count_who_was_told_about_how_many_came_and_who_counts(session: Session, cast: Cast) -> None:
    sent = [mailed_link(session, cast.acme, f"{each}@mail.example") for each in range(40)]
    an_application(session, cast, email="untold@mail.example")
    for link in sent[:22]:
        links.visit(session, cast.acme.id, link.id)
    register(session, sent[0], cast.tsumugi)
    register(session, sent[1], cast.manabi)
    figures.renew(session)
    found = figures.funnel(session, cast.acme.id)
    assert found is not None
    assert (found.told, found.completed, found.day) == (40, 1, clock.today())
    assert found.shown == 1 + 20, "twenty who came and did not register; no rounding to do"
    assert figures.funnel(session, cast.other.id) is None


def test_who_was_invited_by_mistake_is_in_no_total(session: Session, cast: Cast) -> None:
    sent = [mailed_link(session, cast.acme, f"{each}@mail.example") for each in range(40)]
    for link in sent[:22]:
        links.visit(session, cast.acme.id, link.id)
    for link in (sent[0], sent[1]):
        register(session, link, cast.tsumugi)
    for link in (*sent[1:3], *sent[36:]):
        mistaken.undo(session, cast.acme.id, link.application_id or 0, "", by_user_id=None)
    figures.renew(session)
    found = figures.funnel(session, cast.acme.id)
    assert found is not None
    assert (found.told, found.completed) == (34, 1)
    assert found.shown in (1 + 10, 1 + 20), "nineteen who came, rounded by chance"


def test_only_the_first_visit_is_remembered(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "a@mail.example")
    links.visit(session, cast.acme.id, link.id)
    first = seen_at(session, cast, link)
    with clock.at(clock.now() + timedelta(days=3)):
        links.visit(session, cast.acme.id, link.id)
    assert seen_at(session, cast, link) == first is not None


def seen_at(session: Session, cast: Cast, link: RelayLink) -> object:
    with scopes.company(session, cast.acme.id):
        return session.scalars(select(RelayLink.visited_at).where(RelayLink.id == link.id)).one()


def test_marking_sent_does_not_undo_an_answer(session: Session, cast: Cast) -> None:
    link = mailed_link(session, cast.acme, "a@mail.example")
    register(session, link, cast.tsumugi)
    links.mark_sent(session, cast.acme.id, link.application_id or 0)
    session.refresh(link)
    assert link.state is LinkState.REGISTERED
