"""A result mail that was sent by mistake: what is taken back, what stays, and that the right mail can follow."""

import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from relay import clock
from relay.hiring import decisions
from relay.landing.arrival import arrive
from relay.mail.final_state import mark_final
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Consent,
    Event,
    EventTag,
    Incident,
    LinkState,
    Message,
    MessageState,
    Mistake,
    MistakeKind,
    NotifiedBy,
    RejectionReason,
    RelayLink,
    Share,
    scopes,
)
from relay.network import consents, credits, links, matching, mistaken
from relay.network.links import LinkSentByMistake
from relay.network.mistaken import Contact
from relay.outreach import mailings, mistakes
from tests.db.network.build import mails, register, the_profile
from tests.db.network.test_company_links import link_for
from tests.db.outreach.conftest import Desk, Postbox, text_of

ADA = Contact("Ada", "0266-00-0000")
HANAKO = "hanako@mail.example"


@pytest.fixture
def sent(desk: Desk, postbox: Postbox) -> Message:
    """The mail that rejected 髙橋 花子, as it was delivered."""
    return send(desk, postbox, desk.person())


def send(desk: Desk, postbox: Postbox, application: Application) -> Message:
    """Tell the result, and let the worker send it."""
    desk.cast.acme.send_delay_minutes = 0
    desk.session.commit()
    desk.tell(application)
    postbox.collect()
    with scopes.company(desk.session, desk.cast.acme.id):
        newest = select(Message).where(Message.subject_id == application.id).order_by(Message.id.desc()).limit(1)
        return desk.session.scalars(newest).one()


def declare(desk: Desk, mail: Message, kind: MistakeKind = MistakeKind.RESULT) -> Mistake:
    """Say that it was sent by mistake."""
    declared = mistakes.declare(desk.session, desk.cast.acme.id, mail.id, kind, ADA, by_user_id=desk.cast.ada.id)
    desk.session.commit()
    return declared.mistake


def the_application(desk: Desk, mail: Message) -> Application:
    with scopes.company(desk.session, desk.cast.acme.id):
        wanted = select(Application).where(Application.id == mail.subject_id)
        return desk.session.scalars(wanted.execution_options(populate_existing=True)).one()


def the_link(desk: Desk, mail: Message) -> RelayLink:
    link = links.of_application(desk.session, desk.cast.acme.id, mail.subject_id or 0)
    assert link is not None
    return link


def secret(postbox: Postbox, place: int = -1) -> str:
    """The token of the relay link in a mail."""
    results = [each for each in postbox.mails if "/r/" in text_of(each)]
    found = re.search(r"/r/([\w-]+)", text_of(results[place]))
    assert found is not None
    return found[1]


def counted(desk: Desk) -> int:
    return credits.meter(desk.session, desk.cast.acme.id).total


class TestTheApplication:
    """It goes back to where it was before the mail was queued."""

    def test_one_that_the_mail_rejected_is_in_selection_again(self, desk: Desk, sent: Message) -> None:
        mistake = declare(desk, sent)

        now = the_application(desk, sent)
        assert (now.status, now.reason, now.decided_on) == (ApplicationResult.OPEN, None, None)
        assert (now.notified_at, now.notified_by) == (None, None)
        assert mistake.reopened

    @pytest.mark.parametrize("kind", [MistakeKind.ADDRESS, MistakeKind.TEXT])
    def test_where_the_result_was_right_it_is_rejected_and_not_told(
        self, desk: Desk, sent: Message, kind: MistakeKind
    ) -> None:
        mistake = declare(desk, sent, kind)

        now = the_application(desk, sent)
        assert (now.status, now.reason) == (ApplicationResult.REJECTED, RejectionReason.SKILLS)
        assert now.notified_at is None
        assert not mistake.reopened

    def test_one_that_was_rejected_before_stays_rejected(self, desk: Desk, postbox: Postbox) -> None:
        application = desk.person(status=ApplicationResult.REJECTED, decided_on=clock.today())
        mail = send(desk, postbox, application)

        mistake = declare(desk, mail)

        now = the_application(desk, mail)
        assert (now.status, now.notified_at) == (ApplicationResult.REJECTED, None)
        assert not mistake.reopened

    def test_a_selection_that_runs_on_has_no_date_of_deletion(self, desk: Desk, sent: Message) -> None:
        with scopes.company(desk.session, desk.cast.acme.id):
            candidate = desk.session.get_one(Candidate, sent.candidate_id)
            assert candidate.retain_until is not None
        declare(desk, sent)
        desk.session.refresh(candidate)
        assert candidate.retain_until is None


