"""What the pictures show: a demo with one of everything under way, and the address of every page, from the URL map.

A route with a parameter nobody here can fill stops the run, so that a new page cannot be forgotten.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from relay import clock, config, create_app
from relay.connect.webhooks import endpoints, messages
from relay.demo.organisations import PIN
from relay.extensions import begin_writing, db
from relay.hiring import interviews, passing_on, slots
from relay.identity import sessions
from relay.infra.keyed_hash import address_hash
from relay.insight import fits
from relay.mail import batches, tokens
from relay.mail.mailbox import Mailbox
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    Company,
    CreditEntry,
    CreditKind,
    DataRequest,
    DuplicatePair,
    Import,
    ImportState,
    Incident,
    InterviewInvitation,
    LinkState,
    MailTemplate,
    Message,
    MessageState,
    Mistake,
    MistakeKind,
    Note,
    Partner,
    Partnership,
    PendingRegistration,
    Position,
    PositionState,
    Profile,
    Referral,
    RelayLink,
    RequestKind,
    RequestSource,
    Rescout,
    RetentionBasis,
    Role,
    Share,
    Tag,
    TagRule,
    TokenPurpose,
    User,
    WebhookAttempt,
    WebhookCause,
    WebhookEndpoint,
    WebhookState,
    scopes,
)
from relay.network import new_address, partner_notes, partners, pending, registration
from relay.network.granting import Evidence
from relay.network.mistaken import Contact
from relay.network.profiles import ProfileFields
from relay.network.registration import PartnerChoices
from relay.outreach import mistakes, rescout_answers, rescout_people
from relay.portal.settings.guide_words import GUIDES
from relay.rights import asking, data_requests
from relay.rights.data_requests import RequestInput
from relay.text.times import TypedTime
from tests.browser import shots_introductions, shots_start
from tests.cast import make_user
from tests.db.network.relating import agree, relate
from tests.db.network.relating import facts as related_facts
from tests.db.outreach.rescouting import rescout
from tests.installation import Installation

HR, AGENT = "hr@demo.example", "agent@demo.example"
SAMPLES = Path(__file__).parent.parent / "samples"
WHO = {"portal": HR, "agency": AGENT, "my_account": HR}
OF_AGENTS = {
    "my_account.colleague",
    "my_account.colleagues",
    "my_account.partner",
    "my_account.partner_incidents",
    "my_account.partner_invitation",
    "my_account.partner_promise",
    "my_account.partner_security",
    "my_account.person_note",
    "my_account.person_notes",
    "my_account.person_outcomes",
    "my_account.person_state",
    "my_account.partnership_end",
}
PARTS = {
    "static", "portal.pool_counts", "portal.pool_words", "portal.tag_names", "portal.position_occupations",
    "portal.record_follow_up_cell", "portal.record_name_cell", "agency.records_file",
    "portal.credits_statement_file", "portal.rule_fitting",
}  # fmt: skip
"""What is put into a page or saved as a file, and is none."""
VARIANTS = (
    ("portal-pool-found", "/pool?q=営業", HR),
    ("portal-results-links-chosen", "/results/links?" + "&".join(f"id={number}" for number in range(1, 99)), HR),
    ("portal-pool-nobody", "/pool?q=見つからない言葉", HR),
    ("portal-pool-everybody", "/pool?all=1", HR),
    ("portal-no-such-page", "/no-such-page", HR),
    *((f"portal-settings-guides-{name}", f"/settings/connections/guides?service={name}", HR) for name in GUIDES),
    ("agency-people-index-found", "/agency/people?q=経理", AGENT),
    ("landing-link-unknown", "/r/no-such-link", ""),
    ("door-link-unknown", "/invite/no-such-link", ""),
    ("portal-home-starting", "/", shots_start.ADMIN),
    ("portal-settings-partners-starting", "/settings/partners", shots_start.ADMIN),
    ("portal-settings-privacy-starting", "/settings/privacy", shots_start.ADMIN),
    ("portal-settings-mail-starting", "/settings/mail", shots_start.ADMIN),
)
"""Pages the URL map does not tell of: the same route in another state."""

COSTS = {
    "plain": "月,経路,費目,金額\n2026年10月,Indeed,求人広告,12万円\n2026年11月,,紹介手数料,105万円\n合計,,,117万円\n",
    "asking": "対象月,支払先,税抜金額,税込金額,備考\n2026/10,Indeed,100000,110000,x\n2026/10,合同説明会,50000,55000,\n",
}
"""Files of costs: one that is plain, and one that raises questions."""

Filled = list[tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Picture:
    """One page: the picture's name, its address, and who looks (nobody: a candidate or a visitor)."""

    name: str
    path: str
    who: str


