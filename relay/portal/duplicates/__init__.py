"""/pool/duplicates: pairs of records that may be the same person."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.POOL
