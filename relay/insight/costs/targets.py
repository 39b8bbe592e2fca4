"""Targets of a company: for each figure a number to reach, and in one line what is done about it (取り組むこと)."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.sensitive import refuse_sensitive
from relay.errors import DomainError
from relay.insight.costs import months
from relay.models import EventTag, KpiTarget, event_data, record, scopes
from relay.text import clean

MAX_ACTION = 200
MAX_TARGET = Decimal(999_999_999_999)
_HUNDREDTHS = 100


class UnknownFigure(DomainError):
    """Raise for a figure that is not in the list of those that may have a target."""

    code = "kpi-unknown"
    message = _l("この数字には目標を設定できません。何も変更していません。")


class TargetRefused(DomainError):
    """Raise for a target or a line that cannot be kept; nothing was changed."""

    code = "kpi-target-refused"
    message = _l(
        "目標は0から999,999,999,999までの数字で、小数は2桁まで、取り組むことは200文字以内で入力してください。"
        "何も変更していません。"
    )


@dataclass(frozen=True)
class FigureTarget:
    """A number to reach, in the unit of its figure, and what is done about it; either may be missing."""

    number: Decimal | None = None
    action: str = ""


_TARGETS = select(KpiTarget.key, KpiTarget.target_hundredths, KpiTarget.action)


@scopes.in_company
def get(session: Session, company_id: int) -> dict[str, FigureTarget]:
    """Return the targets of a company by the keys of their figures."""
    rows = session.execute(_TARGETS)
    return {
        key: FigureTarget(None if number is None else Decimal(number) / _HUNDREDTHS, action)
        for key, number, action in rows
    }


@scopes.in_company
def keep(
    session: Session,
    company_id: int,
    key: str,
    said: FigureTarget,
    *,
    known: Collection[str],
    by_user_id: int | None,
    words_confirmed: bool = False,
) -> None:
    """Keep the target of one figure of `known`; nothing at all takes it away.

    Raises UnknownFigure, TargetRefused, and SensitiveWords until the words of the line are confirmed (A-22).
    """
    if key not in known:
        raise UnknownFigure
    hundredths, action = None if said.number is None else said.number * _HUNDREDTHS, clean(said.action)
    if len(action) > MAX_ACTION or (
        hundredths is not None and not (0 <= hundredths <= MAX_TARGET * _HUNDREDTHS and hundredths == int(hundredths))
    ):
        raise TargetRefused
    refuse_sensitive(action, words_confirmed)
    months.hold(session, company_id)
    row = session.scalars(select(KpiTarget).where(KpiTarget.key == key)).one_or_none()
    number = None if hundredths is None else int(hundredths)
    was = (None, "") if row is None else (row.target_hundredths, row.action)
    if was == (number, action):
        return
    if row is None:
        row = KpiTarget(key=key, changed_at=clock.now())
        session.add(row)
    row.target_hundredths, row.action = number, action
    row.by_user_id, row.changed_at = by_user_id, clock.now()
    session.flush()
    data = event_data.KpiTargetSet(key=key)
    record(session, EventTag.KPI_TARGET_SET, company_id=company_id, subject=("kpi-target", row.id), data=data)