@dataclass
class Stage:
    """The prepared demo."""

    app: Flask
    site: Installation
    imports: dict[str, int] = field(default_factory=dict)
    costs: dict[str, int] = field(default_factory=dict)
    """Files of costs that wait for a look."""
    batch: str = ""

    def session(self) -> Session:
        """The database, all companies."""
        return db.session()


def prepare(site: Installation) -> Stage:
    """Bring what HR has under way, an unproven address and a company that begins onto the demo's stage."""
    stage = prepare_office(site)
    _register_elsewhere(stage)
    _name_related(stage)
    _open_another(stage)
    return stage


def prepare_office(site: Installation) -> Stage:
    """Bring the previews of imports, a half-written result and a rule onto the demo's stage."""
    app = create_app(config.load(site.environment))
    app.config["WTF_CSRF_ENABLED"] = False
    stage = Stage(app, site)
    browser = _browser(stage)
    for file in ("herp.csv", "doda.csv"):
        with (SAMPLES / file).open("rb") as data:
            answer = browser.post("/pool/import", data={"file": (data, file)}, content_type="multipart/form-data")
        assert answer.status_code == 303, f"{file}: {answer.status}"
        stage.imports[file] = int(answer.location.rsplit("/", 1)[-1])
    for name, content in COSTS.items():
        sent = (BytesIO(content.encode()), f"{name}.csv")
        answer = browser.post("/insights/costs/file", data={"file": sent}, content_type="multipart/form-data")
        assert answer.status_code == 303, f"costs, {name}: {answer.status}"
        stage.costs[name] = int(answer.location.rsplit("/", 1)[-1])
    stage.batch = _write(stage, browser, 3)
    answer = browser.post("/pool/rules", data={"condition": "stage:最終 score:>=4", "follow_up": "scout"})
    assert answer.status_code == 303, f"a rule: {answer.status}"
    _add_webhook(stage)
    return stage


def queue_results(stage: Stage) -> None:
    """Send a few results, so that the bar counts down on every page."""
    browser = _browser(stage)
    batch = _write(stage, browser, 2)
    answer = browser.post(f"/results/drafts/{batch}/tell", data={"people": 2})
    assert str(answer.location).endswith("/results/waiting"), answer.location


def fill_mailbox(stage: Stage) -> None:
    """Put what the mail server took where development shows mails."""
    stage.site.wait_for_mails(1)
    box = Mailbox.of(stage.app.config["RELAY"])
    for mail in stage.site.smtp.received:
        box.keep(mail.as_bytes())


def pictures(stage: Stage) -> list[Picture]:
    """Every page of the URL map, and some in another state. Raises LookupError where a parameter cannot be filled."""
    return [*(Picture(*variant) for variant in VARIANTS), *pictures_of(stage)]


def pictures_of(stage: Stage, *surfaces: str) -> list[Picture]:
    """Every page of these surfaces. Raises LookupError where a parameter cannot be filled."""
    found: list[Picture] = []
    with stage.app.test_request_context(), scopes.everyone(db.session(), "pictures: one row of every kind"):
        for rule in pages(stage.app, *surfaces):
            found += _of_rule(stage, rule)
        db.session.commit()
    return found


def pages(app: Flask, *surfaces: str) -> list[Rule]:
    """Every route of these surfaces (of all without any) that may be a page."""
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    wanted = (rule for rule in rules if not surfaces or rule.endpoint.partition(".")[0] in surfaces)
    return sorted((rule for rule in wanted if rule.endpoint not in PARTS), key=str)


def filler_of(rule: Rule) -> Callable[[Stage], Filled]:
    """What fills a route's parameters. Raises LookupError where nothing does."""
    key = rule.endpoint if rule.endpoint in FILLERS else ",".join(sorted(rule.arguments))
    if key not in FILLERS:
        raise LookupError(f"{rule} ({rule.endpoint}): tests/browser/shots_stage.py cannot fill {set(rule.arguments)}")
    return FILLERS[key]


def _of_rule(stage: Stage, rule: Rule) -> Iterator[Picture]:
    name, who = rule.endpoint.replace(".", "-").replace("_", "-"), _who(rule.endpoint)
    for variant, values in _filled(stage, rule):
        built = rule.build(values)
        assert built is not None, f"{rule}: {values}"
        yield Picture(f"{name}-{variant}" if variant else name, built[1], who)


def _who(endpoint: str) -> str:
    """Who is pictured at a page: the company that begins, the live one, an agent, or nobody in particular."""
    if endpoint.startswith(shots_start.PAGES):
        return shots_start.ADMIN
    return AGENT if endpoint in OF_AGENTS else WHO.get(endpoint.split(".")[0], "")


def _filled(stage: Stage, rule: Rule) -> Filled:
    if not rule.arguments and rule.endpoint not in FILLERS:
        return [("", {})]
    fill = filler_of(rule)
    filled = fill(stage)
    if not filled and fill is not _no_page:
        raise LookupError(f"{rule} ({rule.endpoint}): the demo has no row for it")
    return filled


