"""One person's walk through everything that Relay does with a person, by the acts themselves.

`test_journey.py` compares what the walk caused with every event, letter, job and table there is; a new one gets its act
here. At Acme the person comes by a file, by hand, and by the company's page; with the agencies they do all an own page
allows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import runs, tag_rules
from relay.bulk.actions import MergePositions, SetFollowUp
from relay.bulk.undo import undo
from relay.candidates import contact, facts, files, holds, notes, tags
from relay.candidates.duplicates import merging, pairs
from relay.hiring import decisions, interview_reminders, interviews, positions, progress, slots, stays
from relay.hiring.interviews import CalledOffBy
from relay.hiring.progress import Progress, ProgressEntry
from relay.infra import jobs
from relay.infra.keyed_hash import address_hash
from relay.insight import alerts, digests, lookout, month_report
from relay.insight.costs import months as costs
from relay.insight.thresholds import Watched
from relay.intake import by_hand
from relay.introductions import endings, guarantees, promises
from relay.introductions import links as introduction_links
from relay.mail import bounces, outbox, tokens
from relay.mail.mailbox import Mailbox
from relay.mail.transport import ConnectionPool
from relay.models import (
    Application,
    Candidate,
    ContactChannel,
    CountedOutcome,
    DeclineReason,
    DifferentPeople,
    FollowUp,
    HoldReason,
    Message,
    MistakeKind,
    OutcomeKind,
    Partner,
    PositionState,
    Profile,
    RejectionReason,
    RelatedConsent,
    RelayLink,
    RequestKind,
    RequestSource,
    Rescout,
    RetentionBasis,
    StepKind,
    TokenPurpose,
    scopes,
)
from relay.network import (
    company_links,
    company_mailboxes,
    confirmations,
    consents,
    corrections,
    ended_references,
    finding,
    handed_links,
    handing_over,
    item_choices,
    mistaken,
    morning,
    new_address,
    next_openings,
    outcome_consents,
    outcome_totals,
    outcomes,
    own_pages,
    partner_notes,
    partners,
    pins,
    registration,
    related_consents,
    renewals,
    sharing,
    work_states,
)
from relay.network import letters as own_letters
from relay.network.mistaken import Contact
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices
from relay.outreach import apology, drafts, mistakes, rescout_answers, results, templates
from relay.outreach.draft_rows import Choice
from relay.outreach.results import ResultNotification
from relay.rights import asking, data_requests, incident_people, objections, record_ends
from relay.rights.data_requests import RequestInput
from relay.rights.incident_people import LogPeriod
from relay.search import saved
from relay.search.candidate_search import Query
from relay.text.times import TypedTime
from relay.trust import incidents
from relay.worker import upkeep
from tests import bouncing
from tests.cast import PIN, Cast, browse, live_before_this_month, make_partner, make_partnership
from tests.db.intake.bringing import herp, received
from tests.db.introductions import build
from tests.db.network.build import EVIDENCE, confirming, hand_out_to, the_profile
from tests.db.network.relating import facts as related_facts
from tests.db.network.relating import relate
from tests.db.outreach.rescouting import rescout
from tests.db.rights.written_forms import WrittenPerson
from tests.papers import pdf

NAME, KANA, MAIL, PHONE = "鵺野 麤子", "ヌエノ アラコ", "Nueno.Arako7788@mail.example", "080-7788-1199"
OTHER_MAIL, PLACE = "arako.elsewhere8855@mail.example", "鷽替郡鶍村9981番地"
PERSON = WrittenPerson.known_by(NAME, KANA, MAIL, PHONE, OTHER_MAIL, PLACE)
SHEET = {"応募ID": "X1", "応募時刻": "2026/10/01", "名前": NAME, "メールアドレス": MAIL, "電話番号": PHONE}
CALLED = Contact("中村 恵", "0266-12-3456")


@dataclass
class Walk:
    """Where the walk is: the browser of Ada, who recruits at Acme, and the database behind it."""

    app: Flask
    session: Session
    cast: Cast
    ada: FlaskClient
    heir: Partner
    """An agency that is sold under the same name."""
    began: datetime

    @property
    def company_id(self) -> int:
        return self.cast.acme.id

    @contextmanager
    def at_acme(self) -> Iterator[None]:
        """Act in the scope of Acme, and commit."""
        with scopes.company(self.session, self.company_id):
            yield
        self.session.commit()

    def candidate(self) -> Candidate:
        """The first record of the person."""
        return self.session.scalars(select(Candidate).order_by(Candidate.id).limit(1)).one()

    def newest(self) -> Application:
        """The application that was made last."""
        return self.session.scalars(select(Application).order_by(Application.id.desc()).limit(1)).one()

    def profile(self) -> Profile:
        """The person's registration, under the address that Acme knows."""
        return the_profile(self.session, MAIL)

    def last_mail(self, letter: str) -> Message:
        """The newest mail of a letter."""
        with scopes.everyone(self.session, "test"):
            newest = select(Message).where(Message.letter == letter).order_by(Message.id.desc()).limit(1)
            return self.session.scalars(newest).one()

    def applied(self) -> Application:
        """Let the person apply at Acme once more."""
        with self.at_acme():
            by_hand.apply_again(
                self.session, self.candidate(), {}, by_hand.CandidateOrigin(RetentionBasis.STATED, "経理", "紹介")
            )
            return self.newest()

    def told(self, *, by_relay: bool = True) -> Application:
        """Let the person be rejected and get the mail; the newest application is the one."""
        application = self.applied()
        with self.at_acme():
            wanted = ResultNotification(application.id, RejectionReason.SKILLS, templates.choices(self.session)[0].id)
            results.notify(self.session, self.cast.acme, [wanted], by_user_id=self.cast.ada.id)
        if by_relay:
            self.post()
        return application

    def post(self) -> None:
        """Send what waits, into the mailbox of an installation without a server."""
        lines = ConnectionPool(Mailbox.of(self.app.config["RELAY"]))
        while outbox.deliver_one(self.session, now=clock.now() + timedelta(hours=1), transport=lines):
            pass

    def work(self) -> None:
        """Do what is on the list, as the worker does."""
        self.session.commit()
        later = clock.now() + timedelta(minutes=1)
        while jobs.deliver_event(self.session, later) or jobs.run_one(self.session, later):
            pass

    def link(self, application: Application) -> RelayLink:
        """The relay link of an application."""
        return self.session.scalars(select(RelayLink).where(RelayLink.application_id == application.id)).one()


