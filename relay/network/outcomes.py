"""Outcomes of registering, and why it may be refused; each refusal says what to do, and nothing was kept."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError


class NoPartnerChosen(DomainError):
    """Raise where no recipient is ticked."""

    code = "no-partner-chosen"
    message = _l("登録先が選ばれていません。一つ以上お選びください。まだどこにも伝わっていません。")


class RegistrantNameMissing(DomainError):
    """Raise where the person's name is empty."""

    code = "registrant-name-missing"
    message = _l("お名前をご記入ください。まだどこにも伝わっていません。")


class AddressUnusable(DomainError):
    """Raise where the address cannot receive mail."""

    code = "address-unusable"


class TooManyAddresses(DomainError):
    """Raise where the link was used to write to too many addresses within a day."""

    code = "too-many-addresses"
    message = _l(
        "確認のメールを続けてお送りしたため、今日は別の宛先を受け付けられません。"
        "このメールが届いた宛先なら、いま登録できます。まだどこにも伝わっていません。"
    )


class PartnerGone(DomainError):
    """Raise where a chosen partner can no longer be chosen."""

    code = "partner-not-available"
    message = _l(
        "お選びの登録先は、いま受け付けを止めています。お手数ですが、もう一度お選びください。まだどこにも伝わっていません。"
    )


class WordingChanged(DomainError):
    """Raise where the terms changed after they were shown; agreeing to words not shown is no consent (A-11)."""

    code = "terms-changed"
    message = _l(
        "ご覧になっている間に説明の内容が変わりました。お手数ですが、新しい内容をご確認ください。まだどこにも伝わっていません。"
    )


class ErasurePlanned(DomainError):
    """Raise for a consent while everything is about to be erased."""

    code = "erasure-planned"
    message = _l("消去の予定があるため、新しく伝えることはできません。先に、消去の予定を取り消してください。")


class OutcomeState(StrEnum):
    """The state a registration came to."""

    REGISTERED = "registered"
    CONFIRM_ADDRESS = "confirm-address"


@dataclass(frozen=True)
class RegistrationResult:
    """The result of registering. `repeated`: it was done before; nothing was written or shown of what is stored (C-19).

    `again` opens the form of a waiting registration as it was filled in, for the browser that sent it.
    `profile_id` is whose own page opens in the browser that registered; None while nobody is registered by it.
    """

    state: OutcomeState
    partners: tuple[str, ...] = ()
    until: date | None = None
    address: str = ""
    repeated: bool = False
    again: str = ""
    profile_id: int | None = None
