"""Joining of a partner: it registers itself behind an invitation, or accepts one more as the partner it already is.

Partners are unique by licence number: a login that exists gets a new partnership, never a second login.
"""

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity import invitations, users
from relay.models import Company, Invitation, Partner, PartnerKind, Partnership, Role, User, scopes
from relay.network import partner_letters, partners
from relay.network.particulars import Particulars

MAX_A_YEAR = 99
SLUG_LENGTH = 40


class AlreadySignsIn(DomainError):
    """Raise where a registered partner has this licence: one of its agents accepts the invitation instead."""

    code = "partner-already-registered"
    message = _l(
        "この許可番号の紹介会社は、すでにRelayに登録されています。社内でログインできる方が「ログインして受け入れる」から"
        "進むと、いまのログインのまま、この提携を受け入れられます。ここでは何も登録していません。"
    )


@dataclass(frozen=True)
class Joined:
    """A partner that has just registered itself, its first lead, and the partnership."""

    partner: Partner
    user: User
    partnership: Partnership


def join(
    session: Session,
    invitation: Invitation,
    particulars: Particulars,
    *,
    person: str,
    password: str,
    free_introductions: int | None,
) -> Joined:
    """Register the invited agency or school with its first lead, and tie it to the company that invited it.

    It accepts the sharing rules of the invitation. Until the company has looked it up, candidates are not offered
    it (B-11). Raises AlreadySignsIn, LicenceUnreadable, LinkUnreadable, UserRefused, PasswordRefused, InvitationGone.
    """
    given = particulars.cleaned()
    columns = given.as_columns()
    invitations.accept(session, invitation)
    try:
        partner = partners.create_partner(
            session,
            slug=_free_slug(session, invitation.email),
            kind=given.kind,
            demo=_of_the_demo(session, invitation),
            **columns | {"license_number": given.license_number or ""},
        )
    except partners.LicenceTaken as taken:
        raise AlreadySignsIn from taken
    user = users.create_user(session, partner, email=invitation.email, name=person, role=Role.LEAD, password=password)
    partnership = _partnership(session, invitation, partner, user.id, free_introductions)
    partner_letters.tell_of_partner(session, partnership)
    return Joined(partner, user, partnership)


def accept(
    session: Session, invitation: Invitation, partner_id: int, *, user_id: int, free_introductions: int | None
) -> Partnership:
    """Accept an invitation for a partner that is here already: one more tie, no second login.

    Where the partnership exists already it stays as it is. Raises InvitationGone.
    """
    invitations.accept(session, invitation, user_id=user_id)
    partner = session.scalars(select(Partner).where(Partner.id == partner_id)).one()
    partnership = _partnership(session, invitation, partner, user_id, free_introductions)
    if partnership.partner_accepted_on == clock.today():
        partner_letters.tell_of_partner(session, partnership)
    return partnership


def _partnership(
    session: Session, invitation: Invitation, partner: Partner, user_id: int, free_introductions: int | None
) -> Partnership:
    return partners.start_partnership(
        session,
        scopes.required(invitation.company_id),
        partner.id,
        rules_version=invitation.rules_version,
        free_introductions_per_year=free_introductions if partner.kind is PartnerKind.AGENCY else None,
        company_accepted_on=invitation.created_at.astimezone(clock.JAPAN).date(),
        company_accepted_by_user_id=invitation.by_user_id,
        partner_accepted_on=clock.today(),
        partner_accepted_by_user_id=user_id,
    )


def _of_the_demo(session: Session, invitation: Invitation) -> bool:
    """Return whether the demo's company invited the partner, which then goes with the demo."""
    return bool(session.scalar(select(Company.demo).where(Company.id == invitation.company_id)))


def _free_slug(session: Session, email: str) -> str:
    """Return a short name for the operator's commands, made of the mail domain and numbered where it is taken."""
    domain = email.rpartition("@")[2].partition(".")[0].lower()
    wanted = re.sub(r"[^a-z0-9]+", "-", domain).strip("-")[:SLUG_LENGTH].strip("-") or "partner"
    like = Partner.slug.like(f"{wanted}-%")
    taken = set(session.scalars(select(Partner.slug).where(or_(Partner.slug == wanted, like))))
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(each for each in (wanted, *numbered) if each not in taken)
