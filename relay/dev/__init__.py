"""Development only: the mailbox with working links."""

from relay.access.guards import open_to_all, surface

dev = surface("dev", __name__, guard=open_to_all, url_prefix="/dev")

from relay.dev import mailbox  # noqa: E402,F401  (views register on the surface above)
