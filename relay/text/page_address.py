"""Addresses of web pages as they are typed or pasted."""

import unicodedata
from urllib.parse import urlsplit


def page_address(typed: str) -> str:
    """Return the address of a page, http or https alone, whatever the width typed (F-12); '' where it is none.

    Its signs stay as they are: ~ and - are two of them, so another dash is no address of the same page.
    """
    address = unicodedata.normalize("NFKC", typed).strip()
    if address and "://" not in address:
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        usable = False
    return address if usable and not any(each.isspace() or each in "<>\"'`\\" for each in address) else ""
