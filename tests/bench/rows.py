"""The rows of a set, table by table in the order of their references, a few thousand people at a time.

Core tables, no ORM: this is one of the modules that write without a scope (CONTRIBUTING.md, Scopes), so every row
names its company itself.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Table

from relay import clock
from relay.indexing import search_rows
from relay.models import (
    Application,
    ApplicationResult,
    Candidate,
    CandidateSearch,
    CandidateTag,
    EventTag,
    Note,
    NotifiedBy,
    RejectionReason,
    RetentionBasis,
)
from relay.models.base import Table as Model
from relay.models.candidate_fields import SEARCHED_FIELDS
from relay.text import kana_key, mail_key, name_key, phone_key
from tests.bench.people import POSITIONS, SKILLS, Somebody, somebody
from tests.bench.relayed import told
from tests.bench.world import YEAR, Row, Rows, World, happened

NEIGHBOUR = 11
"""Every eleventh person belongs to the company next door, so that a page must pick its own."""
ENDS = (
    [ApplicationResult.REJECTED] * 39
    + [ApplicationResult.WITHDREW] * 7
    + [ApplicationResult.HIRED] * 2
    + [ApplicationResult.DUPLICATE, ApplicationResult.OPEN]
)
BASES = [RetentionBasis.STATED] * 12 + [RetentionBasis.CONSENTED] * 7 + [RetentionBasis.SELECTION]


def batches(world: World, people: int, *, at_once: int = 2000) -> Iterator[Rows]:
    """The rows of `people` people of the company, and of a tenth as many next door."""
    everybody = people + people // (NEIGHBOUR - 1)
    for start in range(1, everybody + 1, at_once):
        rows: Rows = defaultdict(list)
        for number in range(start, min(start + at_once, everybody + 1)):
            company_id = world.neighbour_id if number % NEIGHBOUR == 0 else world.company_id
            _person(world, rows, company_id, somebody(world.dice, number))
        yield rows


def in_order(rows: Rows) -> Iterator[tuple[Table, list[Row]]]:
    """The rows by table, parents first."""
    tables = {model.__table__: each for model, each in rows.items()}
    for table in Model.metadata.sorted_tables:
        if table in tables:
            yield table, tables[table]


def _person(world: World, rows: Rows, company_id: int, who: Somebody) -> None:
    dice, candidate_id = world.dice, world.next(Candidate)
    arrived = world.now - YEAR + (YEAR - timedelta(days=1)) * dice.random()
    status = dice.choice(ENDS)
    rows[Candidate].append(
        {
            "id": candidate_id,
            "company_id": company_id,
            "name": who.name,
            "name_key": name_key(who.name),
            "kana": who.kana,
            "kana_key": kana_key(who.kana),
            "email": who.email,
            "email_key": mail_key(who.email),
            "phone": who.phone,
            "phone_key": phone_key(who.phone),
            "basis": dice.choice(BASES),
            "retain_until": None
            if status is ApplicationResult.OPEN
            else clock.today() + timedelta(days=dice.randrange(5, 700)),
            "created_at": arrived,
            "updated_at": arrived,
        }
    )
    rows[CandidateSearch].append(_search_row(company_id, candidate_id, who))
    for skill in who.skills:
        rows[CandidateTag].append(
            {
                "id": world.next(CandidateTag),
                "company_id": company_id,
                "candidate_id": candidate_id,
                "tag_id": world.tags[company_id] + skill,
                "at": arrived,
            }
        )
    if who.note:
        rows[Note].append(
            {
                "id": world.next(Note),
                "company_id": company_id,
                "candidate_id": candidate_id,
                "body": who.note,
                "imported": False,
                "at": arrived,
                "by_user_id": world.user_id,
            }
        )
    happened(world, rows, company_id, EventTag.CANDIDATE_ADDED, ("candidate", candidate_id), arrived)
    _applied(world, rows, company_id, candidate_id, who, status, arrived)


def _search_row(company_id: int, candidate_id: int, who: Somebody) -> Row:
    facts = {field.name: getattr(who, field.name, field.empty) for field in SEARCHED_FIELDS}
    texts = search_rows.document(facts, words=who.words)
    work = search_rows.WorkTexts([*(SKILLS[skill] for skill in who.skills), POSITIONS[who.position]], [who.note])
    return search_rows.prepare(company_id, candidate_id, texts, work.add_fields(facts))


def _applied(
    world: World,
    rows: Rows,
    company_id: int,
    candidate_id: int,
    who: Somebody,
    status: ApplicationResult,
    arrived: datetime,
) -> None:
    """Their application, and one in five an earlier one that they withdrew."""
    dice = world.dice
    if dice.random() < 1 / 5:
        _application(
            world, rows, company_id, candidate_id, who, ApplicationResult.WITHDREW, arrived - timedelta(days=200)
        )
    application = _application(world, rows, company_id, candidate_id, who, status, arrived)
    if status is not ApplicationResult.REJECTED:
        return
    subject = ("application", application["id"])
    happened(world, rows, company_id, EventTag.APPLICATION_REJECTED, subject, arrived, {"candidate_id": candidate_id})
    if dice.random() < 1 / 3:
        told(world, rows, application, who, arrived + timedelta(hours=1))
    elif dice.random() < 49 / 50:
        application.update(notified_at=arrived, notified_by=NotifiedBy.ELSEWHERE)


def _application(
    world: World,
    rows: Rows,
    company_id: int,
    candidate_id: int,
    who: Somebody,
    status: ApplicationResult,
    arrived: datetime,
) -> Row:
    rejected = status is ApplicationResult.REJECTED
    made = {
        "id": world.next(Application),
        "company_id": company_id,
        "candidate_id": candidate_id,
        "position_id": world.positions[company_id] + who.position,
        "channel": who.channel,
        "channel_detail": "",
        "stage": who.stage,
        "status": status,
        "applied_on": arrived.date() - timedelta(days=20),
        "decided_on": None if status is ApplicationResult.OPEN else arrived.date(),
        "decided_by_user_id": world.user_id if rejected else None,
        "decided_in_relay": rejected,
        "reason": world.dice.choice(list(RejectionReason)) if rejected else None,
        "notified_at": None,
        "notified_by": None,
        "created_at": arrived,
        "updated_at": arrived,
    }
    rows[Application].append(made)
    return made
