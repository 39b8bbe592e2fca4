"""How a wish for no more relay mail is kept, whichever page or mail program it comes from."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.mail import optouts
from relay.models import MailClass, OptOut, scopes

STOPPABLE = (MailClass.RELAY, MailClass.PROMO)


@scopes.in_company
def stop(session: Session, company_id: int, address_hash: str, *, via: str) -> None:
    """Stop relay and promotional mail from this company to this address; asking again changes nothing."""
    for mail_class in STOPPABLE:
        optouts.opt_out(session, company_id, address_hash, mail_class, via)


@scopes.in_company
def has_stopped(session: Session, company_id: int, address_hash: str) -> bool:
    """Return whether the address asked before."""
    return (
        session.scalar(
            select(OptOut.id).where(
                OptOut.company_id == company_id,
                OptOut.address_hash == address_hash,
                OptOut.mail_class == MailClass.RELAY,
            )
        )
        is not None
    )
