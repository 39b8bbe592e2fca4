"""/alerts: people that saved searches and positions found for this member, and letting these speak up or be silent."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.HOME
