"""The beginning and end of each request: its name, files and transaction, and when a session was seen."""

import uuid
from functools import cache
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

from babel.support import NullTranslations, Translations
from flask import Response, abort, g
from flask_babel import get_locale
from htmx_flask import request
from htmx_flask.requests import HtmxAwareRequest
from werkzeug.datastructures import ImmutableMultiDict
from wtforms.i18n import messages_path

from relay.access.markers import SAFE, current_view
from relay.candidates.files import store
from relay.extensions import begin_reading, begin_writing, short_write
from relay.identity import sessions
from relay.identity.sessions import SignedIn

Part = TypeVar("Part")


class UploadRequest(HtmxAwareRequest):
    """A request whose files go to the disk of the installation as they come, never whole into memory.

    Parts of a form that have no name are left out (each must have one, RFC 7578 section 4.2): readers of names
    reads strings.
    """

    @property
    def wtforms_translations(self) -> NullTranslations:
        """Return the words of fields and validators, where Flask-WTF looks for them before it reads their file."""
        return _words_of_fields(str(get_locale()))

    def _get_file_stream(self, *_about: Any, **_described: Any) -> IO[bytes]:
        return store.nameless()

    def _load_form_data(self) -> None:
        super()._load_form_data()
        self.form, self.files = _with_names(self.form), _with_names(self.files)


@cache  # tricks: portal.template_new
def _words_of_fields(locale: str) -> NullTranslations:
    return Translations.load(messages_path(), [locale], domain="wtforms")


def _with_names(parts: ImmutableMultiDict[str, Part]) -> ImmutableMultiDict[str, Part]:
    if None not in parts:
        return parts
    return ImmutableMultiDict((name, part) for name, part in parts.items(multi=True) if name is not None)


def before_each_request() -> None:
    """Name the request; say how long its body may be, and before the first query whether it may write."""
    g.request_id = uuid.uuid4().hex
    _refuse_unreadable_origin()
    view = current_view()
    if most := getattr(view, "relay_accepts", None):
        request.max_content_length = most
    if request.method in SAFE and not getattr(view, "relay_writes", False):
        begin_reading()
    else:
        begin_writing()


def _refuse_unreadable_origin() -> None:
    """Refuse with 400 a Referer or Origin that is no address: the CSRF check takes it apart and would raise."""
    for name in ("Origin", "Referer"):
        try:
            _port = urlsplit(request.headers.get(name, "")).port
        except ValueError:
            abort(400)


def note_last_seen(response: Response) -> Response:
    """Write a session's last-seen, at most once in five minutes, after the page is made.

    What a page left open asks for by itself does not keep an idle session alive (E-7).
    """
    person = g.get("_login_user")
    if (
        isinstance(person, SignedIn)
        and person.seen_stale
        and response.status_code < 500
        and not getattr(current_view(), "relay_polled", False)
    ):
        with short_write() as session:
            sessions.seen(session, person.session_id)
    return response
