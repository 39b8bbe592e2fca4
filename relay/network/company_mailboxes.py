"""The mailboxes that companies may read: no mail through one says how many people chose a partner, or when (A-45).

A company reads what goes to its addresses and to others at its own mail domains. Where it runs the installation, the
letters of the installation may leave from its mailbox, and providers keep a copy of what left.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.identity.companies import is_anybodys
from relay.mail import servers
from relay.models import Company, MailServer, User, scopes
from relay.text import mail_domain, mail_key, mailbox_of

ACROSS = "network: the mail addresses of every company, whose mailboxes learn of nobody's choice"


@dataclass(frozen=True)
class CompanyMailboxes:
    """Addresses that companies may read, and whether the installation's letters leave from there (`carry`)."""

    mailboxes: frozenset[str]
    domains: frozenset[str]
    carry: bool = False

    def see(self, address: str) -> bool:
        """Return whether a mail of the installation to this address passes a company's mailbox."""
        return self.carry or self.hold(address)

    def hold(self, address: str) -> bool:
        """Return whether the address is a company's, or at a domain where a company gives addresses out."""
        return mailbox_of(mail_key(address)) in self.mailboxes or mail_domain(address) in self.domains


def all_of_them(session: Session) -> CompanyMailboxes:
    """Return the mailboxes of every company: of its members, its answers and its own server."""
    with scopes.everyone(session, ACROSS):
        known = _found(
            address
            for query in (
                select(User.email_key).where(User.company_id.is_not(None)),
                select(Company.reply_to),
                select(MailServer.sender),
                select(MailServer.username),
            )
            for address in session.scalars(query)
        )
    carry = any(known.hold(each) for each in servers.accounts_of_installation(session))
    return CompanyMailboxes(known.mailboxes, known.domains, carry)


def _found(addresses: Iterable[str]) -> CompanyMailboxes:
    mailboxes = {mailbox_of(mail_key(each)) for each in addresses if "@" in each}
    domains = {mail_domain(each) for each in mailboxes}
    return CompanyMailboxes(frozenset(mailboxes), frozenset(each for each in domains if not is_anybodys(each)))
