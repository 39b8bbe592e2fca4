"""The end of a mail's way: its last state, and what its letter does about it in the same transaction."""

from sqlalchemy.orm import Session

from relay import clock
from relay.mail import letters
from relay.models import Message, MessageState


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
