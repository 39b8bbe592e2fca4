"""Reading the mail that says what became of another: multipart/report with a delivery status (RFC 3462, RFC 3464).

Anybody may write to the mailbox such mails come to, so they are read in a process with limits, and nothing is taken
from them but these few fields. Auto-replies, newsletters and what people write are no reports.
"""

import re
import tempfile
from collections.abc import Iterator
from email.message import Message as Mail
from email.parser import BytesParser, Parser
from typing import IO, Any, NamedTuple

from relay.infra import limited
from relay.infra.limited import Limits
from relay.mail.refusals import ServerAnswer

MAX_BYTES = 1 << 20
"""So much of a mail is read; its report comes first, and the mail it gives back may be long."""
LIMITS = Limits(memory=1 << 30, written=0, processor=10, clock=20)
_MAX_PARTS, _MAX_RECIPIENTS, _MAX_WORDS = 10, 100, 1000
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"})
_CODE = re.compile(r"(\d{3})(?:[ -]|$)")
_AFTER_CONTENT = re.compile(r"in reply to end of data|after end of data", re.IGNORECASE)


class Delivery(NamedTuple):
    """The fields of one recipient in a report (RFC 3464 2.3); '' where one is missing."""

    recipient: str
    """Whom the mail was for at last."""
    original: str
    """Whom it was sent to."""
    action: str
    """What was done: failed, delayed, delivered, relayed or expanded."""
    status: str
    words: str
    """The server's answer without its code; else what the mail tells its reader of this recipient."""
    code: int
    after_content: bool
    server: str
    """The host that refused it."""

    @property
    def answer(self) -> ServerAnswer:
        """Return the refusal as it is understood."""
        return ServerAnswer(self.words, self.code, self.status, self.after_content, self.server)


class DeliveryReport(NamedTuple):
    """A report on one mail: its Message-ID, and each recipient it tells of."""

    message_id: str
    deliveries: tuple[Delivery, ...]


def get_ready() -> None:
    """Let the process that reads load while something else is done."""
    limited.get_ready(__name__)


def read(data: bytes) -> DeliveryReport | None:
    """Return the report that a mail is, in a process with limits; None for any other mail. Raises limited.Ended."""
    with tempfile.TemporaryFile() as file:
        file.write(data[:MAX_BYTES])
        file.seek(0)
        told = limited.run(__name__, "read_here", [file], LIMITS)
    return DeliveryReport(told[0], tuple(Delivery(*each) for each in told[1])) if told else None


def read_here(files: list[IO[bytes]]) -> tuple[str, list[Delivery]] | None:
    """Read the report in this process, which must be one with limits."""
    mail = BytesParser().parse(files[0])
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    if str(mail.get_param("report-type", "delivery-status")).lower() != "delivery-status":
        return None
    parts = _parts(mail)[:_MAX_PARTS]
    explained = next((_text(part) for part in parts if part.get_content_type() == "text/plain"), "")
    returned = next((_returned(part) for part in parts if part.get_content_type() in _RETURNED), None)
    message_id = _id_in(returned["Message-ID"]) if returned is not None else _id_in(mail["In-Reply-To"])
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None or not message_id:
        return None
    return message_id, list(_deliveries(status, explained))


def _deliveries(status: Mail, explained: str) -> Iterator[Delivery]:
    """Yield what is said of each recipient; the fields of the whole mail, which come first, name none."""
    for block in _parts(status)[:_MAX_RECIPIENTS]:
        if not (recipient := _address(block["Final-Recipient"])):
            continue
        words = _field(block["Diagnostic-Code"]) or _told_of(recipient, explained)
        code = _CODE.match(words)
        yield Delivery(
            recipient,
            _address(block["Original-Recipient"]),
            _one_line(block["Action"]).lower(),
            _one_line(block["Status"])[:20],
            words[code.end() :].strip() if code else words,
            int(code[1]) if code else 0,
            bool(_AFTER_CONTENT.search(explained)),
            _field(block["Remote-MTA"]).partition(" ")[0],
        )


def _parts(mail: Mail) -> list[Mail]:
    payload = mail.get_payload()
    return [part for part in payload if isinstance(part, Mail)] if isinstance(payload, list) else []


def _field(value: Any) -> str:
    """Return a field without the type before its first semicolon."""
    text = _one_line(value)
    return text.partition(";")[2].strip() if ";" in text else text


def _address(value: Any) -> str:
    return _field(value).strip("<>")[:320]


def _one_line(value: Any) -> str:
    return " ".join(str(value or "").split())[:_MAX_WORDS]


def _told_of(recipient: str, explained: str) -> str:
    """Return the words that stand below an address, as Exim says what no server answered."""
    _before, found, after = explained.lower().partition(recipient.lower())
    return _one_line(re.split(r"\n\s*\n", after, maxsplit=1)[0]) if found else ""


def _text(part: Mail) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _returned(part: Mail) -> Mail:
    """Return the mail that is given back, whole or by its headers."""
    return next(iter(_parts(part)), None) or Parser().parsestr(_text(part), headersonly=True)


def _id_in(value: Any) -> str:
    found = re.search(r"<[^<>\s]+>", str(value or ""))
    return found[0] if found else ""
