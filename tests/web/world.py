"""One of everything, at Acme: what every route of the organisation can be tried on."""

from dataclasses import dataclass
from datetime import time, timedelta
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import runs, tag_rules
from relay.bulk.actions import AddTag
from relay.candidates import files, holds, notes, tags
from relay.candidates.duplicates import pairs
from relay.connect import keys
from relay.connect.keys import KeyOwner
from relay.connect.webhooks import endpoints, messages
from relay.hiring import interviews, slots
from relay.identity import invitations
from relay.indexing import search_rows
from relay.infra.keyed_hash import address_hash
from relay.insight.costs import files as costs
from relay.kpis import feeds
from relay.mail import tokens
from relay.mail.batches import mails_of
from relay.models import (
    ApplicationResult,
    Candidate,
    CreditEntry,
    DifferentPeople,
    DuplicatePair,
    HoldReason,
    Message,
    MessageBatch,
    MessageState,
    MistakeKind,
    RejectionReason,
    RelayLink,
    RequestKind,
    RequestSource,
    Role,
    TokenPurpose,
    User,
    scopes,
)
from relay.network import links, new_address, registration
from relay.network.mistaken import Contact
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices
from relay.outreach import drafts, mistakes, practice, results, templates
from relay.outreach.results import ResultNotification
from relay.rights import asking, data_requests
from relay.rights.data_requests import RequestInput
from relay.search import candidate_search, saved
from relay.text.times import TypedTime
from tests.cast import PIN, Cast, make_application, make_batch, make_candidate, make_cast, make_position, make_user
from tests.db.intake.bringing import received
from tests.db.introductions import build as introducing
from tests.db.network.build import EVIDENCE, confirming, mailed_link, mails, the_profile
from tests.db.network.relating import agree, relate
from tests.db.network.test_ledger import fill
from tests.db.outreach.rescouting import mailed_path, pooled, rescout, sent_rescouts
from tests.papers import pdf

NAME, EMAIL, PHONE = "朝倉 澪", "mio.asakura@only-acme.example", "09055501234"
POSITION, TAG, NOTE = "アクメ専属技師", "アクメの札", "アクメだけの覚え書き"
REGISTERED = "hinata.mori@only-acme.example"
HOOK = "acmes-own-hook"
SECRETS = (NAME, EMAIL, PHONE, POSITION, TAG, NOTE, REGISTERED, "森 陽向", HOOK)
"""Words that only Acme's pages may show."""
MISTAKEN = ("mistake", "mistake_declare", "mistake_others", "apology", "apology_send")
"""Views of a mail that was sent by mistake."""
FILE = "氏名,メールアドレス\n綿貫 亘,wataru.watanuki@only-acme.example\n".encode()


