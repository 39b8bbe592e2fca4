"""/positions: the positions of a company."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.POSITIONS
