"""Ground of all work: jobs, retries and leases, keyed hashes, secrets at rest, what may be logged, waiting forms.

It knows no candidate, company or letter; of the database it touches jobs, deliveries and heartbeats alone, and leases
of rows that the caller names.
"""
