"""The mailbox with working links, in development only.

It reads the files that mails were written to and is not registered in production.
"""

from relay.access.guards import open_to_all, surface

dev = surface("dev", __name__, guard=open_to_all, url_prefix="/dev")

from relay.dev import mailbox  # noqa: E402,F401  (views register on the surface above)
