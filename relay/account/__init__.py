"""Signing in and out, mailed links for staff, and the pages about one's own login and organisation.

Three surfaces: `account` is open, `token_link` opens by a mailed token, `my_account` is for signed-in people; they act
through identity, and for what a partner says of itself through the network.
"""

from relay.access.guards import account_holders, invited, load_views, open_to_all, surface

account = surface("account", __name__, guard=open_to_all)
token_link = surface("token_link", __name__, guard=invited)
my_account = surface("my_account", __name__, guard=account_holders, url_prefix="/account")

load_views(__name__)
