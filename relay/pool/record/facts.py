"""What is written down about a person: kept as typed, with the keys by which they are found again (F-11 to F-21)."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, EventTag, Reapply, record
from relay.pool import search
from relay.pool.record import contact
from relay.text import clean, kana_key, mail_key, name_key, normalise_mail, normalise_phone, phone_key, to_katakana


@dataclass(frozen=True)
class Facts:
    """A name, how to reach whoever bears it, and what they say of themselves, as they are stored."""

    name: str
    kana: str = ""
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    qualifications: str = ""
    wished_role: str = ""
    reapply: Reapply | None = None
    """The person's own answer, never a guess of HR's."""

    @property
    def columns(self) -> dict[str, Any]:
        """The values, and beside them the keys they are matched by."""
        return asdict(self) | {
            "name_key": name_key(self.name),
            "kana_key": kana_key(self.kana),
            "email_key": mail_key(self.email),
            "phone_key": phone_key(self.phone),
        }


NAMES = tuple(each.name for each in fields(Facts))


def as_typed(typed: Facts) -> Facts:
    """Read what somebody typed: the name stays as it is, a reading becomes katakana, a number its digits."""
    return replace(
        typed,
        name=clean(typed.name),
        kana=to_katakana(typed.kana),
        email=normalise_mail(typed.email).value,
        phone=normalise_phone(typed.phone).value,
        qualifications=clean(typed.qualifications),
        wished_role=clean(typed.wished_role),
    )


def of(candidate: Candidate) -> Facts:
    """The facts of a person as they stand."""
    return Facts(**{name: getattr(candidate, name) for name in NAMES})


def change(session: Session, candidate: Candidate, facts: Facts) -> list[str]:
    """Write other facts down; returns the names of those that changed."""
    changed = [name for name, value in asdict(facts).items() if getattr(candidate, name) != value]
    if not changed:
        return []
    for name, value in facts.columns.items():
        setattr(candidate, name, value)
    candidate.updated_at = clock.now()
    if "email" in changed:
        contact.carry_along(session, candidate)
    search.index(session, [candidate.id])
    record(
        session,
        EventTag.CANDIDATE_CHANGED,
        company_id=candidate.company_id,
        subject=("candidate", candidate.id),
        data={"fields": changed},
    )
    return changed