def _candidates(stage: Stage) -> Filled:
    relayed = stage.session().scalar(
        select(func.max(Referral.candidate_id)).where(Referral.candidate_id.is_not(None), Referral.voided_at.is_(None))
    )
    waiting = stage.session().scalar(
        select(func.max(Application.candidate_id)).where(
            Application.status == ApplicationResult.OPEN, _of_the_live_company()
        )
    )
    return [("relayed", {"candidate_id": relayed}), ("waiting", {"candidate_id": waiting})]


def _tickets(stage: Stage) -> Filled:
    """The first credit of the company that has some."""
    earned = select(func.min(CreditEntry.id)).where(CreditEntry.kind == CreditKind.EARNED)
    return [("", {"credit_id": stage.session().scalar(earned)})]


def _of_the_live_company() -> ColumnElement[bool]:
    return Application.company_id.in_(select(Company.id).where(Company.live_since.is_not(None)))


def _one_candidate(stage: Stage) -> Filled:
    return [("", _candidates(stage)[0][1])]


def _two_people(stage: Stage) -> Filled:
    """Two people of a pair that waits to be looked at."""
    newest = select(func.max(DuplicatePair.id)).scalar_subquery()
    pair = stage.session().scalars(select(DuplicatePair).where(DuplicatePair.id == newest)).one()
    return [("", {"candidate_id": pair.one_id, "other_candidate_id": pair.other_id})]


def _lacking(stage: Stage) -> Filled:
    """Somebody whose reading is not known, and somebody whose mail came back."""
    live = select(Company.id).where(Company.live_since.is_not(None))
    unread = select(func.max(Candidate.id)).where(Candidate.kana_key == "", Candidate.company_id.in_(live))
    returned = select(func.max(Message.candidate_id)).where(Message.state == MessageState.BOUNCED)
    ids = {"reading": stage.session().scalar(unread), "address": stage.session().scalar(returned)}
    return [(name, {"candidate_id": candidate_id}) for name, candidate_id in ids.items() if candidate_id]


def _applications(stage: Stage) -> Filled:
    """One whose selection runs, and one told."""
    mine = select(func.max(Application.id)).where(_of_the_live_company())
    still_open = stage.session().scalar(mine.where(Application.status == ApplicationResult.OPEN))
    told = stage.session().scalar(mine.where(Application.notified_at.is_not(None)))
    return [("", {"application_id": still_open}), ("told", {"application_id": told})]


def _notes(stage: Stage) -> Filled:
    live = select(Company.id).where(Company.live_since.is_not(None))
    newest = select(func.max(Note.id)).where(Note.company_id.in_(live)).scalar_subquery()
    note = stage.session().scalars(select(Note).where(Note.id == newest)).one()
    return [("", {"candidate_id": note.candidate_id, "note_id": note.id})]


def _no_page(_stage: Stage) -> Filled:
    """A download, or a way that only leads on."""
    return []


def _imports(stage: Stage) -> Filled:
    applied = stage.session().scalar(select(func.max(Import.id)).where(Import.state == ImportState.APPLIED))
    return [*_previews(stage), ("applied", {"import_id": applied})]


def _previews(stage: Stage) -> Filled:
    """Files that are looked at and not taken yet."""
    return [(file.removesuffix(".csv"), {"import_id": each}) for file, each in stage.imports.items()]


def _costs(stage: Stage) -> Filled:
    return [(name, {"cost_file_id": each}) for name, each in stage.costs.items()]


def _hire(stage: Stage) -> Filled:
    """The newest hire of the live company."""
    hired = (Application.status == ApplicationResult.HIRED, _of_the_live_company())
    return [("", {"application_id": stage.session().scalar(select(func.max(Application.id)).where(*hired))})]


def _drafts(stage: Stage) -> Filled:
    return [("", {"batch": stage.batch})]


def _draft_mails(stage: Stage) -> Filled:
    message = stage.session().scalar(select(func.min(Message.id)).where(batches.mails_of(stage.batch)))
    return [("", {"batch": stage.batch, "message_id": message})]


def _undelivered(stage: Stage) -> Filled:
    """A result that did not arrive, of a person who is still on record."""
    lost = select(func.max(Message.id)).where(
        Message.letter == "result", Message.state == MessageState.BOUNCED, Message.candidate_id.is_not(None)
    )
    return [("", {"message_id": stage.session().scalar(lost)})]


def _messages(stage: Stage) -> Filled:
    newest = select(func.max(Message.id)).where(Message.letter == "result", Message.practice.is_(False))
    found = {
        state.value: stage.session().scalar(newest.where(Message.state == state))
        for state in (MessageState.SENT, MessageState.BOUNCED)
    }
    return [(state, {"message_id": message}) for state, message in found.items() if message]


