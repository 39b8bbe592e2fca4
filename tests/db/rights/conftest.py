"""The room's jobs and consumers are there, as the worker has them."""

from relay.worker import Worker

__all__ = ["Worker"]
