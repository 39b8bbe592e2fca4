"""The route as it stood before a server was changed: the notice of the change carries it with itself (C-24).

Sealed in the values of the mail, and taken out of them as soon as the mail has its final state: nothing else remembers
it.
"""

import json
from dataclasses import asdict
from datetime import datetime

from relay.infra import vault
from relay.mail import letters
from relay.mail.letters import MailRoute
from relay.mail.server_route import ServerRoute
from relay.models import MailTls, Message

VALUE = "former_way"
TRIES = 2
"""So many tries by the former server. One that is away must not keep the notice: the next go by the installation's."""


def sealed(route: ServerRoute) -> str:
    """Return the way as a mail may carry it."""
    set_at = route.set_at.isoformat() if route.set_at else None
    return vault.seal(json.dumps(asdict(route) | {"tls": route.tls.value, "set_at": set_at}))


def of(message: Message) -> ServerRoute | None:
    """Return the way that the mail carries, while it is tried; None for every other mail, and where no key opens it."""
    kept = message.values.get(VALUE, "")
    if letters.find(message.letter).route is not MailRoute.FORMER or not vault.opens(kept):
        return None
    if (message.attempts or 0) > TRIES:
        return None
    known = json.loads(vault.unseal(kept))
    set_at = datetime.fromisoformat(known["set_at"]) if known["set_at"] else None
    return ServerRoute(**known | {"tls": MailTls(known["tls"]), "set_at": set_at})


def forget(message: Message) -> bool:
    """Take the way out of the mail; whether there was one."""
    values = dict(message.values)
    carried = values.pop(VALUE, None) is not None
    message.values = values
    return carried
