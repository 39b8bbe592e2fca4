"""/insights: the numbers, a page per question, each number with its definition and the people behind it."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.FIGURES
