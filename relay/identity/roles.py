"""What each role may do (E-2). One table: the guards, the members page and the route test all read it."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from relay.models import Role

WORDS: dict[Role, LazyString] = {
    Role.ADMIN: _l("管理者"),
    Role.RECRUITER: _l("採用担当"),
    Role.INTERVIEWER: _l("面接担当"),
    Role.VIEWER: _l("閲覧のみ"),
    Role.AGENT: _l("提携先の担当者"),
}
"""The roles as pages call them."""

EVERY_MEMBER = frozenset({Role.ADMIN, Role.RECRUITER, Role.VIEWER})
WRITERS = frozenset({Role.ADMIN, Role.RECRUITER})
ADMINS = frozenset({Role.ADMIN})
AGENTS = frozenset({Role.AGENT})
EVERYONE = frozenset(Role)

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
    "setup:run": ADMINS,
    "members:write": ADMINS,
    "partners:write": ADMINS,
    "live:switch": ADMINS,
    "roles:read": EVERY_MEMBER,
    "practice:use": WRITERS,
    "sending:stop": WRITERS,
    "account:use": EVERYONE,
    "house:write": AGENTS,
    "people:read": AGENTS,
}


def may(role: Role, permission: str) -> bool:
    """Whether the role holds the permission. Raises KeyError for a permission nobody defined."""
    return role in PERMISSIONS[permission]
