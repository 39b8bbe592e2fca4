"""The fixed cast, and builders for everything around them.

At Acme: Ada recruits, Adam is the administrator, Vic may only look. Mona recruits at Other, elsewhere.
Agnes is the lead (責任者) of the agency Tsumugi, Sho of the school Manabi.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relay import clock
from relay.identity import passwords, sessions
from relay.infra import vault
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
    acme, other = unsaved_company("acme"), unsaved_company("other")
    tsumugi, manabi = _partner("tsumugi"), _partner("manabi", PartnerKind.SCHOOL)
    with scopes.everyone(session, "test builder"):
        session.add_all([acme, other, tsumugi, manabi])
        session.flush()
        cast = Cast(
            acme=acme,
            other=other,
            ada=_user("ada", acme, Role.RECRUITER),
            adam=_user("adam", acme, Role.ADMIN),
            vic=_user("vic", acme, Role.VIEWER),
            mona=_user("mona", other, Role.ADMIN),
            tsumugi=tsumugi,
            manabi=manabi,
            agnes=_user("agnes", tsumugi, Role.LEAD),
            sho=_user("sho", manabi, Role.LEAD),
        )
        session.add_all([cast.ada, cast.adam, cast.vic, cast.mona, cast.agnes, cast.sho])
        session.flush()
    with scopes.company(session, acme.id):
        session.add_all([_partnership(tsumugi), _partnership(manabi)])
        session.flush()
    session.commit()
    return cast


def make_company(session: Session, slug: str, **values: Any) -> Company:
    """A company with everything the law wants named."""
    company = unsaved_company(slug, **values)
    session.add(company)
    session.flush()
    return company


def unsaved_company(slug: str, **values: Any) -> Company:
    """The same, not written yet."""
    return Company(
        **{
            "slug": slug,
            "name": f"株式会社{slug}",
            "address": "長野県岡谷市1-2-3",
            "representative": "代表 太郎",
            "contact": "0266-00-0000",
            "reply_to": f"saiyo@{slug}.example",
            "send_delay_minutes": 10,
            "daytime_only": False,  # tests send at any hour
            "live_since": clock.now(),
            "second_factor_required": False,
            "created_at": clock.now(),
        }
        | values
    )


def make_user(session: Session, name: str, organisation: Company | Partner, role: Role) -> User:
    """A login whose password is PASSWORD."""
    user = _user(name, organisation, role)
    with scopes.everyone(session, "test builder"):
        session.add(user)
        session.flush()
    return user


def _user(name: str, organisation: Company | Partner, role: Role) -> User:
    email = f"{name}@{organisation.slug}.example"
    return User(
        company_id=organisation.id if isinstance(organisation, Company) else None,
        partner_id=organisation.id if isinstance(organisation, Partner) else None,
        email=email,
        email_key=mail_key(email),
        name=name.title(),
        role=role,
        password_hash=_password_hash(passwords._hasher),
        confidentiality_at=clock.now(),
        created_at=clock.now(),
    )


def give_factors(session: Session) -> None:
    """A second factor for everybody, as production asks for."""
    with scopes.everyone(session, "test builder"):
        session.execute(update(User).values(totp_secret=vault.seal("a secret")))
    session.commit()


def make_partner(session: Session, slug: str, *, kind: PartnerKind = PartnerKind.AGENCY, **values: Any) -> Partner:
    """A partner whose licence (an agency's) has been checked and is valid."""
    partner = _partner(slug, kind, **values)
    session.add(partner)
    session.flush()
    return partner


def _partner(slug: str, kind: PartnerKind = PartnerKind.AGENCY, **values: Any) -> Partner:
    number = f"13-ユ-{abs(hash(slug)) % 900000 + 100000}"
    return Partner(
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


def make_partnership(session: Session, company: Company, partner: Partner) -> Partnership:
    """A standing partnership."""
    with scopes.company(session, company.id):
        partnership = _partnership(partner)
        session.add(partnership)
        session.flush()
    return partnership


def _partnership(partner: Partner) -> Partnership:
    return Partnership(
        partner_id=partner.id, rules_version="2026-11", accepted_on=clock.today(), created_at=clock.now()
    )


def live_before_this_month(company: Company) -> None:
    """Let a company have begun before: one that is new gets no mail of the month."""
    company.live_since = clock.now() - timedelta(days=60)


def make_candidate(session: Session, company: Company, name: str = "高橋 花子", **values: Any) -> Candidate:
    """A candidate of the company; search rows come with relay.indexing.search_rows.index where a test needs them."""
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


@cache
def _password_hash(hasher: PasswordHasher) -> str:
    """One real hash for the whole run, as dear as passwords are where it is used."""
    return hasher.hash(PASSWORD)


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
