"""Whether this process and what it stands on are well."""

from relay.access import open_to_all, surface

health = surface("health", __name__, guard=open_to_all)
