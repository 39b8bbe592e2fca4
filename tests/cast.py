"""The fixed cast, and builders for everything around them.

At Acme: Ada recruits, Adam is the administrator, Vic may only look. Mona recruits at Other, elsewhere.
Agnes is an agent of the agency Tsumugi, Sho of the school Manabi.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock, vault
from relay.identity import sessions
from relay.models import (
    Application,
    ApplicationResult,
    BatchKind,
    BatchState,
    Candidate,
    Company,
    MessageBatch,
    Partner,
    PartnerKind,
    Partnership,
    Position,
    RetentionBasis,
    Role,
    User,
    scopes,
)
from relay.text import mail_key, name_key, phone_key

PASSWORD = "shizukana umi to aoi sora"
PIN = "7294"
"""The 暗証番号 of everyone who registers."""


@dataclass
class Cast:
    """The people every test knows."""

    acme: Company
    other: Company
    ada: User
    adam: User
    vic: User
    mona: User
    tsumugi: Partner
    manabi: Partner
    agnes: User
    sho: User


def make_cast(session: Session) -> Cast:
    """Put the whole cast into an empty database and commit."""
    acme, other = make_company(session, "acme"), make_company(session, "other")
    tsumugi = make_partner(session, "tsumugi")
    manabi = make_partner(session, "manabi", kind=PartnerKind.SCHOOL)
    make_partnership(session, acme, tsumugi)
    make_partnership(session, acme, manabi)
    cast = Cast(
        acme=acme,
        other=other,
        ada=make_user(session, "ada", acme, Role.RECRUITER),
        adam=make_user(session, "adam", acme, Role.ADMIN),
        vic=make_user(session, "vic", acme, Role.VIEWER),
        mona=make_user(session, "mona", other, Role.ADMIN),
        tsumugi=tsumugi,
        manabi=manabi,
        agnes=make_user(session, "agnes", tsumugi, Role.AGENT),
        sho=make_user(session, "sho", manabi, Role.AGENT),
    )
    session.commit()
    return cast


def make_company(session: Session, slug: str, **values: Any) -> Company:
    """A company with everything the law wants named."""
    company = Company(
        **{
            "slug": slug,
            "name": f"株式会社{slug}",
            "address": "長野県岡谷市1-2-3",
            "representative": "代表 太郎",
            "contact": "0266-00-0000",
            "reply_to": f"saiyo@{slug}.example",
            "send_delay_minutes": 10,
            "live_since": clock.now(),
            "second_factor_required": False,
            "created_at": clock.now(),
        }
        | values
    )
    session.add(company)
    session.flush()
    return company


def make_user(session: Session, name: str, organisation: Company | Partner, role: Role) -> User:
    """A login whose password is PASSWORD."""
    email = f"{name}@{organisation.slug}.example"
    user = User(
        company_id=organisation.id if isinstance(organisation, Company) else None,
        partner_id=organisation.id if isinstance(organisation, Partner) else None,
        email=email,
        email_key=mail_key(email),
        name=name.title(),
        role=role,
        password_hash=_password_hash(),
        confidentiality_at=clock.now(),
        created_at=clock.now(),
    )
    with scopes.everyone(session, "test builder"):
        session.add(user)
        session.flush()
    return user


def give_factors(session: Session) -> None:
    """A second factor for everybody, as production asks for."""
    with scopes.everyone(session, "test builder"):
        session.execute(update(User).values(totp_secret=vault.seal("a secret")))
    session.commit()


def make_partner(session: Session, slug: str, *, kind: PartnerKind = PartnerKind.AGENCY, **values: Any) -> Partner:
    """A partner whose licence (an agency's) has been checked and is valid."""
    number = f"13-ユ-{abs(hash(slug)) % 900000 + 100000}"
    partner = Partner(
        **{
            "slug": slug,
            "kind": kind,
            "name": f"{slug}エージェント株式会社" if kind is PartnerKind.AGENCY else f"学校法人{slug}",
            "address": "東京都千代田区1-1",
            "representative": "代表 花子",
            "contact": "03-0000-0000",
            "license_number": number if kind is PartnerKind.AGENCY else None,
            "license_until": clock.today() + timedelta(days=700) if kind is PartnerKind.AGENCY else None,
            "checked_on": clock.today(),
            "checked_by": "test",
            "second_factor_required": False,
            "created_at": clock.now(),
        }
        | values
    )
    session.add(partner)
    session.flush()
    return partner


def make_partnership(session: Session, company: Company, partner: Partner) -> Partnership:
    """A standing partnership."""
    with scopes.company(session, company.id):
        partnership = Partnership(
            partner_id=partner.id, rules_version="2026-11", accepted_on=clock.today(), created_at=clock.now()
        )
        session.add(partnership)
        session.flush()
    return partnership


def make_candidate(session: Session, company: Company, name: str = "高橋 花子", **values: Any) -> Candidate:
    """A candidate of the company; search rows come with relay.pool.search.index where a test needs them."""
    email = values.pop("email", "hanako@mail.example")
    phone = values.pop("phone", "")
    with scopes.company(session, company.id):
        candidate = Candidate(
            **{
                "name": name,
                "name_key": name_key(name),
                "email": email,
                "email_key": mail_key(email),
                "phone": phone,
                "phone_key": phone_key(phone),
                "basis": RetentionBasis.STATED,
                "created_at": clock.now(),
                "updated_at": clock.now(),
            }
            | values
        )
        session.add(candidate)
        session.flush()
    return candidate


def make_position(session: Session, company: Company, title: str = "経理") -> Position:
    """A position of the company."""
    with scopes.company(session, company.id):
        position = Position(title=title, title_key=name_key(title), created_at=clock.now())
        session.add(position)
        session.flush()
    return position


def make_application(
    session: Session, candidate: Candidate, position: Position | None = None, **values: Any
) -> Application:
    """An open application of the candidate, unless said otherwise."""
    with scopes.company(session, candidate.company_id):
        application = Application(
            **{
                "candidate_id": candidate.id,
                "position_id": position.id if position else None,
                "stage": "一次選考",
                "channel": "Indeed",
                "status": ApplicationResult.OPEN,
                "applied_on": clock.today() - timedelta(days=20),
                "created_at": clock.now(),
                "updated_at": clock.now(),
            }
            | values
        )
        session.add(application)
        session.flush()
    return application


def browse(app: Flask, user: User) -> FlaskClient:
    """A browser in which this user is signed in, without CSRF checks in the way."""
    app.config["WTF_CSRF_ENABLED"] = False
    from relay.extensions import db

    token = sessions.start(db.session(), user.id, ip="127.0.0.1", agent="test")
    db.session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client


_hashes: list[str] = []


def _password_hash() -> str:
    """One real hash for the whole run; hashing per test would be most of its time."""
    if not _hashes:
        from relay.identity.passwords import hash_password

        _hashes.append(hash_password(PASSWORD))
    return _hashes[0]


def make_batch(session: Session, company: Company, code: str) -> MessageBatch:
    """The company's act of this code, whose mails were queued; made where there is none yet."""
    found = session.scalars(
        select(MessageBatch).where(MessageBatch.company_id == company.id, MessageBatch.code == code)
    ).one_or_none()
    if found is None:
        moment = clock.now()
        found = MessageBatch(
            company_id=company.id,
            code=code,
            kind=BatchKind.RESULT,
            state=BatchState.SENT,
            created_at=moment,
            sent_at=moment,
        )
        session.add(found)
        session.flush()
    return found
