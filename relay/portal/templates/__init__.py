"""/templates: the texts that result mails are written from."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.RESULTS
