"""The demo: a believable company with a year of history, made by the same verbs people use, removable again."""

from relay.demo.removal import remove
from relay.demo.year import build

__all__ = ["build", "remove"]
