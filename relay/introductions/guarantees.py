"""The guarantee of an interview (面談確約): the meeting a person who says yes gets, as a company usually gives it.

The documents count as passed. What is guaranteed is shown to partner and person before either decides (B-23, B-26).
"""

from dataclasses import asdict, dataclass
from typing import Self

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.models import EventTag, GuaranteeKind, GuaranteeTerms, MeetingForm, record, scopes
from relay.models.interviews import MAX_MINUTES, MIN_MINUTES
from relay.models.introductions import MAX_MEETS_WITH, Guaranteed
from relay.text import clean


class GuaranteeRefused(DomainError):
    """Raise where it is not said who comes, or the interview would be too short or too long."""

    code = "guarantee-refused"


@dataclass(frozen=True)
class Guarantee:
    """A guaranteed interview: its kind, who comes from the company, how long, in what form; each time says where."""

    kind: GuaranteeKind
    meets_with: str
    minutes: int
    form: MeetingForm

    @classmethod
    def of(cls, row: Guaranteed) -> Self:
        """Return the guarantee that a row keeps."""
        return cls(row.guarantee, row.meets_with, row.minutes, row.form)

    @property
    def columns(self) -> dict[str, object]:
        """Return it as the columns of a row."""
        values = asdict(self)
        return {"guarantee": values.pop("kind"), **values}


def checked(given: Guarantee) -> Guarantee:
    """Return the guarantee as it is kept. Raises GuaranteeRefused."""
    meets_with = clean(given.meets_with)
    if not meets_with or len(meets_with) > MAX_MEETS_WITH:
        raise GuaranteeRefused(
            _l(
                "面談でお会いする人を、%(max)s文字までで入力してください（例：採用担当者と配属先の課長）。まだ保存していません。",
                max=MAX_MEETS_WITH,
            )
        )
    if not MIN_MINUTES <= given.minutes <= MAX_MINUTES:
        raise GuaranteeRefused(
            _l(
                "面談の長さは、%(min)s分から%(max)s分までで入力してください。まだ保存していません。",
                min=MIN_MINUTES,
                max=MAX_MINUTES,
            )
        )
    return Guarantee(given.kind, meets_with, given.minutes, given.form)


_USUAL = select(GuaranteeTerms)


@scopes.in_company
def usual(session: Session, company_id: int) -> Guarantee | None:
    """Return what the company usually guarantees; None until it said so."""
    kept = session.scalars(_USUAL).one_or_none()
    return Guarantee.of(kept) if kept is not None else None


@scopes.in_company
def set_usual(session: Session, company_id: int, given: Guarantee, *, by_user_id: int | None) -> bool:
    """Keep this as the usual guarantee; return whether that changed anything. Requests that are made stay as they are.

    Raises GuaranteeRefused.
    """
    guarantee = checked(given)
    kept = session.scalars(select(GuaranteeTerms).with_for_update()).one_or_none()
    if kept is not None and Guarantee.of(kept) == guarantee:
        return False
    if kept is None:
        kept = GuaranteeTerms(company_id=company_id)
        session.add(kept)
    for name, value in guarantee.columns.items():
        setattr(kept, name, value)
    kept.changed_at, kept.changed_by_user_id = clock.now(), by_user_id
    session.flush()
    record(session, EventTag.GUARANTEE_SET, company_id=company_id, subject=("guarantee", kept.id))
    return True
