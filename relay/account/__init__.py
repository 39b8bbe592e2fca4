"""Signing in and out, mailed links for staff, and what everyone who signs in may change about their own login.

Three surfaces: `account` is open, `door` opens by a mailed token, `own` is for whoever is signed in.
"""

from relay.access import account_holders, invited, open_to_all, surface

account = surface("account", __name__, guard=open_to_all)
door = surface("door", __name__, guard=invited)
own = surface("own", __name__, guard=account_holders, url_prefix="/account")

from relay.account import (  # noqa: E402,F401  (views register on the surfaces above)
    address,
    code,
    colleagues,
    invite,
    login,
    mailed,
    notice,
    partner_joining,
    partner_page,
    partner_security,
    password,
    profile,
    proof,
    rooms,
    second_factor,
    sessions_page,
    setup,
)