def walk(app: Flask, session: Session, cast: Cast) -> Walk:
    """Take the person through all of it."""
    cast.acme.runs_installation, cast.acme.send_delay_minutes = True, 0
    templates.install_defaults(session, cast.acme.id)
    heir = make_partner(session, "heir", corporate_number="7000012050002")
    make_partnership(session, cast.acme, heir)
    session.commit()
    went = Walk(app, session, cast, browse(app, cast.ada), heir, clock.now())
    for chapter in (
        *(a_file_comes, by_hand_again, a_record_is_kept_up, it_is_read, papers_come),
        *(a_selection_runs, interviews_are_arranged, tags_are_ruled, a_position_becomes_another),
        *(a_record_is_asked_about, they_are_written_to_again, results_are_told, mistakes_happen),
        *(links_are_given, the_person_registers, and_uses_the_own_page),
        *(an_agency_introduces, requests_are_made, two_records_are_one, things_are_left_half_done),
    ):
        chapter(went)
        session.commit()
    upkeep.schedule(session, clock.now())
    went.work()
    went.post()
    return went


def a_file_comes(w: Walk) -> None:
    words = {
        "募集職種": "経理",
        "メモ": f"{NAME}さんは簿記2級",
        "タグ": "惜しい",
        "評価": f"4 {NAME}さんは落ち着いていた",
    }
    row = SHEET | {"選考終了理由": ""} | words
    sent = {"file": (BytesIO(herp(row)), f"{NAME}.csv")}
    shown = w.ada.post("/pool/import", data=sent, content_type="multipart/form-data")
    w.work()
    answers = {"basis": "stated", "told": "no", "past": "keep"}
    applied = w.ada.post(shown.location, data=answers)
    assert applied.status_code == 303, applied.text
    w.work()


