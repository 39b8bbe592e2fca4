"""Nothing that is sent to any route breaks it, strips its answer of a header, or shows a word of another house.

A few hundred requests by a fixed seed; tests/soak/test_fuzzing.py sends them for twenty minutes to a real server.
"""

from itertools import islice

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from relay.models import RateCount
from tests.fuzzing.fuzzer import Fuzzer
from tests.fuzzing.visitors import make_town
from tests.fuzzing.wire import InProcess

SEED, ROAMING = "relay", 300


def test_no_request_breaks_a_route_or_makes_it_tell(app: Flask, session: Session) -> None:
    wire = InProcess(app)
    fuzzer = Fuzzer(app, make_town(app, session, wire), wire, SEED)
    import time; t=time.time()
    fuzzer.walk()
    print("walk", time.time()-t, sum(fuzzer.statuses.values()))
    for number, _asked in enumerate((*fuzzer.sweep(), *islice(fuzzer.roam(), ROAMING))):
        if number % 100 == 0:
            session.execute(delete(RateCount))
            session.commit()
    print("all", time.time()-t, sum(fuzzer.statuses.values()), fuzzer.statuses)
    assert not fuzzer.faults, "\n".join(fuzzer.faults)
    for rule in fuzzer.rules:
        assert fuzzer.met[rule.endpoint] >= (rule.methods or set()), rule.rule
