"""Profiles (登録プロフィール): one per proven mail address, however many companies sent a link."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relay import clock
from relay.models import EventTag, Profile, record, scopes
from relay.network.fields import ProfileFields
from relay.text import mail_key, phone_key
from relay.tokens import new_code

BY_ADDRESS = "network: the profile of an address that was just proven"


def of_address(session: Session, email: str, fields: ProfileFields, locale: str) -> Profile:
    """Return the profile of a proven address, held until the transaction ends: a new one, or the one there, whose
    fields change only where something was given.

    What partners were given before stays as it was (A-43); where they hold something else, the own page asks.
    """
    profile = _held(session, email) or _make(session, email, fields, locale)
    with scopes.profile(session, profile.id):
        given = {name: value for name, value in asdict(fields).items() if value}
        if any(getattr(profile, name) != value for name, value in given.items()):
            profile.unshared_since = clock.now()
        for name, value in given.items():
            setattr(profile, name, value)
        profile.phone_key = phone_key(profile.phone)
        profile.updated_at = clock.now()
        session.flush()
    return profile


def erase_at(session: Session, profile_id: int) -> datetime | None:
    """Return when the erasure that the person asked for is due; None while none is."""
    with scopes.profile(session, profile_id):
        return session.scalar(select(Profile.erase_at))


def _held(session: Session, email: str) -> Profile | None:
    with scopes.everyone(session, BY_ADDRESS):
        return session.scalars(
            select(Profile)
            .where(Profile.email_key == mail_key(email))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).one_or_none()


def _make(session: Session, email: str, fields: ProfileFields, locale: str) -> Profile:
    """Return a new profile; where another company's link made it in the same moment, that one."""
    profile = Profile(
        code=new_code(),
        email=email,
        email_key=mail_key(email),
        name=fields.name,
        locale=locale,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(profile)
            session.flush()
    except IntegrityError:
        there = _held(session, email)
        if there is None:
            raise
        return there
    record(session, EventTag.PROFILE_REGISTERED, profile_id=profile.id, subject=("profile", profile.id))
    return profile
