"""A company's own pool, read for what it tells: people who fit an open position, in which order, and why.

It reads candidates, hiring and their search rows, and writes alerts, and what a company learns from its own mails.
Across companies nothing is ordered or learned (0.2).
"""
