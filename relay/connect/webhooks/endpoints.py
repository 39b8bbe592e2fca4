"""The addresses to which a company's webhooks go: added, changed, stopped, taken up again and removed.

A secret is told once, by the verb that makes it (D-4). Adding looks at the spelling of an address alone; where its name
leads is checked each time it is called (D-7).
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.connect import outbound
from relay.connect.webhooks import signing
from relay.errors import DomainError
from relay.infra import vault
from relay.models import (
    EventTag,
    WebhookEndpoint,
    WebhookMessage,
    WebhookState,
    WebhookStop,
    WebhookType,
    event_data,
    record,
    scopes,
)
from relay.models.locking import lock_company

MAX_ENDPOINTS = 10
"""Of a company."""
OVERLAP = timedelta(hours=24)
"""How long a former secret signs beside the new one (D-4)."""
CHOICES = tuple(kind for kind in WebhookType if kind is not WebhookType.TEST)
"""The kinds that a company may choose; tests go everywhere."""


class TooManyWebhooks(DomainError):
    """Raise where one more would be more than a company may have."""

    code = "too-many-webhooks"

    def __init__(self) -> None:
        super().__init__(
            _l(
                "送り先は%(most)s件まで登録できます。まだ登録していません。使っていないものを削除してから、もう一度登録してください。",
                most=MAX_ENDPOINTS,
            )
        )


class NoWebhookTypes(DomainError):
    """Raise where no event was chosen, or one that is not known."""

    code = "no-webhook-types"
    message = _l("知らせるできごとを、一つ以上選んでください。まだ保存していません。")


class WebhookSecret(NamedTuple):
    """An address and its new secret, which nothing tells again."""

    endpoint: WebhookEndpoint
    secret: str


_LIVING = select(WebhookEndpoint).order_by(WebhookEndpoint.id)
_ONE = select(WebhookEndpoint).where(WebhookEndpoint.id == bindparam("endpoint"))


@scopes.in_company
def living(session: Session, company_id: int) -> Sequence[WebhookEndpoint]:
    """Return the company's addresses, in the order in which they were added."""
    return session.scalars(_LIVING).all()


@scopes.in_company
def find(session: Session, company_id: int, endpoint_id: int) -> WebhookEndpoint | None:
    """Return an address of the company; None where there is none of this id."""
    return session.scalars(_ONE, {"endpoint": endpoint_id}).one_or_none()


@scopes.in_company
def add(
    session: Session, company_id: int, url: str, types: Iterable[str], *, by_user_id: int | None = None
) -> WebhookSecret:
    """Add an address for some kinds of events. Raises OutboundRefused, NoWebhookTypes, TooManyWebhooks."""
    url, chosen = _checked(url, types)
    lock_company(session, company_id)
    if len(living(session, company_id)) >= MAX_ENDPOINTS:
        raise TooManyWebhooks
    secret = signing.new_secret()
    endpoint = WebhookEndpoint(
        company_id=company_id,
        url=url,
        types=chosen,
        secret=vault.seal(secret),
        made_at=clock.now(),
        made_by_user_id=by_user_id,
    )
    session.add(endpoint)
    session.flush()
    _note(session, EventTag.WEBHOOK_ADDED, endpoint)
    return WebhookSecret(endpoint, secret)


def change(session: Session, endpoint: WebhookEndpoint, url: str, types: Iterable[str]) -> bool:
    """Send to another address, or other events; returns whether anything is new. What waits goes there, too.

    Raises OutboundRefused, NoWebhookTypes.
    """
    url, chosen = _checked(url, types)
    new = {"url": endpoint.url != url, "types": endpoint.types != chosen}
    changed = tuple(name for name, differs in new.items() if differs)
    if changed:
        endpoint.url, endpoint.types = url, chosen
        _note(session, EventTag.WEBHOOK_CHANGED, endpoint, event_data.FieldsChanged(fields=changed))
    return bool(changed)


def rotate(session: Session, endpoint: WebhookEndpoint) -> WebhookSecret:
    """Make a new secret; the former one signs beside it for OVERLAP, one before that no more."""
    secret = signing.new_secret()
    endpoint.former_secret, endpoint.former_until = endpoint.secret, clock.now() + OVERLAP
    endpoint.secret = vault.seal(secret)
    _note(session, EventTag.WEBHOOK_SECRET_MADE, endpoint)
    return WebhookSecret(endpoint, secret)


def secrets_in_force(endpoint: WebhookEndpoint) -> list[str]:
    """Return what signs now, the newest first. Raises SealBroken."""
    former = endpoint.former_until is not None and endpoint.former_until > clock.now()
    return [vault.unseal(each) for each in (endpoint.secret, *([endpoint.former_secret] if former else []))]


def stop(session: Session, endpoint: WebhookEndpoint, why: WebhookStop = WebhookStop.BY_HAND) -> None:
    """Send nothing there any more but single tries made by hand; what waits and what comes is held."""
    if not endpoint.enabled:
        return
    endpoint.stopped_as, endpoint.stopped_at = why, clock.now()
    session.flush()
    waiting = (WebhookMessage.endpoint_id == endpoint.id, WebhookMessage.state == WebhookState.WAITING)
    session.execute(
        update(WebhookMessage).where(*waiting, WebhookMessage.by_hand).values(state=WebhookState.HELD, resumes_at=None)
    )
    session.execute(update(WebhookMessage).where(*waiting).values(state=WebhookState.HELD, due_at=None))
    _note(session, EventTag.WEBHOOK_STOPPED, endpoint, event_data.WebhookStopped(why=why.value))


def resume(session: Session, endpoint: WebhookEndpoint) -> None:
    """Send again: what was held goes out now, and the count of failures begins at nought."""
    if endpoint.enabled:
        return
    now = clock.now()
    endpoint.stopped_as = endpoint.stopped_at = endpoint.failing_since = endpoint.rests_until = None
    endpoint.failures = 0
    session.flush()
    held = (WebhookMessage.endpoint_id == endpoint.id, WebhookMessage.state == WebhookState.HELD)
    going = {"state": WebhookState.WAITING, "tries": 0}
    session.execute(update(WebhookMessage).where(*held, WebhookMessage.by_hand).values(**going, resumes_at=now))
    session.execute(update(WebhookMessage).where(*held).values(**going, due_at=now))
    _note(session, EventTag.WEBHOOK_RESUMED, endpoint)


def remove(session: Session, endpoint: WebhookEndpoint) -> None:
    """Remove an address with its messages; nothing more is sent to it."""
    _note(session, EventTag.WEBHOOK_REMOVED, endpoint)
    session.execute(delete(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id))


def _checked(url: str, types: Iterable[str]) -> tuple[str, list[str]]:
    url, wanted = url.strip(), set(types)
    outbound.of_installation().check(url)
    if not wanted or wanted - set(CHOICES):
        raise NoWebhookTypes
    return url, [kind.value for kind in CHOICES if kind in wanted]


def _note(session: Session, tag: EventTag, endpoint: WebhookEndpoint, data: event_data.EventData | None = None) -> None:
    record(session, tag, company_id=endpoint.company_id, subject=("webhook", endpoint.id), data=data)
