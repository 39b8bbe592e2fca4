"""Several people telling the same person at the same moment: one mail, on both databases (invariant 6)."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import select

from relay.extensions import db
from relay.mail import outbox
from relay.models import Application, ApplicationResult, Company, Message, MessageState, scopes
from relay.outreach import results
from relay.outreach.results import ResultNotification
from tests.db.outreach.conftest import Desk

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
