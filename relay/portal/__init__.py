"""The company portal: the pages that HR sees, a package for each resource of the URLs.

Everything here is read in the signed-in member's company, acts through the verbs of the rooms below, and imports no
other surface.
"""

from werkzeug.utils import find_modules, import_string

from relay.access.guards import members_only, surface

portal = surface("portal", __name__, guard=members_only)

for _module in find_modules(__name__, include_packages=True, recursive=True):
    import_string(_module)  # views register on the surface above
