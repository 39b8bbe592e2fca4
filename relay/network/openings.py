"""How fast a partner opens people: reading goes on, but past a limit its own people and the operator are told.

Never the companies: whom a partner may see, and how many, is the candidates' own affair.
"""

import logging
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import installation, throttle
from relay.infra.keyed_hash import keyed
from relay.models import Company, Partner, ProvisionKind, ProvisionRecord, User, scopes
from relay.network import partner_letters
from relay.text import mail_key, normalise_mail
from relay.trust.provisions import SAME_VIEWING

log = logging.getLogger("relay")

OPENINGS_AN_HOUR = 100
"""So many people a partner opens within an hour of the clock without a word: one in 36 seconds, all hour long, is
faster than a few agents read and write to people, and slower than anything that only collects them."""
HOUR = timedelta(hours=1)
OPERATOR = "network: whether the operator's address is one of a company's"


def note(session: Session, partner_id: int, profile_id: int) -> None:
    """Count one opening of a person, in the scope of the partner and before it is recorded; tell of one too many.

    The count of an hour passes its limit once, so one notice leaves for each hour of the clock at most.
    """
    earlier = select(ProvisionRecord.id).where(
        ProvisionRecord.kind == ProvisionKind.VIEWED,
        ProvisionRecord.profile_id == profile_id,
        ProvisionRecord.at > clock.now() - SAME_VIEWING,
    )
    if session.scalar(earlier.limit(1)) is not None:
        return
    if throttle.hit(session, keyed("openings", str(partner_id)), window=HOUR) != OPENINGS_AN_HOUR + 1:
        return
    log.warning("partner %s opened more than %s people within an hour", partner_id, OPENINGS_AN_HOUR)
    partner = session.scalars(select(Partner).where(Partner.id == partner_id)).one()
    partner_letters.tell_of_openings(session, partner, most=OPENINGS_AN_HOUR, operator=_operator(session))


def _operator(session: Session) -> str:
    """Return the operator's own mail address; empty where it is also a company's, for HR would read it there."""
    row = installation.get(session)
    address = normalise_mail(row.operator_contact).value if row else ""
    if not address:
        return ""
    with scopes.everyone(session, OPERATOR):
        members = select(User.id).where(User.email_key == mail_key(address), User.company_id.is_not(None))
        if session.scalar(members.limit(1)) is not None:
            return ""
    replies = session.scalars(select(Company.reply_to)).all()
    return "" if mail_key(address) in {mail_key(each) for each in replies} else address
