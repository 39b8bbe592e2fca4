"""Forms that wait until their sender has signed in again or proven who they are: what they carry, and sealed for whom.

What waits lies in the page of the login or of the proof, in the sender's own browser; nothing of it is kept here.
"""

import json
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from relay import clock, vault
from relay.errors import DomainError

SEALED_FIELDS = "sealed"
"""The field in which the secrets of a form wait until its sender has proven who they are."""
LONGEST = 500_000
"""A longer form does not wait: sealed, it would not fit beside the login's own fields."""
WAITS_SECONDS = 12 * 60 * 60
"""How long a form waits for its sender: as long as a session lasts at most (E-7)."""

Fields = list[tuple[str, str]]


class FormLost(DomainError):
    """What waited was sealed for another session or another place."""


@dataclass(frozen=True)
class Waiting:
    """A form as it was sent, and where to."""

    path: str
    fields: Fields


def until_proven(form: MultiDict[str, str], *, session_id: int, path: str) -> Fields:
    """What a form waiting for a proof had typed in it: plain, but secrets in one sealed field of this session."""
    fields = [(name, value) for name, value in form.items(multi=True) if not name.startswith("proof_")]
    secret = [each for each in fields if "password" in each[0] and each[1]]
    plain = [each for each in fields if "password" not in each[0] and each[0] != "csrf_token"]
    if not secret:
        return plain
    sealed = vault.seal(json.dumps([session_id, path, secret]))
    return [*plain, (SEALED_FIELDS, sealed)]


def with_secrets(form: MultiDict[str, str], sealed: str, *, session_id: int, path: str) -> ImmutableMultiDict[str, str]:
    """The form with the secrets put back that waited for the proof. Raises FormLost for another session or path."""
    whose, place, secret = _opened(sealed) or (None, None, [])
    if (whose, place) != (session_id, path):
        raise FormLost(_("送信の内容を受け取れませんでした"))
    return ImmutableMultiDict([*form.items(multi=True), *map(tuple, secret)])


def until_signed_in(form: MultiDict[str, str], *, user_id: int, path: str) -> str:
    """A whole form, sealed for the user whose session ended while it was filled in; empty where it is too long."""
    fields = [each for each in form.items(multi=True) if each[0] != "csrf_token"]
    told = json.dumps([user_id, path, fields, int(clock.now().timestamp())])
    return vault.seal(told) if len(told) <= LONGEST else ""


def of(user_id: int, sealed: str) -> Waiting | None:
    """The form that waited for this user to sign in; None where it waited for somebody else, or for too long."""
    whose, path, fields, since = _opened(sealed) or (None, "", [], 0)
    if whose != user_id or clock.now().timestamp() - since > WAITS_SECONDS:
        return None
    return Waiting(path, [(name, value) for name, value in fields])


def _opened(sealed: str) -> list | None:  # type: ignore[type-arg]
    try:
        return list(json.loads(vault.unseal(sealed)))
    except (DomainError, ValueError):
        return None
