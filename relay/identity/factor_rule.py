"""Who needs a second factor, and from when (E-5): one rule for pages, the command line and `relay doctor`.

A house is asked once there is somebody to protect: a partner from its first login, a company from its first candidate
or its first real mail. Whoever brings the first candidate is asked before.
"""

from flask import current_app
from flask_babel import gettext as _

from relay.config import Settings
from relay.errors import DomainError
from relay.models import Company, Partner


class OnlyInDevelopment(DomainError):
    """A house can be excused from the second factor in development alone."""


def is_required(house: Company | Partner) -> bool:
    """Whether the house's people need a second factor: always, but in development it may be excused."""
    settings: Settings = current_app.config["RELAY"]
    return house.second_factor_required or not settings.development


def is_due(house: Company | Partner) -> bool:
    """Whether whoever signs in without one is asked for it before anything else."""
    if isinstance(house, Company) and house.first_person_at is None and house.live_since is None:
        return False
    return is_required(house)


def excuse(house: Company | Partner) -> None:
    """Leave the second factor to each person, for demos and trials. Raises OnlyInDevelopment elsewhere."""
    settings: Settings = current_app.config["RELAY"]
    if not settings.development:
        raise OnlyInDevelopment(
            _("--no-second-factor は RELAY_ENV=development のときだけ使えます。何も登録していません。")
        )
    house.second_factor_required = False