def by_hand_again(w: Walk) -> None:
    typed = {"name": NAME, "kana": KANA, "email": OTHER_MAIL, "phone": "０８０（７７８８）１１９９"}
    asked = w.ada.post("/pool/new", data=typed | {"basis": "stated", "applied_on": "2026/10/02", "who": "new"})
    assert asked.status_code == 303, asked.text
    typed = {"name": NAME, "kana": "ヌエノ", "email": f"merged.{MAIL}", "phone": PHONE, "basis": "stated"}
    assert w.ada.post("/pool/new", data=typed | {"applied_on": "2026/10/02", "who": "new"}).status_code == 303


def a_record_is_kept_up(w: Walk) -> None:
    by = w.cast.ada.id
    with w.at_acme():
        person = w.candidate()
        facts.change(w.session, person, {"kana": KANA, "desired_role": f"{PLACE}の治具"})
        for body in (f"{NAME}様へ電話 {PHONE}", "のちほど消す ぬえの あらこ"):
            note = notes.add_note(w.session, person, body, by_user_id=by)
        seen = notes.version(w.session, note)
        notes.change_note(w.session, note, f"{KANA}様", seen=seen, by_user_id=by)
        notes.remove_note(w.session, note, seen=notes.version(w.session, note), by_user_id=by)
        contact.stop(w.session, person, ContactChannel.PHONE)
        contact.resume(w.session, person, ContactChannel.PHONE)
        notes.add_reply(
            w.session, person, f"{NAME}より返信", contact_channel=ContactChannel.MAIL, day=clock.today(), by_user_id=by
        )
        held = holds.set_hold(w.session, person, HoldReason.DISPUTE, clock.today(), owner_user_id=by)
        holds.release(w.session, person, held.id, by_user_id=by)


def it_is_read(w: Walk) -> None:
    with w.at_acme():
        path = f"/pool/{w.candidate().id}"
        saved.save(w.session, f"{NAME}様", Query(q=NAME), user_id=w.cast.ada.id, shared=True)
    for address, asked in ((path, {}), ("/pool", {"q": NAME}), ("/pool", {"q": MAIL}), (f"/pool/{NAME}", {})):
        w.ada.get(address, query_string=asked)
    for kind in ("csv", "xlsx", "cp932"):
        assert w.ada.post("/pool/export", data={"purpose": "report", "format": kind}).status_code == 200


def papers_come(w: Walk) -> None:
    with w.at_acme():
        person = w.candidate()
        paper, other = (
            files.keep(w.session, person, f"{each}{NAME}.pdf", BytesIO(pdf(f"{each} {NAME}")), by_user_id=None)
            for each in "ab"
        )
        path = f"/pool/{person.id}/files/{paper.id}"
        files.remove(w.session, other)
    assert w.ada.get(path).status_code == 200


def a_selection_runs(w: Walk) -> None:
    for entries in (
        (ProgressEntry(Progress.STEP, clock.today(), StepKind.FIRST), ProgressEntry(Progress.WITHDREW, clock.today())),
        (ProgressEntry(Progress.HIRED, clock.today()),),
    ):
        application = w.applied()
        for entry in entries:
            with w.at_acme():
                seen = progress.version(w.session, application)
                made = progress.enter(w.session, application.id, entry, seen=seen, by_user_id=w.cast.ada.id)
    assert made
    with w.at_acme(), clock.at(clock.now() + timedelta(days=200)):
        assert stays.tell(w.session, made.data["application_id"], 6, there=True, by_user_id=w.cast.ada.id)
        costs.hire_fee(w.session, w.company_id, made.data["application_id"], 1_050_000, by_user_id=w.cast.ada.id)
    with w.at_acme():
        undo(w.session, w.company_id, made.id, by_user_id=w.cast.ada.id)
        again = w.applied()
        decisions.reject(w.session, again, reason=RejectionReason.SKILLS, by_user_id=w.cast.ada.id)
        decisions.reopen(w.session, again)
        decisions.note_notified_elsewhere(w.session, [again], by_user_id=None, reason=RejectionReason.SKILLS)


