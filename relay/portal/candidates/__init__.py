"""/pool/<id>: one candidate's record, its parts and its forms."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.POOL
