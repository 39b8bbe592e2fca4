"""A file between arriving and being applied: read in the limited process, kept a day at most, and previewed.

It may touch everything below, the disk and the jobs; it commits on its own while a file arrives.
"""
