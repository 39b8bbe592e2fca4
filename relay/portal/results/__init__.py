"""/results: who is to hear a result, the drafts, and what has been sent."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.RESULTS
