"""Completed referrals (リレー完了): once per person and company for life, numbered 1, 2, 3 … without gaps.

A person is known by the keyed hashes of every address they proved and of the mailboxes these lead to, so that
+tags and ignored dots make nobody a second person; the hashes outlive any deletion (invariant 3, B-20).
Signs that one may not be a person of its own (hints) refuse nobody: the operator looks, and may void. The company's
page names the number, the day and no more of the person than HR knows already: not the network, not that another
address was used (A-45).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.age import is_under_age
from relay.errors import DomainError
from relay.identity.companies import is_anybodys
from relay.infra.keyed_hash import address_hash, keyed, mailbox_hashes
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    EventTag,
    HintKind,
    LinkSource,
    Referral,
    ReferralAddress,
    ReferralHint,
    RelayLink,
    User,
    event_data,
    record,
    scopes,
)
from relay.models.keyset import Page, newest
from relay.models.locking import lock_company
from relay.network import credits
from relay.network.granting import Evidence
from relay.network.links import mailed_to
from relay.text import mail_domain, mail_key, mailbox_spellings

WAITS = timedelta(days=90)
"""How long a registration by the company's link waits for the rejected application it counts for."""
MANY = 3
"""How many referrals of one minute, or of one network within a day, are a sign."""
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
RECENT = 200
"""How many of the newest referrals are looked at for each new one."""
PAGE = 50
_NEWEST = newest(Referral.number)


@dataclass(frozen=True)
class ListedReferral:
    """A completed referral as lists show it."""

    number: int
    day: date
    voided: bool
    void_reason: str
    kinds: tuple[HintKind, ...]


def note_hints(session: Session, referral: Referral, *, mailed: Sequence[str], email: str) -> None:
    """Write down what is odd about a new referral, and about those it makes odd by coming after them.

    `mailed` are the addresses its links went to, `email` the one that registered. What waited and is found to count
    comes in one minute by itself: it has no network, and is no sign. Runs in the company's scope, with the company
    held.
    """
    now = clock.now()
    recent = session.execute(
        select(Referral.id, Referral.completed_at, Referral.network_hash)
        .where(Referral.completed_at > now - DAY, Referral.network_hash.is_not(None))
        .order_by(Referral.number.desc())
        .limit(RECENT)
    ).all()
    network = referral.network_hash if referral.network_hash != keyed("network", "") else None
    same_minute = [each.id for each in recent if each.completed_at > now - MINUTE]
    same_network = [each.id for each in recent if network and each.network_hash == network]
    odd: dict[HintKind, list[int]] = {
        HintKind.OWN_DOMAIN: [referral.id] if _is_own(session, referral.company_id, mailed) else [],
        HintKind.OTHER_ADDRESS: [] if _is_mailed(session, referral, email) else [referral.id],
        HintKind.SAME_NETWORK: same_network if len(same_network) >= MANY else [],
        HintKind.SAME_MINUTE: same_minute if len(same_minute) >= MANY else [],
    }
    _add(session, referral.company_id, odd)


def listed(session: Session, company_id: int, *, only_hints: bool) -> list[ListedReferral]:
    """Give all of the company's referrals, the newest first; with `only_hints` those with one."""
    with scopes.company(session, company_id):
        wanted = _HINTED if only_hints else select(Referral)
        found = session.scalars(wanted.order_by(*_NEWEST.order())).all()
        return _listed(found, _kinds(session, None))


_HINTED = select(Referral).where(Referral.id.in_(select(ReferralHint.referral_id)))


def page_of_hints(session: Session, company_id: int, *, after: str = "") -> Page[ListedReferral]:
    """Give a page of the company's referrals with a hint, the newest first."""
    with scopes.company(session, company_id):
        found = _NEWEST.page(session, _HINTED, lambda referral: referral, after=after, limit=PAGE, values={})
        kinds = _kinds(session, [each.id for each in found.rows])
    return replace(found, rows=_listed(found.rows, kinds))


def _listed(referrals: Sequence[Referral], kinds: Mapping[int, list[HintKind]]) -> list[ListedReferral]:
    return [
        ListedReferral(
            each.number,
            each.completed_at.astimezone(clock.JAPAN).date(),
            each.voided_at is not None,
            each.void_reason,
            tuple(kinds.get(each.id, ())),
        )
        for each in referrals
    ]


