"""Deferred forms: sealed for their sender, and sent again once the sender has signed in or proven who they are.

What waits lies in the page of the login or of the proof, in the sender's own browser; nothing of it is kept here.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from relay import clock
from relay.errors import DomainError
from relay.infra import vault

SEALED_FIELDS = "sealed"
"""The field in which the secrets of a form wait until its sender has proven who they are."""
MAX_LENGTH = 500_000
"""A longer form does not wait: sealed, it would not fit beside the login's own fields."""
FOR_PROOF, FOR_LOGIN = "proof", "login"
"""What a form is sealed for; for the one it opens nothing of the other."""
PROVEN_WITHIN_SECONDS = 60 * 60
"""How long secrets wait for a proof: long enough to find a telephone with its codes, and no longer."""
KEPT_SECONDS = 12 * 60 * 60
"""How long a form waits for its sender: as long as a session lasts at most (E-7)."""

Fields = list[tuple[str, str]]


class FormLost(DomainError):
    """Raise where a deferred form was sealed for another session, page, purpose or fields, or too long ago."""

    code = "form-lost"
    message = _l("送信の内容を受け取れませんでした")


@dataclass(frozen=True)
class DeferredForm:
    """A form as it was sent, and where to."""

    path: str
    fields: Fields


def defer_until_proven(form: MultiDict[str, str], *, session_id: int, path: str) -> Fields:
    """Return what a form waiting for a proof had typed in it: plain, but secrets in one sealed field.

    What is sealed opens for this session, this path and these plain fields, for an hour.
    """
    fields = [(name, value) for name, value in form.items(multi=True) if not name.startswith("proof_")]
    secret = [each for each in fields if "password" in each[0] and each[1]]
    plain = [each for each in fields if "password" not in each[0] and each[0] != "csrf_token"]
    if not secret:
        return plain
    sealed = _sealed(FOR_PROOF, session=session_id, path=path, beside=_fingerprint(plain), fields=secret)
    return [*plain, (SEALED_FIELDS, sealed)]


def with_secrets(form: MultiDict[str, str], sealed: str, *, session_id: int, path: str) -> ImmutableMultiDict[str, str]:
    """Return the form with the secrets put back that waited for the proof.

    Raises FormLost for another session or path, after an hour, and where another field was changed meanwhile: a
    password that was typed for one server must not go to another.
    """
    found = _opened(FOR_PROOF, sealed, PROVEN_WITHIN_SECONDS)
    if (found.get("session"), found.get("path")) != (session_id, path):
        raise FormLost
    if found["beside"] != _fingerprint(form.items(multi=True)):
        raise FormLost
    return ImmutableMultiDict([*form.items(multi=True), *map(tuple, found["fields"])])


def defer_until_signed_in(form: MultiDict[str, str], *, user_id: int, path: str) -> str:
    """Return a form sealed for the user whose session ended while filling it in; empty where it is too long."""
    fields = [each for each in form.items(multi=True) if each[0] != "csrf_token"]
    if len(json.dumps(fields)) > MAX_LENGTH:
        return ""
    return _sealed(FOR_LOGIN, user=user_id, path=path, fields=fields)


def restore(user_id: int, sealed: str) -> DeferredForm | None:
    """Return the form that waited for this user to sign in; None where it was another's, or waited for too long."""
    found = _opened(FOR_LOGIN, sealed, KEPT_SECONDS)
    if found.get("user") != user_id:
        return None
    return DeferredForm(found["path"], [(name, value) for name, value in found["fields"]])


def _sealed(purpose: str, **what: Any) -> str:
    return vault.seal(json.dumps({"for": purpose, "at": int(clock.now().timestamp())} | what))


def _opened(purpose: str, sealed: str, within: int) -> dict[str, Any]:
    """Return what was sealed for this purpose and is young enough; empty for anything else."""
    try:
        found = json.loads(vault.unseal(sealed))
    except (DomainError, ValueError):
        return {}
    if not isinstance(found, dict) or found.get("for") != purpose:
        return {}
    return found if clock.now().timestamp() - found["at"] <= within else {}


def _fingerprint(fields: Iterable[tuple[str, str]]) -> str:
    """Return a hash of the fields that travel openly beside the secrets; browsers send line ends as CRLF."""
    plain = [
        (name, value.replace("\r\n", "\n"))
        for name, value in fields
        if not ("password" in name or name.startswith("proof_") or name in ("csrf_token", SEALED_FIELDS))
    ]
    return sha256(json.dumps(sorted(plain)).encode()).hexdigest()
