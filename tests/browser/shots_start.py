"""A company that begins, for the pictures: it practises, has invited people of every kind, and is not set up yet."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from relay import clock
from relay.extensions import db
from relay.identity import companies, first_start, invitations, users
from relay.indexing import search_rows
from relay.infra.keyed_hash import address_hash
from relay.insight import alerts, lookout, month_report
from relay.insight.thresholds import Watched
from relay.mail import batches, tokens
from relay.models import (
    Company,
    Invitation,
    InvitationKind,
    Message,
    Partner,
    Position,
    PositionState,
    Profile,
    RejectionReason,
    Role,
    TokenPurpose,
    User,
    scopes,
)
from relay.network import partnerships
from relay.outreach import practice, results, templates
from relay.search import saved
from relay.search.candidate_search import Query
from tests.cast import make_application, make_candidate

ADMIN = "aya@midori.example"
FACTS = companies.CompanyDetails(name="株式会社みどり工業")
PAGES = ("portal.setup", "portal.practice", "portal.go_live")
"""What this company's administrator is pictured at; everything else belongs to the live one."""

Filled = list[tuple[str, dict[str, Any]]]


def open_company(session: Session, password: str, agent: str) -> None:
    """Open it beside the demo (and as demo, so that the first start stays ahead), and let it invite and practise."""
    company = companies.create_company(session, "midori", FACTS, demo=True)
    company.runs_installation, company.second_factor_required = True, False
    templates.install_defaults(session, company.id)
    admin = users.create_user(session, company, email=ADMIN, name="緑川 彩", role=Role.ADMIN, password=password)
    admin.confidentiality_at = clock.now()
    invitations.invite_member(
        session, company, email="rin@midori.example", name="森 凛", role=Role.RECRUITER, by_user_id=admin.id
    )
    invitations.invite_partner(
        session,
        company,
        email="desk@hashiwatashi.example",
        rules_version=partnerships.RULES_VERSION,
        by_user_id=admin.id,
    )
    partner = session.scalars(
        select(Partner).join(User, User.partner_id == Partner.id).where(User.email == agent)
    ).one()
    invitations.invite_agent(session, partner, email="nao@tsumugi.example", name="直井 直", by_user_id=None)
    session.flush()
    with scopes.company(session, company.id):
        practice.send_to_myself(session, company, by_user_id=admin.id)
        _tell_in_practice(session, company, admin)


def _tell_in_practice(session: Session, company: Company, admin: User) -> None:
    """One result, told before the company is live: it goes to the administrator."""
    candidate = make_candidate(session, company, "試し 太郎", email="taro@mail.example")
    application = make_application(session, candidate)
    notification = results.ResultNotification(
        application_id=application.id, reason=RejectionReason.SKILLS, template_id=templates.choices(session)[0].id
    )
    results.notify(session, company, [notification], by_user_id=admin.id)


def _invited(kind: InvitationKind) -> dict[str, Any]:
    row = db.session.scalars(select(func.max(Invitation.id)).where(Invitation.kind == kind)).one()
    return {"token": tokens.mint(db.session(), TokenPurpose.INVITE, row or 0)}


def invitation_links(_stage: object) -> Filled:
    """One of every kind."""
    return [(kind.value, _invited(kind)) for kind in InvitationKind]


def partner_invitation(_stage: object) -> Filled:
    """An invitation that somebody who signs in already accepts."""
    return [("", _invited(InvitationKind.PARTNER))]


def setup_link(_stage: object) -> Filled:
    """The address that `relay setup` prints."""
    return [("", {"token": tokens.mint(db.session(), TokenPurpose.SETUP, first_start.INSTALLATION)})]


def password_link(_stage: object) -> Filled:
    """The mailed link to a new password."""
    login = _login("president@demo.example")
    hashed = address_hash(login.email)
    return [("", {"token": tokens.mint(db.session(), TokenPurpose.PASSWORD, login.id, address_hash=hashed)})]


def choosing_link(_stage: object) -> Filled:
    """The mailed link to choose another number for an own page."""
    profile_id = db.session.scalar(select(func.max(Profile.id))) or 0
    return [("", {"token": tokens.mint(db.session(), TokenPurpose.CHOOSE_PIN, profile_id, profile_id=profile_id)})]


def new_email_link(_stage: object) -> Filled:
    """The mailed link that proves another address."""
    login = _login("president@demo.example")
    login.new_email = "masato@demo.example"
    hashed = address_hash(login.new_email)
    return [("", {"token": tokens.mint(db.session(), TokenPurpose.NEW_EMAIL, login.id, address_hash=hashed)})]


def alerts_link(_stage: object) -> Filled:
    """The mailed link that stops alerts, of a member to whom a search and a position have announced people."""
    session, login = db.session(), _login("hr@demo.example")
    company_id = scopes.required(login.company_id)
    with scopes.company(session, company_id):
        position = session.scalars(
            select(Position).where(Position.state == PositionState.OPEN, Position.occupation_id.is_not(None))
        ).first()
        kept = saved.save(session, "夜勤のできる溶接工", Query(q="溶接工"), user_id=login.id, shared=False)
        for of in (Watched(search=kept), *([Watched(position=position)] if position else [])):
            alerts.follow(session, company_id, login.id, of)
        found = make_candidate(session, session.get_one(Company, company_id), "青木 はるか", desired_role="溶接工")
        search_rows.index(session, [found.id])
        for _number in lookout.look(session, company_id):
            pass
    token = tokens.mint(session, TokenPurpose.ALERTS, login.id, company_id=company_id)
    session.commit()
    return [("", {"token": token})]


def report_link(_stage: object) -> Filled:
    """The mailed link that stops the mail of a month, of the president."""
    session, login = db.session(), _login("president@demo.example")
    company_id = scopes.required(login.company_id)
    month_report.switch(session, company_id, login.id, on=True)
    token = tokens.mint(session, TokenPurpose.MONTH_REPORT, login.id, company_id=company_id)
    session.commit()
    return [("", {"token": token})]


def morning_link(_stage: object) -> Filled:
    """The mailed link that stops the mail of the morning, of an agent."""
    session = db.session()
    with scopes.everyone(session, "pictures"):
        agent = session.scalars(select(User).where(User.partner_id.is_not(None)).order_by(User.id)).first()
    assert agent is not None
    token = tokens.mint(session, TokenPurpose.MORNING, agent.id)
    session.commit()
    return [("", {"token": token})]


def practice_link(_stage: object) -> Filled:
    """The link in a practice mail."""
    message = _practice_mail()
    token = tokens.mint(db.session(), TokenPurpose.PRACTICE, message.id, company_id=message.company_id)
    return [("", {"token": token})]


def practice_batch(_stage: object) -> Filled:
    """The act that sent it."""
    return [("", {"batch": batches.code_of(db.session(), _practice_mail())})]


def member(_stage: object) -> Filled:
    """A member of the live company."""
    return [("", {"user_id": _login("president@demo.example").id})]


def partner(_stage: object) -> Filled:
    """A partner of the live company."""
    return [("", {"partner_id": db.session.scalar(select(func.min(Partner.id)).where(Partner.demo))})]


def slug(_stage: object) -> Filled:
    """The live company's."""
    return [("", {"slug": db.session.scalar(select(Company.slug).where(Company.slug == "hinata"))})]


def _login(email: str) -> User:
    return db.session.scalars(select(User).where(User.email == email)).one()


def _practice_mail() -> Message:
    return db.session.scalars(select(Message).where(Message.practice).order_by(Message.id.desc())).first() or _none()


def _none() -> Message:
    raise LookupError("nobody has practised on the stage")
