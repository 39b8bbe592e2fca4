"""/applications: how candidates' applications stand, and what is recorded about them."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.POSITIONS