def _mistakes(stage: Stage) -> Filled:
    """A mail before it is declared as sent by mistake, and the one that was."""
    mistaken = _mistaken(stage)
    sent = select(func.max(Message.id)).where(Message.state == MessageState.SENT, Message.once_per_subject)
    asked = stage.session().scalar(sent.where(Message.letter == "result", Message.practice.is_(False)))
    return [("asked", {"message_id": asked}), ("declared", {"message_id": mistaken})]


def _apologies(stage: Stage) -> Filled:
    return [("", {"message_id": _mistaken(stage)})]


def _incidents(stage: Stage) -> Filled:
    _mistaken(stage)
    return [("", {"incident_id": stage.session().scalar(select(func.max(Incident.id)))})]


def _requests(stage: Stage) -> Filled:
    """A request for disclosure, and one for erasure."""
    return [(each.kind.value, {"request_id": each.id}) for each in _asked(stage)]


def _request_links(stage: Stage) -> Filled:
    asked = _asked(stage)[-1]
    minted = tokens.mint(
        stage.session(),
        TokenPurpose.DATA_REQUEST,
        asked.id,
        company_id=asked.company_id,
        address_hash=address_hash(asked.address),
    )
    return [("", {"token": minted})]


def _ending_records(stage: Stage) -> Filled:
    """The page of the letter's link: the question, and what is asked before the record is erased."""
    session = stage.session()
    live = select(Company.id).where(Company.live_since.is_not(None))
    ends = select(Candidate).where(Candidate.company_id.in_(live), Candidate.retain_until.is_not(None))
    person = session.scalars(ends.where(Candidate.email != "").order_by(Candidate.retain_until, Candidate.id)).first()
    assert person is not None
    person.basis, person.retain_until = RetentionBasis.CONSENTED, clock.today() + timedelta(days=20)
    token = tokens.mint(
        session,
        TokenPurpose.RECORD_ENDS,
        person.id,
        company_id=person.company_id,
        candidate_id=person.id,
        address_hash=address_hash(person.email),
    )
    return [("", {"token": token}), *((answer, {"token": token, "answer": answer}) for answer in ("erase", "later"))]


def _objections(stage: Stage) -> Filled:
    """The page before and after the person objected."""
    session = stage.session()
    live = select(Company.id).where(Company.live_since.is_not(None))
    people = session.scalars(select(Candidate).where(Candidate.company_id.in_(live)).order_by(Candidate.id).limit(2))
    asked, objected = people.all()
    objected.record_objected_at = clock.now()
    made = {"asked": asked, "objected": objected}
    return [(name, {"token": _objection_token(session, person)}) for name, person in made.items()]


def _objection_token(session: Session, person: Candidate) -> str:
    return tokens.mint(session, TokenPurpose.OBJECTION, person.id, company_id=person.company_id, candidate_id=person.id)


def _mails_about_a_position(stage: Stage) -> Filled:
    """The mails to the first people who fit, as they are read; some of them may not be written to."""
    position = _offered(stage)
    with scopes.company(stage.session(), position.company_id):
        found = fits.of_position(stage.session(), position.company_id, position)
    assert found is not None
    return [("", {"position_id": position.id, "id": [each.id for each in found.people[:12]]})]


def _rescout_links(stage: Stage) -> Filled:
    """The page of such a mail: without an answer, and with each of three."""
    session, position = stage.session(), _offered(stage)
    company_id = position.company_id
    company, hr = session.get_one(Company, company_id), session.scalars(select(User).where(User.email == HR)).one()
    ((_name, chosen),) = _mails_about_a_position(stage)
    possible = rescout_people.recipients(session, company_id, position.id, chosen["id"])
    ids = [each.candidate_id for each in possible if each.bar is None][:3]
    rescout(session, company, position, ids, hr.id)
    with scopes.company(session, company_id):
        sent = session.scalars(select(Rescout).where(Rescout.candidate_id.in_(ids)).order_by(Rescout.id)).all()
    named = dict(zip(("asked", "yes", "placed"), sent, strict=False))
    found = []
    for name, row in named.items():
        person = session.get_one(Candidate, row.candidate_id)
        mine = (company_id, row.id, address_hash(person.email))
        if name == "yes":
            rescout_answers.say_yes(session, *mine)
        elif name == "placed":
            rescout_answers.say_placed(session, *mine, "地元の工場で働くことになりました")
        token = tokens.mint(session, TokenPurpose.RESCOUT, row.id, company_id=company_id, address_hash=mine[2])
        found.append((name, {"token": token}))
    session.commit()
    return found


def _offered(stage: Stage) -> Position:
    ((_name, written), *_others) = _positions(stage)
    return stage.session().get_one(Position, written["position_id"])


