"""/setup: the first steps of a new company."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.SETTINGS
