"""/introductions: what credits are set aside for, and what became of it."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.CREDITS
