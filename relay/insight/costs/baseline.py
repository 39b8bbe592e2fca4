"""The year before Relay (始める前の1年): advertising, agency fees and hires, and the rate a company's agencies take.

Each number may be unknown. What is unknown is asked for on the page that needs it, and never assumed.
"""

from dataclasses import astuple, dataclass, fields
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.insight.costs import months
from relay.models import EventTag, HiringBaseline, event_data, record, scopes

MAX_YEN = 999_999_999_999
MAX_HIRES = 100_000
MAX_RATE = Decimal(100)
_HUNDREDTHS = 100


class BaselineRefused(DomainError):
    """Raise for numbers that no year of hiring has; nothing was changed."""

    code = "baseline-refused"
    message = _l(
        "金額は0円から9,999億円まで、人数は0名から10万名まで、料率は0%から100%までで、小数は2桁までです。"
        "何も変更していません。"
    )


@dataclass(frozen=True)
class Baseline:
    """The numbers a company gives of the year before Relay; None is not known."""

    advertising_yen: int | None = None
    agency_fee_yen: int | None = None
    hires: int | None = None
    fee_rate: Decimal | None = None
    """Percent of the yearly salary."""

    @property
    def is_known(self) -> bool:
        """Return whether the three numbers of the year are known; the rate is another question."""
        return None not in (self.advertising_yen, self.agency_fee_yen, self.hires)

    @property
    def cost_per_hire(self) -> int | None:
        """Return the yen of one hire of that year, rounded half up; None where a number is missing or nobody came."""
        if self.advertising_yen is None or self.agency_fee_yen is None or not self.hires:
            return None
        return months.per_hire(self.advertising_yen + self.agency_fee_yen, self.hires)


NOTHING_KNOWN = Baseline()


@scopes.in_company
def get(session: Session, company_id: int) -> Baseline:
    """Return what the company said."""
    row = _row(session)
    if row is None:
        return NOTHING_KNOWN
    rate = None if row.fee_rate_hundredths is None else Decimal(row.fee_rate_hundredths) / _HUNDREDTHS
    return Baseline(row.advertising_yen, row.agency_fee_yen, row.hires, rate)


@scopes.in_company
def keep(session: Session, company_id: int, said: Baseline, *, by_user_id: int | None) -> None:
    """Keep what the company says now. Raises BaselineRefused."""
    rate = None if said.fee_rate is None else said.fee_rate * _HUNDREDTHS
    if not (
        all(yen is None or 0 <= yen <= MAX_YEN for yen in (said.advertising_yen, said.agency_fee_yen))
        and (said.hires is None or 0 <= said.hires <= MAX_HIRES)
        and (rate is None or (0 <= rate <= MAX_RATE * _HUNDREDTHS and rate == int(rate)))
    ):
        raise BaselineRefused
    months.hold(session, company_id)
    before, row = get(session, company_id), _row(session)
    changed = tuple(
        field.name
        for field, was, now in zip(fields(Baseline), astuple(before), astuple(said), strict=True)
        if was != now
    )
    if not changed:
        return
    if row is None:
        row = HiringBaseline(changed_at=clock.now())
        session.add(row)
    row.advertising_yen, row.agency_fee_yen, row.hires = said.advertising_yen, said.agency_fee_yen, said.hires
    row.fee_rate_hundredths = None if rate is None else int(rate)
    row.by_user_id, row.changed_at = by_user_id, clock.now()
    session.flush()
    record(
        session,
        EventTag.BASELINE_SET,
        company_id=company_id,
        subject=("hiring-baseline", row.id),
        data=event_data.FieldsChanged(fields=changed),
    )


_THE_ROW = select(HiringBaseline)


def _row(session: Session) -> HiringBaseline | None:
    return session.scalars(_THE_ROW).one_or_none()
