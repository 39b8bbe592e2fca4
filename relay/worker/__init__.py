"""The worker: sends what is due, does the jobs, hands events to who must react. `relay worker` runs it."""

from relay.worker.loop import Worker

__all__ = ["Worker"]