@dataclass
class World:
    """The cast, and the ids behind each kind of path."""

    cast: Cast
    acme_id: int
    ian: User
    values: dict[str, str]
    tokens: dict[TokenPurpose, str]

    def value(self, argument: str, endpoint: str) -> str:
        """An object of Acme behind this part of a path."""
        special: dict[tuple[str, str], str] = {
            ("portal.practice_sent", "batch"): self.values["practice_batch"],
            ("portal.result_draft_document", "message_id"): self.values["draft_message_id"],
            **{(f"portal.message_{each}", "message_id"): self.values["mistaken_message_id"] for each in MISTAKEN},
            **{
                (f"portal.message_address{each}", "message_id"): self.values["lost_message_id"]
                for each in ("", "_save")
            },
            ("portal.settings_partner_again", "invitation_id"): self.values["partner_invitation_id"],
            ("portal.settings_partner_revoke", "invitation_id"): self.values["partner_invitation_id"],
            ("my_account.partner_invitation", "token"): self.values["partner_invitation_token"],
            ("my_account.partner_invitation_post", "token"): self.values["partner_invitation_token"],
            ("my_account.member_invite_again", "invitation_id"): self.values["agent_invitation_id"],
            ("my_account.member_invite_revoke", "invitation_id"): self.values["agent_invitation_id"],
            **{
                (f"landing.introduction{each}", "token"): self.values["introduction_token"]
                for each in ("", "_accept", "_pass")
            },
            **{(f"my_account.partnership_end{each}", "company_id"): str(self.cast.acme.id) for each in ("", "_post")},
            **{(f"my_account.partner_promise{each}", "company_id"): str(self.cast.acme.id) for each in ("", "_post")},
            **{
                (f"portal.insights_costs_hire{each}", "application_id"): self.values["hired_application_id"]
                for each in ("", "_save")
            },
            **{
                (f"api.partner_introduction_{each}", "request_id"): self.values["asked_id"]
                for each in ("link", "request")
            },
            **{(f"feeds.kpis_{kind}", "token"): self.values["feed_token"] for kind in ("csv", "json")},
            ("my_account.colleague", "user_id"): str(self.cast.agnes.id),
            ("my_account.member_role", "user_id"): str(self.cast.agnes.id),
            ("my_account.member_leave", "user_id"): str(self.cast.agnes.id),
            ("my_account.member_back", "user_id"): str(self.cast.agnes.id),
            ("my_account.member_end_sessions", "user_id"): str(self.cast.agnes.id),
            ("my_account.member_remove_factor", "user_id"): str(self.cast.agnes.id),
        }
        known = special.get((endpoint, argument)) or self.values.get(argument)
        assert known is not None, (
            f"{endpoint} has a new kind of path: make such an object at Acme in tests/web/world.py, "
            f"and give its id in values under {argument!r}"
        )
        return known

    def form(self) -> dict[str, Any]:
        """Everything of Acme's that a form could name, under every name a form uses."""
        every = [self.values[name] for name in ("candidate_id", "application_id", "open_application_id")]
        return {
            "id": every,
            "candidate_id": self.values["candidate_id"],
            "application_id": self.values["application_id"],
            "tag": self.values["tag_id"],
            "tag_id": self.values["tag_id"],
            "feed": self.values["feed_id"],
            "key": self.values["key_id"],
            "template": self.values["template_id"],
            "template_id": self.values["template_id"],
            "batch": self.values["queued_batch"],
            "name": "written by a stranger",
            "body": "written by a stranger",
            "follow_up": "scout",
            "on": "0",
            "role": "viewer",
            "to": str(self.cast.ada.id),
        }


def make_world(session: Session) -> World:
    """Make one of everything, and commit."""
    cast = make_cast(session)
    ian = make_user(session, "ian", cast.acme, Role.INTERVIEWER)
    values = _people(session, cast)
    values |= _mails(session, cast, int(values["open_application_id"]), int(values["application_id"]))
    values |= _file(session, cast)
    opened = _registered(session, cast)
    values |= _mistaken(session, cast)
    values["code"] = the_profile(session, REGISTERED).code
    values["slug"] = cast.acme.slug
    values["link"] = "no-such-link"
    values["feed_token"] = feeds.make(session, cast.acme.id, f"{TAG}の表", by_user_id=cast.adam.id)
    hook = endpoints.add(session, cast.acme.id, f"https://hook.example/{HOOK}", ["credit.earned"]).endpoint
    values["webhook_id"] = str(hook.id)
    values["webhook_message_id"] = str(messages.send_test(session, hook).id)
    values["feed_id"] = str(feeds.living(session, cast.acme.id)[0].id)
    owner = KeyOwner(company_id=cast.acme.id)
    every = owner.choices()
    keys.make(session, owner, f"{TAG}のキー", every, by_user_id=cast.adam.id, expires_on=None, live=False)
    values["key_id"] = str(keys.living(session, owner)[0].id)
    values["credit_id"] = _credit(session, cast)
    values |= _asked(session, cast)
    opened[TokenPurpose.CHOOSE_REQUESTS] = _choosing(session, cast)
    opened[TokenPurpose.DATA_REQUEST] = tokens.mint(
        session,
        TokenPurpose.DATA_REQUEST,
        int(values["request_id"]),
        company_id=cast.acme.id,
        address_hash=address_hash(EMAIL),
    )
    opened[TokenPurpose.RECORD_ENDS] = tokens.mint(
        session,
        TokenPurpose.RECORD_ENDS,
        int(values["candidate_id"]),
        company_id=cast.acme.id,
        candidate_id=int(values["candidate_id"]),
        address_hash=address_hash(EMAIL),
    )
    opened[TokenPurpose.ALERTS] = tokens.mint(session, TokenPurpose.ALERTS, cast.ada.id, company_id=cast.acme.id)
    opened[TokenPurpose.MONTH_REPORT] = tokens.mint(
        session, TokenPurpose.MONTH_REPORT, cast.adam.id, company_id=cast.acme.id
    )
    opened[TokenPurpose.MORNING] = tokens.mint(session, TokenPurpose.MORNING, cast.agnes.id)
    opened[TokenPurpose.OBJECTION] = tokens.mint(
        session,
        TokenPurpose.OBJECTION,
        int(values["candidate_id"]),
        company_id=cast.acme.id,
        candidate_id=int(values["candidate_id"]),
    )
    opened[TokenPurpose.RESCOUT] = _written_to_again(session, cast)
    opened[TokenPurpose.INTERVIEW] = _interview(session, cast, values)
    opened[TokenPurpose.INTRODUCTION_REQUEST] = _asked_partner(session, cast, values)
    values |= _invited(session, cast)
    values |= _costs(session, cast)
    opened[TokenPurpose.INVITE] = tokens.mint(session, TokenPurpose.INVITE, int(values["invitation_id"]))
    session.commit()
    return World(cast, cast.acme.id, ian, values, opened)


