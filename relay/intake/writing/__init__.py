"""A plan becomes writes: all of it or nothing, in the caller's transaction.

It alone writes people of a file, through the driver and by the thousand; it neither commits nor answers a request.
"""
