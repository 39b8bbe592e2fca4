"""With every mail of the companies' own servers in hand: their own results, and nothing that opens or names anything.

Every letter that exists is caused as it is in life, and leaves by real SMTP servers: one for each company, one for the
installation.
"""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, time, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from relay import clock
from relay.connect.webhooks import endpoints
from relay.connect.webhooks import letters as webhook_letters
from relay.hiring import interviews, slots
from relay.identity import invitations, security_letters
from relay.indexing import search_rows
from relay.infra import jobs
from relay.insight import alerts, digests, lookout, month_report
from relay.insight.thresholds import Watched
from relay.introductions import letters as introduction_letters
from relay.introductions.letters import RequestNews
from relay.mail import codes, direct, letters, mail_test, outbox, server_settings
from relay.mail.mailbox import Mailbox
from relay.mail.server_settings import ServerInput
from relay.mail.transport import ConnectionPool
from relay.models import (
    Company,
    MailTls,
    Message,
    MessageState,
    MistakeKind,
    RejectionReason,
    RequestKind,
    RequestSource,
    User,
    scopes,
)
from relay.network import (
    company_links,
    company_mailboxes,
    confirmations,
    consents,
    morning,
    new_address,
    own_acts,
    own_pages,
    partner_letters,
    partners,
    pins,
    registration,
    renewals,
)
from relay.network import letters as own_letters
from relay.network.mistaken import Contact
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices
from relay.outreach import apology, mistakes, practice, results, templates
from relay.outreach.results import ResultNotification
from relay.rights import asking, data_requests, record_ends
from relay.rights.data_requests import RequestInput
from relay.search import saved
from relay.search.candidate_search import Query
from relay.text.times import TypedTime
from tests.cast import PIN, Cast, live_before_this_month, make_application, make_candidate, make_cast, make_position
from tests.db.introductions import build
from tests.db.network.build import EVIDENCE, ask_behind, confirming, hand_out, mailed_link, register, the_profile
from tests.db.network.test_morning import next_morning
from tests.db.outreach.rescouting import pooled, rescout
from tests.smtp import SmtpServer, smtp_server

OPENS_A_LOGIN = ("/password/", "/invite/", "/new-email/", "/setup/")
CANDIDATES_OWN = ("/me/", "/confirm/", "/agree/", "/pin/", "/data-request/", "/address/")
TO_CANDIDATES = {
    "result",
    "apology",
    "interview",
    "interview-invitation",
    "mail-test",
    "mail-server-changed",
    "record-ends",
    "rescout",
    "request-received",
    "request-answered",
}
"""What a company's server may carry; the notice only because it is the server that was changed."""


@pytest.fixture
def cast(session: Session) -> Cast:
    """Acme runs the installation; of Other we let a server on this machine stand for its own."""
    made = make_cast(session)
    made.acme.runs_installation = made.other.runs_installation = True
    made.tsumugi.name, made.manabi.name = "つむぎ人材紹介", "学校法人まなび"
    for company in (made.acme, made.other):
        company.send_delay_minutes = 0
        templates.install_defaults(session, company.id)
    partners.start_partnership(session, made.other.id, made.tsumugi.id)
    session.commit()
    return made


@pytest.fixture
def acmes() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def others() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def organisation() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


def by(server: SmtpServer, sender: str) -> ServerInput:
    return ServerInput(server.host, server.port, MailTls.NONE, "", "", sender)


def set_servers(session: Session, cast: Cast, acmes: SmtpServer, others: SmtpServer, organisation: SmtpServer) -> None:
    """Each company's is set, and then changed, so that there is a former one to tell of it."""
    server_settings.save_installation(session, by(organisation, "relay@house.example"))
    for company, server, user in ((cast.acme, acmes, cast.adam), (cast.other, others, cast.mona)):
        with scopes.company(session, company.id):
            typed = by(server, f"saiyo@{company.slug}.example")
            server_settings.save(session, company, typed, by_user_id=user.id)
            server_settings.save(session, company, replace(typed, sender=f"jinji@{company.slug}.example"), by_user_id=1)
    session.commit()


