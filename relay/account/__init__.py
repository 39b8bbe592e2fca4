"""Signing in and out, for members and agents alike."""

from relay.access import open_to_all, surface

account = surface("account", __name__, guard=open_to_all)

from relay.account import login  # noqa: E402,F401  (views register on the surface above)
