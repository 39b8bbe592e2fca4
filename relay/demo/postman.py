"""The demo's postman: takes the mails of its year away without sending one, and loses a few as real life does."""

from random import Random

from sqlalchemy.orm import Session

from relay import clock
from relay.infra import jobs
from relay.mail.delivery import deliver_one
from relay.mail.refusals import Refusal
from relay.mail.server_route import ServerRouteKey
from relay.mail.transport import DeliveryResult, Envelope, Fate


class Postman:
    """A transport that reaches nobody: demo addresses end in .example, and so do their mails here."""

    def __init__(self, session: Session, chance: Random) -> None:
        self._session = session
        self._chance = chance

    def drain(self) -> None:
        """Deliver everything due at the clock's moment, and what follows from it."""
        while deliver_one(self._session, now=clock.now(), transport=self) or jobs.deliver_event(
            self._session, clock.now()
        ):
            pass

    def send(self, envelope: Envelope) -> DeliveryResult:
        """Take the mail; about one in sixty finds no such mailbox."""
        if self._chance.random() < 1 / 60:
            return DeliveryResult(Fate.REFUSED, "550 5.1.1 User unknown", Refusal.NO_SUCH_ADDRESS)
        return DeliveryResult(Fate.SENT)

    def held(self) -> frozenset[ServerRouteKey]:
        """Never."""
        return frozenset()

    def rest(self) -> None:
        """Hold nothing."""
