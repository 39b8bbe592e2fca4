"""How large a file of applicants may be, and how many may wait. Each is met with a sentence of its own (refusals)."""

MEGABYTE = 1024 * 1024

MAX_BYTES = 50 * MEGABYTE
"""A file as it is sent."""
MAX_ROWS = 50_000
"""People of one file."""
MAX_COLUMNS = 200
"""Columns in which something stands."""
MAX_CELL = 32_767
"""Characters of one cell, as many as Excel itself holds; what stands behind is cut before anything looks at it."""
MAX_LINE = MAX_COLUMNS * MAX_CELL
"""Characters of one line of a CSV file."""
MAX_LINES = 1_048_576
"""Lines of a CSV file, empty ones among them; as many as a sheet of Excel has."""
MAX_CSV_CELLS = MAX_ROWS * MAX_COLUMNS
"""Cells of a CSV file, empty ones among them."""
MAX_SHEET_XML = 20 * MEGABYTE
"""One sheet of a workbook, unpacked."""
MAX_PART = 50 * MEGABYTE
"""Any other part of a workbook that is read (its texts), unpacked."""
MAX_UNPACKED = 100 * MEGABYTE
"""All parts of a workbook that are read, unpacked."""
MAX_PARTS = 2_000
MAX_MERGES = 200
"""Merged ranges of one sheet."""
MAX_CELLS = 6_000_000
"""Rows times columns of the areas its sheets fill; each is held as a whole."""

MAX_WAITING_FILES = 5
"""Files of a company that wait for answers or are being read."""
MAX_WAITING_BYTES = 100 * MEGABYTE
"""What those take on the disk."""
