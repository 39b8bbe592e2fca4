"""A typed mail address that may be a mistake: asked about before it is saved, the same at entry and at a correction."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.errors import DomainError
from relay.models import Candidate
from relay.text import mail_domain, mail_key, meant_domain
from relay.text.sentence import Sentence, quoted


class AddressDoubtful(DomainError):
    """Raise for an address that may be a slip of the pen or another person's, until a person confirms it."""

    code = "address-doubtful"


def refuse_doubtful(session: Session, address: str, confirmed: bool, *, of: Candidate | None = None) -> None:
    """Raise AddressDoubtful unless the address raises no doubt, is the person's already, or was confirmed.

    Looks at the domain, and at the records of the company in scope; `of` is the person whose address is corrected.
    """
    key = mail_key(address)
    if confirmed or not key or (of is not None and key == of.email_key):
        return
    domain = mail_domain(key)
    if "." not in domain:
        raise AddressDoubtful(
            _l(
                "「%(typed)s」は、@のあとに「.」がなく、届かないかもしれません。正しければ、確認してから保存してください。",
                typed=quoted(address),
            )
        )
    if meant := meant_domain(domain):
        raise AddressDoubtful(
            _l(
                "「%(typed)s」は、%(meant)sの打ち間違いかもしれません。正しければ、確認してから保存してください。",
                typed=quoted(address),
                meant=meant,
            )
        )
    if of is not None and (other := _holder(session, key, of)) is not None:
        raise AddressDoubtful(other)


def _holder(session: Session, key: str, of: Candidate) -> Sentence | None:
    """Return the sentence that names another person with the address, which a family may share."""
    others = select(Candidate.name).where(Candidate.email_key == key, Candidate.id != of.id)
    name = session.scalars(others.order_by(Candidate.id).limit(1)).one_or_none()
    return (
        _l(
            "このアドレスは、%(name)sさんの記録にもあります。ご家族で同じアドレスをお使いの場合など、"
            "正しければ、確認してから保存してください。",
            name=name,
        )
        if name is not None
        else None
    )
