"""A person with traces everywhere: known to a company, mailed, referred, registered, and in a file not applied yet."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from sqlalchemy.orm import Session

from relay import clock
from relay.candidates import files
from relay.infra.keyed_hash import address_hash
from relay.mail.mailbox import Mailbox
from relay.models import (
    Application,
    Candidate,
    Company,
    Consent,
    LinkState,
    MailClass,
    Message,
    MessageState,
    OptOut,
    PendingRegistration,
    Profile,
    ProvisionKind,
    ProvisionRecord,
    Referral,
    ReferralAddress,
    RelayLink,
    Share,
    Token,
    TokenPurpose,
    scopes,
)
from tests.cast import Cast
from tests.db.intake.bringing import bring, herp, received
from tests.papers import PNG

NAME, KANA, MAIL, PHONE = "鵺野 麤子", "ヌエノ アラコ", "Nueno.Arako7788@mail.example", "080-7788-1199"
TRACES = ("鵺野", "麤子", "ヌエノ", "アラコ", "nueno", "arako7788", "8077881199", "7788-1199")
"""What must be nowhere afterwards, in lower case."""


@dataclass
class Life:
    """Where the person is."""

    candidate: Candidate
    application: Application
    link: RelayLink
    message: Message


def known(session: Session, company: Company, mailbox: Mailbox) -> Life:
    """Someone a company knows: imported with a memo, mailed, opted out, referred, and in a file not applied yet."""
    row = {"応募ID": "X1", "応募時刻": "2026/10/01", "名前": NAME, "メールアドレス": MAIL, "電話番号": PHONE}
    words = {"選考終了理由": "不採用", "募集職種": "経理", "メモ": f"{NAME}さんは簿記2級", "タグ": "惜しい"}
    bring(session, company, herp(row | words), told=False)
    with scopes.company(session, company.id):
        candidate = session.query(Candidate).filter_by(email=MAIL).one()
        candidate.kana, candidate.kana_key = KANA, KANA
        application = session.query(Application).filter_by(candidate_id=candidate.id).one()
        life = Life(
            candidate, application, _link(session, candidate, application), _mail(session, candidate, application)
        )
        session.add_all(_traces(life))
        paper = files.keep(session, candidate, f"{NAME}.png", BytesIO(PNG + NAME.encode()), by_user_id=None)
        paper.text = f"{NAME}の職務経歴"
        session.flush()
        number = session.query(Referral).filter_by(candidate_id=candidate.id).one()
        session.add(ReferralAddress(referral_id=number.id, address_hash=address_hash(MAIL)))
        session.add(OptOut(address_hash=address_hash(MAIL), mail_class=MailClass.RELAY, via="link", at=clock.now()))
    received(session, company, herp(row))
    mailbox.keep(f"From: a@b.example\r\nTo: {MAIL}\r\nSubject: x\r\n\r\nhello".encode())
    session.commit()
    return life


def registered(session: Session, cast: Cast, life: Life) -> Profile:
    """The same person, registered with an agency through the company's link."""
    now = clock.now()
    profile = Profile(
        code="ABCD-EFGH", email=MAIL, email_key=MAIL.lower(), name=NAME, kana=KANA, phone="08077881199",
        phone_key="+818077881199", created_at=now, updated_at=now, last_confirmed_at=now,
    )  # fmt: skip
    with scopes.everyone(session, "test: a registered person"):
        session.add(profile)
        session.flush()
        consent = Consent(
            profile_id=profile.id, partner_id=cast.tsumugi.id, purpose="introduction", wording_version="1",
            wording="同意します", wording_hash="0" * 64, items=["name"], facts={"name": NAME},
            partner_name=cast.tsumugi.name, legal_identity="13-ユ-123456", locale="ja", given_at=now,
            until=now + timedelta(days=365), ip="192.0.2.1", agent="test", via_company_id=cast.acme.id,
            via_relay_link_id=life.link.id,
        )  # fmt: skip
        session.add(consent)
        session.flush()
        session.add(
            Share(
                profile_id=profile.id,
                partner_id=cast.tsumugi.id,
                company_id=cast.acme.id,
                relay_link_id=life.link.id,
                consent_id=consent.id,
                since=now,
                until=now + timedelta(days=365),
            )
        )
        session.add(
            ProvisionRecord(
                profile_id=profile.id,
                partner_id=cast.tsumugi.id,
                kind=ProvisionKind.MADE_AVAILABLE,
                at=now,
                person_name=NAME,
                person_code=profile.code,
                items=["name"],
                consent_id=consent.id,
                consented_at=now,
                company_id=cast.acme.id,
                company_snapshot={},
                partner_snapshot={},
                keep_until=clock.today() + timedelta(days=1095),
            )
        )
        session.add(
            Token(
                hash="p" * 64,
                purpose=TokenPurpose.OWN_PAGE,
                subject_id=profile.id,
                profile_id=profile.id,
                created_at=now,
            )
        )
        session.add(_own_page_mail(profile))
        session.flush()
    session.commit()
    return profile


def _link(session: Session, candidate: Candidate, application: Application) -> RelayLink:
    link = RelayLink(
        candidate_id=candidate.id, application_id=application.id, address_hash=address_hash(MAIL),
        state=LinkState.SENT, issued_at=clock.now(), expires_at=clock.now() + timedelta(days=60),
    )  # fmt: skip
    session.add(link)
    session.flush()
    return link


def _mail(session: Session, candidate: Candidate, application: Application) -> Message:
    message = Message(
        letter="result", once_per_subject=True, mail_class=MailClass.RELAY,
        subject_kind="application", subject_id=application.id,
        candidate_id=candidate.id, to_address=MAIL, values={"name": NAME}, state=MessageState.SCHEDULED,
        due_at=clock.now(), message_id=f"<{application.id}@relay.example>", created_at=clock.now(),
        last_error=f"refused {MAIL}",
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message


def _own_page_mail(profile: Profile) -> Message:
    return Message(
        letter="own-page", mail_class=MailClass.TRANSACTIONAL, profile_id=profile.id, to_address=MAIL,
        values={"name": NAME}, state=MessageState.SENT, due_at=clock.now(), message_id="<own@relay.example>",
        created_at=clock.now(),
    )  # fmt: skip


def _traces(life: Life) -> list[object]:
    now, candidate = clock.now(), life.candidate
    return [
        Token(
            hash="t" * 64,
            purpose=TokenPurpose.RELAY,
            subject_id=life.link.id,
            candidate_id=candidate.id,
            created_at=now,
        ),
        Referral(number=1, candidate_id=candidate.id, relay_link_id=life.link.id, completed_at=now),
        PendingRegistration(
            company_id=candidate.company_id,
            relay_link_id=life.link.id,
            candidate_id=candidate.id,
            email=MAIL,
            email_key=MAIL.lower(),
            fields={"name": NAME},
            evidence={},
            created_at=now,
            expires_at=now,
        ),
    ]
