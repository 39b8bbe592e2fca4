"""The demo: a believable company with a year of history, removable again.

It is made by the same verbs that people use, and touches nothing but its own companies.
"""

from relay.demo.removal import remove
from relay.demo.year import build

__all__ = ["build", "remove"]
