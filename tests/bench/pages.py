"""The pages that are measured: those of the portal and of agencies by the URL map, and some in several ways.

A new page is measured by itself. One with a new kind of part in its address is refused until it is filled here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    CreditEntry,
    CreditKind,
    DataRequest,
    DuplicatePair,
    Incident,
    IntroductionRequest,
    MailTemplate,
    Message,
    MessageBatch,
    MessageState,
    Mistake,
    Note,
    Partner,
    Position,
    Profile,
    Tag,
    TagRule,
    User,
    scopes,
)
from tests.bench import floors
from tests.bench.floors import Ask, Place

TWO, ONE, SEVERAL = "営業", "営", "営業 山本 松本"
OPERATORS = "営業 stage:最終 channel:Indeed end:見送り -辞退"
SURFACES = ("portal", "agency")
NOT_MEASURED = {
    "portal.import_show": "as long as the file that was brought",
    "portal.import_columns": "as long as the file that was brought",
    "portal.import_rows": "as long as the file that was brought",
    "portal.import_place": "as long as the file that was brought",
    "portal.import_remarks": "as long as the file that was brought",
    "portal.insights_cost_file": "as long as the file that was brought",
    "portal.record_file": "the file itself",
    "portal.message_document": "a frame in the page of the mail, drawn without the database",
    "portal.practice_sent": "there while a company practises; as long as one act of writing",
    "portal.settings_operator_mail": "of whoever runs the installation; one row",
    "portal.settings_operator_mail_server": "of whoever runs the installation; one row",
    "portal.settings_webhook": "fifty messages of one address, by an index; nobody on this stage has one",
    "portal.position_fits": "compares everybody of the pool: tests/bench/fitting.py has a line for it",
    "portal.export": "everybody who fits goes into the file: it is as long as the company",
    "portal.credits_statement_file": "a file of all the month's lines: it is as long as they are",
    "agency.records_file": "a file of all the partner was ever provided: it is as long as that",
}
"""Why a page has no line."""

Filler = Callable[[Session], object]


@dataclass(frozen=True)
class Page:
    """A page to measure: its address and who opens it, beside the floor of the same rows, where one is known."""

    name: str
    address: str
    agent: bool = False
    floor: Callable[[Ask, Place], floors.Rows | floors.Listed] | None = None


def every(app: Flask, session: Session, place: Place) -> list[Page]:
    """Return the pages that have a floor, then every other by the URL map. Raises LookupError for one to be filled."""
    pages = named(place)
    known = {page.address.partition("?")[0] for page in pages}
    with scopes.everyone(session, "bench: a row behind each kind of page"):
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            if _is_measured(rule) and (page := _of_rule(rule, session, place)).address not in known:
                pages.append(page)
    return pages


def named(place: Place) -> list[Page]:
    """Return the pages whose rows are asked for by the bare driver too."""
    return [
        Page("pool, first page", "/pool", floor=floors.pool),
        Page("pool, by day of application", "/pool?sort=-applied"),
        Page("pool, by day of application, far down", "/pool?sort=-applied&before=2026-01-01-1"),
        Page("pool, by name", "/pool?sort=name"),
        Page("search by day of application", "/pool?q=応募日:<1か月"),
        Page("applications by name", "/applications?sort=name"),
        Page("pool, nine tenths down", f"/pool?before={place.deep}", floor=floors.deep),
        Page("search of two characters", f"/pool?q={TWO}", floor=floors.found(TWO)),
        Page("search of one character", f"/pool?q={ONE}", floor=floors.found(ONE)),
        Page("search of three words", f"/pool?q={SEVERAL}", floor=floors.found(SEVERAL)),
        Page("search by operators", f"/pool?q={OPERATORS}", floor=floors.operators),
        Page("record", f"/pool/{place.candidate_ids[0]}", floor=floors.record),
        Page("results, not yet told", "/results", floor=floors.results),
        Page("home", "/", floor=floors.home),
        Page("agency's list", "/agency/people", agent=True, floor=floors.people),
        Page("agency's particulars", "/account/partner", agent=True),
        Page("applications of a position", "/applications?end=open&position=1"),
        Page("applications at a stage", "/applications?stage=書類選考"),
        Page("positions that are open", "/positions?state=open"),
        Page("position at a stage", "/positions/1?stage=書類選考"),
    ]


def _is_measured(rule: Rule) -> bool:
    surface = rule.endpoint.partition(".")[0]
    return surface in SURFACES and "GET" in (rule.methods or ()) and rule.endpoint not in NOT_MEASURED


def _of_rule(rule: Rule, session: Session, place: Place) -> Page:
    if missing := rule.arguments - FILLERS.keys():
        raise LookupError(f"{rule} ({rule.endpoint}): tests/bench/pages.py cannot fill {missing}")
    fillers: Mapping[str, Filler] = FILLERS | OF_ENDPOINTS.get(rule.endpoint, {})
    values = {name: fillers[name](session) for name in rule.arguments}
    if empty := [name for name, value in values.items() if value is None]:
        raise LookupError(f"{rule} ({rule.endpoint}): tests/bench/build.py makes no row for {empty}")
    built = rule.build(values)
    assert built is not None, f"{rule}: {values}"
    return Page(rule.endpoint, built[1] + QUERIES_OF.get(rule.endpoint, ""), agent=rule.endpoint.startswith("agency."))


QUERIES_OF = {
    "portal.pool_words": "?q=tag:",
    "portal.results_links": "?" + "&".join(f"id={number}" for number in range(1, 201)),
    "portal.position_occupations": "?occupation=製造",
    "portal.tag_names": "?q=P",
}
"""What the page is asked, where it answers nothing else."""


def _newest(column: ColumnElement[int], *which: ColumnElement[bool]) -> Filler:
    return lambda session: session.scalar(select(func.max(column)).where(*which))


def _code(session: Session) -> object:
    return session.scalar(select(Profile.code).order_by(Profile.id.desc()).limit(1))


def _batch(session: Session) -> object:
    return session.scalar(select(MessageBatch.code).order_by(MessageBatch.id.desc()).limit(1))


_ACME = 1
"""The first company of the cast (tests/cast.py)."""
FILLERS: dict[str, Filler] = {
    "candidate_id": _newest(Candidate.id, Candidate.company_id == _ACME),
    "application_id": _newest(
        Application.id, Application.company_id == _ACME, Application.status == ApplicationResult.OPEN
    ),
    "batch": _batch,
    "credit_id": _newest(CreditEntry.id, CreditEntry.kind == CreditKind.EARNED),
    "code": _code,
    "incident_id": _newest(Incident.id),
    "introduction_request_id": _newest(IntroductionRequest.id, IntroductionRequest.company_id == _ACME),
    "asked_id": _newest(IntroductionRequest.id, IntroductionRequest.company_id == _ACME),
    "message_id": _newest(
        Message.id, Message.company_id == _ACME, Message.batch_id.is_(None), Message.letter == "result"
    ),
    "note_id": _newest(Note.id, Note.company_id == _ACME),
    "other_candidate_id": lambda session: session.scalar(
        select(func.min(Candidate.id)).where(Candidate.company_id == _ACME)
    ),
    "pair_id": _newest(DuplicatePair.id),
    "position_id": _newest(Position.id, Position.company_id == _ACME),
    "request_id": _newest(DataRequest.id),
    "partner_id": _newest(Partner.id, Partner.slug == "tsumugi"),
    "rule_id": _newest(TagRule.id),
    "tag_id": _newest(Tag.id, Tag.company_id == _ACME),
    "template_id": _newest(MailTemplate.id),
    "user_id": _newest(User.id, User.email == "vic@acme.example"),
}
"""A row of Acme behind each part of an address."""
OF_ENDPOINTS: dict[str, dict[str, Filler]] = {
    "portal.record_note": {
        "candidate_id": lambda session: session.scalar(
            select(Note.candidate_id).where(Note.company_id == _ACME).order_by(Note.id.desc()).limit(1)
        )
    },
    "portal.message_mistake": {"message_id": _newest(Mistake.message_id)},
    "portal.message_apology": {"message_id": _newest(Mistake.message_id)},
    "portal.message_address": {"message_id": _newest(Message.id, Message.state == MessageState.BOUNCED)},
    "portal.insights_costs_hire": {
        "application_id": _newest(
            Application.id, Application.company_id == _ACME, Application.status == ApplicationResult.HIRED
        )
    },
    "portal.result_draft_document": {"message_id": _newest(Message.id, Message.batch_id.is_not(None))},
}
"""The same, where two parts of one address belong together."""
