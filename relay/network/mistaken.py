"""Invitations that were sent by mistake: the link is frozen, the count follows, and who had registered is asked.

What a person agreed to is theirs and stays; only they end it, on their own page. The company learns of none of this:
it reads whether its link is frozen and how many referrals count, as ever (A-45).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from relay import clock
from relay.infra.jobs import JobKind, Queue
from relay.infra.keyed_hash import address_hash
from relay.models import (
    Application,
    ApplicationResult,
    Consent,
    Job,
    LinkSource,
    LinkState,
    Message,
    Mistake,
    MistakeKind,
    MistakenInvitation,
    Partner,
    PartnerKind,
    Profile,
    Referral,
    ReferralAddress,
    RelayLink,
    Share,
    scopes,
)
from relay.models.locking import lock_company, lock_profile
from relay.network import consents, letters, links, pending, referrals
from relay.network.granting import is_visible, visible_since
from relay.network.partner_options import sharing_company

KIND = "mistaken-referrals"
_CONSENTS = "network: what was agreed to through the links of a company, whose count it decides"


class Contact(NamedTuple):
    """The colleague whom the person who got a mail by mistake can call."""

    name: str
    phone: str


class MistakenQuestion(NamedTuple):
    """The own page's question whether to go on: by whose invitation, and with which partners."""

    id: int
    company: str
    partners: Sequence[str]


def undo(session: Session, company_id: int, application_id: int, address: str, *, by_user_id: int | None) -> int | None:
    """Freeze the link of an application, drop what waits on it, and ask the person who had registered by it.

    Their referral goes to another link of the company by which they agreed to an agency; without one it counts no more.
    `address` is the one that was mailed. The caller holds the company. Returns the link, if there was one.
    """
    link = links.of_application(session, company_id, application_id)
    with scopes.company(session, company_id):
        if link is not None:
            pending.forget(session, link)
            links.freeze(session, link)
        for referral in session.scalars(_resting(link, address)).all():
            _rest_on_another(session, referral, address, by_user_id)
    if link is None:
        return None
    _ask(session, link)
    return link.id


def contact(session: Session, link_id: int) -> Contact | None:
    """Return whom the page behind a frozen link names; in the scope of the link's company."""
    found = select(Mistake.contact_name, Mistake.contact_phone).where(Mistake.relay_link_id == link_id)
    row = session.execute(found).one_or_none()
    return Contact(*row) if row is not None else None


def questions(session: Session, profile_id: int) -> list[MistakenQuestion]:
    """Return the questions of the own page: one for each invitation through which something is still shared."""
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        rows = session.execute(
            select(MistakenInvitation.id, MistakenInvitation.company_id, Consent.partner_name)
            .join(Share, Share.relay_link_id == MistakenInvitation.relay_link_id)
            .join(Consent, Consent.id == Share.consent_id)
            .where(MistakenInvitation.answered_at.is_(None), *_standing(since))
            .order_by(MistakenInvitation.id, Consent.id)
        ).all()
    named: dict[tuple[int, int], list[str]] = {}
    for id_, company_id, partner in rows:
        named.setdefault((id_, company_id), []).append(partner)
    return [
        MistakenQuestion(id_, sharing_company(session, company_id).name, partners)
        for (id_, company_id), partners in named.items()
    ]


def answer(session: Session, profile_id: int, question_id: int, *, goes_on: bool) -> None:
    """Note that the person goes on, or end everything given to the partners of that invitation.

    Answering again changes nothing.
    """
    lock_profile(session, profile_id)
    since = visible_since(session, profile_id)
    with scopes.profile(session, profile_id):
        asked = session.scalars(
            select(MistakenInvitation)
            .where(MistakenInvitation.id == question_id, MistakenInvitation.answered_at.is_(None))
            .execution_options(populate_existing=True)
        ).one_or_none()
        if asked is None:
            return
        asked.answered_at = clock.now()
        given = (Share.relay_link_id == asked.relay_link_id, *_standing(since))
        shared = select(Share.partner_id).join(Consent, Consent.id == Share.consent_id).where(*given)
        partners = [] if goes_on else session.scalars(shared.distinct().order_by(Share.partner_id)).all()
        session.flush()
    for partner_id in partners:
        consents.withdraw(session, profile_id, partner_id)