def _costs(session: Session, cast: Cast) -> dict[str, str]:
    """Somebody who was hired, and a file of costs that waits for a look."""
    hired = {"status": ApplicationResult.HIRED, "decided_on": clock.today()}
    hire = make_application(session, make_candidate(session, cast.acme, NAME, email=f"hired.{EMAIL}"), **hired)
    with TemporaryFile() as sent:
        sent.write("月,経路,費目,金額\n2026-10,Indeed,求人広告,120000\n".encode())
        sent.flush()
        file = costs.receive(session, cast.acme.id, sent, by_user_id=cast.ada.id)
    return {"hired_application_id": str(hire.id), "cost_file_id": str(file.id)}


def _asked_partner(session: Session, cast: Cast, values: dict[str, str]) -> str:
    """A request to the agency, with the token of the mail that asked Agnes; another, passed on by a live link."""
    desk = introducing.desk(session, cast, earned=2)
    asked, offered = desk.ask(), desk.ask()
    values["introduction_token"] = desk.link(offered)
    values["asked_id"] = values["introduction_request_id"] = str(asked.id)
    return tokens.mint(
        session,
        TokenPurpose.INTRODUCTION_REQUEST,
        asked.id,
        company_id=cast.acme.id,
        address_hash=address_hash(cast.agnes.email),
    )


def _people(session: Session, cast: Cast) -> dict[str, str]:
    candidate = make_candidate(session, cast.acme, NAME, email=EMAIL, phone=PHONE)
    position = make_position(session, cast.acme, POSITION)
    still_open, other = (make_application(session, candidate, position, stage=stage) for stage in ("一次面接", "書類"))
    with scopes.company(session, cast.acme.id):
        tag = tags.find_or_make(session, TAG)
        action = AddTag(tag.id)
        tagged = runs.do(session, cast.acme.id, action, [candidate.id], by_user_id=cast.ada.id)
        rule = tag_rules.create(
            session, cast.acme.id, condition=POSITION, tag=tag, follow_up=None, by_user_id=cast.ada.id
        )
        held = holds.set_hold(session, candidate, HoldReason.LAW, clock.today(), owner_user_id=cast.ada.id)
        note = notes.add_note(session, candidate, NOTE, by_user_id=cast.ada.id)
        file = files.keep(session, candidate, f"{NAME}.pdf", BytesIO(pdf(NOTE)), by_user_id=cast.ada.id)
        search_rows.index(session, [candidate.id])
        alike = _alike(session, cast, candidate)
        word = _related(session, cast, candidate)
        kept = saved.save(session, NOTE, candidate_search.Query(q=NAME), user_id=cast.ada.id, shared=True)
    return alike | {
        "file_id": str(file.id),
        "candidate_id": str(candidate.id),
        "position_id": str(position.id),
        "open_application_id": str(still_open.id),
        "application_id": str(other.id),
        "tag_id": str(tag.id),
        "entry_id": str(tagged.entry_id),
        "search_id": str(kept.id),
        "rule_id": str(rule.id),
        "note_id": str(note.id),
        "hold_id": str(held.id),
        "consent_id": str(word),
    }


def _related(session: Session, cast: Cast, candidate: Candidate) -> int:
    """The word of the first candidate about a related company."""
    relate(session, cast.acme)
    (word,) = agree(session, candidate)
    return word.id


def _alike(session: Session, cast: Cast, candidate: Candidate) -> dict[str, str]:
    """Somebody who may be the same person, and somebody who was said not to be."""
    twin, other = (make_candidate(session, cast.acme, NAME, email=f"{n}.{EMAIL}", phone=PHONE) for n in "ab")
    pairs.named_by_file(session, cast.acme.id, [(candidate.id, twin.id)])
    pairs.tell_apart(session, cast.acme.id, candidate.id, other.id, by_user_id=cast.ada.id)
    return {
        "other_candidate_id": str(twin.id),
        "pair_id": str(session.scalars(select(DuplicatePair.id)).one()),
        "apart_id": str(session.scalars(select(DifferentPeople.id)).one()),
    }


