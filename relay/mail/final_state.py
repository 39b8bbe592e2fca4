"""The end of a mail's way: its last state, and what its letter does about it in the same transaction."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters
from relay.mail.refusals import Refusal
from relay.models import Message, MessageState, scopes


@contextmanager
def scope_of(session: Session, message: Message) -> Iterator[None]:
    """Enter the scope of a mail found in any company: its company's, and practice where it is one of practice."""
    if message.company_id is None:
        with scopes.everyone(session, "worker: a mail that belongs to no company"):
            yield
    else:
        with (
            scopes.company(session, message.company_id),
            scopes.practice(session) if message.practice else nullcontext(),
        ):
            yield


def after_refusal(refusal: Refusal | None) -> MessageState:
    """Return the last state of a mail that was refused for good, at once or by a mail that came back.

    Bounced is the one after which nothing more goes to the address (C-7), so its absence alone leads there (C-26).
    """
    return MessageState.BOUNCED if refusal is Refusal.NO_SUCH_ADDRESS else MessageState.FAILED


def mark_final(session: Session, message: Message, state: MessageState) -> None:
    """Give a mail its last state and let its letter act on it, in the caller's transaction and the mail's scope.

    Practice counts for nothing: no letter hears of it.
    """
    mark(message, state)
    session.flush()
    if message.practice:
        return
    if (on_final_state := letters.find(message.letter).on_final_state) is not None:
        on_final_state(session, message, state)


def mark(message: Message, state: MessageState) -> None:
    """Give a mail its last state and nothing more."""
    message.state = state
    message.lease_until = None
    message.settled_at = clock.now()
