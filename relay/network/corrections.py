"""Corrections: a registered person reads what they wrote on their own page, and changes it there (A-35).

What partners were given stays as it was agreed to (A-43); the page asks afterwards whether they get the correction,
too (`new_contents`). The address is none of it: it is proven by a mail (`new_address`).
"""

from dataclasses import asdict, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import EventTag, Profile, event_data, record, scopes
from relay.models.locking import lock_profile
from relay.network import own_acts, profiles
from relay.network.granting import ErasurePlanned, facts_of
from relay.network.own_acts import OwnAct
from relay.network.profiles import ITEMS, ProfileFields
from relay.text import phone_key


def facts(session: Session, profile_id: int) -> dict[str, str]:
    """Return every item of the person with what is written in it, as far as the page shows it (C-25)."""
    with scopes.profile(session, profile_id):
        shown = facts_of(session.scalars(select(Profile)).one())
    return {code: shown.get(code, "") for code in ITEMS}


def hidden(session: Session, profile_id: int) -> frozenset[str]:
    """Return the items that the page does not show, since they were written before the present number was chosen."""
    with scopes.profile(session, profile_id):
        return frozenset(session.scalars(select(Profile.hidden_items)).one())


def hold(session: Session, profile_id: int) -> dict[str, str]:
    """Return `facts` as they are stored now, and let nobody else change them until the transaction ends."""
    lock_profile(session, profile_id)
    with scopes.profile(session, profile_id):
        session.scalars(select(Profile).execution_options(populate_existing=True)).one()
    return facts(session, profile_id)


def correct(session: Session, profile_id: int, typed: ProfileFields) -> tuple[str, ...]:
    """Store what was typed, and return the items that changed; the caller holds them (`hold`).

    An item the page does not show stays as it is where nothing was typed. Raises ErasurePlanned, RegistrantNameMissing.
    """
    with scopes.profile(session, profile_id):
        profile = session.scalars(select(Profile)).one()
        if profile.erase_at is not None:
            raise ErasurePlanned
        unseen = set(profile.hidden_items)
        if "name" in unseen and not typed.name:
            typed = replace(typed, name=profile.name)
        values = {code: value for code, value in asdict(typed.cleaned()).items() if value or code not in unseen}
        changed = tuple(code for code, value in values.items() if getattr(profile, code) != value)
        if not changed:
            return ()
        for code in changed:
            setattr(profile, code, values[code])
        profiles.unhide_items(profile, changed)
        profile.phone_key = phone_key(profile.phone)
        profile.updated_at = profile.unshared_since = clock.now()
        profiles.confirm(profile)
        record(
            session,
            EventTag.PROFILE_CORRECTED,
            profile_id=profile_id,
            subject=("profile", profile_id),
            data=event_data.FieldsChanged(fields=changed),
        )
        session.flush()
    own_acts.tell(session, profile_id, OwnAct.FACTS_CORRECTED)
    return changed
