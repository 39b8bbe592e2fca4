"""Several people telling the same person at the same moment: one mail, on both databases (invariant 6)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.extensions import db
from relay.mail import outbox
from relay.models import (
    Application,
    ApplicationResult,
    Company,
    Event,
    EventTag,
    Message,
    MessageState,
    Mistake,
    MistakeKind,
    Partner,
    scopes,
)
from relay.network import credits, ledger_check, links, mistaken
from relay.network.links import LinkSentByMistake
from relay.outreach import mistakes, results
from relay.outreach.results import ResultNotification
from tests.db.network.build import register
from tests.db.network.test_at_once import all_at_once
from tests.db.outreach.conftest import Desk, Postbox
from tests.db.outreach.test_mistakes import ADA, send, the_link

TOGETHER = 8


def test_one_of_eight_tells_and_the_others_hear_that_it_is_done(app: Flask, desk: Desk) -> None:
    application = desk.person()
    notification = desk.notification(application)
    company_id, user_id = desk.cast.acme.id, desk.cast.ada.id
    desk.session.rollback()
    start = Barrier(TOGETHER)

    def tell(_number: int) -> str:
        with app.app_context():
            start.wait(timeout=30)
            return _tell(company_id, user_id, notification)

    with ThreadPoolExecutor(TOGETHER) as threads:
        answers = list(threads.map(tell, range(TOGETHER)))

    assert sorted(answers) == ["refused"] * (TOGETHER - 1) + ["told"]
    with scopes.company(desk.session, company_id):
        states = desk.session.scalars(select(Message.state)).all()
        status = desk.session.scalars(select(Application.status).where(Application.id == application.id)).one()
    assert states == [MessageState.SCHEDULED]
    assert status is ApplicationResult.REJECTED


def test_eight_who_declare_a_mail_at_once_declare_it_once(app: Flask, desk: Desk, postbox: Postbox) -> None:
    mail = send(desk, postbox, desk.person())
    company_id, mail_id = desk.cast.acme.id, mail.id
    desk.session.rollback()

    all_at_once(app, [partial(_declare, company_id=company_id, mail_id=mail_id)] * TOGETHER)

    with scopes.company(desk.session, company_id):
        assert len(desk.session.scalars(select(Mistake.id)).all()) == 1
    assert len(desk.session.scalars(select(Event.id).where(Event.tag == EventTag.RESULT_MISTAKEN.value)).all()) == 1


def test_who_registers_while_it_is_declared_is_refused_or_asked_and_never_counts(
    app: Flask, desk: Desk, postbox: Postbox
) -> None:
    mails = [send(desk, postbox, desk.person("高橋 花子", f"p{number}@mail.example")) for number in range(4)]
    company_id, agency_id = desk.cast.acme.id, desk.cast.tsumugi.id
    pairs = [(mail.id, the_link(desk, mail).id) for mail in mails]
    desk.session.rollback()

    acts: list[Callable[[Session], None]] = [
        partial(_declare, company_id=company_id, mail_id=mail_id) for mail_id, _link_id in pairs
    ]
    acts += [partial(_register, company_id=company_id, link_id=id_, agency_id=agency_id) for _mail_id, id_ in pairs]
    all_at_once(app, acts)

    assert credits.meter(desk.session, company_id).total == 0
    assert ledger_check.verify(desk.session, company_id) == []
    assert mistaken.count_due(desk.session) == 0


def _declare(session: Session, company_id: int, mail_id: int) -> None:
    with scopes.company(session, company_id):
        mistakes.declare(session, company_id, mail_id, MistakeKind.RESULT, ADA, by_user_id=None)


def _register(session: Session, company_id: int, link_id: int, agency_id: int) -> None:
    agency = session.scalars(select(Partner).where(Partner.id == agency_id)).one()
    try:
        with scopes.company(session, company_id):
            register(session, links.load(session, link_id), agency)
    except LinkSentByMistake:
        session.rollback()


def _tell(company_id: int, user_id: int, notification: ResultNotification) -> str:
    session = db.session()
    try:
        company = session.scalars(select(Company).where(Company.id == company_id)).one()
        with scopes.company(session, company_id):
            results.notify(session, company, [notification], by_user_id=user_id)
            session.commit()
    except (results.AlreadyNotified, outbox.AlreadyQueued):
        session.rollback()
        return "refused"
    return "told"
