"""How people come in: a file goes from bytes to a table, to rows, to a plan, to writes; one person is entered by hand.

It may touch `selection` and what is below; of its packages (reading, rows, planning, writing, uploads) each imports
those before it alone, and all know `fields`.
"""
