"""What schemathesis loads: each request that has an Idempotency-Key gets one of its own.

It sends a value again with another body, and is refused as the API says it will be; no schema can tell that.
"""

import re
from typing import Any
from uuid import uuid4

import schemathesis

_KEY, _SHAPE = "Idempotency-Key", re.compile("[!#-~]{1,255}")


@schemathesis.hook
def before_call(_context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Replace a value that is in order; what is none is sent as it is."""
    if _SHAPE.fullmatch(str((case.headers or {}).get(_KEY, ""))):
        case.headers[_KEY] = uuid4().hex