def cause_every_letter(session: Session, cast: Cast) -> None:
    partner_letters.ask_to_look_up(session, cast.tsumugi)
    _alerts(session, cast.acme, cast.ada)
    for user in (cast.adam, cast.ada, cast.vic, cast.mona, cast.agnes, cast.sho):
        user.new_email = f"new-{user.email}"
        security_letters.ask_password(session, user)
        security_letters.ask_address(session, user)
        security_letters.tell(session, user, "password-changed")
    for company, admin in ((cast.acme, cast.adam), (cast.other, cast.mona)):
        _results(session, company, admin)
        invitations.invite_member(
            session, company, email=f"rin@{company.slug}.example", name="", role=admin.role, by_user_id=admin.id
        )
        invitations.invite_partner(
            session, company, email=f"desk@{company.slug}-agency.example", rules_version="2026-11", by_user_id=admin.id
        )
        _registrations(session, cast, company)
        _interviews(session, company, admin)
    invitations.invite_agent(session, cast.tsumugi, email="nao@tsumugi.example", name="", by_user_id=cast.agnes.id)
    partner_letters.tell_of_openings(session, cast.tsumugi, most=100, operator="unei@relay.example")
    partner_letters.warn_of_licence(session, cast.tsumugi, days=7, company_ids=[cast.acme.id, cast.other.id])
    cast.manabi.corporate_number = "7000012050002"
    register(session, mailed_link(session, cast.acme, "learns@acme-mail.example"), cast.manabi)
    partners.describe_itself(session, cast.manabi, sure=True, corporate_number="1180301018771")
    _introductions(session, cast)
    session.commit()


def _introductions(session: Session, cast: Cast) -> None:
    """Tsumugi is in partnership again, and is asked; the interview is to be recorded."""
    partners.start_partnership(session, cast.acme.id, cast.tsumugi.id)
    request = build.desk(session, cast).ask()
    introduction_letters.tell_company(session, request, RequestNews.RECORD)


def _alerts(session: Session, company: Company, user: User) -> None:
    with scopes.company(session, company.id):
        kept = saved.save(session, "溶接", Query(q="溶接工"), user_id=user.id, shared=False)
        alerts.follow(session, company.id, user.id, Watched(search=kept))
        found = make_candidate(session, company, email="welds@mail.example", desired_role="溶接工")
        search_rows.index(session, [found.id])
        assert list(lookout.look(session, company.id)) == [1]
        assert digests.write_to(session, company.id) == 1
        live_before_this_month(company)
        assert month_report.write_to(session, company.id) == 1


def _results(session: Session, company: Company, admin: User) -> None:
    person = make_candidate(session, company, email=f"hanako@{company.slug}-mail.example")
    application = make_application(session, person)
    with scopes.company(session, company.id):
        told = ResultNotification(application.id, RejectionReason.SKILLS, templates.choices(session)[0].id)
        results.notify(session, company, [told], by_user_id=admin.id)
        practice.send_to_myself(session, company, by_user_id=admin.id)
    last = clock.today() + timedelta(days=9)
    ends = make_candidate(session, company, email=f"ends@{company.slug}-mail.example", retain_until=last)
    record_ends.send(session, company.id, [ends.id], by_user_id=admin.id)
    again = pooled(session, company, f"again@{company.slug}-mail.example")
    rescout(session, company, make_position(session, company), [again.id], admin.id)


