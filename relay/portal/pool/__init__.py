"""/pool: the list of candidates, and what is done with many of them at once."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.POOL
