"""A yes that is sent twice: the second press finds its link used, and is told what became of the first.

For ten minutes and the same address alone: later, and to anybody else, a used link is one that opens nothing (C-20).
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, Introduction, IntroductionLink, LinkEnd, scopes
from relay.text import mail_key
from relay.tokens import token_hash

TOGETHER = timedelta(minutes=10)
LOOK_UP = "token look-up: whose introduction a used link led to is not known before"


def company_of(session: Session, token: str, email: str) -> int | None:
    """Return the company to which the person of this address said yes behind the link just now; None else."""
    with scopes.everyone(session, LOOK_UP):
        just_now = (
            select(Introduction.company_id)
            .join(IntroductionLink, IntroductionLink.id == Introduction.link_id)
            .join(Candidate, Candidate.id == Introduction.candidate_id)
            .where(
                IntroductionLink.token_hash == token_hash(token),
                IntroductionLink.closed_as == LinkEnd.USED,
                Introduction.accepted_at >= clock.now() - TOGETHER,
                Candidate.email_key == mail_key(email),
            )
        )
        return session.scalars(just_now).one_or_none()
