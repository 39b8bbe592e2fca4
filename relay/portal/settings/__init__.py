"""/settings: the company, its members, partners, mail, privacy, and the operator."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.SETTINGS
