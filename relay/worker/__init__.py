"""The worker: sends what is due, does the jobs, hands events to who must react. `relay worker` runs it.

It runs what the registry names, enters the company of each row before it acts, and decides nothing of its own.
"""

from relay.worker.loop import Worker

__all__ = ["Worker"]
