"""What a forked process finds done: every command and what they load late, the tables mapped, nothing to collect.

Imported by the process that forks (`tests/forked.py`), for what it does to it.
"""

import gc
from importlib import import_module

from sqlalchemy.orm import configure_mappers

MODULES = (
    "relay.cli", "relay.cli.serve.server", "relay.registry", "alembic.command", "alembic.autogenerate",
    "relay.account", "relay.agency", "relay.dev", "relay.health", "relay.landing", "relay.portal",
)  # fmt: skip

for name in MODULES:
    import_module(name)
configure_mappers()
gc.collect()
gc.freeze()  # else every process that is forked looks through all of it again and again