class TestTheRightMail:
    """It can follow, once, with a link of its own."""

    def test_it_is_sent_and_its_link_registers(self, desk: Desk, postbox: Postbox, sent: Message) -> None:
        first = secret(postbox)
        declare(desk, sent)
        again = send(desk, postbox, the_application(desk, sent))

        assert again.id != sent.id
        assert the_application(desk, sent).notified_by is NotifiedBy.RELAY
        assert arrive(desk.session, secret(postbox)).link.state is LinkState.SENT
        with pytest.raises(LinkSentByMistake):
            arrive(desk.session, first)

    def test_there_is_still_never_a_second(self, desk: Desk, postbox: Postbox, sent: Message) -> None:
        declare(desk, sent)
        send(desk, postbox, the_application(desk, sent))
        with pytest.raises(Exception, match="すでに結果を伝えたか"):
            desk.tell(the_application(desk, sent))

    def test_it_counts_though_the_mistaken_one_comes_back(self, desk: Desk, postbox: Postbox, sent: Message) -> None:
        declare(desk, sent, MistakeKind.TEXT)
        send(desk, postbox, the_application(desk, sent))
        with scopes.company(desk.session, desk.cast.acme.id):
            mark_final(desk.session, sent, MessageState.BOUNCED)
        desk.session.commit()
        assert the_application(desk, sent).notified_by is NotifiedBy.RELAY
        assert the_link(desk, sent).state is LinkState.SENT

    def test_the_mail_that_was_a_mistake_stays_in_the_list_of_what_left(self, desk: Desk, sent: Message) -> None:
        declare(desk, sent)
        with scopes.company(desk.session, desk.cast.acme.id):
            assert [row.id for row in mailings.sent(desk.session).rows] == [sent.id]


class TestOnce:
    """A mail is declared once, and only one that left."""

    def test_pressed_twice_it_is_one_mistake(self, desk: Desk, sent: Message) -> None:
        first = declare(desk, sent)
        second = mistakes.declare(
            desk.session, desk.cast.acme.id, sent.id, MistakeKind.TEXT, ADA, by_user_id=desk.cast.ada.id
        )
        assert (second.mistake.id, second.new, second.mistake.kind) == (first.id, False, MistakeKind.RESULT)
        assert _count(desk, EventTag.RESULT_MISTAKEN) == 1

    def test_the_database_refuses_a_second(self, desk: Desk, sent: Message) -> None:
        first = declare(desk, sent)
        with scopes.company(desk.session, desk.cast.acme.id):
            desk.session.add(
                Mistake(
                    message_id=sent.id,
                    kind=MistakeKind.TEXT,
                    reopened=False,
                    contact_name="",
                    contact_phone="",
                    incident_id=first.incident_id,
                    at=clock.now(),
                )
            )
            with pytest.raises(IntegrityError):
                desk.session.flush()
        desk.session.rollback()

    def test_what_waits_is_stopped_instead(self, desk: Desk) -> None:
        application = desk.person()
        desk.tell(application)
        with scopes.company(desk.session, desk.cast.acme.id):
            mail = desk.session.scalars(select(Message)).one()
        with pytest.raises(mistakes.NotDelivered):
            declare(desk, mail)
        assert mail.state is MessageState.SCHEDULED


