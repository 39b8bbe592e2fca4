"""One row and more in every table, joined as they are in life: what a migration must carry along.

A new table belongs in here: test_every_table_is_filled fails without it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.indexing import search_rows
from relay.models import (
    ActionKind,
    Alert,
    AlertHit,
    AlertReader,
    AlertReason,
    AlertSubscription,
    ApiKey,
    ApiScope,
    Application,
    ApplicationResult,
    ApplicationStep,
    AppliedRule,
    Attachment,
    BatchKind,
    BatchState,
    BulkRun,
    Candidate,
    CandidateTag,
    CaseKind,
    CheckCause,
    CodePurpose,
    CompanyWord,
    Consent,
    ConsentWithdrawal,
    ContactChannel,
    Cost,
    CostFile,
    CostFileState,
    CostKind,
    CountedOutcome,
    CreditEntry,
    CreditKind,
    CreditReferral,
    DataRequest,
    DifferentPeople,
    DuplicatePair,
    EndedReference,
    ErasedKey,
    Event,
    EventDelivery,
    Feed,
    FileKind,
    FileText,
    FollowUp,
    FormerTitle,
    FreeCredit,
    GuaranteeKind,
    GuaranteeTerms,
    Heartbeat,
    HerpCandidacy,
    HerpConnection,
    HerpTrouble,
    HintKind,
    HiringBaseline,
    Hold,
    HoldReason,
    Import,
    ImportMapping,
    ImportState,
    Incident,
    Installation,
    InstallationMailServer,
    InterviewInvitation,
    Introduction,
    IntroductionLink,
    IntroductionRequest,
    IntroductionState,
    Invitation,
    InvitationKind,
    Job,
    JobState,
    JournalEntry,
    JournalImage,
    KeptAnswer,
    KpiTarget,
    LearnedWeight,
    LegalCheck,
    LegalItem,
    LinkEnd,
    LinkState,
    MailClass,
    MailedCode,
    MailServer,
    MailTemplate,
    MailTemplateVersion,
    MailTls,
    MatchKey,
    MeetingForm,
    Merge,
    Message,
    MessageBatch,
    MessageState,
    Mistake,
    MistakeKind,
    MistakenInvitation,
    MonthCount,
    MonthReportReader,
    MorningReader,
    Note,
    NotifiedBy,
    OpeningsConsent,
    OptOut,
    Outcome,
    OutcomeConsent,
    OutcomeKind,
    OutcomeTotal,
    PartnerIncident,
    PartnerNote,
    PartnerPerson,
    PartnerPersonWords,
    PendingRegistration,
    Pin,
    PracticeRegistration,
    PrivacyText,
    Profile,
    ProvisionKind,
    ProvisionRecord,
    Purpose,
    PurposeText,
    QueuedAlertCheck,
    QueuedRuleCheck,
    RateCount,
    RatingAnswer,
    Reapply,
    Recount,
    RecoveryCode,
    Referral,
    ReferralAddress,
    ReferralHint,
    RejectionReason,
    RelatedCompany,
    RelatedConsent,
    RelatedEnd,
    RelatedProvision,
    RelayLink,
    RelayRating,
    RelayTotals,
    RequestKind,
    RequestSource,
    RequestState,
    Rescout,
    RescoutAnswer,
    ResultWord,
    RetentionBasis,
    RetentionTerm,
    Role,
    SavedSearch,
    Share,
    Slot,
    SourceRecord,
    Stay,
    Tag,
    TagKind,
    TagRule,
    Token,
    TokenPurpose,
    UserSession,
    WebhookAttempt,
    WebhookCause,
    WebhookEndpoint,
    WebhookMessage,
    WebhookState,
    WebhookStop,
    WebhookType,
    WorkChange,
    WorkState,
    scopes,
)
from relay.text.partner_words import word_row
from tests.cast import Cast, make_application, make_candidate, make_cast, make_position

REFERRALS = 10
PEOPLE = REFERRALS + 2


@dataclass(frozen=True)
class Person:
    """A candidate, their rejected application and the relay link they were mailed."""

    candidate: Candidate
    application: Application
    link: RelayLink


def fill(session: Session) -> Cast:
    """Fill an empty database at the newest revision, and commit."""
    cast = make_cast(session)
    with scopes.company(session, cast.acme.id):
        people = [_person(session, cast, number) for number in range(PEOPLE)]
        make_application(session, people[-1].candidate)
        _what_is_known(session, cast, people[0])
        _alike(session, people)
        messages = _mail(session, cast, people[0])
        _ledger(session, people)
        _introduced(session, cast, people[0])
        _company_starts(session, cast, messages[0])
    profile = _registered(session, cast, people[0])
    _mistaken(session, cast, messages[0], people[0].link, profile)
    _data_request(session, cast, people[0])
    _waiting(session, people[-1], profile, messages[0])
    _machine(session, cast)
    _staff(session, cast)
    session.commit()
    return cast


def _person(session: Session, cast: Cast, number: int) -> Person:
    candidate = make_candidate(
        session,
        cast.acme,
        name=f"髙橋 花子{number}",
        email=f"hanako{number}@mail.example",
        phone=f"090-0000-{number:04d}",
        birth_date=clock.today() - timedelta(days=11_000),
        qualifications="日商簿記2級、TOEIC 800",
        desired_role="経理",
        reapply=Reapply.MAYBE,
        retain_until=clock.today() + timedelta(days=170),
        basis=RetentionBasis.STATED,
    )
    application = make_application(
        session,
        candidate,
        make_position(session, cast.acme) if number == 0 else None,
        status=ApplicationResult.REJECTED,
        decided_on=clock.today(),
        decided_by_user_id=cast.ada.id,
        decided_in_relay=True,
        notified_at=clock.now(),
        notified_by=NotifiedBy.RELAY,
    )
    link = RelayLink(
        candidate_id=candidate.id,
        application_id=application.id,
        address_hash=f"{number:064d}",
        state=LinkState.REGISTERED if number < REFERRALS else LinkState.SENT,
        issued_at=clock.now(),
        sent_at=clock.now(),
        expires_at=clock.now() + timedelta(days=60),
    )
    session.add(link)
    session.flush()
    return Person(candidate, application, link)


def _what_is_known(session: Session, cast: Cast, person: Person) -> None:
    now, candidate_id = clock.now(), person.candidate.id
    tag = Tag(kind=TagKind.FREE, name="惜しい", name_key="惜しい", created_at=now)
    brought = Import(
        state=ImportState.PREVIEWED,
        format="herp",
        basis=RetentionBasis.STATED,
        size=0,
        report={"rows": 1, "notes": ["〜"]},
        created_at=now,
        by_user_id=cast.ada.id,
    )
    session.add_all([tag, brought])
    session.flush()
    session.add_all(
        [
            CandidateTag(candidate_id=candidate_id, tag_id=tag.id, at=now, by_user_id=cast.ada.id),
            Hold(
                candidate_id=candidate_id,
                reason=HoldReason.REQUEST,
                until=now.date() + timedelta(days=30),
                owner_user_id=cast.ada.id,
                at=now,
            ),
            Note(candidate_id=candidate_id, body="面接の説明が具体的。", at=now, by_user_id=cast.ada.id),
            FormerTitle(
                position_id=person.application.position_id, title="経理（旧）", title_key="経理旧", created_at=now
            ),
            Note(
                candidate_id=candidate_id,
                body="お待ちしています、とのこと。",
                contact_channel=ContactChannel.PHONE,
                at=now,
            ),
            Attachment(
                candidate_id=candidate_id,
                kind=FileKind.PDF,
                name="履歴書.pdf",
                stored_as="a" * 32,
                size=1_024,
                sha256="b" * 64,
                state=FileText.READ,
                text="月次決算",
                at=now,
            ),
            SourceRecord(
                source="herp",
                source_id="1001",
                candidate_id=candidate_id,
                application_id=person.application.id,
                import_id=brought.id,
                values={"name": "髙橋 花子", "phone": None},
                updated_at=now,
            ),
            Stay(
                candidate_id=candidate_id,
                application_id=person.application.id,
                hired_on=clock.today(),
                months=6,
                there=True,
                by_user_id=cast.ada.id,
                at=now,
            ),
            ApplicationStep(
                candidate_id=candidate_id,
                application_id=person.application.id,
                place=1,
                name="一次面接",
                on=clock.today(),
                score=4,
                result="通過",
                comment="説明が具体的。",
                imported=True,
                created_at=now,
                updated_at=now,
            ),
            ResultWord(word_key="連絡済", result=ApplicationResult.REJECTED, changed_at=now, by_user_id=cast.ada.id),
            ImportMapping(
                fingerprint="f" * 64, columns={"シカク": "qualifications"}, changed_at=now, by_user_id=cast.ada.id
            ),
        ]
    )
    brought_costs = CostFile(
        state=CostFileState.APPLIED,
        changes=[[clock.today().replace(day=1).isoformat(), "advertising", "Indeed", None, None, 120_000]],
        added=1,
        created_at=now,
        applied_at=now,
        by_user_id=cast.ada.id,
    )
    session.add(brought_costs)
    session.flush()
    month = clock.today().replace(day=1)
    session.add_all(
        [
            Cost(
                month=month,
                kind=CostKind.ADVERTISING,
                channel="Indeed",
                yen=120_000,
                file_id=brought_costs.id,
                changed_at=now,
            ),
            Cost(
                month=month,
                kind=CostKind.AGENCY_FEE,
                channel="紹介会社",
                yen=1_050_000,
                of_hire=True,
                candidate_id=candidate_id,
                application_id=person.application.id,
                by_user_id=cast.ada.id,
                changed_at=now,
            ),
            HiringBaseline(advertising_yen=2_400_000, hires=8, fee_rate_hundredths=3_500, changed_at=now),
            KpiTarget(key="cost-per-hire", target_hundredths=40_000_000, action="媒体を見直す", changed_at=now),
        ]
    )
    session.add_all(_interview(session, cast, person))
    _related(session, cast, person)
    session.add(
        HerpConnection(
            key="sealed",
            basis=RetentionBasis.STATED,
            told=True,
            set_at=now,
            set_by_user_id=cast.ada.id,
            trouble=HerpTrouble.AWAY,
            import_id=brought.id,
        )
    )
    session.add(HerpCandidacy(key_hash="h" * 64, digest="d" * 64, import_id=brought.id))
    session.add(
        Feed(name="表", token_hash="f" * 64, made_at=now, made_by_user_id=cast.ada.id, last_used_on=clock.today())
    )
    key = ApiKey(
        name="採用管理システム",
        public_id="a" * 8,
        secret_hash="e" * 64,
        scopes=ApiScope.READ_PEOPLE.value,
        made_at=now,
        made_by_user_id=cast.ada.id,
        expires_on=clock.today(),
        last_used_on=clock.today(),
    )
    session.add(key)
    session.flush()
    session.add(
        KeptAnswer(at=now, api_key_id=key.id, endpoint="api.x", repeated_key="k", request_hash="d" * 64, status=202)
    )
    _webhooks(session, now)
    entry = JournalEntry(
        action=ActionKind.TAGGED, people=1, data={"tag_id": tag.id}, by_user_id=cast.ada.id, at=now, undo_until=now
    )
    session.add(entry)
    session.flush()
    row = {"table": "candidate_tags", "id": 1, "was": None, "became": "0" * 16}
    session.add(JournalImage(entry_id=entry.id, candidate_id=candidate_id, rows=[row]))
    rule = TagRule(condition="最終", tag_id=tag.id, follow_up=FollowUp.SCOUT, by_user_id=cast.ada.id, created_at=now)
    session.add(rule)
    session.flush()
    session.add(AppliedRule(rule_id=rule.id, candidate_id=candidate_id, at=now))
    session.add(QueuedRuleCheck(candidate_id=candidate_id))
    action = {"act": "tagged", "tag_id": tag.id}
    kept = {
        "name": "花子さん",
        "name_key": "花子サン",
        "conditions": {"q": "花子"},
        "created_at": now,
        "updated_at": now,
    }
    search = SavedSearch(user_id=cast.ada.id, shared=True, **kept)
    session.add(search)
    session.flush()
    alert = Alert(search_id=search.id, criteria_hash="d" * 64, created_at=now)
    session.add(alert)
    session.flush()
    found = {"alert_id": alert.id, "candidate_id": candidate_id, "reason": AlertReason.SEARCH}
    session.add_all(
        [
            AlertHit(**found, announced_at=now, gone_at=now, person_hash="c" * 64),
            QueuedAlertCheck(candidate_id=candidate_id, cause=CheckCause.NEW),
            AlertSubscription(alert_id=alert.id, user_id=cast.ada.id, after_hit_id=0, created_at=now),
            AlertReader(user_id=cast.ada.id, mailed_on=now.date(), mail_off_at=now),
            RelayRating(answer=RatingAnswer.YES, waiting=3, people=10, taken_at=now),
            MonthReportReader(user_id=cast.adam.id, mailed_for=now.date().replace(day=1), wanted=False),
            MorningReader(
                partner_id=cast.tsumugi.id, user_id=cast.agnes.id, mailed_on=now.date(), told_until=now, off_at=now
            ),
        ]
    )
    session.add(
        BulkRun(entry_id=entry.id, action=action, conditions={"q": "花子"}, below_id=9, total=1, created_at=now)
    )
    search_rows.index(session, [candidate_id])


def _related(session: Session, cast: Cast, person: Person) -> None:
    """A related company of Acme, the word of the person about it, and the record that it was told."""
    now, recipient = clock.now(), {"name": "株式会社アクメ岡山", "corporate_number": "1180301018771"}
    named = {"address": "岡山県岡山市1-1", "representative": "代表 次郎", "contact": "086-000-0000"}
    related = RelatedCompany(company_id=cast.acme.id, added_at=now, **recipient, **named)
    session.add(related)
    session.flush()
    word = RelatedConsent(
        company_id=cast.acme.id,
        candidate_id=person.candidate.id,
        related_company_id=related.id,
        recipient=recipient | named,
        items=["name", "email"],
        wording_version="2026-11-related",
        wording="知らせてよい",
        wording_hash="e" * 64,
        locale="ja",
        given_at=now,
        ended_at=now,
        ended_by=RelatedEnd.HEARD,
    )
    session.add(word)
    session.flush()
    session.add(
        RelatedProvision(
            company_id=cast.acme.id,
            candidate_id=person.candidate.id,
            consent_id=word.id,
            consented_at=now,
            at=now,
            person_name="髙橋 花子",
            items=["name", "email"],
            company_snapshot={"name": cast.acme.name},
            recipient=recipient | named,
            user_id=cast.ada.id,
            keep_until=clock.today() + timedelta(days=3 * 365),
        )
    )


def _webhooks(session: Session, now: datetime) -> None:
    endpoint = WebhookEndpoint(
        url="https://hook.example/in",
        types=[WebhookType.CANDIDATE_REJECTED.value],
        secret="12345678:sealed",
        former_secret="12345678:sealed-before",
        former_until=now,
        stopped_as=WebhookStop.GONE,
        stopped_at=now,
        failures=1,
        failing_since=now,
        rests_until=now,
        told_at=now,
        made_at=now,
    )
    session.add(endpoint)
    session.flush()
    message = WebhookMessage(
        endpoint_id=endpoint.id,
        uid="msg_" + "0" * 32,
        event_id=1,
        type=WebhookType.CANDIDATE_REJECTED,
        body="{}",
        state=WebhookState.FAILED,
        due_at=now,
        by_hand=True,
        resumes_at=now,
        tries=1,
        made_at=now,
    )
    session.add(message)
    session.flush()
    session.add(
        WebhookAttempt(
            message_id=message.id,
            at=now,
            cause=WebhookCause.SCHEDULE,
            status=410,
            milliseconds=12,
            answer="gone",
        )
    )


def _interview(session: Session, cast: Cast, person: Person) -> list[InterviewInvitation]:
    """One that was met at a time that was picked, and one without."""
    now, position_id = clock.now(), person.application.position_id
    slot = Slot(position_id=position_id, starts_at=now, minutes=60, place="本社3階", created_at=now)
    session.add(slot)
    session.flush()
    about = {"candidate_id": person.candidate.id, "application_id": person.application.id, "opened_at": now}
    booked = {"slot_id": slot.id, "booked_at": now, "reminded_at": now, "closed_at": now, "sequence": 2}
    return [
        InterviewInvitation(uid="a@relay.example", by_user_id=cast.ada.id, **about, **booked),
        InterviewInvitation(uid="b@relay.example", times_wanted_at=now, **about),
    ]


def _alike(session: Session, people: list[Person]) -> None:
    now, (first, second, third) = clock.now(), [person.candidate.id for person in people[:3]]
    session.add_all(
        [
            MatchKey(candidate_id=first, key=-(2**62)),
            DuplicatePair(
                one_id=first, other_id=second, score=4.5, rank=104.5, by_file=True, reasons=["mail"], found_at=now
            ),
            DifferentPeople(one_id=second, other_id=third, at=now),
            Merge(candidate_id=first, merged_id=9_999, erasure_key="e" * 32, email_key="old@mail.example", at=now),
        ]
    )
    session.flush()


def _mail(session: Session, cast: Cast, person: Person) -> list[Message]:
    now = clock.now()
    template = MailTemplate(letter="result", name="基本", created_at=now)
    session.add(template)
    session.flush()
    version = MailTemplateVersion(
        template_id=template.id, version=1, subject="選考結果のご連絡", body="{{氏名}}様\n…", created_at=now
    )
    session.add(version)
    session.flush()
    recorder = MessageBatch(
        code="a" * 32,
        kind=BatchKind.RESULT,
        state=BatchState.STOPPED,
        reason=RejectionReason.SKILLS,
        template_id=template.id,
        by_user_id=cast.ada.id,
        created_at=now,
        sent_at=now,
    )
    session.add(recorder)
    session.flush()
    messages = [
        Message(
            letter="result",
            once_per_subject=True,
            batch_id=recorder.id,
            reason=RejectionReason.SKILLS,
            rejects=True,
            mail_class=MailClass.TRANSACTIONAL,
            subject_kind="application",
            subject_id=person.application.id,
            candidate_id=person.candidate.id,
            to_address=person.candidate.email,
            template_version_id=version.id,
            values={"remark": "ありがとうございました。"},
            state=state,
            due_at=now,
            message_id=f"<{state}@acme.example>",
            created_at=now,
            by_user_id=cast.ada.id,
        )
        for state in (MessageState.SENT, MessageState.CANCELLED)
    ]
    session.add_all([*messages, OptOut(address_hash="a" * 64, mail_class=MailClass.RELAY, via="one-click", at=now)])
    session.flush()
    session.add(
        Rescout(
            candidate_id=person.candidate.id,
            position_id=person.application.position_id,
            message_id=messages[0].id,
            answer=RescoutAnswer.PLACED,
            answered_at=now,
            line="地元で働きます",
            shares={"text": 1_000, "role": 1_000},
            record_since=clock.today(),
            created_at=now,
        )
    )
    session.flush()
    return messages


def _company_starts(session: Session, cast: Cast, message: Message) -> None:
    now = clock.now()
    session.add_all(
        [
            MailServer(
                host="smtp.acme.example",
                port=587,
                tls=MailTls.STARTTLS,
                username="saiyo",
                password="12345678:sealed",
                sender="saiyo@acme.example",
                changed_at=now,
            ),
            CompanyWord(word="生技", word_key="生技", meaning="生産技術", created_at=now),
            LearnedWeight(part="role", thousandths=51_250, people=7, agreed=3, fitted_at=now),
            PurposeText(purpose=Purpose.POOL, version=1, text="後日ご連絡するために保管します。", created_at=now),
            RetentionTerm(basis=RetentionBasis.STATED, months=4, valid_from=now.date(), created_at=now),
            PrivacyText(version=1, sections={"requests": "書面で"}, created_at=now, published_at=now),
            PracticeRegistration(
                message_id=message.id, answers={"name": "練習 太郎"}, partners=["練習用紹介会社"], created_at=now
            ),
            Invitation(
                kind=InvitationKind.MEMBER,
                email="rin@acme.example",
                role=Role.RECRUITER,
                by_user_id=cast.adam.id,
                created_at=now,
                expires_at=now + timedelta(hours=72),
            ),
        ]
    )
    session.flush()


def _staff(session: Session, cast: Cast) -> None:
    now = clock.now()
    session.add_all(
        [
            Installation(id=1, operator_name=cast.acme.name, notification_number="51-募-001733", created_at=now),
            RecoveryCode(user_id=cast.adam.id, code_hash="e" * 64, created_at=now),
            MailedCode(
                purpose=CodePurpose.MAIL_TEST,
                subject_id=cast.acme.id,
                code_hash="b" * 64,
                created_at=now,
                expires_at=now + timedelta(minutes=10),
            ),
            ErasedKey(key_hash="9" * 64, at=now),
        ]
    )
    session.flush()


def _mistaken(session: Session, cast: Cast, message: Message, link: RelayLink, profile: Profile) -> None:
    now = clock.now()
    with scopes.company(session, cast.acme.id):
        asked = {"log_since": now, "log_until": now, "log_user_id": cast.ada.id, "log_exports": True}
        incident = Incident(noticed_at=now, by_user_id=cast.ada.id, **asked)
        session.add(incident)
        session.add(LegalCheck(item=LegalItem.NO_REWARD, owner="弁護士", confirmed_on=now.date(), changed_at=now))
        session.flush()
        session.add(
            Mistake(
                message_id=message.id,
                kind=MistakeKind.TEXT,
                reopened=False,
                contact_name="Ada",
                contact_phone="0266-00-0000",
                incident_id=incident.id,
                at=now,
            )
        )
        session.flush()
    session.add(
        MistakenInvitation(
            profile_id=profile.id, company_id=cast.acme.id, relay_link_id=link.id, asked_at=now, answered_at=now
        )
    )
    session.flush()


def _data_request(session: Session, cast: Cast, person: Person) -> None:
    now = clock.now()
    with scopes.company(session, cast.acme.id):
        session.add(
            DataRequest(
                kind=RequestKind.DISCLOSURE,
                source=RequestSource.PUBLIC_PAGE,
                state=RequestState.ANSWERED,
                candidate_id=person.candidate.id,
                address=person.candidate.email_key,
                text="応募の記録を見たい",
                received_on=now.date(),
                due_on=now.date() + timedelta(days=14),
                proven_at=now,
                answer="お知らせします",
                created_at=now,
                closed_at=now,
                closed_by_user_id=cast.ada.id,
            )
        )
        session.flush()


def _ledger(session: Session, people: list[Person]) -> None:
    referrals = [
        Referral(
            number=number,
            candidate_id=person.candidate.id,
            relay_link_id=person.link.id,
            completed_at=clock.now(),
        )
        for number, person in enumerate(people[:REFERRALS], start=1)
    ]
    earned = _entry(1, CreditKind.EARNED, 1, balance=1)
    session.add_all([*referrals, earned])
    session.flush()
    session.add_all(CreditReferral(entry_id=earned.id, referral_id=each.id) for each in referrals)
    for each in referrals:
        each.credit_id = earned.id
    session.add_all(ReferralAddress(referral_id=each.id, address_hash=f"{each.number:064d}") for each in referrals)
    reserved = _entry(2, CreditKind.RESERVED, -1, balance=0, credit=earned)
    session.add(reserved)
    session.flush()
    session.add(_entry(3, CreditKind.RELEASED, 1, balance=1, credit=earned, reservation=reserved))
    session.add(FreeCredit(credit_id=earned.id))
    referrals[0].network_hash = "d" * 64
    session.add(ReferralHint(referral_id=referrals[0].id, kind=HintKind.SAME_MINUTE, noted_at=clock.now()))
    session.add(RelayTotals(taken_at=clock.now(), told=PEOPLE, viewed=0, completed=REFERRALS))
    session.flush()


def _introduced(session: Session, cast: Cast, person: Person) -> None:
    """A request that led to an interview which was held, and the link it came by."""
    now = clock.now()
    earned = session.scalars(select(CreditEntry).where(CreditEntry.kind == CreditKind.EARNED)).one()
    reserved = _entry(4, CreditKind.RESERVED, -1, balance=0, credit=earned)
    session.add(reserved)
    session.flush()
    spent = _entry(5, CreditKind.SPENT, 0, balance=0, credit=earned, reservation=reserved)
    promised = {
        "guarantee": GuaranteeKind.CASUAL,
        "meets_with": "採用担当者",
        "minutes": 30,
        "form": MeetingForm.ONLINE,
    }
    session.add_all([spent, GuaranteeTerms(**promised, changed_at=now, changed_by_user_id=cast.ada.id)])
    session.flush()
    request = IntroductionRequest(
        **promised,
        partner_id=cast.tsumugi.id,
        position_id=person.application.position_id,
        title="経理",
        posting=[["業務の内容", "月次決算"]],
        reservation_id=reserved.id,
        spent_id=spent.id,
        state=IntroductionState.HELD,
        made_at=now,
        made_by_user_id=cast.ada.id,
        ended_at=now,
        reminded_on=clock.today(),
    )
    session.add(request)
    session.flush()
    about = {"request_id": request.id, "partner_id": cast.tsumugi.id}
    link = IntroductionLink(
        **about,
        token_hash="f" * 64,
        licence_number="13-ユ-123456",
        legal_identity="13-ユ-123456",
        made_at=now,
        made_by_user_id=cast.agnes.id,
        until=clock.today(),
        closed_at=now,
        closed_as=LinkEnd.USED,
    )
    session.add(link)
    session.flush()
    met = select(InterviewInvitation.id).where(InterviewInvitation.slot_id.is_not(None))
    session.add(
        Introduction(
            **about,
            link_id=link.id,
            candidate_id=person.candidate.id,
            application_id=person.application.id,
            invitation_id=session.scalars(met).first(),
            accepted_at=now,
            wording_version="2026-11-30",
            wording_hash="a" * 64,
            items=["name", "email"],
            promise_kept=False,
            answered_at=now,
            company_answer="高橋さんには改めてお時間をいただきました。",
            company_answered_at=now,
        )
    )
    session.flush()


def _entry(
    sequence: int,
    kind: CreditKind,
    amount: int,
    *,
    balance: int,
    credit: CreditEntry | None = None,
    reservation: CreditEntry | None = None,
) -> CreditEntry:
    return CreditEntry(
        sequence=sequence,
        kind=kind,
        amount=amount,
        balance=balance,
        set_aside=int(kind is CreditKind.RESERVED),
        credit_id=credit.id if credit else None,
        reservation_id=reservation.id if reservation else None,
        at=clock.now(),
        actor_kind="system",
    )


def _registered(session: Session, cast: Cast, person: Person) -> Profile:
    now = clock.now()
    profile = Profile(
        code="ABCD-EFGH",
        email=person.candidate.email,
        email_key=person.candidate.email_key,
        name=person.candidate.name,
        last_confirmed_at=now,
        created_at=now,
        updated_at=now,
    )
    session.add(profile)
    session.flush()
    standing, withdrawn = (_consent(cast, person, profile.id, partner.id) for partner in (cast.tsumugi, cast.manabi))
    withdrawn.purpose = "present-courses introduce-jobs"
    row = PartnerPerson(
        profile_id=profile.id,
        partner_id=cast.tsumugi.id,
        company_id=cast.acme.id,
        since=now,
        work_state=WorkState.CONTACTED,
        opened_at=now,
        opened_by_user_id=cast.agnes.id,
    )
    session.add_all([standing, withdrawn, row])
    session.flush()
    vector = session.get_bind().dialect.name == "postgresql"
    session.add(
        PartnerPersonWords(
            person_id=row.id,
            partner_id=row.partner_id,
            profile_id=profile.id,
            consent_id=standing.id,
            **word_row(row.partner_id, profile.code, standing.facts, vector=vector),
        )
    )
    session.add_all(
        [
            ConsentWithdrawal(
                profile_id=profile.id, partner_id=cast.manabi.id, consent_id=withdrawn.id, at=now, way="own-page"
            ),
            PartnerIncident(partner_id=cast.tsumugi.id, what="端末の紛失", noticed_at=now, codes=[], reported_at=now),
            Share(
                profile_id=profile.id,
                partner_id=cast.tsumugi.id,
                company_id=cast.acme.id,
                relay_link_id=person.link.id,
                consent_id=standing.id,
                since=now,
                until=now + timedelta(days=365),
            ),
            _provision(cast, profile, standing),
            EndedReference(
                profile_id=profile.id,
                partner_id=cast.manabi.id,
                person_code=profile.code,
                partner_name=cast.manabi.name,
                registered_at=now,
                ended_at=now,
                deleted_at=now,
                keep_until=clock.today() + timedelta(days=3 * 365),
            ),
            OpeningsConsent(
                company_id=cast.acme.id,
                candidate_id=person.candidate.id,
                relay_link_id=person.link.id,
                profile_id=profile.id,
                basis_before=RetentionBasis.STATED,
                wording_version="2026-11",
                wording="知らせてほしい",
                wording_hash="c" * 64,
                locale="ja",
                given_at=now,
            ),
            PartnerNote(
                profile_id=profile.id,
                partner_id=cast.tsumugi.id,
                body="午前に電話した",
                by_user_id=cast.agnes.id,
                at=now,
                ended_at=now,
            ),
            WorkChange(
                profile_id=profile.id,
                partner_id=cast.tsumugi.id,
                was=WorkState.NEW,
                became=WorkState.CONTACTED,
                by_user_id=cast.agnes.id,
                at=now,
            ),
            Outcome(
                profile_id=profile.id,
                partner_id=cast.tsumugi.id,
                by_user_id=cast.agnes.id,
                kind=OutcomeKind.OFFER,
                so=True,
                at=now,
            ),
            OutcomeConsent(
                company_id=cast.acme.id,
                profile_id=profile.id,
                candidate_id=person.candidate.id,
                wording_version="2026-11-outcomes",
                wording="知らせてよい",
                wording_hash="f" * 64,
                locale="ja",
                given_at=now,
            ),
            CountedOutcome(company_id=cast.acme.id, kind=OutcomeKind.OFFER, profile_id=profile.id),
            OutcomeTotal(company_id=cast.acme.id, kind=OutcomeKind.OFFER, people=10, taken_at=now),
            MonthCount(company_id=cast.acme.id, kind=CaseKind.HIRED, month=date(2026, 3, 1), living=2, erased=1),
            Recount(company_id=cast.acme.id, at=now),
            Pin(profile_id=profile.id, hash="$argon2id$", wrong_in_a_row=1, wrong_in_all=2, chosen_at=now),
        ]
    )
    session.flush()
    return profile


def _consent(cast: Cast, person: Person, profile_id: int, partner_id: int) -> Consent:
    return Consent(
        profile_id=profile_id,
        partner_id=partner_id,
        purpose="introduction",
        wording_version="2026-11",
        wording="あなたの情報を…",
        wording_hash="c" * 64,
        items=["name", "email"],
        facts={"name": person.candidate.name, "email": person.candidate.email},
        partner_name="つむぎエージェント株式会社",
        legal_identity="13-ユ-123456",
        locale="ja",
        given_at=clock.now(),
        until=clock.now() + timedelta(days=365),
        ip="192.0.2.7",
        via_company_id=cast.acme.id,
        via_relay_link_id=person.link.id,
    )


def _provision(cast: Cast, profile: Profile, consent: Consent) -> ProvisionRecord:
    return ProvisionRecord(
        profile_id=profile.id,
        partner_id=cast.tsumugi.id,
        kind=ProvisionKind.MADE_AVAILABLE,
        at=clock.now(),
        person_name=profile.name,
        person_code=profile.code,
        items=consent.items,
        consent_id=consent.id,
        consented_at=consent.given_at,
        company_id=cast.acme.id,
        company_snapshot={"name": cast.acme.name},
        partner_snapshot={"name": cast.tsumugi.name},
        keep_until=clock.today() + timedelta(days=3 * 365),
    )


def _waiting(session: Session, person: Person, profile: Profile, message: Message) -> None:
    now = clock.now()
    session.add_all(
        [
            PendingRegistration(
                company_id=person.candidate.company_id,
                relay_link_id=person.link.id,
                candidate_id=person.candidate.id,
                email="other@mail.example",
                email_key="other@mail.example",
                fields={"name": person.candidate.name},
                evidence={"ip": "192.0.2.8"},
                created_at=now,
                expires_at=now + timedelta(days=1),
            ),
            Token(
                hash="d" * 64,
                purpose=TokenPurpose.OWN_PAGE,
                subject_id=profile.id,
                profile_id=profile.id,
                message_id=message.id,
                created_at=now,
                expires_at=now + timedelta(days=30),
            ),
        ]
    )
    session.flush()


def _machine(session: Session, cast: Cast) -> None:
    now = clock.now()
    event = Event(at=now, tag="consent:withdrawn", actor_kind="system", data={"consent_id": 1})
    session.add(event)
    session.flush()
    session.add_all(
        [
            EventDelivery(event_id=event.id, consumer="partner-notice"),
            Job(kind="test", key="test", state=JobState.QUEUED, due_at=now, created_at=now, payload={"n": 1}),
            Heartbeat(name="mail", at=now),
            InstallationMailServer(
                id=1,
                host="smtp.relay.example",
                port=587,
                tls=MailTls.STARTTLS,
                username="relay",
                password="12345678:sealed",
                sender="relay@relay.example",
                changed_at=now,
                tested_at=now,
                confirmed_at=now,
            ),
            RateCount(key="e" * 64, window_start=now, count=3),
            UserSession(
                proven_at=now,
                user_id=cast.ada.id,
                token_hash="f" * 64,
                created_at=now,
                last_seen_at=now,
                expires_at=now + timedelta(hours=12),
            ),
        ]
    )
