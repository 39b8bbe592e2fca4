"""/credits: the credits of introductions, and the way to the next one."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.CREDITS