class TestTheLink:
    """It is frozen at once, whatever was done with it."""

    def test_it_registers_nobody_any_more(self, desk: Desk, postbox: Postbox, sent: Message) -> None:
        link = the_link(desk, sent)
        declare(desk, sent)
        with pytest.raises(LinkSentByMistake):
            arrive(desk.session, secret(postbox))
        with pytest.raises(LinkSentByMistake):
            register(desk.session, link, desk.cast.tsumugi)
        assert counted(desk) == 0

    def test_a_registration_that_waits_for_another_address_is_dropped(self, desk: Desk, sent: Message) -> None:
        register(desk.session, the_link(desk, sent), desk.cast.tsumugi, address="elsewhere@mail.example")
        desk.session.commit()
        declare(desk, sent)
        assert [each.to_address for each in mails(desk.session, "other-address-asked")] == [""]

    def test_hr_reads_of_it_what_it_would_read_of_a_person_who_was_silent(
        self, desk: Desk, postbox: Postbox, sent: Message
    ) -> None:
        silent = send(desk, postbox, desk.person("佐藤 一郎", "sato@mail.example"))
        register(desk.session, the_link(desk, sent), desk.cast.manabi)
        desk.session.commit()
        for mail in (sent, silent):
            declare(desk, mail)
        with scopes.company(desk.session, desk.cast.acme.id):
            assert links.statuses(desk.session, [sent.candidate_id or 0, silent.candidate_id or 0]) == {}


class TestTheRegistration:
    """It stays the person's own, and stops counting until the right result was told."""

    @pytest.fixture
    def registered(self, desk: Desk, sent: Message) -> Message:
        register(desk.session, the_link(desk, sent), desk.cast.tsumugi)
        desk.session.commit()
        assert counted(desk) == 1
        return sent

    def test_nothing_of_it_is_deleted(self, desk: Desk, registered: Message) -> None:
        profile = the_profile(desk.session, HANAKO)
        declare(desk, registered)
        assert [each.name for each in consents.standing(desk.session, profile.id)] == [desk.cast.tsumugi.name]
        with scopes.profile(desk.session, profile.id):
            assert desk.session.scalar(select(func.count(Consent.id))) == 1

    def test_it_counts_no_more(self, desk: Desk, registered: Message) -> None:
        declare(desk, registered)
        assert counted(desk) == 0
        assert mistaken.count_due(desk.session) == 0

    @pytest.mark.parametrize("kind", [MistakeKind.RESULT, MistakeKind.TEXT])
    def test_it_counts_again_once_the_right_result_was_told(
        self, desk: Desk, postbox: Postbox, registered: Message, kind: MistakeKind
    ) -> None:
        declare(desk, registered, kind)
        send(desk, postbox, the_application(desk, registered))
        assert (mistaken.count_due(desk.session), counted(desk)) == (1, 1)
        assert (mistaken.count_due(desk.session), counted(desk)) == (0, 1)

    def test_it_counts_again_when_the_person_was_told_by_telephone(self, desk: Desk, registered: Message) -> None:
        declare(desk, registered)
        with scopes.company(desk.session, desk.cast.acme.id):
            decisions.note_notified_elsewhere(
                desk.session, [the_application(desk, registered)], by_user_id=None, reason=RejectionReason.SKILLS
            )
        mistaken.count_due(desk.session)
        assert counted(desk) == 1

    def test_whoever_got_it_by_a_wrong_address_does_not_count_for_the_right_person(
        self, desk: Desk, postbox: Postbox, registered: Message
    ) -> None:
        declare(desk, registered, MistakeKind.ADDRESS)
        _correct_address(desk, registered, "right@mail.example")
        send(desk, postbox, the_application(desk, registered))
        mistaken.count_due(desk.session)
        assert counted(desk) == 0

        register(desk.session, arrive(desk.session, secret(postbox)).link, desk.cast.tsumugi)
        mistaken.count_due(desk.session)
        assert counted(desk) == 1

    def test_registering_by_the_right_mail_counts_once(self, desk: Desk, postbox: Postbox, registered: Message) -> None:
        declare(desk, registered)
        send(desk, postbox, the_application(desk, registered))
        register(desk.session, arrive(desk.session, secret(postbox)).link, desk.cast.tsumugi)
        assert counted(desk) == 1
        assert mistaken.count_due(desk.session) == 0

    def test_a_person_who_was_invited_rightly_as_well_goes_on_counting(
        self, desk: Desk, postbox: Postbox, registered: Message
    ) -> None:
        other = send(desk, postbox, desk.person(name="高橋 花子"))
        register(desk.session, the_link(desk, other), desk.cast.tsumugi)
        declare(desk, registered)
        assert counted(desk) == 1
        declare(desk, other)
        assert counted(desk) == 0

    def test_who_withdrew_meanwhile_counts_again_all_the_same_so_that_the_company_learns_of_no_withdrawal(
        self, desk: Desk, postbox: Postbox, registered: Message
    ) -> None:
        declare(desk, registered)
        consents.withdraw(desk.session, the_profile(desk.session, HANAKO).id, desk.cast.tsumugi.id)
        send(desk, postbox, the_application(desk, registered))
        mistaken.count_due(desk.session)
        assert counted(desk) == 1


