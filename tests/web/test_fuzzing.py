"""Nothing that is sent to any route breaks it, strips its answer of a header, or shows a word of another organisation.

A few hundred requests by a fixed seed; tests/soak/test_fuzzing.py sends them for twenty minutes to a real server.
"""

from itertools import chain, islice

from flask import Flask
from sqlalchemy.orm import Session

from tests.fuzzing.fuzzer import Fuzzer
from tests.fuzzing.town import make_town
from tests.fuzzing.wire import InProcess

SEED, ROAMING, NIGHT = "relay", 30, 50


def test_no_request_breaks_a_route_or_makes_it_tell(app: Flask, session: Session) -> None:
    wire = InProcess(app)
    town = make_town(app, session, wire)
    fuzzer = Fuzzer(app, town, wire, SEED)
    fuzzer.walk()
    for number, _asked in enumerate(chain(fuzzer.sweep(), islice(fuzzer.roam(), ROAMING))):
        if number % NIGHT == 0:
            town.wake(session)
    assert not fuzzer.faults, "\n".join(fuzzer.faults)
    for rule in fuzzer.rules:
        assert fuzzer.met[rule.endpoint] >= (rule.methods or set()), rule.rule
