"""HERP連携: reads the applications of a company from the public API of HERP Hire 1.5.0, and hands them to an import.

HERP has no "changed since", so all pages are read and compared by hashes. It gives a tenant 100 requests a minute. What
is new or changed becomes a file as HERP itself would export it, and the import does with it what it does with any file:
it may read the disk and the jobs, commits between two pages, and calls other hosts by relay.connect.outbound alone.
"""
