"""What the network's tests start from: a person who was mailed a relay link, and what they send back."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import tokens
from relay.models import (
    ApplicationResult,
    Company,
    MailClass,
    Message,
    MessageState,
    Partner,
    Profile,
    RelayLink,
    TokenPurpose,
    scopes,
)
from relay.network import links, pending, registration
from relay.network.granting import Evidence, RegistrationResult
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices
from tests.cast import PIN, make_application, make_candidate

EVIDENCE = Evidence("192.0.2.77", "Mozilla/5.0 (iPhone)", "ja")


def mailed_link(session: Session, company: Company, email: str, **values: Any) -> RelayLink:
    """A link that went out with a result mail to `email`."""
    candidate = make_candidate(session, company, values.pop("name", "高橋 花子"), email=email, **values)
    application = make_application(session, candidate, status=ApplicationResult.REJECTED, decided_on=clock.today())
    with scopes.company(session, company.id):
        link = links.issue(session, application=application, address=email)
        session.add(_result_mail(company, candidate.id, application.id, email))
        links.mark_sent(session, company.id, application.id)
        session.flush()
    session.refresh(link)
    return link


def register(
    session: Session,
    link: RelayLink,
    *partners: Partner,
    address: str | None = None,
    token_id: int | None = None,
    number: str = PIN,
    **fields: str,
) -> RegistrationResult:
    """Register through a link, with the name and whatever else is given."""
    return registration.register(
        session,
        link,
        token_id=token_id,
        choices=PartnerChoices(tuple(each.id for each in partners)),
        fields=ProfileFields(**{"name": "高橋 花子"} | fields),
        address=address,
        number=number,
        evidence=EVIDENCE,
    )


def the_profile(session: Session, email: str) -> Profile:
    """The one profile of an address."""
    with scopes.everyone(session, "test"):
        return session.scalars(select(Profile).where(Profile.email == email)).one()


def mails(session: Session, letter: str) -> list[Message]:
    """The mails of a letter, oldest first."""
    with scopes.everyone(session, "test"):
        return list(session.scalars(select(Message).where(Message.letter == letter).order_by(Message.id)))


def confirming(session: Session) -> int:
    """The id of the row that waits by the newest registration elsewhere, agreed to behind the mailed address."""
    found = mails(session, "other-address-asked")[-1].subject_id
    assert found is not None
    pending.agree(session, found)
    return found


def mint_confirmation(session: Session, pending_id: int, company: Company) -> str:
    """A link as the confirmation letter brings it."""
    return tokens.mint(session, TokenPurpose.CONFIRM_ADDRESS, pending_id, company_id=company.id)


def _result_mail(company: Company, candidate_id: int, application_id: int, email: str) -> Message:
    return Message(
        company_id=company.id,
        letter="result",
        once_per_subject=True,
        mail_class=MailClass.RELAY,
        subject_kind="application",
        subject_id=application_id,
        candidate_id=candidate_id,
        to_address=email,
        state=MessageState.SENT,
        due_at=clock.now(),
        message_id=f"<{company.id}-{application_id}@test>",
        created_at=clock.now(),
        settled_at=clock.now(),
    )
