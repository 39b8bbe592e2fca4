"""The company portal: the pages that HR sees, a package for each resource of the URLs.

Everything here is read in the signed-in member's company, acts through the verbs of the rooms below, and imports no
other surface.
"""

from relay.access.guards import load_views, members_only, surface

portal = surface("portal", __name__, guard=members_only)

load_views(__name__)
