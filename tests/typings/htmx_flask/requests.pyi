"""What htmx says of a request."""

from flask import Request

class HtmxHeaders:
    boosted: bool
    history_restore_request: bool
    trigger: str | None
    def __bool__(self) -> bool: ...

class HtmxAwareRequest(Request):
    htmx: HtmxHeaders
