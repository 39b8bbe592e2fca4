"""関連会社 that a company names, each one legal person by its 法人番号 (A-18, A-43, A-48).

Adding one widens no word that was given. One that is removed, or becomes another legal person, ends the words about it
at once. Candidates are asked only once counsel's day is in the legal checklist (0.5).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.errors import DomainError
from relay.identity.companies import LENGTHS
from relay.models import (
    EventTag,
    LegalCheck,
    LegalItem,
    RelatedCompany,
    RelatedConsent,
    RelatedEnd,
    event_data,
    record,
    scopes,
)
from relay.models.locking import lock_company
from relay.network import legal_person
from relay.text import clean

MAX_COMPANIES = 10
"""So many boxes can be read one by one."""
COUNT_CAP = 10_000


class RelatedNumberUnreadable(DomainError):
    """Raise where the text is no 法人番号."""

    code = "related-number-unreadable"
    message = _l(
        "法人番号を読み取れませんでした。13桁の数字です。国税庁の「法人番号公表サイト」で、名称から調べられます。"
        "まだ保存していません。"
    )


class RelatedNumberTaken(DomainError):
    """Raise where the company names this legal person already."""

    code = "related-number-taken"
    message = _l("この法人番号の関連会社は、すでに一覧にあります。まだ保存していません。一覧から編集してください。")


class RelatedFactsMissing(DomainError):
    """Raise where something of the legal person is not said, or is too long to be kept."""

    code = "related-facts-missing"
    message = _l("正式名称・住所・代表者の氏名・問い合わせ先を、すべて入力してください。まだ保存していません。")


class RelatedAnotherPerson(DomainError):
    """Raise where another 法人番号 would end the words about the legal person that is named, and nobody said so."""

    code = "related-another-person"
    message = _l(
        "法人番号が変わると別の会社になり、いまの会社についての候補者の同意は、すべて終わります。まだ保存していません。"
        "それでよければ、チェックを入れて、もう一度保存してください。"
    )


class TooManyRelated(DomainError):
    """Raise where one more would be more than a person reads."""

    code = "too-many-related"

    def __init__(self) -> None:
        super().__init__(
            _l(
                "関連会社は%(most)s社まで登録できます。まだ保存していません。要らないものを削除してから追加してください。",
                most=MAX_COMPANIES,
            )
        )


@dataclass(frozen=True)
class RelatedFacts:
    """The particulars of a related company, as candidates read them and records keep them."""

    name: str
    address: str
    representative: str
    contact: str
    corporate_number: str

    def cleaned(self) -> "RelatedFacts":
        """Return them as stored. Raises RelatedFactsMissing, RelatedNumberUnreadable."""
        words = {name: clean(value) for name, value in asdict(self).items()}
        if any(not 0 < len(words[name]) <= longest for name, longest in LENGTHS.items()):
            raise RelatedFactsMissing
        try:
            words["corporate_number"] = legal_person.read_number(self.corporate_number)
        except legal_person.NumberUnreadable as unreadable:
            raise RelatedNumberUnreadable from unreadable
        return RelatedFacts(**words)


_CONFIRMED = select(LegalCheck.confirmed_on).where(LegalCheck.item == LegalItem.RELATED_COMPANIES)
_NAMED = (
    select(RelatedCompany)
    .where(RelatedCompany.removed_at.is_(None))
    .order_by(RelatedCompany.id)
    .execution_options(populate_existing=True)
)


@scopes.in_company
def confirmed(session: Session, company_id: int) -> bool:
    """Return whether counsel's day is in the legal checklist: without it nobody is asked, and nobody told."""
    return session.scalar(_CONFIRMED) is not None


@scopes.in_company
def named(session: Session, company_id: int) -> Sequence[RelatedCompany]:
    """Return the related companies that are named now, in the order in which they were added."""
    return session.scalars(_NAMED).all()