def interviews_are_arranged(w: Walk) -> None:
    """The person picks times, gives one up, asks for others, is called off once, and has one in the end."""
    by, tomorrow = w.cast.ada.id, clock.today() + timedelta(days=1)
    times = [TypedTime(tomorrow + timedelta(days=days), time(10)) for days in range(4)]
    application = w.applied()
    with w.at_acme():
        position_id = application.position_id or 0
        slots.offer(w.session, w.company_id, position_id, times, minutes=60, place="諏訪の工場", by_user_id=by)
        first = interviews.invite(w.session, application.id, by_user_id=by)
        offered = [each.id for each in slots.free(w.session, position_id)]
        interviews.pick(w.session, first.id, offered[0])
        interviews.call_off(w.session, first.id, CalledOffBy.PERSON)
        interviews.want_times(w.session, first.id)
        interviews.tell_waiting(w.session, position_id)
        interviews.pick(w.session, first.id, offered[1])
        interviews.call_off(w.session, first.id, CalledOffBy.COMPANY, offer_others=False)
        slots.remove(w.session, offered[3])
        second = interviews.invite(w.session, application.id, by_user_id=by)
    w.post()
    with w.at_acme():
        interviews.pick(w.session, second.id, offered[2])
    with clock.at(clock.start_of_day(tomorrow + timedelta(days=1)) + timedelta(hours=9)):
        interview_reminders.remind(w.session, w.company_id)
        w.session.commit()
        w.post()


def an_agency_introduces(w: Walk) -> None:
    """One request is declined; by the next the person says yes, applies again, and complains of the interview."""
    desk = build.desk(w.session, w.cast)
    about = (w.session, w.company_id)
    guarantees.set_usual(*about, build.GUARANTEE, by_user_id=w.cast.ada.id)
    first = desk.ask()
    desk.link(first)
    introduction_links.take_back(*about, first.id, partner_id=desk.partner.id)
    endings.decline(*about, first.id, partner_id=desk.partner.id, reason=DeclineReason.FIELD, advice="経理のみです。")
    second = desk.ask()
    assert desk.yes(desk.link(second), name=NAME, kana=KANA, email=MAIL, phone=PHONE).reapplied
    with clock.at(build.first_time(w.session, desk.position) + timedelta(hours=1)):
        promises.asked_of_candidate(*about, second.id, kept=False)
        promises.company_answers(*about, second.id, f"{NAME}様にはお詫びしました。")
        w.session.commit()
    w.work()
    w.post()


def a_position_becomes_another(w: Walk) -> None:
    """The person's applications move to another position, with images of them to put back."""
    with w.at_acme():
        into = positions.create(w.session, {"title": "総務"})
        positions.change(w.session, into, {"place": "岡谷市"})
        positions.set_state(w.session, into, PositionState.PAUSED)
        theirs = w.newest().position_id
        assert theirs
        runs.do_to_carriers(w.session, w.company_id, MergePositions(theirs, into.id), by_user_id=w.cast.ada.id)


def tags_are_ruled(w: Walk) -> None:
    with w.at_acme():
        person, tag = w.candidate(), tags.find_or_make(w.session, "次点")
        kept = saved.save(w.session, "次点の方", Query(q="次点"), user_id=w.cast.ada.id, shared=False)
        alerts.follow(w.session, w.company_id, w.cast.ada.id, Watched(search=kept))
        tags.add_tag(w.session, tag, [person.id], by_user_id=w.cast.ada.id)
        tags.remove_tag(w.session, tag, [person.id])
        rule = tag_rules.create(
            w.session, w.company_id, condition="経理", tag=tag, follow_up=None, by_user_id=w.cast.ada.id
        )
        tag_rules.switch_on(w.session, rule, by_user_id=w.cast.ada.id)
        runs.do(w.session, w.company_id, SetFollowUp(FollowUp.SCOUT), [person.id], by_user_id=w.cast.ada.id)
        tags.add_tag(w.session, tag, [person.id], by_user_id=w.cast.ada.id)
    lookout.schedule(w.session)
    w.work()
    with w.at_acme():
        assert digests.write_to(w.session, w.company_id) == 1, "an alert found them"
        live_before_this_month(w.cast.acme)
        assert month_report.write_to(w.session, w.company_id) == 1
        other = Watched(search=saved.save(w.session, "経理", Query(q="経理"), user_id=w.cast.ada.id, shared=False))
        alerts.follow(w.session, w.company_id, w.cast.ada.id, other)
        alerts.unfollow(w.session, w.company_id, w.cast.ada.id, alerts.alert_of(w.session, w.cast.ada.id, other) or 0)
    w.work()


