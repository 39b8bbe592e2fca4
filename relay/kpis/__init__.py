"""Numbers of a company: the cases each counts by month, and the same cases one by one, from one statement each.

Every page of numbers, report and feed reads these. It reads the tables of the rooms above and imports none of them;
it writes counts, and the addresses of feeds.
"""
