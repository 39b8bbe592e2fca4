"""How tests make requests: each in an application context of its own, as on a server.

Without this the fixture's open context would be shared, and the person, scope and session of one
request would still be there in the next.
"""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relay.extensions import begin_writing, db


class Browser(FlaskClient):
    """A client whose requests see only what is committed, and leave nothing behind but what they committed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Commit what the test has written, answer the request, and let the test read anew."""
        db.session.commit()
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        begin_writing()
        db.session.expire_all()
        return response
