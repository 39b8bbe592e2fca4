"""The test of a company's way of sending: a mail with a code to an administrator, who types the code that arrived.

Only a mail that was really read shows that sending works. This one is never stored: it is handed over at once, while
the person waits, so that what is amiss can be said in their words.
"""

from sqlalchemy.orm import Session

from relay import clock
from relay.mail import codes, compose, letters, outbox, servers
from relay.mail.codes import Verdict
from relay.mail.letters import LinkFor
from relay.mail.transport import Envelope
from relay.models import CodePurpose, Company, EventTag, MailClass, Message, MessageState, record

LETTER = "mail-test"


def write(session: Session, company: Company, to: str, code: str) -> Envelope:
    """The finished test mail to one address, with the way it takes. Raises NoWay, SealBroken."""
    way = servers.way_for(session, company.id)
    moment = clock.now()
    message = Message(
        company_id=company.id,
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
    return compose.envelope(mail, message, way)


def await_code(session: Session, company: Company, code: str) -> None:
    """Remember the code that was just mailed; an earlier one is void."""
    codes.keep(session, CodePurpose.MAIL_TEST, company.id, code)


def is_awaited(session: Session, company: Company) -> bool:
    """Whether a mailed code may still be typed."""
    return codes.is_awaited(session, CodePurpose.MAIL_TEST, company.id)


def prove(session: Session, company: Company, typed: str) -> Verdict:
    """Try a code. The right one shows that the company's mails arrive; logged. Commit whatever the verdict."""
    verdict = codes.prove(session, CodePurpose.MAIL_TEST, company.id, typed)
    if verdict is Verdict.RIGHT:
        company.mail_tested_at = clock.now()
        record(session, EventTag.MAIL_TESTED, company_id=company.id, subject=("company", company.id))
    return verdict


def _context(_session: Session, message: Message, _link: LinkFor) -> dict[str, object]:
    return {"code": message.values.get("code", "")}


letters.register(LETTER, mail_class=MailClass.TRANSACTIONAL, context=_context, audience="member")