def _interviews(session: Session, company: Company, admin: User) -> None:
    """One person is invited, and another one picks a time."""
    position = make_position(session, company, "面談")
    times = [TypedTime(clock.today() + timedelta(days=days), time(10)) for days in (3, 4)]
    emails = (f"{who}@{company.slug}-mail.example" for who in ("invited", "picks"))
    asked, picks = (make_application(session, make_candidate(session, company, email=e), position).id for e in emails)
    with scopes.company(session, company.id):
        slots.offer(session, company.id, position.id, times, minutes=60, place="", by_user_id=admin.id)
        interviews.invite(session, asked, by_user_id=admin.id)
        opened = interviews.open_for(session, picks, by_user_id=admin.id)
        interviews.pick(session, opened.id, slots.free(session, position.id)[0].id)


def _request(session: Session, company: Company, email: str) -> None:
    asked, kinds = RequestInput(email), [RequestKind.DISCLOSURE]
    (made,) = data_requests.receive(session, company.id, asked, kinds, source=RequestSource.PUBLIC_PAGE)
    with scopes.company(session, company.id):
        data_requests.answer(session, made, "お知らせします。", by_user_id=None)


def _mistake(session: Session, cast: Cast, company: Company, email: str) -> None:
    link = mailed_link(session, company, email)
    register(session, link, cast.tsumugi)
    contact = Contact("中村 恵", "0266-12-3456")
    with scopes.company(session, company.id):
        mail = session.scalars(select(Message.id).where(Message.subject_id == link.application_id)).one()
        made = mistakes.declare(session, company.id, mail, MistakeKind.TEXT, contact, by_user_id=None).mistake
        text = apology.draw_up(session, company, made)
        apology.send(session, company, made, [made.id], text, contact, by_user_id=None)


def _webhook(session: Session, company: Company) -> None:
    with scopes.company(session, company.id):
        made = endpoints.add(session, company.id, "https://hook.example/", ["candidate.rejected"])
        webhook_letters.tell(session, made.endpoint)


def _registrations(session: Session, cast: Cast, company: Company) -> None:
    """Who stays until the partnership ends, who withdraws, whose other address waits, and who does all a lost number
    allows."""
    names = ("stays", "leaves", "forgets", "waits", "mistaken", "erases")
    stays, leaves, forgets, waits, mistaken, erases = (f"{name}@{company.slug}-mail.example" for name in names)
    for email in (stays, leaves, forgets):
        register(session, mailed_link(session, company, email), cast.tsumugi)
    with scopes.company(session, company.id):
        registration.register(
            session,
            mailed_link(session, company, waits),
            token_id=None,
            choices=PartnerChoices((cast.tsumugi.id,)),
            fields=ProfileFields(name="森 陽向"),
            address=f"other-{waits}",
            number=PIN,
            evidence=EVIDENCE,
        )
    confirming(session)
    _webhook(session, company)
    _mistake(session, cast, company, mistaken)
    _request(session, company, stays)
    consents.withdraw(session, the_profile(session, leaves).id, cast.tsumugi.id)
    without_number = the_profile(session, forgets).id
    pins.mail_choice(session, without_number)
    own_pages.tell_that_sharing_goes_on(session, forgets)
    own_letters.send(session, renewals.LETTER, the_profile(session, forgets))
    own_letters.send(session, confirmations.LETTER, the_profile(session, forgets))
    new_address.ask(session, without_number, f"new@{company.slug}-mail.example")
    own_pages.ask(session, forgets)
    asking.ask(session, stays, company.id)
    company_links.ask(session, company.id, f"asks@{company.slug}-mail.example")
    ask_behind(session, hand_out(session, mailed_link(session, company, f"handed@{company.slug}-mail.example")))
    own_pages.plan_erasure(session, without_number)
    own_pages.cancel_erasure(session, without_number)
    register(session, mailed_link(session, company, forgets), cast.tsumugi)
    own_pages.stop_all(session, without_number)
    own_pages.tell_of_erasure(session, erases)
    while jobs.deliver_event(session, clock.now()) or jobs.run_one(
        session, clock.now(), queues=[jobs.Queue.BULK_ACTIONS]
    ):
        pass
    partners.end_partnership(session, company.id, cast.tsumugi.id)


