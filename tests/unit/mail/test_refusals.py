"""What a refusal means: "does not exist" only where it says so and nothing speaks against it (C-26)."""

import pytest

from relay.mail.refusals import Refusal, ServerAnswer, meaning

TO = "hanako@mail.example"
SAID = {
    Refusal.NO_SUCH_ADDRESS: (
        "550 5.1.1 <hanako@mail.example>: Recipient address rejected: User unknown in virtual mailbox table",
        "550 5.1.1 <hanako@mail.example>: Recipient address rejected: User unknown in relay recipient table",
        "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the "
        "recipient's email address for typos or unnecessary spaces. See https://support.example/mail/?p=NoSuchUser",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient hanako@mail.example not found by SMTP address lookup",
        "550 5.1.6 Recipient no longer on server",
        "554 delivery error: dd This user doesn't have a mail.example account (hanako@mail.example) [0]",
        "550 no such user here",
        "550 unknown user <hanako@mail.example>",
        "550 Unrouteable address",
        "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
        "550 User hanako not listed in Domino Directory",
        "553 5.1.2 no such domain",
        "550 5.1.1 spam.filter.example said: <full.quota@mail.example> user unknown",
    ),
    Refusal.MAILBOX_FULL: (
        "552 5.2.2 Mailbox full",
        "550 5.1.1 <hanako@mail.example>: user is over quota",
        "452 4.2.2 The recipient's inbox is out of storage space",
        "552 Too much mail data hanako@docomo.ne.jp",
        "550 5.2.2 <hanako@mail.example>",
    ),
    Refusal.INACTIVE: (
        "550 5.2.1 The email account that you tried to reach is disabled",
        "554 delivery error: dd This account has been disabled or discontinued",
        "550 5.1.1 mailbox is inactive",
    ),
    Refusal.FILTERED: (
        "554 5.7.1 Message rejected as spam",
        "550 5.1.1 user unknown or mail refused by policy",
        "550 5.4.1 Recipient address rejected: Access denied",
        "550 5.2.0 Unknown user hanako@mail.example",
        "550 5.7.1 hanako@mail.example: no such user",
        "550 hanako@mail.example does not accept mail from you",
        "550 5.1.1 by non-member to a members-only list",
        "550 5.1.1 an illegal attachment on your message",
        "550 5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission",
        "550 5.7.17 mailbox owner has changed",
    ),
    Refusal.OUR_SETUP: (
        "550 5.7.25 The IP address sending this message does not have a PTR record setup",
        "550 5.7.26 This mail has been blocked because the sender is unauthenticated (SPF, DKIM)",
        "550 5.7.1 relaying denied",
        "550 5.1.1 Sender address rejected: User unknown",
        "550 5.1.8 domain not found",
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.example",
        "550 5.1.1 Your host is on our blacklist, user unknown",
        "550 5.7.27 unknown user",
        "550 5.1.1 rejecting open proxy",
        "550 5.1.1 not sent, as this address is on the suppression list of your account",
    ),
    Refusal.UNREACHED: (
        "450 4.7.1 Greylisted, see you in five minutes",
        "450 4.1.1 unverified address",
        "450 no such user here",
        "550 5.1.1 user unknown, please try again later",
        "Connection timed out with mail.example",
        "all hosts for 'mail.example' have been failing for a long time",
        "Host or domain name not found. Name service error for name=mail.example type=AAAA: Host not found, try again",
    ),
    Refusal.MALFORMED: (
        "501 Syntax error in parameters or arguments",
        "553 5.1.3 The recipient address is not a valid RFC 5321 address",
        "553 malformed address: dots",
    ),
    Refusal.REFUSED: (
        "550 Requested action not taken: mailbox unavailable",
        "550 5.5.0 Requested action not taken: mailbox unavailable",
        "550 5.1.0 Address rejected",
        "550 relay.example does not exist",
        "550 unknown host",
        "552 5.3.4 message too large",
        "550 5.1.1 mail system configuration error",
        "550 5.1.1 Command died with status 127: procmail",
        "550 no",
        "550",
        "",
    ),
}
NOBODY = "550 5.1.1 no such user"


def read(said: str, to: str = TO, *, status: str = "", after_content: bool = False, server: str = "") -> Refusal:
    code, _space, words = said.partition(" ") if said[:3].isdigit() else ("0", "", said)
    return meaning(ServerAnswer(words, int(code), status, after_content, server), to)


@pytest.mark.parametrize(("refusal", "said"), [(refusal, said) for refusal, every in SAID.items() for said in every])
def test_a_refusal_means(refusal: Refusal, said: str) -> None:
    assert read(said) is refusal


def test_only_our_own_side_says_with_words_alone_that_there_is_no_domain() -> None:
    words = "Host or domain name not found. Name service error for name=mail.example type=A: Host not found"
    assert read(words, status="5.4.4") is Refusal.NO_SUCH_ADDRESS
    assert read(f"550 {words}") is Refusal.REFUSED, "a receiving server may mean us"
    assert read("550 5.4.310 DNS domain mail.example does not exist", status="5.4.310") is Refusal.NO_SUCH_ADDRESS


@pytest.mark.parametrize(
    "to",
    ["taro@docomo.ne.jp", "taro@ezweb.ne.jp", "taro@au.com", "taro@i.softbank.jp", "taro@softbank.ne.jp",
     "taro@t.vodafone.ne.jp", "taro@ymobile.ne.jp", "taro@wm.pdx.ne.jp", "Taro@DOCOMO.NE.JP"],
)  # fmt: skip
@pytest.mark.parametrize("said", [NOBODY, "550 Unknown user taro", "550 <taro>: User unknown", "550 5.1.1 <taro>"])
def test_a_carrier_says_so_of_whoever_refuses_mail_too(to: str, said: str) -> None:
    assert read(said, to) is Refusal.FILTERED


def test_the_server_of_a_carrier_is_known_by_its_name() -> None:
    assert read(NOBODY, server="mfsmax.docomo.ne.jp") is Refusal.FILTERED
    assert read(NOBODY, server="mx.mail.example") is Refusal.NO_SUCH_ADDRESS
    assert read(NOBODY, "hanako@mydocomo.ne.jp.example") is Refusal.NO_SUCH_ADDRESS


def test_after_the_content_words_alone_mean_a_filter_and_a_status_counts() -> None:
    assert read("550 unknown user", after_content=True) is Refusal.REFUSED
    assert read(NOBODY, after_content=True) is Refusal.NO_SUCH_ADDRESS
    assert read("554 5.5.2 syntax", after_content=True) is Refusal.REFUSED


def test_a_status_that_was_guessed_by_the_reporting_server_needs_words() -> None:
    assert read("550 mailbox unavailable", status="5.1.1") is Refusal.REFUSED
    assert read("550 user unknown", status="5.1.1") is Refusal.NO_SUCH_ADDRESS
    assert read("", status="5.1.1") is Refusal.NO_SUCH_ADDRESS, "it speaks of its own users"


@pytest.mark.parametrize("status", ["5.7.1", "5.2.0", "5.2.2", "4.1.1", "5.3.0", "5.5.0", "4.4.7"])
def test_a_report_that_contradicts_the_server_condemns_nobody(status: str) -> None:
    assert read(NOBODY, status=status) is not Refusal.NO_SUCH_ADDRESS
