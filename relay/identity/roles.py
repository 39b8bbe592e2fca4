"""What each role may do (E-2). One table: the guards, the members page and the route test all read it."""

from relay.models import Role

EVERY_MEMBER = frozenset({Role.ADMIN, Role.RECRUITER, Role.VIEWER})
WRITERS = frozenset({Role.ADMIN, Role.RECRUITER})
ADMINS = frozenset({Role.ADMIN})
AGENTS = frozenset({Role.AGENT})

PERMISSIONS: dict[str, frozenset[Role]] = {
    "home:read": EVERY_MEMBER,
    "pool:read": EVERY_MEMBER,
    "pool:write": WRITERS,
    "import:run": WRITERS,
    "positions:read": EVERY_MEMBER,
    "results:read": EVERY_MEMBER,
    "results:tell": WRITERS,
    "templates:read": EVERY_MEMBER,
    "templates:write": WRITERS,
    "credits:read": EVERY_MEMBER,
    "settings:read": ADMINS,
    "settings:write": ADMINS,
    "people:read": AGENTS,
}


def may(role: Role, permission: str) -> bool:
    """Whether the role holds the permission. Raises KeyError for a permission nobody defined."""
    return role in PERMISSIONS[permission]