def a_record_is_asked_about(w: Walk) -> None:
    """One of the records comes to its last month, and the person is asked whether it is to be kept."""
    with w.at_acme():
        record = w.session.scalars(select(Candidate).where(Candidate.email == OTHER_MAIL)).one()
        application = w.session.scalars(select(Application).where(Application.candidate_id == record.id)).one()
        decisions.note_notified_elsewhere(w.session, [application], by_user_id=None, reason=RejectionReason.SKILLS)
        until = record.retain_until
    assert until
    with clock.at(clock.start_of_day(until - timedelta(days=10))):
        record_ends.send(w.session, w.company_id, [record.id], by_user_id=w.cast.ada.id)


def they_are_written_to_again(w: Walk) -> None:
    """One of the records is written to about a position, and the person has found another place."""
    remark, line = f"{NAME}様のご経験を思い出しました。", f"{NAME}です。決まりました"
    with w.at_acme():
        record = w.session.scalars(select(Candidate).where(Candidate.email == OTHER_MAIL)).one()
        offered = positions.create(w.session, {"title": "購買"})
        rescout(w.session, w.cast.acme, offered, [record.id], w.cast.ada.id, remark=remark)
        sent = w.session.scalars(select(Rescout.id)).one()
    w.post()
    assert rescout_answers.say_placed(w.session, w.company_id, sent, address_hash(OTHER_MAIL), line)


def results_are_told(w: Walk) -> None:
    w.told(by_relay=False)
    with w.at_acme():
        results.stop(w.session, w.company_id)
    w.told()


def links_are_given(w: Walk) -> None:
    company_links.ask(w.session, w.company_id, MAIL)
    w.work()
    w.post()
    with w.at_acme():
        application = w.applied()
        decisions.note_notified_elsewhere(w.session, [application], by_user_id=None, reason=RejectionReason.SKILLS)
    token = hand_out_to(w.session, w.company_id, application.id).rpartition("/")[2]
    w.session.commit()
    found = tokens.find(w.session, token, TokenPurpose.HANDED_LINK)
    assert found
    with clock.at(clock.now() + company_links.A_DAY * 2):
        handed_links.ask(w.session, found)
        w.post()


def the_person_registers(w: Walk) -> None:
    fields = ProfileFields(name=NAME, kana=KANA, phone=PHONE, place=PLACE, experience=f"{NAME}の経験")
    everybody = (w.cast.tsumugi.id, w.cast.manabi.id, w.heir.id)
    chosen = PartnerChoices(everybody, openings=True)
    for address in (None, OTHER_MAIL, f"waits.{OTHER_MAIL}"):
        application = w.told()
        with w.at_acme():
            registration.register(
                w.session, w.link(application), token_id=None, choices=chosen, fields=fields, address=address,
                number=PIN, evidence=EVIDENCE,
            )  # fmt: skip
        if address == OTHER_MAIL:
            w.post()
            registration.confirm(w.session, confirming(w.session), EVIDENCE)
        w.session.commit()
    with scopes.partner(w.session, w.cast.tsumugi.id):
        for row in finding.find(w.session).rows:
            sharing.open_person(w.session, row.code, w.cast.agnes.id)
            handing_over.take_out(w.session, w.cast.tsumugi.id, [row.code], w.cast.agnes.id, reason="register")
            told = f"{NAME}様 {PHONE}へ電話した"
            person_id = sharing.hold(w.session, row.code)
            partner_notes.add(w.session, w.cast.tsumugi.id, person_id, told, by_user_id=w.cast.agnes.id)
            work_states.choose(
                w.session, w.cast.tsumugi.id, person_id, "contacted", seen="new", by_user_id=w.cast.agnes.id
            )
            outcomes.tell(w.session, w.cast.tsumugi.id, person_id, "offer", so=True, by_user_id=w.cast.agnes.id)
    with clock.at(clock.now() + timedelta(hours=1)):
        assert morning.write_to(w.session, company_mailboxes.all_of_them(w.session))


