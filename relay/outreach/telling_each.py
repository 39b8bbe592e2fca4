"""Results of several applications told by a program: each is queued or refused for itself, and none is left unsaid.

What the pages ask a person about before sending (an odd name, a word the law keeps out, a remark the text has no place
for) is a refusal here until the program says that it was looked at. The relay link follows its one rule in the letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay.mail import batches
from relay.models import Application, Candidate, Company, Message, Position, RejectionReason
from relay.outreach import cautions, oddities, placeholders, results
from relay.outreach.results import CannotNotify, ResultNotification
from relay.outreach.templates import TemplateText
from relay.text import clean_block, normalise_mail, sensitive_words

UNKNOWN = "application-not-found"
BOUNCED = "recipient-address-bounced"
ODD = "mail-looks-odd"
SENSITIVE = "sensitive-words"
NO_PLACE = "remark-without-place"


@dataclass(frozen=True)
class ResultWish:
    """The result that one person is to be told, and in which text."""

    application_id: int
    reason: RejectionReason | None
    template: TemplateText
    remark: str = ""


@dataclass(frozen=True)
class ResultAnswer:
    """An application with its mail and when that leaves; or with the code of why there is none."""

    application_id: int
    message_id: int | None = None
    due_at: datetime | None = None
    refused: str = ""
    is_practice: bool = False


@dataclass(frozen=True)
class _Addressee:
    """A person whose mail is looked at before it is queued."""

    name: str
    position: str
    address: str
    template: TemplateText
    remark: str


def tell_each(
    session: Session,
    company: Company,
    wishes: Sequence[ResultWish],
    *,
    by_user_id: int,
    due_at: datetime | None = None,
    is_checked: bool = False,
) -> list[ResultAnswer]:
    """Queue what can be queued as one act, and say of each other why not; in the order of the wishes.

    With `is_checked` what is asked about was looked at. Raises TimeRefused for a time at which no mail leaves.
    """
    if due_at is not None:
        results.check_time(company, due_at)
    refused = _refused(session, company, wishes, by_user_id=by_user_id, is_checked=is_checked)
    queued: results.Queued | None = None
    while queued is None and (left := [wish for wish in wishes if wish.application_id not in refused]):
        try:
            queued = results.notify(
                session, company, [_notification(wish) for wish in left], by_user_id=by_user_id, due_at=due_at
            )
        except CannotNotify as cannot:
            if not cannot.application_ids:
                raise
            refused |= dict.fromkeys(cannot.application_ids, cannot.code)
    mails = _mails(session, queued) if queued is not None else {}
    is_practice = queued is not None and queued.practice
    return [_answer(wish.application_id, refused, mails, is_practice) for wish in wishes]


def _answer(
    application_id: int, refused: dict[int, str], mails: dict[int, tuple[int, datetime]], is_practice: bool
) -> ResultAnswer:
    if application_id in refused:
        return ResultAnswer(application_id, refused=refused[application_id])
    message_id, due_at = mails.get(application_id, (None, None))
    return ResultAnswer(application_id, message_id, due_at, is_practice=is_practice)


def _notification(wish: ResultWish) -> ResultNotification:
    return ResultNotification(wish.application_id, wish.reason, wish.template.id, wish.remark, wish.template.version_id)


def _refused(
    session: Session, company: Company, wishes: Sequence[ResultWish], *, by_user_id: int, is_checked: bool
) -> dict[int, str]:
    """Return the codes of those that a page would not let through; `results.notify` refuses the rest."""
    readers = _readers(session, wishes)
    dead = cautions.bounced(session, [reader.address for reader in readers.values()])
    sender = results.sender_name(session, by_user_id)
    is_asked = company.live_since is not None and not is_checked  # in practice only the one who answers reads it
    refused: dict[int, str] = {}
    for wish in wishes:
        reader = readers.get(wish.application_id)
        if reader is None:
            refused[wish.application_id] = UNKNOWN
        elif reader.address in dead:
            refused[wish.application_id] = BOUNCED
        elif wish.remark and placeholders.REMARK not in placeholders.named(wish.template.body):
            refused[wish.application_id] = NO_PLACE
        elif not is_checked and sensitive_words(wish.remark):
            refused[wish.application_id] = SENSITIVE
        elif is_asked and oddities.odd_values(reader, company.name, sender):
            refused[wish.application_id] = ODD
    return refused


def _readers(session: Session, wishes: Sequence[ResultWish]) -> dict[int, _Addressee]:
    asked = {wish.application_id: wish for wish in wishes}
    people = (
        select(Application.id, Candidate.name, Candidate.email, Position.title)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .outerjoin(Position, Position.id == Application.position_id)
        .where(Application.id.in_(asked))
    )
    return {
        number: _Addressee(
            name, title or "", normalise_mail(email).value, asked[number].template, clean_block(asked[number].remark)
        )
        for number, name, email, title in session.execute(people)
    }


def _mails(session: Session, queued: results.Queued) -> dict[int, tuple[int, datetime]]:
    """Return the mails of the act by application; those of practice are to nobody, and in no list."""
    of_act = select(Message.subject_id, Message.id, Message.due_at).where(batches.mails_of(queued.batch))
    return {
        number: (message_id, due_at) for number, message_id, due_at in session.execute(of_act) if number is not None
    }
