"""Particulars of a partner (B-10): as they are kept, and what is wrong with them in a sentence."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError
from relay.models import PartnerKind
from relay.text import clean, page_address, plain_ascii

LENGTHS = {
    "name": 200,
    "address": 300,
    "representative": 100,
    "contact": 200,
    "about": 200,
    "office": 300,
    "manager": 100,
    "complaints": 200,
    "notices_url": 300,
    "fees_url": 300,
    "register_url": 300,
}
LINKS = ("notices_url", "fees_url", "register_url")
NOTIFICATION = re.compile(r"(?=.*[0-9])[0-9A-Z\u3041-\u30ff\u4e00-\u9fff-]{3,20}")
"""The shape of a 届出受理番号, which no law prescribes: a few letters, digits and hyphens, a digit among them."""
OF_AGENCIES = ("license_number", "license_since", "license_until", "office", "manager", "fees_url", "register_url")
"""What only a 職業紹介事業者 has."""


class LinkUnreadable(DomainError):
    """Raise where the text is no address of a page that candidates could be sent to."""

    code = "page-address-unreadable"
    message = _l(
        "ページのアドレスを読み取れませんでした。「https://」から始まるアドレスを、そのまま貼り付けてください。"
    )


class NotificationUnreadable(DomainError):
    """Raise where the text is no 届出受理番号 of a school (B-33)."""

    code = "notification-number-unreadable"
    message = _l(
        "届出受理番号を読み取れませんでした。労働局から受け取った届出受理番号を、20文字以内で、そのまま入力してください。"
        "届出をしていないときは、空のままで結構です。"
    )


@dataclass(frozen=True)
class Particulars:
    """An agency or a school as it names itself to companies and candidates."""

    kind: PartnerKind
    name: str
    address: str
    representative: str
    contact: str
    about: str = ""
    corporate_number: str | None = None
    license_number: str | None = None
    license_since: date | None = None
    license_until: date | None = None
    notification_number: str | None = None
    introduces_jobs: bool = False
    office: str = ""
    manager: str = ""
    complaints: str = ""
    notices_url: str = ""
    fees_url: str = ""
    register_url: str = ""

    def cleaned(self) -> "Particulars":
        """Return the details as stored: clean text, and for a school without what only agencies have, and so on.

        Raises LinkUnreadable, NotificationUnreadable.
        """
        texts: dict[str, Any] = {name: clean(getattr(self, name))[:longest] for name, longest in LENGTHS.items()}
        given = replace(self, **texts | {name: read_link(texts[name]) for name in LINKS if texts[name]})
        if self.kind is PartnerKind.AGENCY:
            return replace(given, notification_number=None, introduces_jobs=False)
        number = read_notification(self.notification_number or "")
        given = replace(given, notification_number=number, introduces_jobs=self.introduces_jobs and number is not None)
        nothing: dict[str, Any] = {name: None if name.startswith("license") else "" for name in OF_AGENCIES}
        return replace(given, **nothing)

    def as_columns(self) -> dict[str, Any]:
        """Column by column, without the kind."""
        return {name: value for name, value in asdict(self).items() if name != "kind"}


def read_notification(text: str) -> str | None:
    """Return a 届出受理番号 as it is kept, whatever the width typed and the heading before a colon; None for no text.

    The shape alone proves nothing, as with a licence (B-11). Raises NotificationUnreadable.
    """
    number = plain_ascii(clean(text)).replace(" ", "").upper().rpartition(":")[2]
    if not number:
        return None
    if not NOTIFICATION.fullmatch(number):
        raise NotificationUnreadable
    return number


def read_link(text: str) -> str:
    """Return the address of a page, http or https alone, whatever the width typed (F-12). Raises LinkUnreadable."""
    address = page_address(text)
    if not address:
        raise LinkUnreadable
    return address
