"""Filling an empty database with a set: the cast's houses first, then people in bulk, then the ledger."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.orm import Session

from relay import clock
from relay.bulk import tag_rules
from relay.candidates.duplicates import pairs
from relay.kpis import month_counts
from relay.models import (
    Candidate,
    CandidateSearch,
    Company,
    GuaranteeKind,
    IntroductionRequest,
    IntroductionState,
    LinkState,
    MailTemplate,
    MailTemplateVersion,
    MeetingForm,
    Message,
    MessageState,
    MistakeKind,
    Position,
    RelayLink,
    RequestKind,
    RequestSource,
    Tag,
    TagKind,
    User,
    scopes,
)
from relay.models.base import Table as Model
from relay.network import credits, mistaken
from relay.outreach import drafts, mistakes, pending_results
from relay.rights import data_requests
from relay.rights.data_requests import RequestInput
from relay.text import name_key
from relay.worker import upkeep
from tests.bench.people import POSITIONS, SKILLS
from tests.bench.rows import batches, in_order
from tests.bench.world import World
from tests.cast import Cast, give_factors, make_cast

Told = Callable[[int], Any]
_WORDS = Model.metadata.tables[CandidateSearch.__tablename__]
_WORDS_INDEX = next(each for each in _WORDS.indexes if each.name == "ix_candidate_search_tsv")


def build(engine: Engine, people: int, *, now: datetime, told: Told = lambda _done: None) -> None:
    """Fill the database with `people` people of Acme, standing at `now`; `told` hears how many are in."""
    with clock.at(now):
        with Session(engine) as session:
            world = houses(session, now)
        with engine.begin() as connection:
            _index_later(connection)
        for number, rows in enumerate(batches(world, people), start=1):
            with engine.begin() as connection:
                for table, values in in_order(rows):
                    connection.execute(insert(table), values)
            if number & (number - 1) == 0:
                _take_stock(engine)
            told(rows[Candidate][-1]["id"])
        with engine.begin() as connection:
            _index_now(connection)
            go_on_counting(connection)
        with Session(engine) as session:
            with scopes.company(session, world.company_id):
                credits.earn_due(session, world.company_id)
                _one_of_each(session, world)
            upkeep.add_up(session)
            month_counts.recount(session, world.company_id)
            upkeep.refresh_statistics(session)
            session.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _take_stock(engine: Engine) -> None:
    """PostgreSQL checks references by plans made for empty tables until it is told what is in them."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))


def houses(session: Session, now: datetime) -> World:
    cast = make_cast(session)
    give_factors(session)
    world = World(
        now=now,
        company_id=cast.acme.id,
        neighbour_id=cast.other.id,
        user_id=cast.ada.id,
        agency_id=cast.tsumugi.id,
        school_id=cast.manabi.id,
        template_version_id=_template(session, cast),
        positions={},
        tags={},
    )
    for company in (cast.acme, cast.other):
        with scopes.company(session, company.id):
            positions = [Position(title=title, title_key=name_key(title), created_at=now) for title in POSITIONS]
            tags = [Tag(kind=TagKind.SKILL, name=name, name_key=name_key(name), created_at=now) for name in SKILLS]
            for row in (*positions, *tags):
                session.add(row)
                session.flush()
            world.positions[company.id], world.tags[company.id] = positions[0].id, tags[0].id
    session.commit()
    return world


def _template(session: Session, cast: Cast) -> int:
    with scopes.company(session, cast.acme.id):
        template = MailTemplate(letter="result", name="基本", created_at=clock.now())
        session.add(template)
        session.flush()
        version = MailTemplateVersion(
            template_id=template.id, version=1, subject="選考結果のご連絡", body="{{氏名}}様", created_at=clock.now()
        )
        session.add(version)
        session.flush()
        return version.id


def _one_of_each(session: Session, world: World) -> None:
    """What pages show and no person of the set brings: a rule, a pair, a draft, a mistake, a lost mail, a request."""
    company = session.scalars(select(Company).where(Company.id == world.company_id)).one()
    tag = session.scalars(select(Tag).order_by(Tag.id).limit(1)).one()
    by = world.user_id
    tag_rules.create(session, company.id, condition="営業", tag=tag, follow_up=None, by_user_id=by)
    first, second = session.scalars(select(Candidate.id).order_by(Candidate.id).limit(2))
    pairs.named_by_file(session, company.id, [(first, second)])
    drafts.start(session, company, pending_results.ids(session, pending_results.ALL, 1), by_user_id=by)
    silent = select(func.max(RelayLink.application_id)).where(RelayLink.state == LinkState.SENT)
    told = select(Message.id).where(Message.subject_id == silent.scalar_subquery(), Message.candidate_id.is_not(None))
    contact = mistaken.Contact("受付", "0266-00-0000")
    mistakes.declare(
        session, company.id, session.scalars(told.limit(1)).one(), MistakeKind.TEXT, contact, by_user_id=by
    )
    result = (Message.letter == "result", Message.state == MessageState.SENT, Message.candidate_id.is_not(None))
    session.scalars(select(Message).where(*result).order_by(Message.id).limit(1)).one().state = MessageState.BOUNCED
    address = session.scalars(select(Candidate.email).where(Candidate.email != "").order_by(Candidate.id)).first() or ""
    asked, source = RequestInput(address), RequestSource.TYPED
    data_requests.receive(session, company.id, asked, [RequestKind.DISCLOSURE], source=source)
    _introduction_request(session, world)


def _introduction_request(session: Session, world: World) -> None:
    """A credit set aside for a request to the agency."""
    session.add(
        IntroductionRequest(
            partner_id=world.agency_id,
            position_id=world.positions[world.company_id],
            title=POSITIONS[0],
            posting=[["業務の内容", "製造"]],
            guarantee=GuaranteeKind.CASUAL,
            meets_with="採用担当者",
            minutes=30,
            form=MeetingForm.ONLINE,
            reservation_id=credits.reserve(session, world.company_id, POSITIONS[0]).id,
            state=IntroductionState.OPEN,
            due_on=clock.today(),
            made_at=world.now,
        )
    )
    session.flush()


def _index_later(connection: Connection) -> None:
    """GIN takes a row at a time badly: it is made once, at the end."""
    if connection.dialect.name == "postgresql":
        _WORDS_INDEX.drop(connection)


def _index_now(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        _WORDS_INDEX.create(connection)


def go_on_counting(connection: Connection) -> None:
    """The rows came with their ids; the database's own go on after them."""
    if connection.dialect.name != "postgresql":
        return
    for table in Model.metadata.sorted_tables:
        if "id" in table.columns:
            name = table.name
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), coalesce(max(id), 1)) FROM {name}")
            )


def ada(session: Session) -> int:
    """The recruiter who pressed what is in the set."""
    return _user(session, "ada@acme.example")


def adam(session: Session) -> int:
    """The administrator, who may open every page that is measured."""
    return _user(session, "adam@acme.example")


def agnes(session: Session) -> int:
    """The agent whose list is measured."""
    return _user(session, "agnes@tsumugi.example")


def _user(session: Session, email: str) -> int:
    with scopes.everyone(session, "bench: who signs in"):
        return session.scalars(select(User.id).where(User.email == email)).one()
