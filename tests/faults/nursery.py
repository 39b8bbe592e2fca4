"""A process that has loaded Relay and forks a worker at each line it reads, so that 25 deaths cost no 25 starts.

Each child runs the real command `relay worker`, with connections of its own, until it is told or killed.
"""

import os
import signal
import sys
from typing import IO

from relay import create_app
from relay.cli import main


def bear(orders: IO[str]) -> None:
    """For each line fork a worker and answer with its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with create_app().app_context():
        for _order in orders:
            child = os.fork()
            if child == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                main(["worker"])
            os.write(sys.stdout.fileno(), f"{child}\n".encode())


if __name__ == "__main__":
    bear(sys.stdin)
