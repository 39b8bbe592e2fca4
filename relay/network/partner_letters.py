"""Letters around partners: invitations, word to HR that one came or changed, licences that run out, partnerships that
end.

What candidates and agents are told belongs to no company: no company's screen may show who shares with whom.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import current_app
from flask_babel import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.config import Settings
from relay.identity import invitation_letters
from relay.mail import compose, outbox
from relay.mail.letters import Letter, LinkFor, MailRoute
from relay.models import (
    Company,
    InvitationKind,
    MailClass,
    Message,
    Partner,
    Partnership,
    Role,
    TokenPurpose,
    User,
    scopes,
)
from relay.network.letters import OWN_PAGE_LINK, ended_page, mint_own_page, registered_on
from relay.text import mailed_name

INVITE_PARTNER = invitation_letters.NAMES[InvitationKind.PARTNER]
PARTNER_JOINED = "partner-joined"
LICENCE_ENDS = "licence-ends"
PARTNERSHIP_ENDED = "partnership-ended"
PARTNER_REPLACED = "partner-replaced"
ENDED_NOTICE = "partnership-ended-notice"
MANY_OPENED = "many-opened"

NO_COMPANY = "network: mail about a tie that belongs to no company's screen"
STAFF = "network: who of a company or partner is written to about their tie"


def tell_of_the_end(session: Session, partnership: Partnership, people: Iterable[Any], *, gone: Sequence[str]) -> None:
    """Tell everyone whose consent ended with the partnership, and ask the partner's agents to delete their copies.

    The mail to the person names neither (C-25); the own page does. `people` have id and email; `gone` are the
    references of those whom the partner may not see through anyone any more.
    """
    company = session.execute(select(Company.name).where(Company.id == partnership.company_id)).scalar_one()
    partner = session.execute(select(Partner.name).where(Partner.id == partnership.partner_id)).scalar_one()
    with scopes.everyone(session, NO_COMPANY):
        for each in people:
            outbox.queue(
                session,
                PARTNERSHIP_ENDED,
                company_id=None,
                to=each.email,
                subject=("partnership", partnership.id),
                profile_id=each.id,
            )
    values = {"company": company, "partner": partner, "codes": list(gone)}
    _to_agents(session, partnership.partner_id, ENDED_NOTICE, values)


def tell_of_another_person(
    session: Session,
    partner_id: int,
    people: Iterable[Any],
    company_ids: Sequence[int],
    *,
    gone: Sequence[str],
) -> None:
    """Ask everyone again whose consent ended because the partner is another legal person now (A-43); tell both sides.

    The mail to the person names nobody (C-25). `people` have id and email; `gone` are the references of
    whom the partner sees no more.
    """
    partner = session.execute(select(Partner.name).where(Partner.id == partner_id)).scalar_one()
    with scopes.everyone(session, NO_COMPANY):
        for each in people:
            outbox.queue(
                session,
                PARTNER_REPLACED,
                company_id=None,
                to=each.email,
                subject=("partner", partner_id),
                profile_id=each.id,
            )
    _to_agents(session, partner_id, ENDED_NOTICE, {"partner": partner, "codes": list(gone)})
    _to_admins(session, company_ids, PARTNER_JOINED, ("partner", partner_id), {"partner": partner, "what": "replaced"})


def tell_of_partner(session: Session, partnership: Partnership) -> None:
    """Tell the company's administrators that a partner accepted and is to be looked up now."""
    partner = session.scalar(select(Partner.name).where(Partner.id == partnership.partner_id))
    values = {"partner": partner or "", "what": "joined"}
    _to_admins(session, [partnership.company_id], PARTNER_JOINED, ("partnership", partnership.id), values)


def tell_of_leaving(session: Session, partnership: Partnership) -> None:
    """Tell the company's administrators that the partner ended the partnership; who had registered is not told."""
    partner = session.scalar(select(Partner.name).where(Partner.id == partnership.partner_id))
    values = {"partner": partner or "", "what": "left"}
    _to_admins(session, [partnership.company_id], PARTNER_JOINED, ("partnership", partnership.id), values)


def tell_of_incident(session: Session, partner: Partner, company_ids: Sequence[int], *, operator: str) -> None:
    """Tell the companies' administrators, and the operator by `operator`, that the partner reported an incident.

    Every company in partnership is told the same, whether or not its people are concerned (A-45).
    """
    values, subject = {"partner": partner.name, "what": "incident"}, ("partner", partner.id)
    _to_admins(session, company_ids, PARTNER_JOINED, subject, values)
    if operator:
        told = values | {"slug": partner.slug}
        with scopes.everyone(session, NO_COMPANY):
            outbox.queue(session, PARTNER_JOINED, company_id=None, to=operator, subject=subject, values=told)


def ask_to_look_up(session: Session, partner: Partner, *, renewed: bool = False) -> None:
    """Ask the administrators of every company in partnership with the partner to look it up again: it changed.

    `renewed` says that its licence goes on and nothing else changed.
    """
    with scopes.partner(session, partner.id):
        partner_companies = session.scalars(select(Partnership.company_id).where(Partnership.ended_at.is_(None))).all()
    values = {"partner": partner.name, "what": "renewed" if renewed else "changed"}
    if renewed:
        values["until"] = str(partner.license_until)
    _to_admins(session, partner_companies, PARTNER_JOINED, ("partner", partner.id), values)


def warn_of_licence(session: Session, partner: Partner, *, days: int, company_ids: Sequence[int]) -> None:
    """Tell administrators and agents that a licence runs out within `days`, or has run out at 0 (B-12)."""
    values = {"partner": partner.name, "until": str(partner.license_until), "days": days}
    _to_admins(session, company_ids, LICENCE_ENDS, ("partner", partner.id), values | {"own": False})
    _to_agents(session, partner.id, LICENCE_ENDS, values | {"own": True})