def forget_networks(session: Session) -> None:
    """Drop the hash of the network of every referral older than a day: nothing more is compared with it."""
    with scopes.everyone(session, "worker: networks older than a day, of any company"):
        session.execute(
            update(Referral)
            .where(Referral.network_hash.is_not(None), Referral.completed_at <= clock.now() - DAY)
            .values(network_hash=None)
            .execution_options(synchronize_session=False)
        )


def _is_own(session: Session, company_id: int, addresses: Iterable[str]) -> bool:
    """Return whether one of these addresses is at a mail domain of the company, save where anybody gets an address."""
    own = {mail_domain(session.scalar(select(Company.reply_to).where(Company.id == company_id)) or "")}
    own |= {mail_domain(each) for each in session.scalars(select(User.email_key))}
    return any(domain in own and not is_anybodys(domain) for domain in map(mail_domain, addresses) if domain)


def _is_mailed(session: Session, referral: Referral, email: str) -> bool:
    proves = session.scalar(select(RelayLink.address_hash).where(RelayLink.id == referral.relay_link_id))
    return proves is None or proves == address_hash(email)


def _add(session: Session, company_id: int, odd: dict[HintKind, list[int]]) -> None:
    ids = {each for found in odd.values() for each in found}
    known = {
        (row.referral_id, row.kind)
        for row in session.execute(
            select(ReferralHint.referral_id, ReferralHint.kind).where(ReferralHint.referral_id.in_(ids))
        )
    }
    session.add_all(
        ReferralHint(company_id=company_id, referral_id=each, kind=kind, noted_at=clock.now())
        for kind, found in odd.items()
        for each in found
        if (each, kind) not in known
    )
    session.flush()


_EVERY_KIND = select(ReferralHint.referral_id, ReferralHint.kind).order_by(ReferralHint.id)
_KINDS_OF = _EVERY_KIND.where(ReferralHint.referral_id.in_(bindparam("referrals", expanding=True)))


def _kinds(session: Session, ids: Sequence[int] | None) -> dict[int, list[HintKind]]:
    found: dict[int, list[HintKind]] = {}
    for row in session.execute(_EVERY_KIND) if ids is None else session.execute(_KINDS_OF, {"referrals": list(ids)}):
        found.setdefault(row.referral_id, []).append(row.kind)
    return found


REASON_LENGTH = 200
_MISTAKEN = _l("誤って送った結果連絡からの登録")


class ReferralUnknown(DomainError):
    """Raise where the company has no such referral."""

    code = "referral-unknown"


class VoidReasonMissing(DomainError):
    """Raise where a referral is voided without a reason."""

    code = "void-reason-missing"
    message = _l("取り消す理由を書いてください。リレー完了の記録は変わっていません。")


def complete_for(
    session: Session, links: Sequence[RelayLink], email: str, evidence: Evidence | None, *, import_id: int | None = None
) -> Referral | None:
    """Count the person who registered with `email` through these links of one company; note what is odd.

    The referral goes to the last link from a result mail. Where every link was asked for on the company's page, the
    person may still be in selection: the last link waits, and counts from the moment the company knows a rejected
    application of theirs. None where it waits, and when the person counted before. `evidence` is None, and `import_id`
    given where an import did it, when a registration that waited is found to count. The caller holds nothing more
    than `complete` asks for.
    """
    with scopes.company(session, links[-1].company_id):
        mailed = mailed_to(session, links)
        link = _counting(session, links, (email, *mailed))
        if link is None:
            links[-1].waits_until = links[-1].waits_until or clock.now() + WAITS
            session.flush()
            return None
        for each in links:
            each.waits_until = None
        hashes = {each.address_hash or "" for each in links}.union(*map(mailbox_hashes, (email, *mailed)))
        referral = complete(session, link, hashes)
        if referral is not None:
            referral.network_hash = keyed("network", evidence.network) if evidence else None
            referral.import_id = import_id
            session.flush()
            note_hints(session, referral, mailed=mailed, email=email)
        return referral