def _choosing_links(stage: Stage) -> Filled:
    session, asked = stage.session(), _asked(stage)[-1]
    asking.ask(session, asked.address, asked.company_id)
    session.flush()
    mail = session.scalar(select(func.max(Message.id)).where(Message.letter == asking.LETTER))
    return [("", {"token": tokens.mint(session, TokenPurpose.CHOOSE_REQUESTS, mail or 0)})]


def _asked(stage: Stage) -> list[DataRequest]:
    """Return what the first candidate with an address asked, the first time."""
    session = stage.session()
    found = session.scalars(select(DataRequest).order_by(DataRequest.id)).all()
    if not found:
        person = session.scalars(select(Candidate).where(Candidate.email != "").order_by(Candidate.id)).first()
        assert person is not None
        asked = RequestInput(person.email, text="電話番号が変わりました。090-5550-1234に訂正してください。")
        kinds = (RequestKind.DISCLOSURE, RequestKind.ERASURE, RequestKind.CORRECTION)
        found = data_requests.receive(session, person.company_id, asked, kinds, source=RequestSource.TYPED)
        session.commit()
    return list(found)


def _mistaken(stage: Stage) -> int:
    """Return the mail that was declared as sent by mistake: one of the act with the most mails, the first time."""
    session = stage.session()
    known = session.scalar(select(func.min(Mistake.message_id)))
    if known is None:
        sent = select(Message.batch_id, func.max(Message.id).label("id")).where(
            Message.letter == "result", Message.state == MessageState.SENT, Message.practice.is_(False)
        )
        largest = sent.group_by(Message.batch_id).order_by(func.count().desc()).limit(1)
        known = session.execute(largest).one().id
        mail = session.scalars(select(Message).where(Message.id == known)).one()
        contact = Contact("中村 恵", "0266-12-3456")
        company_id = scopes.required(mail.company_id)
        mistakes.declare(session, company_id, mail.id, MistakeKind.RESULT, contact, by_user_id=None)
        session.commit()
    assert known is not None
    return int(known)


def _templates(stage: Stage) -> Filled:
    return [("", {"template_id": stage.session().scalar(select(func.min(MailTemplate.id)))})]


def _pairs(stage: Stage) -> Filled:
    return [("", {"pair_id": stage.session().scalar(select(func.max(DuplicatePair.id)))})]


def _rules(stage: Stage) -> Filled:
    return [("", {"rule_id": stage.session().scalar(select(func.max(TagRule.id)))})]


def _tags(stage: Stage) -> Filled:
    return [("", {"tag_id": stage.session().scalar(select(func.min(Tag.id)))})]


def _positions(stage: Stage) -> Filled:
    """One that was written in full, one that is closed, and one of which files know the name alone."""
    live = select(Company.id).where(Company.live_since.is_not(None))
    first = select(func.min(Position.id)).where(Position.company_id.in_(live))
    kinds = {
        "written": Position.salary_from.is_not(None),
        "closed": Position.closed_at.is_not(None),
        "bare": Position.confirmed_on.is_(None),
    }
    return [(name, {"position_id": stage.session().scalar(first.where(kind))}) for name, kind in kinds.items()]


def _position_links(stage: Stage) -> Filled:
    """The link of a position that was written in full, and one that shows nothing."""
    position, session = _offered(stage), stage.session()
    ((_name, slug),) = shots_start.slug(stage)
    with scopes.company(session, position.company_id):
        passing_on.open_link(session, position)
    session.commit()
    return [("", slug | {"link": position.link_code}), ("gone", slug | {"link": "closed"})]


def _codes(stage: Stage) -> Filled:
    agent = stage.session().scalar(select(User.partner_id).where(User.email == AGENT))
    newest = select(func.max(Share.profile_id)).where(Share.partner_id == agent).scalar_subquery()
    return [("", {"code": stage.session().scalar(select(Profile.code).where(Profile.id == newest))})]


def _partner_notes(stage: Stage) -> Filled:
    """A memo of the agent's about the person whom the portal's pictures show."""
    session, [(_name, person)] = stage.session(), _codes(stage)
    profile_id = session.scalars(select(Profile.id).where(Profile.code == person["code"])).one()
    agent = session.scalars(select(User).where(User.email == AGENT)).one()
    told = "午前に電話した。折り返しを待つ。"
    note = partner_notes.add(session, scopes.required(agent.partner_id), profile_id, told, by_user_id=agent.id)
    assert note is not None
    return [("", person | {"note_id": note.id})]


def _colleague(stage: Stage) -> Filled:
    """The agent's only colleague, made now: somebody who joined later and is no lead."""
    session = stage.session()
    partner = session.scalars(
        select(Partner).join(User, User.partner_id == Partner.id).where(User.email == AGENT)
    ).one()
    colleague = session.scalar(select(User.id).where(User.partner_id == partner.id, User.role == Role.AGENT))
    if colleague is None:
        colleague = make_user(session, "nao", partner, Role.AGENT).id
        session.commit()
    return [("", {"user_id": colleague})]