def tell_of_openings(session: Session, partner: Partner, *, most: int, operator: str) -> None:
    """Tell the partner's people, and the operator by `operator`, that it opened more than `most` people in an hour."""
    values = {"partner": partner.name, "most": most}
    _to_agents(session, partner.id, MANY_OPENED, values | {"own": True})
    if operator:
        subject, told = ("partner", partner.id), values | {"own": False}
        with scopes.everyone(session, NO_COMPANY):
            outbox.queue(session, MANY_OPENED, company_id=None, to=operator, subject=subject, values=told)


def _to_admins(
    session: Session, company_ids: Sequence[int], letter: str, subject: tuple[str, int], values: dict[str, Any]
) -> None:
    """Queue the letter to the working administrators of these companies."""
    with scopes.everyone(session, STAFF):
        admins = session.execute(
            select(User.company_id, User.email)
            .where(User.company_id.in_(company_ids), User.role == Role.ADMIN, User.disabled_at.is_(None))
            .order_by(User.id)
        ).all()
        for admin in admins:
            outbox.queue(session, letter, company_id=admin.company_id, to=admin.email, subject=subject, values=values)


def _to_agents(session: Session, partner_id: int, letter: str, values: dict[str, Any]) -> None:
    """Queue the letter to the partner's working agents."""
    with scopes.everyone(session, NO_COMPANY):
        agents = session.scalars(
            select(User.email).where(User.partner_id == partner_id, User.disabled_at.is_(None)).order_by(User.id)
        ).all()
        for email in agents:
            outbox.queue(session, letter, company_id=None, to=email, subject=("partner", partner_id), values=values)


def _invitation(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    invitation = invitation_letters.invitation_of(session, message)
    return {
        "company": invitation_letters.company_name(session, message.company_id),
        "inviter": invitation_letters.inviter(session, invitation) if invitation else message.values.get("inviter", ""),
        "until": invitation_letters.last_day(invitation.expires_at) if invitation else message.values.get("until", ""),
        "invite_url": link(TokenPurpose.INVITE),
    }


@scopes.in_company
def invitation_sample(session: Session, company_id: int, inviter: str) -> str:
    """Return the text of an invitation as it would leave now; its link is dead, and nothing is stored."""
    lifetime = invitation_letters.INVITE_LINK.lifetime
    assert lifetime is not None
    until = invitation_letters.last_day(clock.now() + lifetime)
    message = Message(
        letter=invitation_letters.NAMES[InvitationKind.PARTNER],
        company_id=company_id,
        to_address="",
        values={"inviter": mailed_name(inviter), "until": until},
    )
    return compose.render(session, message, preview=True).text


def _joined(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {
        "partner": mailed_name(message.values.get("partner", "")),
        "what": message.values.get("what", "joined"),
        "until": _long(message.values.get("until")),
        "slug": message.values.get("slug", ""),
        "page": _page("/settings/incidents" if message.values.get("what") == "incident" else "/settings/partners"),
    }


def _licence(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    values = message.values
    return {
        "partner": mailed_name(values.get("partner", "")),
        "own": bool(values.get("own")),
        "days": values.get("days", 0),
        "until": _long(values.get("until")),
        "page": _page("/account/partner" if values.get("own") else "/settings/partners"),
    }


def _is_renewed(session: Session, message: Message) -> bool:
    """Return whether the licence that the warning is about was renewed or corrected meanwhile."""
    until = session.scalar(select(Partner.license_until).where(Partner.id == message.subject_id))
    return str(until) != message.values.get("until")


def _long(day: str | None) -> str:
    return format_date(date.fromisoformat(day), "long") if day else ""


def _ended(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    return {"own_url": link(TokenPurpose.OWN_PAGE)}


def _ended_notice(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    values = message.values
    return {
        "company": mailed_name(values.get("company", "")),
        "partner": mailed_name(values.get("partner", "")),
        "codes": values.get("codes", []),
        "registered": registered_on(session, message, values.get("codes", [])),
        "ended_page": ended_page(),
    }


def _many_opened(session: Session, message: Message, link: LinkFor) -> dict[str, Any]:
    moment = message.created_at.astimezone(clock.JAPAN)
    return {
        "partner": mailed_name(message.values.get("partner", "")),
        "own": bool(message.values.get("own")),
        "most": message.values.get("most", 0),
        "when": f"{format_date(moment.date(), 'long')} {moment:%H:%M}",
    }


def _page(path: str) -> str:
    """Return the full address of a page behind the login, under the configured base URL (C-21)."""
    settings: Settings = current_app.config["RELAY"]
    return f"{settings.base_url}{path}"


LETTERS = (
    Letter(
        name=INVITE_PARTNER,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_invitation,
        mint=invitation_letters.mint,
        audience="partner",
        urgent=True,
        link=invitation_letters.INVITE_LINK,
    ),
    Letter(
        name=PARTNER_JOINED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_joined,
        audience="member",
    ),
    Letter(
        name=LICENCE_ENDS,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_licence,
        has_lapsed=_is_renewed,
        audience="member",
    ),
    Letter(
        name=PARTNERSHIP_ENDED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_ended,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
        unasked=True,
    ),
    Letter(
        name=PARTNER_REPLACED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_ended,
        mint=mint_own_page,
        link=OWN_PAGE_LINK,
        unasked=True,
    ),
    Letter(
        name=ENDED_NOTICE,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_ended_notice,
        audience="partner",
    ),
    Letter(
        name=MANY_OPENED,
        mail_class=MailClass.TRANSACTIONAL,
        route=MailRoute.INSTALLATION,
        context=_many_opened,
        audience="partner",
    ),
)
