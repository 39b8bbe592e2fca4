"""The mailbox with working links, in development only.

It reads the files that mails were written to and is not registered in production.
"""

from relay.access.guards import load_views, open_to_all, surface

dev = surface("dev", __name__, guard=open_to_all, url_prefix="/dev")

load_views(__name__)
