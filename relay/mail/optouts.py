"""Opt-outs from a company's mail of a class. Kept as keyed hashes, so the wish outlives the data (C-5).

Every function reads in the scope of the company it is asked about.
"""

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from relay import clock
from relay.infra.keyed_hash import address_hash
from relay.models import EventTag, MailClass, OptOut, event_data, record, scopes

BY_MERGE = "merge"
"""The way of a wish that was asked at another address of the same person, whose records were merged."""


@scopes.in_company
def is_opted_out(session: Session, company_id: int, address: str, mail_class: MailClass = MailClass.RELAY) -> bool:
    """Return whether the address asked this company to stop this class of mail; nobody can stop transactional mail."""
    return bool(opted_out(session, company_id, [address], mail_class))


_STOPPED = select(OptOut.address_hash).where(
    OptOut.company_id == bindparam("company"),
    OptOut.mail_class == bindparam("mail_class"),
    OptOut.address_hash.in_(bindparam("hashes", expanding=True)),
)


@scopes.in_company
def opted_out(
    session: Session, company_id: int, addresses: Iterable[str], mail_class: MailClass = MailClass.RELAY
) -> set[str]:
    """Return those of the addresses, spelled as given, that asked this company to stop this class of mail."""
    if mail_class is MailClass.TRANSACTIONAL:
        return set()
    by_hash: dict[str, set[str]] = {}
    for address in addresses:
        by_hash.setdefault(address_hash(address), set()).add(address)
    asked = {"company": company_id, "mail_class": mail_class, "hashes": list(by_hash)}
    stopped = session.scalars(_STOPPED, asked)
    return {address for found in stopped for address in by_hash[found]}


_EVERY_STOPPED = select(OptOut.address_hash).where(
    OptOut.company_id == bindparam("company"), OptOut.mail_class.in_(bindparam("classes", expanding=True))
)


@scopes.in_company
def stopped_hashes(session: Session, company_id: int, mail_classes: Iterable[MailClass]) -> set[str]:
    """Return the hash of every address that asked this company to stop one of these classes of mail."""
    return set(session.scalars(_EVERY_STOPPED, {"company": company_id, "classes": list(mail_classes)}))


@scopes.in_company
def opt_out(session: Session, company_id: int, address_hash: str, mail_class: MailClass, via: str) -> bool:
    """Stop a class of mail to an address at once (C-5); asking again changes nothing.

    `via` is the way it was asked ("page", "one-click", "mail" …). Returns whether it was new.
    """
    known = session.scalars(
        select(OptOut).where(
            OptOut.company_id == company_id,
            OptOut.address_hash == address_hash,
            OptOut.mail_class == mail_class,
        )
    ).first()
    if known is not None:
        if known.via == BY_MERGE:  # now it is the person's own word, which taking the merge back must not undo
            known.via, known.at = via, clock.now()
        return False
    session.add(
        OptOut(company_id=company_id, address_hash=address_hash, mail_class=mail_class, via=via, at=clock.now())
    )
    session.flush()
    record(
        session,
        EventTag.OPTED_OUT,
        company_id=company_id,
        data=event_data.OptOutMade(mail_class=mail_class.value, via=via),
    )
    return True