def _partner_company(stage: Stage) -> Filled:
    agent = stage.session().scalar(select(User.partner_id).where(User.email == AGENT))
    tied = select(Partnership.company_id).where(Partnership.partner_id == agent, Partnership.ended_at.is_(None))
    return [("", {"company_id": stage.session().scalar(tied.limit(1))})]


def _mails(stage: Stage) -> Filled:
    return [("", {"name": next(Mailbox.of(stage.app.config["RELAY"]).newest_first()).name})]


def _relay_links(stage: Stage) -> Filled:
    return [
        (word, {"token": _mint(stage, _link(stage, state), TokenPurpose.RELAY)})
        for word, state in (("offer", LinkState.SENT), ("used", LinkState.REGISTERED))
    ]


def _relay_pages(stage: Stage) -> Filled:
    """The offer, a link that was used, and one that was sent by mistake."""
    _mistaken(stage)
    frozen = _link(stage, LinkState.REVOKED)
    return [*_relay_links(stage), ("mistaken", {"token": _mint(stage, frozen, TokenPurpose.RELAY)})]


def _answered_links(stage: Stage) -> Filled:
    waiting = stage.session().scalars(select(PendingRegistration.relay_link_id)).first()
    unproven = stage.session().scalars(select(RelayLink).where(RelayLink.id == waiting)).one()
    return [*_relay_links(stage)[1:], ("unproven", {"token": _mint(stage, unproven, TokenPurpose.RELAY)})]


def _offer(stage: Stage) -> Filled:
    return [("", _relay_links(stage)[0][1])]


def _own_pages(stage: Stage) -> Filled:
    """Before the number is given, and behind it (tests/browser/shots.py types it)."""
    profile_id = stage.session().scalar(select(func.max(Share.profile_id))) or 0
    return [
        (word, {"token": tokens.mint(stage.session(), TokenPurpose.OWN_PAGE, profile_id, profile_id=profile_id)})
        for word in ("door", "")
    ]


def _receipts(stage: Stage) -> Filled:
    return _own_pages(stage)[1:]


def _confirmations(stage: Stage) -> Filled:
    waiting = stage.session().scalars(select(PendingRegistration)).first()
    assert waiting is not None
    pending.agree(stage.session(), waiting.id)
    made = tokens.mint(stage.session(), TokenPurpose.CONFIRM_ADDRESS, waiting.id, company_id=waiting.company_id)
    return [("", {"token": made})]


def _questions(stage: Stage) -> Filled:
    waiting = stage.session().scalars(select(PendingRegistration)).first()
    assert waiting is not None
    made = tokens.mint(stage.session(), TokenPurpose.AGREE_ADDRESS, waiting.id, company_id=waiting.company_id)
    return [("", {"token": made})]


def _new_addresses(stage: Stage) -> Filled:
    profile_id = stage.session().scalar(select(func.max(Share.profile_id))) or 0
    new_address.ask(stage.session(), profile_id, "new@mail.example")
    mail = stage.session().scalar(select(func.max(Message.id)).where(Message.letter == new_address.LETTER)) or 0
    made = tokens.mint(stage.session(), TokenPurpose.NEW_ADDRESS, mail, profile_id=profile_id)
    return [("", {"token": made})]


def _handed_links(stage: Stage) -> Filled:
    link = _link(stage, LinkState.SENT)
    made = tokens.mint(stage.session(), TokenPurpose.HANDED_LINK, link.application_id or 0, company_id=link.company_id)
    return [("", {"token": made})]


def _unsubscriptions(stage: Stage) -> Filled:
    return [("", {"token": _mint(stage, _link(stage, LinkState.SENT), TokenPurpose.UNSUBSCRIBE)})]


def _interviews(stage: Stage) -> Filled:
    """Pages behind the invitation: times to pick, one that was picked, changing and calling it off, none left."""
    session, pages = stage.session(), {}
    wanted = select(Application).join(Position, Position.id == Application.position_id)
    wanted = wanted.where(_of_the_live_company(), Application.status == ApplicationResult.OPEN)
    wanted = wanted.where(Position.state == PositionState.OPEN).order_by(Application.id.desc())
    wanted = wanted.where(Application.id.not_in(select(InterviewInvitation.application_id)))
    applications = session.scalars(wanted.limit(100)).all()
    first, second, third = list({each.position_id: each for each in applications}.values())[:3]
    days = [clock.today() + timedelta(days=each) for each in (3, 3, 4, 6)]
    hours = [time(10), time(14), time(13, 30), time(16)]
    times = [TypedTime(*each) for each in zip(days, hours, strict=True)]
    with scopes.company(session, first.company_id):
        place = {"minutes": 45, "place": "https://meet.example/abc-defg-hij", "by_user_id": None}
        for name, application in (("", third), ("booked", first), ("gone", second)):
            slots.offer(session, first.company_id, application.position_id or 0, times, **place)
            invitation = interviews.open_for(session, application.id, by_user_id=None)
            token = interviews.way_in(session, invitation)
            pages[name] = {"token": token}
            free = slots.free(session, application.position_id)
            if name == "booked":
                interviews.pick(session, invitation.id, free[0].id)
            if name == "gone":
                for slot in free:
                    slots.remove(session, slot.id)
    turned = [(way, pages["booked"] | {way: 1}) for way in ("change", "call-off")]
    return [*pages.items(), *turned, *shots_introductions.met(session)]


