"""How commands find what they are told by name."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.models import Company


class NoSuchCompany(DomainError):
    """No company of this installation has the slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            _l("「%(slug)s」という企業はありません。--company には登録したときの短い名前を書いてください。", slug=slug)
        )


def company_by_slug(session: Session, slug: str) -> Company:
    """Give the company of this slug. Raises NoSuchCompany."""
    company = session.scalars(select(Company).where(Company.slug == slug)).one_or_none()
    if company is None:
        raise NoSuchCompany(slug)
    return company
