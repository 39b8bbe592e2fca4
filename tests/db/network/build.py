"""What the network's tests start from: a person who was mailed a relay link, and what they send back."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.mail import tokens
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
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
from relay.network import handed_links, honouring, links, pending, registration
from relay.network.granting import Evidence, RegistrationResult
from relay.network.handed_links import LinkRecipient
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices
from tests.cast import PIN, Cast, make_application, make_candidate

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


def promised(session: Session, cast: Cast, per_year: int = 2) -> None:
    """Let the lead of Acme's agency promise as many free introductions a year."""
    honouring.promise(session, cast.acme.id, cast.tsumugi.id, per_year, fee_table_allows=True, by_user_id=cast.agnes.id)


def hand_out(session: Session, link: RelayLink) -> str:
    """Make the link that a company hands over itself, for the application of this relay link; gives its address."""
    return hand_out_to(session, link.company_id, scopes.required(link.application_id))


def hand_out_to(session: Session, company_id: int, application_id: int) -> str:
    """The same, for an application."""
    with scopes.company(session, company_id):
        row = session.execute(
            select(Candidate.id, Candidate.email, Candidate.retain_until)
            .join(Application, Application.candidate_id == Candidate.id)
            .where(Application.id == application_id)
        ).one()
    return handed_links.hand_out(session, company_id, [LinkRecipient(application_id, *row)])[application_id]


def ask_behind(session: Session, address: str) -> None:
    """Press the button of the page behind a handed link."""
    token = tokens.find(session, address.rpartition("/")[2], TokenPurpose.HANDED_LINK)
    assert token is not None
    handed_links.ask(session, token)


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
