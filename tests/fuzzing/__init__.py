"""Odd requests to every route: by whoever may come, with every method, and with values that nobody should send.

tests/web/test_fuzzing.py sends some in a few seconds, tests/soak/test_fuzzing.py as many as twenty minutes hold, to a
real server. Nothing here knows a route or a field by name: the URL map, the served pages and the form classes tell.
"""
