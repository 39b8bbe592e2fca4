"""The partners' read-only portal: exactly the people who consented to this partner."""

from relay.access import agencies_only, surface

agency = surface("agency", __name__, guard=agencies_only, url_prefix="/agency")

from relay.agency import people  # noqa: E402,F401  (views register on the surface above)