class TestTheLinkOfTheCompany:
    """A registration by it counts while the company knows that it rejected the person (test_company_links.py)."""

    @pytest.fixture
    def waiting(self, desk: Desk) -> Application:
        """Somebody in selection, who registered by the company's link before any result."""
        application = desk.person()
        register(desk.session, link_for(desk.session, desk.cast, HANAKO), desk.cast.tsumugi)
        desk.session.commit()
        assert counted(desk) == 0
        return application

    def test_one_that_counted_by_a_mistaken_rejection_waits_again(
        self, desk: Desk, postbox: Postbox, waiting: Application
    ) -> None:
        mail = send(desk, postbox, waiting)
        matching.match(desk.session, desk.cast.acme.id)
        assert counted(desk) == 1

        declare(desk, mail)
        matching.match(desk.session, desk.cast.acme.id)
        assert counted(desk) == 0

        send(desk, postbox, the_application(desk, mail))
        for _each in range(2):
            matching.match(desk.session, desk.cast.acme.id)
            mistaken.count_due(desk.session)
            assert counted(desk) == 1

    def test_one_stays_where_the_person_is_rejected_all_the_same(
        self, desk: Desk, postbox: Postbox, waiting: Application
    ) -> None:
        mail = send(desk, postbox, waiting)
        matching.match(desk.session, desk.cast.acme.id)
        declare(desk, mail, MistakeKind.TEXT)
        assert counted(desk) == 1

    @pytest.mark.parametrize(("kind", "left"), [(MistakeKind.RESULT, 0), (MistakeKind.TEXT, 1)])
    def test_who_used_both_counts_by_it_where_they_are_rejected(
        self, desk: Desk, postbox: Postbox, waiting: Application, kind: MistakeKind, left: int
    ) -> None:
        mail = send(desk, postbox, waiting)
        register(desk.session, the_link(desk, mail), desk.cast.tsumugi)
        assert counted(desk) == 1
        declare(desk, mail, kind)
        assert counted(desk) == left
        send(desk, postbox, the_application(desk, mail))
        matching.match(desk.session, desk.cast.acme.id)
        mistaken.count_due(desk.session)
        assert counted(desk) == 1


