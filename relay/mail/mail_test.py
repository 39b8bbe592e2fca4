"""The test of a way of sending: a mail with a code to an administrator, who types the code that arrived.

Only a mail that was really read shows that sending works. This one is never stored: it is handed over at once, while
the person waits, so that what is amiss can be said in their words. It travels by the server that it tests.
"""

from sqlalchemy.orm import Session

from relay import clock
from relay.mail import codes, compose, outbox, servers
from relay.mail.codes import Verdict
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.mail.transport import Envelope
from relay.models import CodePurpose, Company, EventTag, MailClass, Message, MessageState, record

LETTER = "mail-test"


def write(session: Session, company: Company | None, to: str, code: str) -> Envelope:
    """Return the finished test mail to one address, with the way it takes; without a company the installation's.

    Raises NoServerRoute, SealBroken.
    """
    route = servers.route_for(session, company.id if company else None)
    moment = clock.now()
    message = Message(
        company_id=company.id if company else None,
        letter=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        to_address=to,
        values={"code": code},
        state=MessageState.SENDING,
        due_at=moment,
        created_at=moment,
        message_id=outbox.new_message_id(),
    )
    mail = compose.render(session, message, preview=False)
    return compose.envelope(mail, message, route)


def await_code(session: Session, company: Company | None, code: str) -> None:
    """Remember the code that was just mailed; an earlier one is void."""
    codes.keep(session, CodePurpose.MAIL_TEST, _subject(company), code)


def is_awaited(session: Session, company: Company | None) -> bool:
    """Return whether a mailed code may still be typed."""
    return codes.is_awaited(session, CodePurpose.MAIL_TEST, _subject(company))


def prove(session: Session, company: Company | None, typed: str) -> Verdict:
    """Try a code. The right one shows that mails arrive this way; logged. Commit whatever the verdict."""
    verdict = codes.prove(session, CodePurpose.MAIL_TEST, _subject(company), typed)
    if verdict is Verdict.RIGHT:
        _note(session, company)
    return verdict


def note_installation(session: Session) -> None:
    """Note that a mail by the installation's server was read."""
    _note(session, None)


def _note(session: Session, company: Company | None) -> None:
    if company is not None:
        company.mail_tested_at = clock.now()
        record(session, EventTag.MAIL_TESTED, company_id=company.id, subject=("company", company.id))
    elif (row := servers.of_installation(session)) is not None:
        row.tested_at = clock.now()
        record(session, EventTag.MAIL_TESTED, subject=("installation", row.id))


def _subject(company: Company | None) -> int:
    return company.id if company else codes.INSTALLATION


def _context(_session: Session, message: Message, _link: LinkFor) -> dict[str, object]:
    return {"code": message.values.get("code", "")}


LETTERS = (
    Letter(
        name=LETTER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.COMPANY,
        context=_context,
        audience="member",
    ),
)
