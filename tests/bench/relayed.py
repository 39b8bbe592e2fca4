"""The rows of people who were told by mail: the mail, its relay link, and what they registered with whom."""

from datetime import datetime, timedelta

from relay.models import (
    Consent,
    LinkState,
    MailClass,
    Message,
    MessageState,
    NotifiedBy,
    PartnerPerson,
    PartnerPersonWords,
    Profile,
    ProvisionKind,
    ProvisionRecord,
    Referral,
    RelayLink,
    Share,
    WorkState,
)
from relay.models.partner_people import LAST
from relay.network.consent_texts import RecipientPurpose
from relay.network.profiles import ITEMS
from relay.text import mail_key, phone_key
from relay.text.partner_words import word_row
from relay.tokens import CODE_ALPHABET, parse_code
from tests.bench.people import POSITIONS, Somebody
from tests.bench.world import YEAR, Row, Rows, World


def told(world: World, rows: Rows, application: Row, who: Somebody, at: datetime) -> None:
    """A result mail that left, with its relay link; a third of them register."""
    application.update(notified_at=at, notified_by=NotifiedBy.RELAY)
    company_id, candidate_id = application["company_id"], application["candidate_id"]
    rows[Message].append(
        {
            "id": world.next(Message),
            "company_id": company_id,
            "letter": "result",
            "mail_class": MailClass.TRANSACTIONAL,
            "subject_kind": "application",
            "subject_id": application["id"],
            "candidate_id": candidate_id,
            "to_address": who.email,
            "template_version_id": world.template_version_id if company_id == world.company_id else None,
            "values": {"remark": ""},
            "once_per_subject": True,
            "state": MessageState.SENT,
            "due_at": at,
            "attempts": 1,
            "message_id": f"<{application['id']}@bench.example>",
            "last_error": "",
            "created_at": at,
            "by_user_id": world.user_id,
            "settled_at": at,
        }
    )
    registers = company_id == world.company_id and world.dice.random() < 1 / 3
    link = {
        "id": world.next(RelayLink),
        "company_id": company_id,
        "candidate_id": candidate_id,
        "application_id": application["id"],
        "address_hash": f"{application['id']:064d}",
        "state": LinkState.REGISTERED if registers else LinkState.SENT,
        "issued_at": at,
        "sent_at": at,
        "expires_at": at + timedelta(days=60),
        "visited_at": at if registers else None,
        "registered_at": at if registers else None,
    }
    rows[RelayLink].append(link)
    if registers:
        registered(world, rows, link, who, at)


def registered(world: World, rows: Rows, link: Row, who: Somebody, at: datetime) -> None:
    world.referrals += 1
    rows[Referral].append(
        {
            "id": world.next(Referral),
            "company_id": link["company_id"],
            "number": world.referrals,
            "candidate_id": link["candidate_id"],
            "relay_link_id": link["id"],
            "completed_at": at,
            "void_reason": "",
        }
    )
    profile = {
        "id": world.next(Profile),
        "code": _code(world.referrals),
        "email": who.email,
        "email_key": mail_key(who.email),
        "name": who.name,
        "kana": who.kana,
        "phone": who.phone,
        "phone_key": phone_key(who.phone),
        "desired_role": POSITIONS[who.position],
        "place": who.place,
        "experience": who.note,
        "locale": "ja",
        "created_at": at,
        "updated_at": at,
        "last_confirmed_at": at,
    }
    rows[Profile].append(profile)
    partners = [world.agency_id, world.school_id] if world.dice.random() < 0.3 else [world.agency_id]
    for partner_id in partners:
        _consented(world, rows, link, profile, partner_id, at)


def _consented(world: World, rows: Rows, link: Row, profile: Row, partner_id: int, at: datetime) -> None:
    consent_id, until = world.next(Consent), at + 2 * YEAR
    who = {"profile_id": profile["id"], "partner_id": partner_id}
    rows[Consent].append(
        who
        | {
            "id": consent_id,
            "purpose": RecipientPurpose.INTRODUCE_JOBS.value,
            "wording_version": "bench",
            "wording": "求人の紹介のために…",
            "wording_hash": "0" * 64,
            "items": list(ITEMS),
            "facts": {item: profile[item] for item in ITEMS},
            "partner_name": "紹介会社",
            "legal_identity": "",
            "locale": "ja",
            "given_at": at,
            "until": until,
            "ip": "",
            "agent": "",
            "via_company_id": link["company_id"],
            "via_relay_link_id": link["id"],
        }
    )
    rows[Share].append(
        who
        | {
            "id": world.next(Share),
            "company_id": link["company_id"],
            "relay_link_id": link["id"],
            "consent_id": consent_id,
            "since": at,
            "until": until,
        }
    )
    person_id = world.next(PartnerPerson)
    rows[PartnerPersonWords].append(
        who
        | {"person_id": person_id, "consent_id": consent_id}
        | word_row(partner_id, profile["code"], {item: profile[item] for item in ITEMS}, vector=True)
    )
    rows[PartnerPerson].append(
        who
        | {
            "id": person_id,
            "company_id": link["company_id"],
            "since": at,
            "role_order": profile["desired_role"] or LAST,
            "place_order": profile["place"] or LAST,
            "work_state": WorkState.NEW,
            "opened_at": None,
            "opened_by_user_id": None,
        }
    )
    rows[ProvisionRecord].append(
        who
        | {
            "id": world.next(ProvisionRecord),
            "kind": ProvisionKind.MADE_AVAILABLE,
            "at": at,
            "person_name": profile["name"],
            "person_code": profile["code"],
            "items": list(ITEMS),
            "consent_id": consent_id,
            "consented_at": at,
            "company_id": link["company_id"],
            "company_snapshot": {},
            "partner_snapshot": {},
            "keep_until": (at + 3 * YEAR).date(),
        }
    )


def _code(number: int) -> str:
    """The code of the n-th person, with its check character."""
    size, body = len(CODE_ALPHABET), ""
    for _ in range(7):
        number, rest = divmod(number, size)
        body = CODE_ALPHABET[rest] + body
    return next(code for letter in CODE_ALPHABET if (code := parse_code(body + letter)))
