"""/practice and /live: trying everything without a mail leaving, then sending in earnest."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.SETTINGS
