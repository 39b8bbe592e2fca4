"""Why two records look like one person, or do not: a closed list, kept with each pair, told in words by the portal."""

from enum import StrEnum


class Reason(StrEnum):
    """One agreement or difference."""

    NAMED_BY_FILE = "named-by-file"
    MAIL = "mail"
    MAIL_NEAR = "mail-near"
    MAIL_LOCAL = "mail-local"
    MAIL_DIFFERS = "mail-differs"
    PHONE = "phone"
    PHONE_NEAR = "phone-near"
    PHONE_DIFFERS = "phone-differs"
    NAME = "name"
    NAME_BY_SOUND = "name-by-sound"
    NAME_NEAR = "name-near"
    NAME_SWAPPED = "name-swapped"
    NAME_RARE = "name-rare"
    FAMILY_DIFFERS = "family-differs"
    GIVEN_DIFFERS = "given-differs"
    READING_DIFFERS = "reading-differs"
    BIRTH_DATE = "birth-date"
    BIRTH_DATE_DIFFERS = "birth-date-differs"