def count_due(session: Session) -> int:
    """Count those again whose result was told by now, by Relay or elsewhere; whether they withdrew is not asked (B-20).

    They had registered by a mail that came too early or with another text. One to a wrong address is left out: who
    registered by it is another person. Returns how many there were; looks at every company.
    """
    with scopes.everyone(session, "worker: referrals that count again, of any company"):
        due = {row.referral_id: row for row in session.execute(_due())}
    for row in due.values():
        lock_company(session, row.company_id)
        with scopes.company(session, row.company_id):
            found = select(Referral).where(Referral.id == row.referral_id, Referral.mistaken)
            referral = session.scalars(found.execution_options(populate_existing=True)).one_or_none()
            if referral is not None:
                referral.source = LinkSource.RESULT_MAIL
                referrals.count_again(session, referral, row.link_id)
    return len(due)


def _due() -> Select[int, int, int]:
    """Select the referrals, each with the link of the application that was told; mistakes are those of its person."""
    frozen, told = aliased(RelayLink), aliased(RelayLink)
    return (
        select(Referral.company_id, Referral.id.label("referral_id"), told.id.label("link_id"))
        .join(ReferralAddress, _same_company(ReferralAddress, Referral) & (ReferralAddress.referral_id == Referral.id))
        .join(frozen, _same_company(frozen, Referral) & (frozen.address_hash == ReferralAddress.address_hash))
        .join(Mistake, _same_company(Mistake, Referral) & (Mistake.relay_link_id == frozen.id))
        .join(Message, Message.id == Mistake.message_id)
        .join(Application, _same_company(Application, Referral) & (Application.id == Message.subject_id))
        .outerjoin(told, _same_company(told, Referral) & (told.application_id == Application.id))
        .where(Referral.voided_at.is_not(None), Referral.mistaken, frozen.state == LinkState.REVOKED)
        .where(Mistake.kind != MistakeKind.ADDRESS)
        .where(Application.status == ApplicationResult.REJECTED, Application.notified_at.is_not(None))
        .order_by(Referral.company_id, Referral.id, Application.id.desc())
    )


def _same_company(one: Any, other: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = one.company_id == other.company_id
    return same


def _resting(link: RelayLink | None, address: str) -> Select[Referral]:
    """Select what counts by this link; and by one that was asked for, which counts while a rejection is known."""
    owned = select(ReferralAddress.referral_id).where(ReferralAddress.address_hash == address_hash(address))
    asked_for = (Referral.source == LinkSource.COMPANY_LINK) & Referral.id.in_(owned)
    mine = asked_for if link is None else asked_for | (Referral.relay_link_id == link.id)
    counted = select(Referral).where(mine, Referral.voided_at.is_(None)).order_by(Referral.id)
    return counted.execution_options(populate_existing=True)


def _rest_on_another(session: Session, referral: Referral, address: str, by_user_id: int | None) -> None:
    """Let a referral go to another link of its person that counts; else void it, and let those that can wait, wait."""
    proven = select(ReferralAddress.address_hash).where(ReferralAddress.referral_id == referral.id)
    meant = select(RelayLink).where(RelayLink.address_hash.in_(proven), RelayLink.state != LinkState.REVOKED)
    others = {each.id: each for each in session.scalars(meant)}
    given = select(Consent.via_relay_link_id).join(Partner, Partner.id == Consent.partner_id)
    given = given.where(Consent.via_company_id == referral.company_id, Consent.via_relay_link_id.in_(others))
    with scopes.everyone(session, _CONSENTS):
        used = session.scalars(given.where(Partner.kind == PartnerKind.AGENCY).order_by(Consent.id)).all()
    is_rejected = referrals.knows_rejected(session, [address])
    for link in (others[each] for each in used):
        if is_rejected or link.source is LinkSource.RESULT_MAIL:
            referral.relay_link_id, referral.source = link.id, link.source
            return
        link.waits_until = clock.now() + referrals.WAITS
    referrals.void_as_mistaken(session, referral, by_user_id)


def _standing(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Select the shares in force that the own page shows."""
    return Share.until >= clock.now(), is_visible(since)


def _ask(session: Session, link: RelayLink) -> None:
    """Put the question to who had registered by the link and still shares by it, and say so by mail."""
    profile_id = consents.of_link(session, link)
    if profile_id is None:
        return
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        standing = select(Share.id).where(Share.relay_link_id == link.id, Share.until >= clock.now())
        if session.scalar(standing.limit(1)) is None:
            return
        profile = session.scalars(select(Profile)).one()
        question = MistakenInvitation(company_id=link.company_id, relay_link_id=link.id, asked_at=clock.now())
        question.profile_id = profile_id
        session.add(question)
        session.flush()
    letters.send(session, letters.INVITATION_MISTAKEN, profile)


def _count(session: Session, _job: Job) -> None:
    count_due(session)


JOBS = (JobKind(KIND, _count, Queue.DUTIES),)