class TestTheQuestion:
    """Whoever had registered is asked by Relay, and nobody else; the company is told nothing of it."""

    def test_it_is_asked_by_a_mail_of_the_installation(self, desk: Desk, sent: Message) -> None:
        register(desk.session, the_link(desk, sent), desk.cast.tsumugi, desk.cast.manabi)
        profile = the_profile(desk.session, HANAKO)
        declare(desk, sent)

        [question] = mistaken.questions(desk.session, profile.id)
        assert question.company == desk.cast.acme.name
        assert list(question.partners) == [desk.cast.tsumugi.name, desk.cast.manabi.name]
        [mail] = mails(desk.session, "invitation-mistaken")
        assert (mail.company_id, mail.to_address) == (None, HANAKO)

    def test_nobody_is_asked_who_did_not_register_or_shares_nothing_any_more(
        self, desk: Desk, postbox: Postbox, sent: Message
    ) -> None:
        other = send(desk, postbox, desk.person("佐藤 一郎", "sato@mail.example"))
        register(desk.session, the_link(desk, other), desk.cast.tsumugi, name="佐藤 一郎")
        consents.withdraw(desk.session, the_profile(desk.session, "sato@mail.example").id, desk.cast.tsumugi.id)
        for mail in (sent, other):
            declare(desk, mail)
        assert mails(desk.session, "invitation-mistaken") == []

    @pytest.mark.parametrize(("goes_on", "left"), [(True, 2), (False, 0)])
    def test_an_answer_ends_the_question(self, desk: Desk, sent: Message, goes_on: bool, left: int) -> None:
        register(desk.session, the_link(desk, sent), desk.cast.tsumugi, desk.cast.manabi)
        profile = the_profile(desk.session, HANAKO)
        declare(desk, sent)
        [question] = mistaken.questions(desk.session, profile.id)

        for answer in (goes_on, not goes_on):
            mistaken.answer(desk.session, profile.id, question.id, goes_on=answer)

        assert mistaken.questions(desk.session, profile.id) == []
        with scopes.profile(desk.session, profile.id):
            assert desk.session.scalar(select(func.count(Share.id))) == left

    def test_nobody_answers_for_another(self, desk: Desk, postbox: Postbox, sent: Message) -> None:
        register(desk.session, the_link(desk, sent), desk.cast.tsumugi)
        other = send(desk, postbox, desk.person("佐藤 一郎", "sato@mail.example"))
        register(desk.session, the_link(desk, other), desk.cast.tsumugi, name="佐藤 一郎")
        declare(desk, sent)
        hanako, ichiro = (the_profile(desk.session, each) for each in (HANAKO, "sato@mail.example"))
        [question] = mistaken.questions(desk.session, hanako.id)
        mistaken.answer(desk.session, ichiro.id, question.id, goes_on=False)
        assert len(mistaken.questions(desk.session, hanako.id)) == 1

    def test_no_further_partner_is_offered_through_it(self, desk: Desk, sent: Message) -> None:
        register(desk.session, the_link(desk, sent), desk.cast.tsumugi)
        profile = the_profile(desk.session, HANAKO)
        assert [each.id for each in consents.more(desk.session, profile.id)] == [desk.cast.manabi.id]
        declare(desk, sent)
        assert consents.more(desk.session, profile.id) == []


def test_the_mails_of_one_act_are_one_incident(desk: Desk, postbox: Postbox) -> None:
    people = [desk.person(f"候補 {number}番", f"p{number}@mail.example") for number in range(3)]
    desk.cast.acme.send_delay_minutes = 0
    desk.tell(*people)
    postbox.collect()
    with scopes.company(desk.session, desk.cast.acme.id):
        sent = desk.session.scalars(select(Message).order_by(Message.id)).all()
    first, second, third = sent
    assert declare(desk, first).incident_id == declare(desk, second).incident_id
    with scopes.company(desk.session, desk.cast.acme.id):
        desk.session.scalars(select(Incident)).one().closed_at = clock.now()
    assert declare(desk, third).incident_id != declare(desk, first).incident_id


def _correct_address(desk: Desk, mail: Message, address: str) -> None:
    with scopes.company(desk.session, desk.cast.acme.id):
        person = desk.session.scalars(select(Application).where(Application.id == mail.subject_id)).one()
        candidate = desk.session.get_one(Candidate, person.candidate_id)
        candidate.email = candidate.email_key = address
    desk.session.commit()


def _count(desk: Desk, tag: EventTag) -> int:
    return desk.session.scalar(select(func.count()).where(Event.tag == tag.value)) or 0
