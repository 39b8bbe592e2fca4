"""Signing in and out, mailed links for staff, and the pages about one's own login and organisation.

Three surfaces: `account` is open, `token_link` opens by a mailed token, `my_account` is for signed-in people; they act
through identity, and for what a partner says of itself through the network.
"""

from relay.access.guards import account_holders, invited, open_to_all, surface

account = surface("account", __name__, guard=open_to_all)
token_link = surface("token_link", __name__, guard=invited)
my_account = surface("my_account", __name__, guard=account_holders, url_prefix="/account")

from relay.account import (  # noqa: E402,F401  (views register on the surfaces above)
    address,
    code,
    colleagues,
    invite,
    login,
    navigation,
    notice,
    partner_joining,
    partner_page,
    partner_security,
    password,
    profile,
    proof,
    second_factor,
    sessions_page,
    setup,
    token_links,
)
