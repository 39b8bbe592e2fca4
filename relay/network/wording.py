"""The words a person agrees to: which version is in force, and what a consent keeps of it (A-9, A-11, B-6, F-23).

What is shown is what is stored: a page prints the paragraphs, the consent row keeps their text and its SHA-256.
The sentences themselves are in `consent_texts`.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from relay.models import PartnerKind
from relay.network.consent_texts import CONSENT_MONTHS as CONSENT_MONTHS
from relay.network.consent_texts import REFUSING as REFUSING
from relay.network.consent_texts import VERSIONS, ConsentContext, Paragraph, Version
from relay.network.consent_texts import gain as gain
from relay.network.consent_texts import listed as listed
from relay.network.fields import ITEMS as ITEMS
from relay.network.fields import item_label as item_label
from relay.network.fields import item_labels as item_labels
from relay.network.partners import PartnerCard


class RecipientPurpose(StrEnum):
    """The purposes for which a recipient may use the data."""

    INTRODUCE_JOBS = "introduce-jobs"
    PRESENT_COURSES = "present-courses"


@dataclass(frozen=True)
class SharingCompany:
    """A company as it must be named: it provides the data, and gains by it (A-6, A-17)."""

    id: int
    name: str
    address: str
    representative: str
    contact: str
    credits_honoured: bool
    """Whether one of its partners takes its credits now (B-23)."""


@dataclass(frozen=True)
class Terms:
    """The exact words for one partner; `hash` is the SHA-256 of `text`."""

    version: str
    purpose: RecipientPurpose
    paragraphs: tuple[Paragraph, ...]

    @property
    def text(self) -> str:
        """Return the paragraphs as one text, as a consent keeps it."""
        return "\n".join(f"{each.label}: {each.text}" for each in self.paragraphs)

    @property
    def hash(self) -> str:
        """SHA-256 of the text in hex: tells whether two people were shown the same (A-11)."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def terms(partner: PartnerCard, context: ConsentContext, day: date) -> Terms:
    """Return the terms in force on `day` for providing to `partner` in this context."""
    version = in_force(day)
    purpose = (
        RecipientPurpose.INTRODUCE_JOBS if partner.kind is PartnerKind.AGENCY else RecipientPurpose.PRESENT_COURSES
    )
    return Terms(version.name, purpose, version.compose(partner, context))


def in_force(day: date) -> Version:
    """Return the newest version valid on that day; before the first, the first."""
    return max(
        (each for each in VERSIONS if each.valid_from <= day), key=lambda each: each.valid_from, default=VERSIONS[0]
    )
