"""How people come in: a file goes from bytes to a table, to rows, to a plan, to writes; one person is entered by hand.

It may touch `selection`, `pool`, `mail` and what is below; its packages import upwards in the order reading, rows,
planning, writing, uploads, and `fields` says what a file can state to all of them.
"""