def and_uses_the_own_page(w: Walk) -> None:
    session, number = w.session, w.profile().id
    own_pages.ask(session, MAIL)
    w.work()
    corrections.correct(
        session, number, ProfileFields(name=NAME, kana=KANA, phone=PHONE, place=f"{PLACE}の2", experience="経理")
    )
    form = item_choices.forms(session, number)[w.cast.tsumugi.id]
    item_choices.choose(
        session, number, w.cast.tsumugi.id, {"name", "email"}, shown=form.option.terms.hash, token_id=None,
        evidence=EVIDENCE,
    )  # fmt: skip
    own_pages.pause(session, number, clock.today() + timedelta(days=7))
    own_pages.resume(session, number)
    next_openings.take_back(session, number, w.company_id)
    next_openings.give(session, number, w.company_id, EVIDENCE)
    _lets_related_companies_be_told(w)
    _lets_a_company_read_outcomes(w)
    consents.withdraw(session, number, w.cast.manabi.id)
    with scopes.partner(session, w.cast.manabi.id):
        assert ended_references.answer(session, w.cast.manabi.id, w.profile().code, by_user_id=w.cast.sho.id)
    partners.end_partnership(session, w.company_id, w.cast.manabi.id)
    partners.describe_itself(session, w.heir, sure=True, corporate_number="1180301018771")
    with clock.at(clock.now() + timedelta(days=200)):
        assert confirmations.write_to(session).rows
        assert confirmations.confirm(session, number)
    new_address.ask(session, number, f"new.{MAIL}")
    own_pages.plan_erasure(session, number)
    own_pages.cancel_erasure(session, number)
    consents.give_more(session, number, w.cast.tsumugi.id, token_id=None, evidence=EVIDENCE)
    own_letters.send(session, renewals.LETTER, w.profile())
    own_pages.tell_that_sharing_goes_on(session, w.profile().email_key)
    pins.mail_choice(session, number)
    while pins.count_try(session, number):
        pass
    own_pages.stop_all(session, the_profile(session, OTHER_MAIL).id)


def _lets_related_companies_be_told(w: Walk) -> None:
    """One of two is told of the person."""
    relate(w.session, w.cast.acme, related_facts(1), related_facts(2, "株式会社アクメ倉敷"))
    (here,) = related_consents.of_profile(w.session, w.profile().id)
    ticked = {each.related_company_id: each.words.hash for each in here.offers}
    related_consents.give_own(w.session, w.profile().id, w.company_id, ticked, EVIDENCE)
    with scopes.company(w.session, w.company_id):
        word, other = w.session.scalars(select(RelatedConsent).order_by(RelatedConsent.id))
    related_consents.tell(w.session, w.company_id, word.candidate_id, word.id, w.cast.ada.id)
    related_consents.take_back_own(w.session, w.profile().id, w.company_id, other.id)


def _lets_a_company_read_outcomes(w: Walk) -> None:
    """What the person says and a partner said is read by Acme, until they take that back; it is in a number before."""
    number = w.profile().id
    outcomes.say(w.session, number, "offer", so=False)
    choice = next(each for each in outcome_consents.of_profile(w.session, number) if each.company_id == w.company_id)
    outcome_consents.give(w.session, number, w.company_id, choice.words.hash, EVIDENCE)
    outcome_consents.take_back(w.session, number, w.company_id)
    outcome_consents.give(w.session, number, w.company_id, choice.words.hash, EVIDENCE)
    with scopes.profile(w.session, number):
        w.session.add(CountedOutcome(company_id=w.company_id, kind=OutcomeKind.OFFER, profile_id=number))
    outcome_totals.renew(w.session)


