"""Free introductions: what a credit is set aside for, whom a licensed partner introduces, and what becomes of it.

Relay picks nobody and writes to no candidate about a request (B-25): verbs here hold a credit, a link and a yes
together, and mail HR and the partner alone. May touch network, hiring, candidates and mail; nothing below knows of it.
"""