def complete(session: Session, link: RelayLink, address_hashes: Iterable[str]) -> Referral | None:
    """Count the person for the link's company and earn the credits that are due; None when they counted before.

    Every hash becomes the referral's, also when the person had counted under another of their addresses. Who counted by
    an invitation that was sent by mistake counts again by this one.
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
        elif (earlier := _mistaken(session, owner)) is not None:
            earlier.source = link.source
            count_again(session, earlier, link.id)
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
        if referral.voided_at is not None and not referral.mistaken:
            return False
        return _void(session, referral, reason, by_user_id)


def void_as_mistaken(session: Session, referral: Referral, by_user_id: int | None) -> None:
    """Let a referral count no more, for it came by an invitation that was sent by mistake, until `count_again`.

    Runs in the company's scope, with the company held.
    """
    _void(session, referral, str(_MISTAKEN), by_user_id, mistaken=True)


def count_again(session: Session, referral: Referral, link_id: int | None) -> None:
    """Let a referral that was voided as mistaken count, and earn the credit that is due. The caller holds the company.

    From here on it goes to `link_id`, by which its person was invited rightly; None where they were told elsewhere.
    """
    referral.relay_link_id = link_id
    referral.voided_at, referral.void_reason, referral.voided_by_user_id = None, "", None
    referral.mistaken = False
    session.flush()
    _tell(session, EventTag.REFERRAL_COUNTED_AGAIN, referral)
    credits.earn_due(session, referral.company_id)


def _mistaken(session: Session, referral_id: int) -> Referral | None:
    found = select(Referral).where(Referral.id == referral_id, Referral.mistaken)
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def _void(session: Session, referral: Referral, reason: str, by_user_id: int | None, *, mistaken: bool = False) -> bool:
    """Write it down; returns whether a credit was taken back. One that counted no more takes none."""
    counted = referral.voided_at is None
    referral.voided_at, referral.void_reason, referral.voided_by_user_id = clock.now(), reason, by_user_id
    referral.mistaken = mistaken
    session.flush()
    _tell(session, EventTag.REFERRAL_VOIDED, referral)
    return counted and credits.take_back(session, referral.company_id, referral.id, reason) is not None


def _tell(session: Session, tag: EventTag, referral: Referral) -> None:
    record(
        session,
        tag,
        company_id=referral.company_id,
        subject=("referral", referral.id),
        data=event_data.ReferralNumbered(number=referral.number),
    )


def _counting(session: Session, links: Sequence[RelayLink], addresses: Iterable[str]) -> RelayLink | None:
    """Return the link the referral goes to: the last from a result mail; else the last, once the company knows whom
    it rejected by one of these addresses."""
    told = [each for each in links if each.source is LinkSource.RESULT_MAIL]
    if told:
        return told[-1]
    link = links[-1]
    link.candidate_id = link.candidate_id or _rejected(session, addresses)
    return link if link.candidate_id is not None else None


def mailboxes(addresses: Iterable[str]) -> set[str]:
    """Return the keys by which candidates with one of these mailboxes are found."""
    return {key for each in addresses if each for key in (mail_key(each), *mailbox_spellings(each))}


def knows_rejected(session: Session, addresses: Iterable[str]) -> bool:
    """Return whether the company in scope knows a rejected person by one of these mailboxes."""
    return _rejected(session, addresses) is not None


def _rejected(session: Session, addresses: Iterable[str]) -> int | None:
    """Return the candidate with one of these mailboxes whose rejection the company wrote down last."""
    found = session.execute(
        select(Candidate.id, Candidate.birth_date)
        .join(Application, Application.candidate_id == Candidate.id)
        .where(Candidate.email_key.in_(mailboxes(addresses)), Application.status == ApplicationResult.REJECTED)
        .order_by(Application.id.desc())
        .limit(1)
    ).one_or_none()
    return found.id if found is not None and not is_under_age(found.birth_date) else None


def _next(session: Session, link: RelayLink) -> Referral:
    number = (session.scalar(select(func.max(Referral.number))) or 0) + 1
    referral = Referral(
        company_id=link.company_id,
        number=number,
        candidate_id=link.candidate_id,
        relay_link_id=link.id,
        source=link.source,
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
