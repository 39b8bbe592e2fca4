"""How tests make requests: as on a server, where nothing of the test is around them.

The fixture's open context would be shared with the request: its session, its scope and its person would be there for
whatever the response still asks after the view has ended, and in the next request.
"""

from contextvars import copy_context
from typing import Any

from flask.globals import _cv_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relay.extensions import begin_writing, db


class Browser(FlaskClient):
    """A client whose requests see only what is committed, and leave nothing behind but what they committed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Commit what the test has written, answer the request to its last byte, and let the test read anew."""
        db.session.commit()
        response: TestResponse = copy_context().run(self._open_alone, *args, **kwargs)
        db.session.expire_all()
        return response

    def _open_alone(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Answer where no application is open: Flask opens one for the request, and closes it before the body."""
        _cv_app.set(None)  # type: ignore[arg-type]
        begin_writing()
        return super().open(*args, **({"buffered": True} | kwargs))
