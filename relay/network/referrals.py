"""Completed referrals (リレー完了): once per person and company for life, numbered 1, 2, 3 … without gaps.

A person is known by the keyed hashes of every address they proved and of the mailboxes these lead to, so that
+tags and ignored dots make nobody a second person; the hashes outlive any deletion (invariant 3, B-20).
"""

from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.infra.keyed_hash import address_hash, keyed, mailbox_hashes
from relay.models import EventTag, Message, Referral, ReferralAddress, RelayLink, event_data, record, scopes
from relay.network import credits, hints
from relay.network.evidence import Evidence
from relay.network.locking import lock_company

REASON_LENGTH = 200


class ReferralUnknown(DomainError):
    """Raise where the company has no such referral."""

    code = "referral-unknown"


class VoidReasonMissing(DomainError):
    """Raise where a referral is voided without a reason."""

    code = "void-reason-missing"
    message = _l("取り消す理由を書いてください。リレー完了の記録は変わっていません。")


def complete_for(session: Session, links: Sequence[RelayLink], email: str, evidence: Evidence) -> Referral | None:
    """Count the person who registered with `email` through these links of one company; note what is odd.

    The last link is the one the referral goes to. None when the person counted before. The caller holds nothing more
    than `complete` asks for.
    """
    with scopes.company(session, links[-1].company_id):
        mailed = _mailed_addresses(session, links)
        hashes = {each.address_hash or "" for each in links}.union(*map(mailbox_hashes, (email, *mailed)))
        referral = complete(session, links[-1], hashes)
        if referral is not None:
            referral.network_hash = keyed("network", evidence.network) if evidence.network else None
            session.flush()
            hints.note(session, referral, mailed=mailed, email=email)
        return referral


def complete(session: Session, link: RelayLink, address_hashes: Iterable[str]) -> Referral | None:
    """Count the person for the link's company and earn the credits that are due; None when they counted before.

    Every hash becomes the referral's, also when the person had counted under another of their addresses.
    """
    hashes = sorted({each for each in address_hashes if each})
    with scopes.company(session, link.company_id):
        lock_company(session, link.company_id)
        known = session.execute(
            select(ReferralAddress.address_hash, ReferralAddress.referral_id)
            .where(ReferralAddress.address_hash.in_(hashes))
            .order_by(ReferralAddress.referral_id)
        ).all()
        referral = None if known else _next(session, link)
        owner = known[0].referral_id if referral is None else referral.id
        taken = {row.address_hash for row in known}
        session.add_all(
            ReferralAddress(company_id=link.company_id, referral_id=owner, address_hash=each)
            for each in hashes
            if each not in taken
        )
        session.flush()
        if referral is not None:
            credits.earn_due(session, link.company_id)
        return referral


def of_number(session: Session, company_id: int, number: int) -> Referral:
    """Return the company's referral of this number. Raises ReferralUnknown."""
    with scopes.company(session, company_id):
        referral = session.scalars(select(Referral).where(Referral.number == number)).one_or_none()
    if referral is None:
        raise ReferralUnknown(_l("このリレー完了は見つかりません。番号を確認してください。何も変わっていません。"))
    return referral


def void(session: Session, company_id: int, referral_id: int, reason: str, by_user_id: int | None = None) -> bool:
    """Declare a referral fraudulent: it no longer counts, and a free credit it bore is taken back.

    Returns whether a credit was. Never done because a person withdrew (B-20). Voiding again changes nothing.
    Raises ReferralUnknown, VoidReasonMissing.
    """
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise VoidReasonMissing
    with scopes.company(session, company_id):
        lock_company(session, company_id)
        referral = session.scalars(
            select(Referral).where(Referral.id == referral_id).execution_options(populate_existing=True)
        ).one_or_none()
        if referral is None:
            raise ReferralUnknown(_l("このリレー完了は見つかりません。"))
        if referral.voided_at is not None:
            return False
        referral.voided_at, referral.void_reason, referral.voided_by_user_id = clock.now(), reason, by_user_id
        session.flush()
        record(
            session,
            EventTag.REFERRAL_VOIDED,
            company_id=company_id,
            subject=("referral", referral.id),
            data=event_data.ReferralNumbered(number=referral.number),
        )
        return credits.take_back(session, company_id, referral.id, reason) is not None


def _mailed_addresses(session: Session, links: Sequence[RelayLink]) -> list[str]:
    """Return the addresses the links were mailed to, as far as their mails still name them."""
    proven = {each.address_hash for each in links if each.address_hash}
    mailed = session.scalars(
        select(Message.to_address)
        .where(
            Message.subject_kind == "application",
            Message.subject_id.in_([each.application_id for each in links if each.application_id is not None]),
            Message.to_address != "",
        )
        .distinct()
    )
    return sorted(each for each in mailed if address_hash(each) in proven)


def _next(session: Session, link: RelayLink) -> Referral:
    number = (session.scalar(select(func.max(Referral.number))) or 0) + 1
    referral = Referral(
        company_id=link.company_id,
        number=number,
        candidate_id=link.candidate_id,
        relay_link_id=link.id,
        completed_at=clock.now(),
    )
    session.add(referral)
    session.flush()
    record(
        session,
        EventTag.REFERRAL_COMPLETED,
        company_id=link.company_id,
        subject=("candidate", link.candidate_id),
        data=event_data.ReferralNumbered(referral_id=referral.id, number=number),
    )
    return referral
