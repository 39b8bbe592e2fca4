"""/: the page HR begins the day with."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.HOME
