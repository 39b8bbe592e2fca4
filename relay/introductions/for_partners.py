"""Requests as the agency that is asked reads them: what for, whose turn it is until when, and the link it made.

No person is in it: an agency knows whom it chose, and Relay tells it nothing of them (B-25). Why a request ended that
it did not decline, it is not told either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from relay.introductions import promises
from relay.introductions.guarantees import Guarantee
from relay.models import Company, IntroductionLink, IntroductionRequest, IntroductionState, User
from relay.models.introductions import WAITING
from relay.models.keyset import Keyset, Page, ascending, descending, newest

A_PAGE = 50
STATE_WORDS = {
    IntroductionState.OPEN: _l("貴社の番です"),
    IntroductionState.OFFERED: _l("ご本人の番です"),
    IntroductionState.ACCEPTED: _l("面談の予定があります"),
    IntroductionState.HELD: _l("面談済み"),
    IntroductionState.HIRED: _l("面談済み"),
    IntroductionState.NOT_HIRED: _l("面談済み"),
    IntroductionState.FAILED: _l("面談はありませんでした"),
    IntroductionState.DECLINED: _l("見合わせました"),
    IntroductionState.LAPSED: _l("終了しました"),
    IntroductionState.CANCELLED: _l("終了しました"),
}
"""What the agency reads: how a selection ended is its person's to say, and why a request ended the company's."""
STATE_NAMES = {
    **{state: state.value for state in IntroductionState},
    IntroductionState.HIRED: IntroductionState.HELD.value,
    IntroductionState.NOT_HIRED: IntroductionState.HELD.value,
    IntroductionState.LAPSED: "ended",
    IntroductionState.CANCELLED: "ended",
}
"""The same for its programs: states with one sentence have one name."""
MAY_NOT_INTRODUCE = _l(
    "貴社の許可または提携が、いまは有効でないため、紹介リンクを作成できません。何も変わっていません。"
    "「自社の情報」の許可番号と有効期間をご確認のうえ、企業にお問い合わせください。"
)
"""What the agency reads where its licence or partnership is not in order."""
_TURN = case((IntroductionRequest.state == IntroductionState.OPEN, IntroductionRequest.due_on))
_TURNS_FIRST = Keyset(ascending(_TURN, nullable=True), descending(IntroductionRequest.id))
NEWEST_FIRST = newest(IntroductionRequest.id)


@dataclass(frozen=True)
class AskedLine:
    """One line of the list."""

    id: int
    company: str
    title: str
    state: IntroductionState
    due_on: date | None
    made_at: datetime

    @property
    def waits(self) -> bool:
        """Return whether nobody has said yes or no: until `due_on` it is the agency's turn, or the person's."""
        return self.state in WAITING


@dataclass(frozen=True)
class MadeLink:
    """The live link of a request: when, by whom and under which licence it was made, and until when it opens."""

    made_at: datetime
    made_by: str
    licence_number: str
    until: date


@dataclass(frozen=True)
class AskedRequest:
    """A request in full, as it was made."""

    line: AskedLine
    company_id: int
    posting: Sequence[Sequence[str]]
    """Pairs of label and text (B-21)."""
    guarantee: Guarantee
    declined_for: str
    advice: str
    link: MadeLink | None
    promises_broken: int
    """How many interviews of the company were not as promised, by the words of the people (B-26)."""

    @property
    def is_turn(self) -> bool:
        """Return whether the agency is to answer."""
        return self.line.state is IntroductionState.OPEN

    @property
    def waits(self) -> bool:
        """Return whether the agency can still decline: nobody has said yes."""
        return self.line.waits


_LINES = select(
    IntroductionRequest.id,
    Company.name,
    IntroductionRequest.title,
    IntroductionRequest.state,
    IntroductionRequest.due_on,
    IntroductionRequest.made_at,
).join(Company, Company.id == IntroductionRequest.company_id)
_ASKED = (
    _LINES.add_columns(IntroductionRequest)
    .where(IntroductionRequest.id == bindparam("request"))
    .execution_options(populate_existing=True)
)
_LIVE_LINK = (
    select(IntroductionLink.made_at, User.name, IntroductionLink.licence_number, IntroductionLink.until)
    .join(User, User.id == IntroductionLink.made_by_user_id)
    .where(IntroductionLink.request_id == bindparam("request"), IntroductionLink.closed_at.is_(None))
)


def listed(session: Session, *, after: str = "", before: str = "") -> Page[AskedLine]:
    """Return a page of the requests to the partner in scope, the agency's own turns first, the soonest day
    before the others; then the newest.
    """
    return _TURNS_FIRST.page(session, _LINES, AskedLine, after=after, before=before, limit=A_PAGE, values={})


def listed_by_age(session: Session, *, after: str = "", limit: int = A_PAGE) -> Page[AskedLine]:
    """Return a page of the same, the newest first: an order in which no answer moves a line."""
    return NEWEST_FIRST.page(session, _LINES, AskedLine, after=after, limit=limit, values={})


_TURNS = select(func.count(IntroductionRequest.id)).where(
    IntroductionRequest.state == IntroductionState.OPEN, IntroductionRequest.due_on.is_not(None)
)


def turns(session: Session) -> int:
    """Return how many requests wait for the partner in scope to answer."""
    return session.execute(_TURNS).scalar_one()


def asked(session: Session, request_id: int) -> AskedRequest | None:
    """Return a request to the partner in scope; None where there is none of this id."""
    row = session.execute(_ASKED, {"request": request_id}).one_or_none()
    if row is None:
        return None
    *columns, request = row
    return AskedRequest(
        AskedLine(*columns),
        request.company_id,
        request.posting,
        Guarantee.of(request),
        str(request.declined_for.label) if request.declined_for else "",
        request.advice,
        _link(session, request.id),
        promises.broken(session, request.company_id),
    )


def _link(session: Session, request_id: int) -> MadeLink | None:
    row = session.execute(_LIVE_LINK, {"request": request_id}).one_or_none()
    return MadeLink(*row) if row is not None else None