def test_the_walk_causes_every_letter(session: Session, cast: Cast) -> None:
    """One that is not caused would prove nothing below."""
    cause_every_letter(session, cast)
    _in_the_morning(session)
    caused = {row.letter for row in _mails(session)}
    assert set(letters.names()) - caused == {"mail-test", "mail-server-changed"}


def test_a_companys_server_carries_its_results_and_what_opens_no_login_and_names_no_partner(
    app: Flask, session: Session, cast: Cast, acmes: SmtpServer, others: SmtpServer, organisation: SmtpServer
) -> None:
    set_servers(session, cast, acmes, others, organisation)
    cause_every_letter(session, cast)
    _send_everything(app, session, cast)
    with _in_the_morning(session):
        _send_everything(app, session)
    known = _letters_by_id(session)

    for company, server in ((cast.acme, acmes), (cast.other, others)):
        assert {known[mail][0] for mail in server.message_ids if mail in known} == TO_CANDIDATES - {"mail-test"}
        assert {known[mail][1] for mail in server.message_ids if mail in known} == {company.id}, "nobody else's"
        for mail in server.received:
            said = _said(mail)
            assert not [path for path in (*OPENS_A_LOGIN, *CANDIDATES_OWN) if path in said], said
            assert not [name for name in (cast.tsumugi.name, cast.manabi.name) if name in said], said
    in_organisation = "".join(_said(mail) for mail in organisation.received)
    assert [path for path in (*OPENS_A_LOGIN[:3], *CANDIDATES_OWN) if path not in in_organisation] == []
    assert {known[mail][0] for mail in organisation.message_ids} >= set(letters.names()) - TO_CANDIDATES


def test_without_a_server_of_its_own_a_companys_results_go_by_the_installations(
    app: Flask, session: Session, cast: Cast, organisation: SmtpServer
) -> None:
    server_settings.save_installation(session, by(organisation, "relay@house.example"))
    _results(session, cast.acme, cast.adam)
    session.commit()
    _send_everything(app, session)
    [result] = organisation.to("hanako@acme-mail.example")
    assert "/r/" in _said(result)
    assert str(result["From"]) == "株式会社acme <relay@house.example>"


def _send_everything(app: Flask, session: Session, cast: Cast | None = None) -> None:
    if cast is not None:
        with scopes.company(session, cast.acme.id):
            direct.send_now(mail_test.write(session, cast.acme, cast.adam.email, codes.new_code()))
    lines = ConnectionPool(Mailbox.of(app.config["RELAY"]))
    while outbox.deliver_one(session, now=clock.now() + own_acts.GATHERED, transport=lines):
        pass
    lines.rest()
    assert {row.state for row in _mails(session)} == {MessageState.SENT}


def _in_the_morning(session: Session) -> AbstractContextManager[datetime]:
    """Write the mails of the next morning, and go there: they leave in the morning alone."""
    moment = next_morning(clock.now().replace(hour=0))
    with clock.at(moment):
        morning.write_to(session, company_mailboxes.all_of_them(session))
    session.commit()
    return clock.at(moment)


def _letters_by_id(session: Session) -> dict[str, tuple[str, int | None]]:
    return {row.message_id: (row.letter, row.company_id) for row in _mails(session)}


def _mails(session: Session) -> list[Row[tuple[str, str, int | None, MessageState]]]:
    """Every mail, those of practice too."""
    wanted = select(Message.message_id, Message.letter, Message.company_id, Message.state)
    with scopes.everyone(session, "test"):
        found = list(session.execute(wanted))
    for company_id in session.scalars(select(Company.id)).all():
        with scopes.company(session, company_id), scopes.practice(session):
            found += session.execute(wanted)
    return found


def _said(mail: EmailMessage) -> str:
    """Everything a reader sees: sender, subject, both bodies."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return re.sub(r"[ \r\n]+", " ", " ".join([str(mail["From"]), str(mail["Subject"]), *parts]))
