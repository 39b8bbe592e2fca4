"""The age from which a person may register: one number for page, settings and code (A-47).

Computed where a birth date is stored, at the moment of use and in Japan's calendar; else declared on the page.
"""

from datetime import date

from dateutil.relativedelta import relativedelta

from relay import clock

MINIMUM_AGE = 16


def is_under_age(birth_date: date | None) -> bool:
    """Return whether a known birth date makes the person too young today; on the birthday they are old enough."""
    return birth_date is not None and birth_date > latest_birth_date()


def latest_birth_date() -> date:
    """Return the birth date of the youngest who are old enough today."""
    return clock.today() - relativedelta(years=MINIMUM_AGE)
