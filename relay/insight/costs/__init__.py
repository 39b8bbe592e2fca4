"""The costs of hiring: sums of months by kind and channel, fees of single hires, the year before Relay, and targets.

It writes its own tables alone. A sum names no person; the fee of a hire outlives the person as a sum (A-27).
"""
