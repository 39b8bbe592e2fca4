"""A company with its texts and people to tell, and a postbox that keeps what the worker hands over."""

from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.mail.delivery import deliver_one
from relay.mail.refusals import Refusal
from relay.mail.server_route import ServerRouteKey
from relay.mail.transport import DeliveryResult, Envelope, Fate
from relay.models import Application, Candidate, MailTemplate, RejectionReason, scopes
from relay.outreach import results, templates
from relay.outreach.results import ResultNotification
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position


@dataclass
class Postbox:
    """Takes mails away in memory, or refuses an address for good."""

    mails: list[EmailMessage] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    malformed: set[str] = field(default_factory=set)
    refuses: bool = False

    def send(self, envelope: Envelope) -> DeliveryResult:
        if envelope.to in self.unknown:
            return DeliveryResult(Fate.REFUSED, "550 5.1.1 no such mailbox", Refusal.NO_SUCH_ADDRESS)
        if envelope.to in self.malformed:
            return DeliveryResult(Fate.REFUSED, "501 5.1.3 bad address syntax", Refusal.MALFORMED)
        if self.refuses:
            return DeliveryResult(Fate.REFUSED, "554 5.7.1 refused", Refusal.FILTERED)
        mail = message_from_bytes(envelope.data, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return DeliveryResult(Fate.SENT)

    def held(self) -> frozenset[ServerRouteKey]:
        return frozenset()

    def rest(self) -> None:
        """Nothing is held."""

    def collect(self, *, later: timedelta = timedelta(0)) -> None:
        """Let the worker send everything that is due `later`."""
        moment = clock.now() + later
        with clock.at(moment):
            while deliver_one(db.session(), now=moment, transport=self):
                pass


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """One part of a mail, decoded."""
    part = mail.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content


@pytest.fixture
def cast(session: Session) -> Cast:
    made = make_cast(session)
    templates.install_defaults(session, made.acme.id)
    session.commit()
    return made


@pytest.fixture
def postbox(app: Flask) -> Postbox:
    return Postbox()


@dataclass
class Desk:
    """Ada's desk: what she does, each in a transaction of its own."""

    session: Session
    cast: Cast

    def person(self, name: str = "高橋 花子", email: str = "hanako@mail.example", **values: object) -> Application:
        candidate: Candidate = make_candidate(self.session, self.cast.acme, name, email=email)
        application = make_application(self.session, candidate, self._position(), **values)
        self.session.commit()
        return application

    def text(self, name: str = "面接後") -> templates.TemplateText:
        with scopes.company(self.session, self.cast.acme.id):
            return next(text for text in templates.choices(self.session) if text.name == name)

    def notification(self, application: Application, **values: object) -> ResultNotification:
        chosen = {"reason": RejectionReason.SKILLS, "template_id": self.text().id} | values
        return ResultNotification(application_id=application.id, **chosen)  # type: ignore[arg-type]

    def tell(self, *applications: Application, **values: object) -> results.Queued:
        with scopes.company(self.session, self.cast.acme.id):
            told = results.notify(
                self.session,
                self.cast.acme,
                [self.notification(each, **values) for each in applications],
                by_user_id=self.cast.ada.id,
            )
        self.session.commit()
        return told

    def stop(self, batch: str | None = None) -> int:
        with scopes.company(self.session, self.cast.acme.id):
            count = results.stop(self.session, self.cast.acme.id, batch)
        self.session.commit()
        return count

    def _position(self) -> object:
        from sqlalchemy import select

        from relay.models import Position

        with scopes.company(self.session, self.cast.acme.id):
            known = self.session.scalars(select(Position)).first()
        return known or make_position(self.session, self.cast.acme, "生産技術")


@pytest.fixture
def desk(session: Session, cast: Cast) -> Desk:
    return Desk(session, cast)


__all__ = ["Desk", "MailTemplate", "Postbox", "text_of"]
