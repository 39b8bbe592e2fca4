"""Signs that a completed referral may not be a person of its own. They refuse nobody: the operator looks, and may void.

What is looked at stays with the operator. The company's page names the number, the day and no more of the person than
HR knows already: not the network, not that another address was used (A-45).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity.companies import is_anybodys
from relay.infra.keyed_hash import address_hash
from relay.models import Company, HintKind, Referral, ReferralHint, RelayLink, User, scopes
from relay.models.keyset import Page, newest
from relay.text import mail_key

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


def note(session: Session, referral: Referral, *, mailed: Sequence[str], email: str) -> None:
    """Write down what is odd about a new referral, and about those it makes odd by coming after them.

    `mailed` are the addresses its links went to, `email` the one that registered. Runs in the company's scope, with
    the company held.
    """
    now = clock.now()
    recent = session.execute(
        select(Referral.id, Referral.completed_at, Referral.network_hash)
        .where(Referral.completed_at > now - DAY)
        .order_by(Referral.number.desc())
        .limit(RECENT)
    ).all()
    network = referral.network_hash
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
        wanted = _hinted() if only_hints else select(Referral)
        found = session.scalars(wanted.order_by(*_NEWEST.order())).all()
        return _listed(found, _kinds(session, None))


def page(session: Session, company_id: int, *, after: str = "") -> Page[ListedReferral]:
    """Give a page of the company's referrals with a hint, the newest first."""
    with scopes.company(session, company_id):
        found = _NEWEST.page(session, _hinted(), lambda referral: referral, after=after, limit=PAGE)
        kinds = _kinds(session, [each.id for each in found.rows])
    return replace(found, rows=_listed(found.rows, kinds))


def _hinted() -> Select[Referral]:
    return select(Referral).where(Referral.id.in_(select(ReferralHint.referral_id)))


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
    own = {_domain(session.scalar(select(Company.reply_to).where(Company.id == company_id)) or "")}
    own |= {_domain(each) for each in session.scalars(select(User.email_key))}
    return any(domain in own and not is_anybodys(domain) for domain in map(_domain, addresses) if domain)


def _domain(address: str) -> str:
    return mail_key(address).partition("@")[2]


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


def _kinds(session: Session, ids: Sequence[int] | None) -> dict[int, list[HintKind]]:
    wanted = select(ReferralHint.referral_id, ReferralHint.kind).order_by(ReferralHint.id)
    if ids is not None:
        wanted = wanted.where(ReferralHint.referral_id.in_(ids))
    found: dict[int, list[HintKind]] = {}
    for row in session.execute(wanted):
        found.setdefault(row.referral_id, []).append(row.kind)
    return found
