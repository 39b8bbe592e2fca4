"""/pool/import: files of candidates, from the upload to the rows taken."""

from relay.portal.ui.navigation import MenuSection

SECTION = MenuSection.POOL