def _mails(session: Session, cast: Cast, drafted: int, queued: int) -> dict[str, str]:
    templates.install_defaults(session, cast.acme.id)
    with scopes.company(session, cast.acme.id):
        text = templates.choices(session)[0]
        notification = ResultNotification(application_id=queued, reason=RejectionReason.SKILLS, template_id=text.id)
        told = results.notify(session, cast.acme, [notification], by_user_id=cast.ada.id)
        draft = drafts.start(session, cast.acme, [drafted], by_user_id=cast.ada.id)
        mails = select(MessageBatch.code, Message.id).join(Message, Message.batch_id == MessageBatch.id)
        rows = dict(session.execute(mails).all())
        practised = _practised(session, cast)
        lost = _lost(session, cast, text.id)
    return {
        "lost_message_id": lost,
        "template_id": str(text.id),
        "practice_batch": practised,
        "batch": draft.batch,
        "queued_batch": told.batch,
        "message_id": str(rows[told.batch]),
        "draft_message_id": str(rows[draft.batch]),
    }


def _lost(session: Session, cast: Cast, template_id: int) -> str:
    """A result whose address does not exist."""
    person = make_candidate(session, cast.acme, NAME, email=f"lost.{EMAIL}", phone=PHONE)
    applied = make_application(session, person, make_position(session, cast.acme, f"{POSITION}（夜勤）"))
    told = results.notify(
        session,
        cast.acme,
        [ResultNotification(application_id=applied.id, reason=RejectionReason.SKILLS, template_id=template_id)],
        by_user_id=cast.ada.id,
    )
    mail = session.scalars(select(Message).where(mails_of(told.batch))).one()
    mail.state, mail.settled_at = MessageState.BOUNCED, clock.now()
    return str(mail.id)


def _credit(session: Session, cast: Cast) -> str:
    """A credit that ten further people earned."""
    fill(session, cast.acme, 10)
    with scopes.company(session, cast.acme.id):
        return str(session.scalars(select(CreditEntry.id)).one())


def _mistaken(session: Session, cast: Cast) -> dict[str, str]:
    """A result mail that was sent by mistake, and the incident it is entered in."""
    link = mailed_link(session, cast.acme, "mistaken@only-acme.example")
    with scopes.company(session, cast.acme.id):
        mail = session.scalars(select(Message.id).where(Message.subject_id == link.application_id)).one()
    contact = Contact("Ada", "0266-00-0000")
    made = mistakes.declare(session, cast.acme.id, mail, MistakeKind.TEXT, contact, by_user_id=cast.ada.id).mistake
    return {"mistaken_message_id": str(mail), "incident_id": str(made.incident_id)}


def _asked(session: Session, cast: Cast) -> dict[str, str]:
    """A request of the first candidate about their own data, and another's for erasure."""
    asked = RequestInput(EMAIL, text=NOTE)
    disclosure, source = [RequestKind.DISCLOSURE], RequestSource.PUBLIC_PAGE
    (made,) = data_requests.receive(session, cast.acme.id, asked, disclosure, source=source)
    return {"request_id": str(made.id)}


def _interview(session: Session, cast: Cast, values: dict[str, str]) -> str:
    """The link by which the first candidate picks a time for the open application; a time is free, and one picked."""
    position_id = int(values["position_id"])
    times = [TypedTime(clock.today() + timedelta(days=days), time(10)) for days in (3, 4)]
    with scopes.company(session, cast.acme.id):
        slots.offer(session, cast.acme.id, position_id, times, minutes=60, place="本社3階", by_user_id=cast.ada.id)
        application_id = int(values["open_application_id"])
        invitation = interviews.open_for(session, application_id, by_user_id=cast.ada.id)
        picked, free = slots.free(session, position_id)
        interviews.pick(session, invitation.id, picked.id)
        values["slot_id"] = str(free.id)
        return interviews.way_in(session, invitation)


def _choosing(session: Session, cast: Cast) -> str:
    """The link of the page on which the first candidate chooses what to ask."""
    asking.ask(session, EMAIL, cast.acme.id)
    with scopes.everyone(session, "test"):
        mail = session.scalars(select(Message.id).where(Message.letter == asking.LETTER)).one()
    return tokens.mint(session, TokenPurpose.CHOOSE_REQUESTS, mail)