def mistakes_happen(w: Walk) -> None:
    application = w.told()
    with w.at_acme():
        registration.register(
            w.session, w.link(application), token_id=None, choices=PartnerChoices((w.cast.tsumugi.id,)),
            fields=ProfileFields(name=NAME), address=None, number=PIN, evidence=EVIDENCE,
        )  # fmt: skip
        made = mistakes.declare(
            w.session, w.company_id, w.last_mail("result").id, MistakeKind.TEXT, CALLED, by_user_id=None
        ).mistake
        text = apology.draw_up(w.session, w.cast.acme, made)
        apology.send(w.session, w.cast.acme, made, [made.id], text, CALLED, by_user_id=None)
        incident = incidents.find(w.session, made.incident_id)
        assert incident
        incidents.save(w.session, incident.incident, "誤った文面を送った。", malicious=False)
        incidents.close(w.session, incident.incident, by_user_id=None)
        lost = incidents.enter(
            w.session, w.company_id, "パソコンの紛失", noticed_at=clock.now(), people=None, malicious=False,
            by_user_id=None,
        )  # fmt: skip
        incident_people.ask(w.session, lost, LogPeriod(w.began, clock.now(), exports=True))
        assert [each.name for each in incident_people.everybody(w.session, lost)] == [NAME] * 3
        decisions.note_notified_elsewhere(w.session, [application], by_user_id=None)
    mistaken.count_due(w.session)
    w.post()


def requests_are_made(w: Walk) -> None:
    asking.ask(w.session, MAIL, w.company_id)
    w.work()
    asked = RequestInput(MAIL, text=f"{NAME}です。{PHONE}を訂正してください")
    made = data_requests.receive(w.session, w.company_id, asked, list(RequestKind), source=RequestSource.TYPED)
    with w.at_acme():
        for request in made:
            data_requests.prove(w.session, request)
            data_requests.match(w.session, request, w.candidate())
        for request in made:
            if request.kind is RequestKind.DISCLOSURE:
                data_requests.answer(w.session, request, f"{NAME}様、お知らせします。", by_user_id=None)
                data_requests.take_file(w.session, request)
            elif request.kind is RequestKind.CORRECTION:
                data_requests.refuse(w.session, request, f"{PHONE}はそのままです。", by_user_id=None)
        w.cast.acme.record_use_since = clock.today()
    w.post()
    with w.at_acme():
        objections.object_to_record(w.session, w.company_id, w.candidate().id)


def two_records_are_one(w: Walk) -> None:
    with w.at_acme():
        one, other, third = w.session.scalars(select(Candidate).order_by(Candidate.id)).all()
        pairs.tell_apart(w.session, w.company_id, one.id, other.id, by_user_id=w.cast.ada.id)
        pairs.take_back(w.session, w.company_id, w.session.scalars(select(DifferentPeople)).one())
        pairs.tell_apart(w.session, w.company_id, one.id, other.id, by_user_id=w.cast.ada.id)
        merging.merge(
            w.session, w.company_id, (one.id, third.id), merging.preselected(one, third), by_user_id=w.cast.ada.id
        )


def things_are_left_half_done(w: Walk) -> None:
    """A file that nobody applied, a draft, a mail that came back, and one that nobody can place."""
    received(w.session, w.cast.acme, herp(SHEET), by_user_id=w.cast.ada.id)
    w.told()
    report = bounces.read(bouncing.about(w.last_mail("result"), bouncing.NOBODY[0]))
    assert report
    bounces.note(w.session, report)
    application = w.applied()
    with w.at_acme():
        draft = drafts.start(w.session, w.cast.acme, [application.id], by_user_id=w.cast.ada.id)
        message = w.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        change = drafts.Change(Choice(), f"{NAME}様の面接でのお話は印象に残りました。")
        drafts.save(w.session, w.cast.acme, draft.batch, Choice(), {message.id: change}, by_user_id=w.cast.ada.id)
    bounces.keep_aside(f"From: x@y.example\nTo: saiyo@acme.example\nSubject: {NAME}\n\n{MAIL}".encode())
