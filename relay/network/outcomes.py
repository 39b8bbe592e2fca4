"""What registering comes to, and why it may be refused; each refusal says what to do, and nothing was kept."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from relay.errors import DomainError


class NothingChosen(DomainError):
    """No recipient was ticked."""

    def __init__(self) -> None:
        super().__init__(_l("登録先が選ばれていません。一つ以上お選びください。まだどこにも伝わっていません。"))


class NameMissing(DomainError):
    """The name was left empty."""

    def __init__(self) -> None:
        super().__init__(_l("お名前をご記入ください。まだどこにも伝わっていません。"))


class AddressUnusable(DomainError):
    """The other address that was typed cannot receive mail."""


class TooManyAddresses(DomainError):
    """The link was used to write to too many addresses within a day."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "確認のメールを続けてお送りしたため、今日は別の宛先を受け付けられません。"
                "このメールが届いた宛先なら、いま登録できます。まだどこにも伝わっていません。"
            )
        )


class PartnerGone(DomainError):
    """A chosen partner can no longer be chosen."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "お選びの登録先は、いま受け付けを止めています。お手数ですが、もう一度お選びください。まだどこにも伝わっていません。"
            )
        )


class WordingChanged(DomainError):
    """The terms changed between showing and sending; a consent to words nobody saw is none (A-11)."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "ご覧になっている間に説明の内容が変わりました。お手数ですが、新しい内容をご確認ください。まだどこにも伝わっていません。"
            )
        )


class ErasurePlanned(DomainError):
    """Nothing more can be consented to while everything is about to be erased."""

    def __init__(self) -> None:
        super().__init__(
            _l("消去の予定があるため、新しく伝えることはできません。先に、消去の予定を取り消してください。")
        )


class OutcomeState(StrEnum):
    """What a registration came to."""

    REGISTERED = "registered"
    CONFIRM_ADDRESS = "confirm-address"


@dataclass(frozen=True)
class Outcome:
    """What was done. `repeated`: it had been done before, nothing was written, and nothing stored is told (C-19).

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