def _webhook(stage: Stage) -> Filled:
    return [("", {"webhook_id": stage.session().scalar(select(func.max(WebhookEndpoint.id)))})]


FILLERS: dict[str, Callable[[Stage], Filled]] = {
    "candidate_id": _candidates,
    "credit_id": _tickets,
    "application_id": _applications,
    "candidate_id,note_id": _notes,
    "candidate_id,other_candidate_id": _two_people,
    "portal.record_erasure": _one_candidate,
    "portal.record_tags": _one_candidate,
    "portal.person_change": _one_candidate,
    "portal.information_request": _lacking,
    "portal.import_columns": _previews,
    "portal.import_rows": _previews,
    "portal.import_place": _previews,
    "portal.message_address": _undelivered,
    "portal.import_remarks": _no_page,
    "portal.import_template": _no_page,
    "portal.insights_cost_file_template": _no_page,
    "portal.insights_costs_hire": _hire,
    "cost_file_id": _costs,
    "portal.record_file": _no_page,
    "portal.settings_incident_file": _no_page,
    "portal.request_file": _no_page,
    "portal.record_next": _no_page,
    "portal.record_previous": _no_page,
    "import_id": _imports,
    "batch": _drafts,
    "batch,message_id": _draft_mails,
    "message_id": _messages,
    "portal.message_mistake": _mistakes,
    "portal.message_apology": _apologies,
    "incident_id": _incidents,
    "request_id": _requests,
    "pair_id": _pairs,
    "rule_id": _rules,
    "position_id": _positions,
    "tag_id": _tags,
    "template_id": _templates,
    "code": _codes,
    "code,note_id": _partner_notes,
    "name": _mails,
    "landing.relay_page": _relay_pages,
    "landing.relay_done": _answered_links,
    "landing.stop_page": _offer,
    "landing.own_page": _own_pages,
    "landing.own_back": _own_pages,
    "landing.receipt_page": _receipts,
    "landing.receipt_file": _no_page,
    "landing.own_copy_json": _no_page,
    "landing.own_copy_page": _no_page,
    "landing.agree_page": _questions,
    "landing.address_page": _new_addresses,
    "landing.confirm_page": _confirmations,
    "landing.handed": _handed_links,
    "landing.request_page": _request_links,
    "landing.keep_page": _ending_records,
    "landing.objection_page": _objections,
    "landing.interview_page": _interviews,
    "landing.interview_calendar": _no_page,
    "landing.again_page": _rescout_links,
    "landing.position_page": _position_links,
    "portal.position_rescouts": _mails_about_a_position,
    "landing.choose_requests": _choosing_links,
    "landing.pin_page": shots_start.choosing_link,
    "landing.unsubscribe_page": _unsubscriptions,
    "landing.practice_page": shots_start.practice_link,
    "landing.practice_done": shots_start.practice_link,
    "portal.practice_sent": shots_start.practice_batch,
    "token_link.setup": shots_start.setup_link,
    "token_link.invite": shots_start.invitation_links,
    "token_link.password_set": shots_start.password_link,
    "token_link.new_email": shots_start.new_email_link,
    "token_link.alerts_off": shots_start.alerts_link,
    "token_link.morning_off": shots_start.morning_link,
    "token_link.report_off": shots_start.report_link,
    "my_account.partner_invitation": shots_start.partner_invitation,
    "my_account.colleague": _colleague,
    "user_id": shots_start.member,
    "company_id": _partner_company,
    "partner_id": shots_start.partner,
    "slug": shots_start.slug,
    "api_docs.openapi": _no_page,
    "feeds.kpis_csv": _no_page,
    "webhook_id": _webhook,
    "feeds.kpis_json": _no_page,
    **shots_introductions.fillers(HR, AGENT, Stage.session),
}
"""What fills a route's parameters: by endpoint, else by the names of the parameters."""


