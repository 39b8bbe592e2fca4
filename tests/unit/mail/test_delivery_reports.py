"""Delivery-status mails as real servers write them (tests/samples/bounces), and mails that are none."""

from io import BytesIO
from pathlib import Path

import pytest

from relay.mail import refusals
from relay.mail.delivery_reports import Delivery, read_here
from relay.mail.refusals import Refusal

SAMPLES = Path("tests/samples/bounces")
GONE, FILTERED, OURS = Refusal.NO_SUCH_ADDRESS, Refusal.FILTERED, Refusal.OUR_SETUP
FAILED = {
    "postfix-nobody": GONE, "postfix-bare": GONE, "postfix-hanako": GONE, "postfix-full": Refusal.MAILBOX_FULL,
    "postfix-denied": FILTERED, "postfix-spam": FILTERED, "postfix-kyohi": FILTERED, "postfix-ptr": OURS,
    "postfix-dmarc": OURS, "postfix-sender": OURS, "postfix-later": Refusal.UNREACHED,
    "exim-nobody": GONE, "exim-bare": GONE, "exim-hanako": GONE, "exim-full": Refusal.MAILBOX_FULL,
    "exim-denied": FILTERED, "exim-spam": FILTERED, "exim-kyohi": FILTERED, "exim-ptr": OURS,
    "exim-dmarc": OURS, "exim-sender": OURS, "exim-later": Refusal.UNREACHED,
    "gmail-nobody": GONE, "gmail-full": Refusal.MAILBOX_FULL, "gmail-inactive": Refusal.INACTIVE, "gmail-dmarc": OURS,
    "m365-nobody": GONE, "m365-nowhere": GONE, "m365-full": Refusal.MAILBOX_FULL, "m365-denied": FILTERED,
    "m365-restricted": OURS,
    "sendmail-nobody": GONE, "sendmail-guessed": Refusal.REFUSED, "sendmail-docomo": FILTERED,
    "sendmail-docomo-address": FILTERED, "sendmail-au": FILTERED, "sendmail-softbank": FILTERED,
    "passed-on": GONE, "forged-guessed": GONE, "forged-other-person": GONE,
}  # fmt: skip
"""What each report says; the last three of somebody else or of no mail of ours (tests/db/mail/test_bounces.py)."""
NO_FAILURE = {
    "postfix-later-delayed": "delayed",
    "gmail-delayed": "delayed",
    "report-delivered": "delivered",
    "report-relayed": "relayed",
    "report-expanded": "expanded",
}


def read(name: str) -> tuple[str, list[Delivery]] | None:
    return read_here([BytesIO(SAMPLES.joinpath(f"{name}.eml").read_bytes())])


def test_every_sample_is_read_here() -> None:
    names = {path.stem for path in SAMPLES.glob("*.eml")}
    assert {name for name in names if not name.startswith("no-report-")} == {*FAILED, *NO_FAILURE}


@pytest.mark.parametrize(("name", "refusal"), FAILED.items())
def test_a_report_says_what_was_in_the_way(name: str, refusal: Refusal) -> None:
    found = read(name)
    assert found is not None
    message_id, (delivery,) = found
    assert message_id.endswith("@relay.example>")
    assert (delivery.action, refusals.meaning(delivery.answer, delivery.recipient)) == ("failed", refusal)


@pytest.mark.parametrize(("name", "action"), NO_FAILURE.items())
def test_a_report_of_something_else_says_what(name: str, action: str) -> None:
    found = read(name)
    assert found is not None
    assert [each.action for each in found[1]] == [action]


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("no-report-*.eml")))
def test_what_people_and_other_programs_write_is_no_report(name: str) -> None:
    assert read(name) is None


def test_what_no_server_said_stands_in_the_words_for_people() -> None:
    found = read("exim-hanako")
    assert found is not None
    assert (found[1][0].words, found[1][0].code) == ("unrouteable address", 0)


def test_a_report_of_several_people_tells_of_each() -> None:
    one = SAMPLES.joinpath("postfix-nobody.eml").read_bytes()
    block = one[one.index(b"Final-Recipient") : one.index(b"Diagnostic-Code")]
    other = block.replace(b"nobody@", b"second@").replace(b"5.1.1", b"4.7.1")
    found = read_here([BytesIO(one.replace(b"Final-Recipient", other.strip() + b"\n\nFinal-Recipient", 1))])
    assert found is not None
    assert [(each.recipient, each.status) for each in found[1]] == [
        ("second@mail.example", "4.7.1"),
        ("nobody@mail.example", "5.1.1"),
    ]


def test_a_report_that_gives_nothing_back_names_the_mail_it_answers() -> None:
    whole = SAMPLES.joinpath("m365-nobody.eml").read_bytes()
    found = read_here([BytesIO(whole[: whole.index(b"Content-Type: message/rfc822")])])
    assert found is not None
    assert found[0] == "<6e6f626f6479406d61696c2e6578616d@relay.example>"


@pytest.mark.parametrize("name", ["postfix-nobody", "exim-hanako", "gmail-full", "m365-nowhere", "sendmail-docomo"])
@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_lines_may_end_otherwise_and_a_mailbox_file_may_begin(name: str, ending: bytes) -> None:
    whole = SAMPLES.joinpath(f"{name}.eml").read_bytes()
    other = b"From MAILER-DAEMON  Fri Nov 27 09:00:00 2026\n" + whole
    assert read_here([BytesIO(other.replace(b"\n", ending))]) == read(name)


@pytest.mark.parametrize("harm", ["cut", "latin", "empty", "headers", "quoted"])
def test_a_damaged_report_is_read_as_far_as_it_goes_or_not_at_all(harm: str) -> None:
    whole = SAMPLES.joinpath("postfix-nobody.eml").read_bytes()
    damaged = {
        "cut": whole[: whole.index(b"6YG46ICD57WQ5p6c44Gn")],
        "latin": whole.replace(b"User unknown", b"Benutzer \xfcnbekannt"),
        "empty": b"",
        "headers": whole.partition(b"\n\n")[0],
        "quoted": whole.replace(b"Message-ID: ", b"Message-ID:\n "),
    }
    found = read_here([BytesIO(damaged[harm])])
    if harm in {"empty", "headers"}:
        assert found is None
    else:
        assert found is not None
        assert found[0] == "<6e6f626f6479406d61696c2e6578616d@relay.example>"
