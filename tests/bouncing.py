"""Mails that came back: the samples of real servers (tests/samples/bounces), written about a mail of a test."""

from functools import cache
from io import BytesIO
from pathlib import Path

from relay.mail.delivery_reports import read_here
from relay.models import Message
from relay.text import addr_spec

SAMPLES = Path(__file__).parent / "samples" / "bounces"
NOBODY = (
    "postfix-nobody",
    "exim-nobody",
    "gmail-nobody",
    "m365-nobody",
    "sendmail-nobody",
    "postfix-hanako",
    "exim-hanako",
)
"""Samples that say that there is no such address."""


def names(beginning: str = "") -> list[str]:
    """The samples whose name begins so."""
    return sorted(path.stem for path in SAMPLES.glob(f"{beginning}*.eml"))


@cache
def sample(name: str) -> bytes:
    """A sample as it was written."""
    return SAMPLES.joinpath(f"{name}.eml").read_bytes()


def about(message: Message, name: str) -> bytes:
    """A sample as if it had been written about this mail."""
    return written(name, message.message_id, message.to_address)


def written(name: str, message_id: str, to: str) -> bytes:
    """A sample as if it had been written about a mail of this Message-ID and recipient."""
    found = read_here([BytesIO(sample(name))])
    if found is None:
        return sample(name).replace(b"<6e6f626f6479406d61696c2e6578616d@relay.example>", message_id.encode())
    known, deliveries = found
    recipient = deliveries[0].original or deliveries[0].recipient
    return sample(name).replace(known.encode(), message_id.encode()).replace(recipient.encode(), addr_spec(to).encode())