def _link(stage: Stage, state: LinkState) -> RelayLink:
    """The newest link of this state that still opens its page and has no answer waiting."""
    waiting = select(PendingRegistration.relay_link_id)
    links = select(RelayLink).where(RelayLink.state == state, RelayLink.id.not_in(waiting))
    return stage.session().scalars(links.order_by(RelayLink.id.desc())).first() or _missing(state)


def _missing(state: LinkState) -> RelayLink:
    raise LookupError(f"the demo has no relay link that is {state}")


def _mint(stage: Stage, link: RelayLink, purpose: TokenPurpose) -> str:
    return tokens.mint(
        stage.session(),
        purpose,
        link.id,
        company_id=link.company_id,
        candidate_id=link.candidate_id,
        address_hash=link.address_hash or "",
    )


def _register_elsewhere(stage: Stage) -> None:
    """Somebody types another address, and has not confirmed it yet."""
    with stage.app.app_context():
        begin_writing()
        session = stage.session()
        with scopes.everyone(session, "pictures: a link nobody has answered"):
            link = _link(stage, LinkState.SENT)
        shown = partners.active_partners(session, link.company_id)
        registration.register(
            session,
            link,
            token_id=None,
            choices=PartnerChoices((shown[0].id,)),
            fields=ProfileFields(name="髙橋 遥"),
            address="haruka@another.example",
            number=PIN,
            evidence=Evidence("192.0.2.9", "Mozilla/5.0 (iPhone)", "ja"),
        )
        session.commit()


def _name_related(stage: Stage) -> None:
    """The company names two related companies, and the person of the pictured record says that one may be told."""
    with stage.app.app_context():
        begin_writing()
        session = stage.session()
        with scopes.everyone(session, "pictures: a record"):
            (_name, found), *_others = _candidates(stage)
            person = session.get_one(Candidate, found["candidate_id"])
            company = session.get_one(Company, person.company_id)
        named = (related_facts(1, f"{company.name}物流"), related_facts(2, f"{company.name}岡山"))
        first, _second = relate(session, company, *named)
        agree(session, person, first)
        session.commit()


def _add_webhook(stage: Stage) -> None:
    """The company has an address for webhooks: one message arrived, one is tried again."""
    with stage.app.app_context():
        begin_writing()
        session, now = stage.session(), clock.now()
        with scopes.everyone(session, "pictures: the live company"):
            company_id = session.scalars(select(Company.id).where(Company.live_since.is_not(None))).one()
        with scopes.company(session, company_id):
            types = ["candidate.rejected", "message.bounced"]
            endpoint = endpoints.add(session, company_id, "https://hooks.example/relay", types).endpoint
            for status, state in ((204, WebhookState.DELIVERED), (503, WebhookState.WAITING)):
                message = messages.send_test(session, endpoint)
                message.state, message.by_hand, message.tries = state, False, 1
                message.due_at = now + timedelta(hours=2) if state is WebhookState.WAITING else None
                session.flush()
                answer = "" if status == 204 else "Service Unavailable"
                tried = {"at": now, "cause": WebhookCause.SCHEDULE, "milliseconds": 180}
                made = WebhookAttempt(
                    company_id=company_id, message_id=message.id, status=status, answer=answer, **tried
                )
                session.add(made)
            session.commit()


def _open_another(stage: Stage) -> None:
    """A second company has just begun."""
    password = (stage.site.folder / "demo-password").read_text(encoding="utf-8").strip()
    with stage.app.app_context():
        begin_writing()
        with scopes.everyone(stage.session(), "pictures: a company that begins"):
            shots_start.open_company(stage.session(), password, AGENT)
            stage.session().commit()


def _write(stage: Stage, browser: FlaskClient, people: int) -> str:
    """Write results to so many of those who wait, as far as the confirmation; gives the draft's batch."""
    with stage.app.app_context(), scopes.everyone(db.session(), "pictures: who waits for a result"):
        waiting = select(Application.id).where(Application.status == ApplicationResult.OPEN, _of_the_live_company())
        waiting = waiting.order_by(Application.id.desc())
        ids = stage.session().scalars(waiting.limit(people)).all()
    answer = browser.post("/results/drafts", data={"id": ids})
    assert answer.status_code == 303, answer.status
    batch = str(answer.location).rsplit("/", 1)[-1]
    form = {"people": people, "number": people, "reason": "comparison"}
    assert browser.post(f"/results/drafts/{batch}/reject", data=form).status_code == 303
    return batch


def _browser(stage: Stage) -> FlaskClient:
    """HR, signed in without the form."""
    with stage.app.app_context():
        begin_writing()
        session = stage.session()
        with scopes.everyone(session, "pictures: who signs in"):
            user_id = session.scalars(select(User.id).where(User.email == HR)).one()
        token = sessions.start(session, user_id, ip="127.0.0.1", agent="pictures")
        session.commit()
    client = stage.app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return client