@scopes.in_company
def one(session: Session, company_id: int, related_id: int) -> RelatedCompany | None:
    """Return one that is named now."""
    return next((each for each in named(session, company_id) if each.id == related_id), None)


@scopes.in_company
def count_agreed(session: Session, company_id: int, related_ids: Sequence[int]) -> dict[int, int]:
    """Return how many words are in force about each of these, counted up to COUNT_CAP + 1."""
    if not related_ids:
        return {}
    columns = [
        select(func.count())
        .select_from(
            select(RelatedConsent.id)
            .where(RelatedConsent.related_company_id == each, RelatedConsent.ended_at.is_(None))
            .limit(COUNT_CAP + 1)
            .subquery()
        )
        .scalar_subquery()
        for each in related_ids
    ]
    return dict(zip(related_ids, session.execute(select(*columns)).one(), strict=True))


@scopes.in_company
def add(session: Session, company_id: int, facts: RelatedFacts, *, by_user_id: int | None) -> RelatedCompany:
    """Name one more. Raises RelatedFactsMissing, RelatedNumberUnreadable, RelatedNumberTaken, TooManyRelated."""
    given = facts.cleaned()
    lock_company(session, company_id)
    here = named(session, company_id)
    if any(each.corporate_number == given.corporate_number for each in here):
        raise RelatedNumberTaken
    if len(here) >= MAX_COMPANIES:
        raise TooManyRelated
    made = RelatedCompany(company_id=company_id, added_at=clock.now(), by_user_id=by_user_id, **asdict(given))
    session.add(made)
    session.flush()
    _note(session, EventTag.RELATED_ADDED, made)
    return made


@scopes.in_company
def change(
    session: Session,
    company_id: int,
    related_id: int,
    facts: RelatedFacts,
    *,
    by_user_id: int | None,
    sure: bool = False,
) -> RelatedCompany | None:
    """Correct what is said of one; with another 法人番号 it is another legal person, and the words about this one end.

    Returns the row that is named now; None where this one was named no more. Raises RelatedAnotherPerson unless
    `sure`, and as `add`.
    """
    given = facts.cleaned()
    lock_company(session, company_id)
    here = one(session, company_id, related_id)
    if here is None:
        return None
    if given.corporate_number != here.corporate_number:
        if any(each.corporate_number == given.corporate_number for each in named(session, company_id)):
            raise RelatedNumberTaken
        if not sure:
            raise RelatedAnotherPerson
        _remove(session, here)
        return add(session, company_id, given, by_user_id=by_user_id)
    changed = tuple(name for name, value in asdict(given).items() if getattr(here, name) != value)
    for name in changed:
        setattr(here, name, getattr(given, name))
    session.flush()
    if changed:
        record(
            session,
            EventTag.RELATED_CHANGED,
            company_id=company_id,
            subject=("related-company", here.id),
            data=event_data.FieldsChanged(fields=changed),
        )
    return here


@scopes.in_company
def remove(session: Session, company_id: int, related_id: int) -> bool:
    """Name one no more: the words about it end, and nothing may be told to it. Returns whether it was named."""
    lock_company(session, company_id)
    here = one(session, company_id, related_id)
    if here is None:
        return False
    _remove(session, here)
    return True


def _remove(session: Session, related: RelatedCompany) -> None:
    related.removed_at = clock.now()
    about = (RelatedConsent.related_company_id == related.id, RelatedConsent.ended_at.is_(None))
    ended = update(RelatedConsent).where(*about).values(ended_at=related.removed_at, ended_by=RelatedEnd.REMOVED)
    session.flush()
    session.execute(ended.execution_options(synchronize_session=False))
    session.expire_all()
    _note(session, EventTag.RELATED_REMOVED, related)


def _note(session: Session, tag: EventTag, related: RelatedCompany) -> None:
    record(
        session,
        tag,
        company_id=related.company_id,
        subject=("related-company", related.id),
        data=event_data.RelatedNoted(related_company_id=related.id),
    )