def _written_to_again(session: Session, cast: Cast) -> str:
    """The link of a mail about an open position."""
    person = pooled(session, cast.acme, "again@only-acme.example")
    rescout(session, cast.acme, make_position(session, cast.acme, "購買"), [person.id], cast.ada.id)
    return mailed_path(session, sent_rescouts(session)[-1]).rpartition("/")[2]


def _invited(session: Session, cast: Cast) -> dict[str, str]:
    """A member of Acme, and one open invitation of each kind."""
    by = cast.adam.id
    member = invitations.invite_member(
        session, cast.acme, email="rin@only-acme.example", name="", role=Role.VIEWER, by_user_id=by
    )
    partner = invitations.invite_partner(
        session, cast.acme, email="desk@only-acme.example", rules_version="2026-11", by_user_id=by
    )
    agent = invitations.invite_agent(
        session, cast.tsumugi, email="nao@only-acme.example", name="", by_user_id=cast.agnes.id
    )
    session.flush()
    return {
        "user_id": str(cast.vic.id),
        "partner_id": str(cast.tsumugi.id),
        "session_id": "1",
        "invitation_id": str(member.id),
        "partner_invitation_id": str(partner.id),
        "partner_invitation_token": tokens.mint(session, TokenPurpose.INVITE, partner.id, company_id=cast.acme.id),
        "agent_invitation_id": str(agent.id),
    }


def _practised(session: Session, cast: Cast) -> str:
    """A practice mail of Ada's, sent as one act."""
    message = practice.send_to_myself(session, cast.acme, by_user_id=cast.ada.id)
    with scopes.practice(session):
        message.batch_id = make_batch(session, cast.acme, "practised").id
        session.flush()
    return "practised"


def _file(session: Session, cast: Cast) -> dict[str, str]:
    return {"import_id": str(received(session, cast.acme, FILE, by_user_id=cast.ada.id).id)}


def _registered(session: Session, cast: Cast) -> dict[TokenPurpose, str]:
    """One person registered with the agency; one whose address waits to be proven; one link unused."""
    register(session, cast, mailed_link(session, cast.acme, REGISTERED, name="森 陽向"), address=None)
    waiting = mailed_link(session, cast.acme, "waiting@only-acme.example")
    register(session, cast, waiting, address="elsewhere@only-acme.example")
    unused = mailed_link(session, cast.acme, "unused@only-acme.example")
    profile = the_profile(session, REGISTERED)
    with scopes.company(session, cast.acme.id):
        relay = links.mint(session, unused, None)
    company = {"company_id": cast.acme.id}
    new_address.ask(session, profile.id, "new@only-acme.example")
    proof = mails(session, new_address.LETTER)[-1].id
    return {
        TokenPurpose.RELAY: relay,
        TokenPurpose.OWN_PAGE: tokens.mint(session, TokenPurpose.OWN_PAGE, profile.id, profile_id=profile.id),
        TokenPurpose.CHOOSE_PIN: tokens.mint(session, TokenPurpose.CHOOSE_PIN, profile.id, profile_id=profile.id),
        TokenPurpose.CONFIRM_ADDRESS: tokens.mint(
            session, TokenPurpose.CONFIRM_ADDRESS, confirming(session), **company
        ),
        TokenPurpose.AGREE_ADDRESS: tokens.mint(session, TokenPurpose.AGREE_ADDRESS, confirming(session), **company),
        TokenPurpose.NEW_ADDRESS: tokens.mint(session, TokenPurpose.NEW_ADDRESS, proof, profile_id=profile.id),
        TokenPurpose.HANDED_LINK: tokens.mint(session, TokenPurpose.HANDED_LINK, unused.application_id or 0, **company),
        TokenPurpose.UNSUBSCRIBE: tokens.mint(
            session, TokenPurpose.UNSUBSCRIBE, unused.id, address_hash="a" * 64, **company
        ),
    }


def register(session: Session, cast: Cast, link: RelayLink, *, address: str | None) -> None:
    """Consent to the agency through a link."""
    with scopes.company(session, cast.acme.id):
        registration.register(
            session,
            link,
            token_id=None,
            choices=PartnerChoices((cast.tsumugi.id,)),
            fields=ProfileFields(name="森 陽向", phone="09055509876"),
            address=address,
            number=PIN,
            evidence=EVIDENCE,
        )
