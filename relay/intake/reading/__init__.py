"""Bytes become a table: the encoding, the sheet, the kind of file and its header row are found, or the file is refused.

It touches nothing but the bytes it is given: no database, no disk, no request.
"""
