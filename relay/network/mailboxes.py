"""After the upgrade: people counted by the address alone are known by the mailbox too, where it can still be found.

A hash cannot be computed from a hash, so the address is looked for in what the installation still holds of the person:
the candidate, the mails to them, the profile that registered through the link. Only an address whose own hash was
counted is believed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.infra.jobs import JobKind
from relay.infra.keyed_hash import address_hash, mailbox_hashes
from relay.models import Candidate, Consent, Job, Message, Profile, Referral, ReferralAddress, scopes
from relay.models.locking import lock_companies

KIND = "count-by-mailbox"
"""The kind of the job that migration 0012 queues once."""
CHUNK_SIZE = 200


def learn(session: Session, _job: Job) -> None:
    """Write the hashes of known mailboxes beside those of their addresses, a chunk of referrals a transaction."""
    last = 0
    with scopes.everyone(session, "worker, once: referrals of any company from before mailboxes were counted"):
        while chunk := session.scalars(
            select(Referral).where(Referral.id > last).order_by(Referral.id).limit(CHUNK_SIZE)
        ).all():
            last = chunk[-1].id
            lock_companies(session, {each.company_id for each in chunk})
            _learn(session, chunk)
            session.commit()


def _learn(session: Session, referrals: Sequence[Referral]) -> None:
    counted = _counted(session, [each.id for each in referrals])
    found: dict[int, set[str]] = {}
    for each, addresses in _addresses(session, referrals):
        proven = [address for address in addresses if address_hash(address) in counted[each.id]]
        found[each.id] = set[str]().union(*map(mailbox_hashes, proven))
    rows = session.execute(
        select(ReferralAddress.company_id, ReferralAddress.address_hash).where(
            ReferralAddress.address_hash.in_(set[str]().union(*found.values()))
        )
    )
    taken = {(row.company_id, row.address_hash) for row in rows}
    for each in referrals:
        fresh = {(each.company_id, known) for known in found[each.id]} - taken
        session.add_all(
            ReferralAddress(company_id=company_id, referral_id=each.id, address_hash=known)
            for company_id, known in sorted(fresh)
        )
        taken |= fresh
    session.flush()


def _counted(session: Session, referral_ids: Iterable[int]) -> dict[int, set[str]]:
    """Return the hashes by which each of these referrals is known."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = session.execute(
        select(ReferralAddress.referral_id, ReferralAddress.address_hash).where(
            ReferralAddress.referral_id.in_(referral_ids)
        )
    )
    for row in rows:
        found[row.referral_id].add(row.address_hash)
    return found


def _addresses(session: Session, referrals: Sequence[Referral]) -> list[tuple[Referral, set[str]]]:
    """Each referral with every address that may have been its person's."""
    people = [each.candidate_id for each in referrals if each.candidate_id is not None]
    by_person: dict[int | None, set[str]] = defaultdict(set)
    known = select(Candidate.id, Candidate.email).where(Candidate.id.in_(people))
    mailed = select(Message.candidate_id, Message.to_address).where(Message.candidate_id.in_(people)).distinct()
    for query in (known, mailed):
        for person, address in session.execute(query):
            by_person[person].add(address)
    links = [each.relay_link_id for each in referrals if each.relay_link_id is not None]
    registered = select(Consent.via_relay_link_id, Profile.email).join(Profile, Profile.id == Consent.profile_id)
    by_link: dict[int | None, set[str]] = defaultdict(set)
    for link, address in session.execute(registered.where(Consent.via_relay_link_id.in_(links)).distinct()):
        by_link[link].add(address)
    nobody: set[str] = set()
    return [
        (each, by_person.get(each.candidate_id, nobody) | by_link.get(each.relay_link_id, nobody)) for each in referrals
    ]


JOBS = (JobKind(KIND, learn),)
