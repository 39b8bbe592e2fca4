"""Related companies of a company, and people who say that these may be told of them, as the pages do it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.models import Candidate, Company, LegalItem, RelatedCompany, RelatedConsent, scopes
from relay.network import legal_person, related_companies, related_consents
from relay.network.related_companies import RelatedFacts
from relay.trust import legal_checklist
from relay.trust.legal_checklist import LegalEntry
from tests.db.network.build import EVIDENCE


def number(place: int) -> str:
    """A 法人番号 that is one: a different one for each place."""
    twelve = f"{place:012d}"
    return legal_person.check_digit(twelve) + twelve


def facts(place: int = 1, name: str = "株式会社アクメ岡山") -> RelatedFacts:
    return RelatedFacts(name, f"岡山県岡山市北区{place}-1", "代表 次郎", "086-000-0000", number(place))


def ask_counsel(session: Session, company: Company) -> None:
    """Enter the day on which counsel confirmed it; until then nobody is asked."""
    entry = LegalEntry(LegalItem.RELATED_COMPANIES, "弁護士 山田", clock.today())
    legal_checklist.save(session, company.id, entry, by_user_id=None)


def relate(session: Session, company: Company, *named: RelatedFacts) -> list[RelatedCompany]:
    """Name related companies, one where none is given, with counsel's day."""
    ask_counsel(session, company)
    made = [related_companies.add(session, company.id, each, by_user_id=None) for each in named or (facts(),)]
    session.commit()
    return made


def agree(session: Session, candidate: Candidate, *related: RelatedCompany) -> list[RelatedConsent]:
    """Tick these boxes, all of them where none is given; gives the words that stand now."""
    offers = related_consents.answers(session, candidate.company_id, candidate.id).offers
    wanted = {each.id for each in related} or {each.related_company_id for each in offers}
    ticked = {each.related_company_id: each.words.hash for each in offers if each.related_company_id in wanted}
    related_consents.give(session, candidate.company_id, candidate.id, ticked, EVIDENCE)
    return words_of(session, candidate)


def words_of(session: Session, candidate: Candidate, *, ended: bool = False) -> list[RelatedConsent]:
    """The words of a candidate that stand, or those that ended."""
    mine = select(RelatedConsent).where(RelatedConsent.candidate_id == candidate.id).order_by(RelatedConsent.id)
    over = RelatedConsent.ended_at.is_not(None) if ended else RelatedConsent.ended_at.is_(None)
    with scopes.company(session, candidate.company_id):
        return list(session.scalars(mine.where(over).execution_options(populate_existing=True)))
