"""The mail of the morning: how many came, to whom, on which mornings, and that nobody gets it twice."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.infra import jobs
from relay.mail import compose, outbox, server_settings
from relay.mail.final_state import mark_final
from relay.mail.mailbox import Mailbox
from relay.mail.sending_hours import is_day_off
from relay.mail.server_settings import ServerInput
from relay.mail.transport import ToMailbox
from relay.models import (
    Consent,
    MailTls,
    Message,
    MessageState,
    MorningReader,
    Partner,
    Partnership,
    Profile,
    Share,
    User,
    scopes,
)
from relay.network import company_mailboxes, consents, morning, own_pages, partners
from tests.bench import plans
from tests.cast import Cast, make_partner, make_user
from tests.db.network.build import mailed_link, mails, register, the_profile
from tests.db.network.test_at_once import all_at_once
from tests.statements import counted, said

TUESDAY, MONDAY, THURSDAY = 1, 0, 3
HANAKO = "hanako@mail.example"


def morning_of(weekday: int, *, after: date | None = None) -> datetime:
    """Five past eight on the next working day of this name."""
    day = (after or clock.today()) + timedelta(days=1)
    while day.weekday() != weekday or is_day_off(day):
        day += timedelta(days=1)
    return morning.due_at(day) + timedelta(minutes=5)


def next_morning(moment: datetime) -> datetime:
    """The same time on the next working day."""
    later = moment + timedelta(days=1)
    while is_day_off(later.astimezone(clock.JAPAN).date()):
        later += timedelta(days=1)
    return later


@pytest.fixture
def tuesday() -> datetime:
    return morning_of(TUESDAY)


def write(session: Session, moment: datetime) -> list[Message]:
    """The job of that moment; gives the mails it has queued."""
    before = len(mails(session, morning.LETTER))
    with clock.at(moment):
        jobs.enqueue(session, morning.KIND, key=f"{morning.KIND}:{moment}")
        session.commit()
        while jobs.run_one(session, moment):
            pass
    session.rollback()
    return mails(session, morning.LETTER)[before:]


def numbers(written: list[Message]) -> dict[str, tuple[int | None, int | None]]:
    return {each.to_address: (each.values.get("people"), each.values.get("withdrawn")) for each in written}


def settle(session: Session, message: Message, state: MessageState) -> None:
    with scopes.everyone(session, "test"):
        mark_final(session, message, state)
    session.commit()


def comes(session: Session, cast: Cast, email: str, *to: Partner) -> Profile:
    register(session, mailed_link(session, cast.acme, email), *(to or (cast.tsumugi,)))
    session.commit()
    return the_profile(session, email)


def test_it_counts_who_came_and_who_took_a_yes_back_and_names_nobody(
    session: Session, cast: Cast, tuesday: datetime, tmp_path: Path
) -> None:
    comes(session, cast, HANAKO, cast.tsumugi, cast.manabi)
    comes(session, cast, "taro@mail.example")
    gone = comes(session, cast, "jiro@mail.example")
    consents.withdraw(session, gone.id, cast.tsumugi.id)
    session.commit()
    written = write(session, tuesday)
    assert numbers(written) == {"agnes@tsumugi.example": (2, 1), "sho@manabi.example": (1, 0)}
    mailbox = Mailbox(tmp_path)
    with clock.at(tuesday):
        while outbox.deliver_one(session, now=tuesday, transport=ToMailbox(mailbox)):
            pass
    (mail,) = [each.mail for each in mailbox.newest_first() if each.mail["To"] == "agnes@tsumugi.example"]
    whole = mail.as_string() + "".join(part.get_content() for part in mail.walk() if not part.is_multipart())
    assert mail["Subject"] == "【Relay】新しく登録された方：2名、取り消し：1件"
    assert "新しく登録された方：2名、取り消し：1件" in whole
    assert mail["List-Unsubscribe"].startswith("<http") and "/morning-off/" in mail["List-Unsubscribe"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/agency/people" in whole
    for profile in (gone, the_profile(session, HANAKO)):
        assert profile.code not in whole
        assert profile.name not in whole and profile.email not in whole


def test_there_is_one_on_a_day_and_none_without_news(session: Session, cast: Cast, tuesday: datetime) -> None:
    comes(session, cast, HANAKO)
    (mail,) = write(session, tuesday)
    settle(session, mail, MessageState.SENT)
    taro = comes(session, cast, "taro@mail.example")
    with scopes.profile(session, taro.id):
        newest = session.scalars(select(Share.id)).one()
    with clock.at(tuesday + timedelta(hours=1)):
        with scopes.everyone(session, "test"):
            session.execute(update(Share).where(Share.id == newest).values(since=clock.now()))
        session.commit()
    assert write(session, tuesday + timedelta(hours=2)) == [], "however much comes on that day"
    later = next_morning(tuesday)
    assert len(write(session, later)) == 1
    settle(session, mails(session, morning.LETTER)[-1], MessageState.SENT)
    assert write(session, next_morning(later)) == []


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.CANCELLED, MessageState.BOUNCED])
def test_what_a_mail_did_not_bring_the_next_one_does(
    session: Session, cast: Cast, tuesday: datetime, state: MessageState
) -> None:
    comes(session, cast, HANAKO)
    (mail,) = write(session, tuesday)
    if state is MessageState.BOUNCED:
        settle(session, mail, MessageState.SENT)
    settle(session, mail, state)
    assert numbers(write(session, next_morning(tuesday))) == {"agnes@tsumugi.example": (1, 0)}


@pytest.mark.parametrize(
    ("hours", "days"), [(-0.1, 0), (4, 0), (0, 4), (0, 5)], ids=["before eight", "noon", "Saturday", "Sunday"]
)
def test_it_leaves_in_the_morning_of_a_working_day_alone(
    session: Session, cast: Cast, tuesday: datetime, hours: float, days: int
) -> None:
    comes(session, cast, HANAKO)
    at = morning.due_at(tuesday.astimezone(clock.JAPAN).date()) + timedelta(hours=hours, days=days)
    assert write(session, at) == []


def test_a_mail_that_is_late_does_not_leave_any_more(
    session: Session, cast: Cast, tuesday: datetime, tmp_path: Path
) -> None:
    comes(session, cast, HANAKO)
    (mail,) = write(session, tuesday)
    noon = tuesday + timedelta(hours=4)
    with clock.at(noon):
        while outbox.deliver_one(session, now=noon, transport=ToMailbox(Mailbox(tmp_path))):
            pass
    session.refresh(mail)
    assert mail.state is MessageState.CANCELLED
    assert len(write(session, next_morning(tuesday))) == 1


def test_a_yes_given_anew_and_a_second_company_make_nobody_new(session: Session, cast: Cast, tuesday: datetime) -> None:
    comes(session, cast, HANAKO)
    (mail,) = write(session, tuesday)
    settle(session, mail, MessageState.SENT)
    partners.start_partnership(session, cast.other.id, cast.tsumugi.id)
    with clock.at(tuesday + timedelta(hours=1)):
        register(session, mailed_link(session, cast.other, HANAKO), cast.tsumugi, place="松本市")
        session.commit()
    assert write(session, next_morning(tuesday)) == []


def test_who_is_out_of_sight_is_not_counted(session: Session, cast: Cast, tuesday: datetime) -> None:
    profile = comes(session, cast, HANAKO)
    profile.paused_until = tuesday.date() + timedelta(days=30)
    session.commit()
    assert write(session, tuesday) == []


def test_an_erasure_counts_among_those_taken_back(session: Session, cast: Cast, tuesday: datetime) -> None:
    profile = comes(session, cast, HANAKO)
    own_pages.plan_erasure(session, profile.id)
    session.commit()
    assert numbers(write(session, tuesday)) == {"agnes@tsumugi.example": (0, 1)}


def test_a_consent_whose_term_is_over_is_not_counted_among_those_taken_back(
    session: Session, cast: Cast, tuesday: datetime
) -> None:
    """As when a profile ends a month after its last consent: agents had that person no more."""
    gone = comes(session, cast, HANAKO)
    with scopes.everyone(session, "test"):
        session.execute(update(Share).values(until=tuesday - timedelta(hours=3)))
    session.commit()
    with clock.at(tuesday - timedelta(hours=2)):
        consents.withdraw_all(session, gone.id, way="erased")
        session.commit()
    assert write(session, tuesday) == []


def test_where_yeses_were_only_taken_back_the_mail_leads_to_what_is_to_be_deleted(
    session: Session, cast: Cast, tuesday: datetime
) -> None:
    gone = comes(session, cast, HANAKO)
    assert pages(session, write(session, tuesday)) == ["/agency/people?new=1"]
    with scopes.everyone(session, "test"):
        settle(session, mails(session, morning.LETTER)[-1], MessageState.SENT)
    with clock.at(tuesday + timedelta(hours=1)):
        consents.withdraw(session, gone.id, cast.tsumugi.id)
        session.commit()
    assert pages(session, write(session, next_morning(tuesday))) == ["/agency/ended"]


def pages(session: Session, written: list[Message]) -> list[str]:
    """Where the button of each mail leads."""
    with scopes.everyone(session, "test"):
        texts = [compose.render(session, each, preview=True).text for each in written]
    lines = [next(line for line in text.splitlines() if "/agency/" in line) for text in texts]
    return [line[line.index("/agency/") :] for line in lines]


def test_who_stopped_it_gets_none_and_who_resumes_is_told_of_what_comes_then(
    session: Session, cast: Cast, tuesday: datetime
) -> None:
    colleague = make_user(session, "nao", cast.tsumugi, cast.agnes.role)
    comes(session, cast, HANAKO)
    with scopes.partner(session, cast.tsumugi.id):
        morning.switch(session, cast.tsumugi.id, cast.agnes.id, on=False)
    session.commit()
    assert numbers(write(session, tuesday)) == {colleague.email: (1, 0)}, "each agent decides alone"
    with scopes.partner(session, cast.tsumugi.id), clock.at(tuesday):
        morning.switch(session, cast.tsumugi.id, cast.agnes.id, on=True)
        assert morning.is_wanted(session, cast.agnes.id)
    session.commit()
    assert cast.agnes.email not in numbers(write(session, next_morning(tuesday)))


def test_who_left_or_may_see_nobody_gets_none(session: Session, cast: Cast, tuesday: datetime) -> None:
    comes(session, cast, HANAKO, cast.tsumugi, cast.manabi)
    cast.sho.disabled_at = clock.now()
    cast.tsumugi.license_until = clock.today() - timedelta(days=1)
    session.commit()
    assert write(session, tuesday) == []


# what passes a company's mailbox


def of_a_company(session: Session, cast: Cast) -> None:
    """Agnes reads her mail at the mail domain of Acme."""
    cast.agnes.email = "agnes@acme.example"


def from_a_company(session: Session, cast: Cast) -> None:
    """The installation's letters leave from Acme's mailbox, which keeps a copy."""
    cast.acme.runs_installation = True
    sender = ServerInput("192.0.2.1", 25, MailTls.NONE, "", "", "relay@acme.example")
    server_settings.save_installation(session, sender)


@pytest.mark.parametrize("passing", [of_a_company, from_a_company])
def test_through_a_companys_mailbox_it_asks_on_two_days_to_look_whatever_came(
    session: Session, cast: Cast, passing: Callable[[Session, Cast], None]
) -> None:
    passing(session, cast)
    comes(session, cast, HANAKO)
    gone = comes(session, cast, "taro@mail.example")
    consents.withdraw(session, gone.id, cast.tsumugi.id)
    session.commit()
    assert write(session, morning_of(TUESDAY)) == []
    for weekday in (MONDAY, THURSDAY):
        day = morning_of(weekday)
        (mail,) = [each for each in write(session, day) if each.to_address == cast.agnes.email]
        assert set(mail.values) == {"since", "until"}, "no number, not even beside the mail"
        with clock.at(day):
            text = outbox_text(session, cast.agnes)
        assert "新着がないか" in text
        assert "名、取り消し" not in text
        with scopes.everyone(session, "test"):
            session.execute(update(MorningReader).values(told_until=None, mailed_on=None))
        session.commit()


def outbox_text(session: Session, agent: User) -> str:
    """The words of the mail that waits for the agent."""
    with scopes.everyone(session, "test"):
        (message,) = session.scalars(
            select(Message).where(
                Message.letter == morning.LETTER,
                Message.state == MessageState.SCHEDULED,
                Message.subject_id == agent.id,
            )
        )
        draft = compose.draft(session, message, preview=True, links={})
        written = compose.write(draft)
        mark_final(session, message, MessageState.SENT)
    session.commit()
    return f"{written.subject}\n{written.text}"


def test_silence_tells_a_company_no_more_than_a_mail(session: Session, cast: Cast) -> None:
    """Its mailbox gets the same mail on the same days where nobody came, and where somebody did (A-45)."""
    of_a_company(session, cast)
    monday = morning_of(MONDAY)
    (without,) = write(session, monday)
    comes(session, cast, HANAKO)
    (after,) = write(session, morning_of(THURSDAY, after=monday.date()))
    assert set(without.values) == set(after.values)
    assert write(session, morning_of(TUESDAY, after=monday.date())) == []


def test_a_provider_of_everybody_is_no_company(session: Session, cast: Cast) -> None:
    cast.acme.reply_to = "acme-saiyo@gmail.com"
    session.commit()
    known = company_mailboxes.all_of_them(session)
    assert not known.see("tsumugi@gmail.com")
    assert known.see("Acme-Saiyo+x@gmail.com")
    assert known.see("anybody@acme.example") and not known.see("agnes@tsumugi.example")


# many partners, many workers, a backup


def test_a_thousand_partners_are_told_in_one_pass(session: Session, cast: Cast, tuesday: datetime) -> None:
    comes(session, cast, HANAKO)
    many(session, cast, 1000)
    with clock.at(tuesday):
        companies = company_mailboxes.all_of_them(session)
        with counted(session.get_bind()) as statements:  # type: ignore[arg-type]
            after = 0
            while looked_at := morning.write_to(session, companies, after=after):
                after = looked_at[-1]
    session.commit()
    assert len(mails(session, morning.LETTER)) == 1001
    assert len(statements) <= 20, "by portions of agents, and never by partner"


def test_who_came_and_who_left_is_found_by_partner_and_day(session: Session, cast: Cast, tuesday: datetime) -> None:
    """A partner of years has a million shares, of which a morning reads the newest."""
    with clock.at(tuesday), scopes.everyone(session, "test"), said(db.engine) as statements:
        for asked in (morning._came, morning._withdrawn):
            session.execute(asked([cast.agnes.id, cast.sho.id], tuesday)).all()
    session.rollback()
    came, withdrawn = plans.explained(db.engine, statements, small=False)
    if db.engine.dialect.name == "sqlite":  # of the few rows of a test PostgreSQL takes any index
        assert "ix_shares_partner_since" in came
        assert "ix_events_withdrawn" in withdrawn
    assert plans.walked([came, withdrawn]) == ()


def many(session: Session, cast: Cast, count: int) -> None:
    """Further schools that the person agreed to, each with an agent."""
    profile = the_profile(session, HANAKO)
    with scopes.everyone(session, "test"):
        consent, share = session.scalars(select(Consent)).one(), session.scalars(select(Share)).one()
        schools = [
            Partner(
                slug=f"school-{each}", kind=cast.manabi.kind, name="学校", address="", representative="", contact="",
                created_at=clock.now(), checked_on=clock.today(),
            )
            for each in range(count)
        ]  # fmt: skip
        session.add_all(schools)
        session.flush()
        for school in schools:
            email = f"agent@{school.slug}.example"
            session.add_all(
                [
                    User(
                        partner_id=school.id, email=email, email_key=email, name="担当", role=cast.sho.role,
                        password_hash="", created_at=clock.now() - timedelta(days=1),
                    ),
                    Partnership(
                        company_id=cast.acme.id, partner_id=school.id, rules_version="2026-11",
                        accepted_on=clock.today(), created_at=clock.now(),
                    ),
                    Share(
                        profile_id=profile.id, partner_id=school.id, company_id=cast.acme.id, consent_id=consent.id,
                        relay_link_id=share.relay_link_id, since=share.since, until=share.until,
                    ),
                ]
            )  # fmt: skip
    session.commit()


def test_several_workers_at_once_write_one_mail_to_each(
    app: Flask, session: Session, cast: Cast, tuesday: datetime
) -> None:
    comes(session, cast, HANAKO, cast.tsumugi, cast.manabi)
    companies = company_mailboxes.all_of_them(session)
    session.commit()

    def work(own: Session) -> None:
        with clock.at(tuesday):
            morning.write_to(own, companies)

    all_at_once(app, [work] * 4)
    assert sorted(each.to_address for each in mails(session, morning.LETTER)) == [
        "agnes@tsumugi.example",
        "sho@manabi.example",
    ]


@pytest.mark.parametrize("written", [True, False], ids=["backed up while it waited", "backed up before"])
def test_a_backup_that_is_put_back_sends_nothing_twice(
    session: Session, cast: Cast, tuesday: datetime, written: bool
) -> None:
    comes(session, cast, HANAKO)
    if written:
        write(session, tuesday)
    with clock.at(tuesday + timedelta(hours=1)):
        morning.after_restore(session)
    session.commit()
    assert write(session, tuesday + timedelta(hours=2)) == []
    assert {each.state for each in mails(session, morning.LETTER)} <= {MessageState.CANCELLED}
    assert numbers(write(session, next_morning(tuesday))) == {"agnes@tsumugi.example": (1, 0)}


def test_a_backup_that_is_put_back_before_eight_takes_no_morning_away(
    session: Session, cast: Cast, tuesday: datetime
) -> None:
    comes(session, cast, HANAKO)
    make_partner(session, "tsubasa")
    with clock.at(tuesday - timedelta(hours=2)):
        morning.after_restore(session)
    session.commit()
    assert len(write(session, tuesday)) == 1
