"""The terms that pages print (保管期間) are kept to the hour: nothing goes before its end, nothing stays past it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail.mailbox import UNKNOWN, Mailbox
from relay.models import (
    DataRequest,
    Import,
    Invitation,
    InvitationKind,
    Job,
    JournalImage,
    MailClass,
    Message,
    MessageState,
    PartnerNote,
    PendingRegistration,
    ProvisionRecord,
    RelatedProvision,
    RequestKind,
    RequestSource,
    RequestState,
    Role,
    User,
    UserSession,
    retention,
    scopes,
)
from relay.models.retention import RETENTIONS, Retention
from relay.network import company_links, consents, partner_notes, related_consents
from relay.worker import upkeep
from tests.cast import Cast, make_batch, make_candidate, make_cast
from tests.db.intake.bringing import bring, herp, received
from tests.db.network.build import confirming, mailed_link, register, the_profile
from tests.db.network.relating import agree, relate
from tests.db.network.test_company_links import link_for

HOUR = timedelta(hours=1)
ADDRESS = "staff@elsewhere.example"
Begin = Callable[[Session, Cast], None]


@pytest.fixture
def cast(session: Session) -> Cast:
    return make_cast(session)


def undo(session: Session, cast: Cast) -> None:
    bring(session, cast.acme, herp({"応募ID": "X1", "名前": "佐藤 健"}))


def unapplied_file(session: Session, cast: Cast) -> None:
    received(session, cast.acme, herp({"応募ID": "X1", "名前": "佐藤 健"}))


def mail_draft(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        act = make_batch(session, cast.acme, "act")
        session.add(_mail(cast, state=MessageState.DRAFT, batch_id=act.id))


def unplaced_mail(_session: Session, _cast: Cast) -> None:
    Mailbox.of(current_app.config["RELAY"], UNKNOWN).keep(b"To: who@mail.example\r\n\r\nhello")


def pending(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "work@mail.example"), cast.tsumugi, address="home@mail.example")
    confirming(session)


def asked_link(session: Session, cast: Cast) -> None:
    link_for(session, cast)


def provision(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "hanako@mail.example"), cast.tsumugi)


def related_provision(session: Session, cast: Cast) -> None:
    relate(session, cast.acme)
    person = make_candidate(session, cast.acme, email="hanako@mail.example")
    (word,) = agree(session, person)
    related_consents.tell(session, cast.acme.id, person.id, word.id, cast.ada.id)


def partner_record(session: Session, cast: Cast) -> None:
    register(session, mailed_link(session, cast.acme, "hanako@mail.example"), cast.tsumugi)
    person = the_profile(session, "hanako@mail.example")
    partner_notes.add(session, cast.tsumugi.id, person.id, "電話した", by_user_id=cast.agnes.id)
    consents.withdraw(session, person.id, cast.tsumugi.id)


def login(session: Session, cast: Cast) -> None:
    cast.ada.disabled_at = clock.now()


def login_session(session: Session, cast: Cast) -> None:
    moment = clock.now()
    session.add(
        UserSession(
            user_id=cast.ada.id,
            token_hash="0" * 64,
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment,
            proven_at=moment,
            ip="192.0.2.1",
        )
    )


def invitation(session: Session, cast: Cast) -> None:
    moment = clock.now()
    with scopes.company(session, cast.acme.id):
        session.add(
            Invitation(
                kind=InvitationKind.MEMBER, email=ADDRESS, role=Role.VIEWER, created_at=moment, expires_at=moment
            )
        )


def closed_request(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id):
        session.add(
            DataRequest(
                kind=RequestKind.COMPLAINT, source=RequestSource.TYPED, state=RequestState.ANSWERED, address=ADDRESS,
                received_on=clock.today(), due_on=clock.today(), created_at=clock.now(), closed_at=clock.now(),
            )
        )  # fmt: skip


def staff_mail(session: Session, cast: Cast) -> None:
    session.add(_mail(cast, state=MessageState.SENT))


def practised(session: Session, cast: Cast) -> None:
    with scopes.company(session, cast.acme.id), scopes.practice(session):
        session.add(_mail(cast, state=MessageState.SENT, practice=True))


def _mail(cast: Cast, **values: Any) -> Message:
    fixed = {"letter": "result", "mail_class": MailClass.RELAY, "to_address": ADDRESS, "values": {"name": "花子"}}
    moments = {"created_at": clock.now(), "due_at": clock.now()}
    return Message(**fixed | moments | {"company_id": cast.acme.id, "message_id": "m@relay.example"} | values)


def rows(model: Any, *which: Any) -> Callable[[Session], int]:
    """Count the rows of a table in which something personal still stands."""

    def count(session: Session) -> int:
        with scopes.everyone(session, "test"):
            return session.scalar(select(func.count()).select_from(model).where(*which)) or 0

    return count


def practice_mails(session: Session) -> int:
    with scopes.company(session, 1), scopes.practice(session):
        return len(session.scalars(select(Message)).all())


def files(_session: Session) -> int:
    return len(list(Mailbox.of(current_app.config["RELAY"], UNKNOWN).newest_first()))


BEGUN: dict[Retention, tuple[Begin, Callable[[Session], int]]] = {
    retention.UNDO: (undo, rows(JournalImage)),
    retention.UNAPPLIED_FILE: (unapplied_file, rows(Import, Import.table_stored_as.is_not(None))),
    retention.MAIL_DRAFT: (mail_draft, rows(Message, Message.to_address == ADDRESS)),
    retention.UNPLACED_MAIL: (unplaced_mail, files),
    retention.PENDING: (pending, rows(PendingRegistration)),
    retention.ASKED_LINK: (asked_link, rows(Message, Message.letter == company_links.LETTER, Message.to_address != "")),
    retention.PARTNER_RECORD: (partner_record, rows(PartnerNote)),
    retention.PROVISION: (provision, rows(ProvisionRecord)),
    retention.RELATED_PROVISION: (related_provision, rows(RelatedProvision)),
    retention.LOGIN: (login, rows(User, User.email == "ada@acme.example")),
    retention.SESSION: (login_session, rows(UserSession)),
    retention.INVITATION: (invitation, rows(Invitation)),
    retention.DATA_REQUEST: (closed_request, rows(DataRequest, DataRequest.address != "")),
    retention.STAFF_MAIL: (staff_mail, rows(Message, Message.to_address == ADDRESS)),
    retention.PRACTICE: (practised, practice_mails),
}
"""What begins each term that the hourly sweep ends, and what is left of it."""


@pytest.mark.parametrize("term", BEGUN, ids=lambda term: BEGUN[term][0].__name__)
def test_nothing_goes_before_its_term_and_nothing_stays_past_it(session: Session, cast: Cast, term: Retention) -> None:
    begin, left = BEGUN[term]
    begin(session, cast)
    session.commit()
    begun = clock.now()
    if term.number:
        sweep_at(session, begun + term.length - HOUR)
    assert left(session) == 1
    sweep_at(session, begun + term.length + HOUR * (1 if term.unit is retention.Unit.HOURS else 25))
    assert left(session) == 0


def test_every_term_that_the_sweep_ends_is_tried_here() -> None:
    assert set(BEGUN) == {term for term in RETENTIONS if term.ended_by == "sweep"}


def sweep_at(session: Session, moment: Any) -> None:
    with clock.at(moment):
        upkeep.sweep(session, Job())
        session.commit()
