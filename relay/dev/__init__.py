"""Development only: the mailbox with working links."""

from relay.access import open_to_all, surface

dev = surface("dev", __name__, guard=open_to_all, url_prefix="/dev")
