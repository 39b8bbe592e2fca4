"""The candidates' pages, behind mailed links: no login, no cookie, nothing stored shown."""

from relay.access import link_holders, surface

landing = surface("landing", __name__, guard=link_holders)

from relay.landing import own_page, relay_page, unsubscribe  # noqa: E402,F401  (views register on the surface above)
