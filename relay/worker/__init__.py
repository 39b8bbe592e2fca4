"""The worker: sends what is due, does the jobs, hands events to who must react. `relay worker` runs it.

The rooms named here register their letters, jobs and consumers when they are imported.
"""

from relay.outreach import letter as _letter  # noqa: F401
from relay.rights import jobs as _jobs  # noqa: F401
from relay.worker.loop import Worker

__all__ = ["Worker"]
