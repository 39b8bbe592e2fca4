"""Items per recipient: a person chooses on their own page what one partner gets, and what is kept from it (A-9, A-43).

A choice is a consent of its own with today's contents; the one before ends in the same transaction. A name and a way
to reach the person stay, for without them a partner can do nothing with a yes; to end it, there is the withdrawal.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import Consent, ConsentWithdrawal, EventTag, Profile, event_data, record, scopes
from relay.models.locking import lock_companies, lock_profile
from relay.network import new_contents, own_acts
from relay.network.granting import Evidence, facts_of, refuse_while_closed
from relay.network.own_acts import OwnAct
from relay.network.partner_options import PartnerOption
from relay.network.profiles import is_paused, item_label, item_values

ITEMS_CHANGED = "items-changed"
CONTACTS = frozenset({"email", "phone"})


class TooFewItems(DomainError):
    """Raise where no name or no way to reach the person would be left."""

    code = "too-few-items"
    message = _l(
        "氏名と、メールアドレスか電話番号のどちらかは必要です。まだ何も変わっていません。"
        "何も伝えないときは、同意を取り消してください。"
    )


@dataclass(frozen=True)
class ItemChoice:
    """One item in the form of a recipient: what is written in it now, and whether the recipient has it."""

    code: str
    label: str
    value: str
    told: bool


@dataclass(frozen=True)
class RecipientItems:
    """The form of one recipient: every item that is written, and the terms of the new consent."""

    option: PartnerOption
    choices: tuple[ItemChoice, ...]


def forms(session: Session, profile_id: int) -> dict[int, RecipientItems]:
    """Return the form of each recipient that may take a new consent; none while nothing new is told."""
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
        told = {each.partner_id: set(each.facts) for each in new_contents.shares(session, profile)}
    if profile.erase_at is not None or is_paused(profile.paused_until):
        return {}
    written = facts_of(profile)
    return {
        partner_id: RecipientItems(
            option,
            tuple(
                ItemChoice(code, item_label(code), item_values({code: value})[0][1], code in told[partner_id])
                for code, value in written.items()
            ),
        )
        for partner_id, option in new_contents.options(session, profile).items()
    }


def choose(
    session: Session,
    profile_id: int,
    partner_id: int,
    items: Collection[str],
    *,
    shown: str,
    token_id: int | None,
    evidence: Evidence,
) -> bool:
    """Give one partner these items and no others, as they are written now; returns whether that changed anything.

    The partner is asked, by the person's code, to delete what it has no more. Raises TooFewItems, PartnerGone,
    WordingChanged, ErasurePlanned, SharingPaused.
    """
    with scopes.profile(session, profile_id):
        companies = session.scalars(select(Consent.via_company_id).where(Consent.partner_id == partner_id)).all()
    lock_companies(session, companies)
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile).execution_options(populate_existing=True)).one()
        refuse_while_closed(profile)
        before = [each for each in new_contents.shares(session, profile) if each.partner_id == partner_id]
    facts = {code: value for code, value in facts_of(profile).items() if code in items}
    if "name" not in facts or not CONTACTS & facts.keys():
        raise TooFewItems
    option = new_contents.options(session, profile).get(partner_id)
    new_contents.give_again(session, profile, option, facts, shown=shown, token_id=token_id, evidence=evidence)
    changed = end_replaced(session, profile, partner_id, before, way=ITEMS_CHANGED)
    if changed:
        own_acts.tell(session, profile_id, OwnAct.ITEMS_CHOSEN)
    return changed


def end_replaced(session: Session, profile: Profile, partner_id: int, before: Collection[Any], *, way: str) -> bool:
    """End the consents that new ones stand in the place of, and note the items that the partner has no more.

    Returns whether there were any.
    """
    with scopes.profile(session, profile.id):
        after = [each for each in new_contents.shares(session, profile) if each.partner_id == partner_id]
        replaced = sorted({each.consent_id for each in before} - {each.consent_id for each in after})
        ended = ~exists().where(ConsentWithdrawal.consent_id == Consent.id)
        for each in session.scalars(select(Consent.id).where(Consent.id.in_(replaced), ended)).all():
            session.add(
                ConsentWithdrawal(
                    profile_id=profile.id, partner_id=partner_id, consent_id=each, at=clock.now(), way=way
                )
            )
        session.flush()
    gone = {item for each in before for item in each.facts} - {item for each in after for item in each.facts}
    if gone:
        record(
            session,
            EventTag.CONSENT_NARROWED,
            partner_id=partner_id,
            profile_id=profile.id,
            subject=("partner", partner_id),
            data=event_data.ConsentNarrowed(code=profile.code, items=tuple(sorted(gone))),
        )
    return bool(replaced)
