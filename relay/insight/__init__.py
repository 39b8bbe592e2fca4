"""A company's own pool, read for what it tells: people who fit an open position, in which order, and why.

It reads candidates, hiring and their search rows and writes nothing. Across companies nothing is ordered (0.2).
"""
