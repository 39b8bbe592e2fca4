"""From what was read at HERP to an import: what is new or changed, and nothing twice.

The first time, and where rows have to be corrected, it waits for a person to look at it like any file; afterwards it is
applied with the answers of the settings. What was brought once and is not here any more was erased or taken back, and
does not come back by itself. Nothing is deleted because HERP no longer lists it.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.connect.herp import candidacies, connection
from relay.intake.planning.plan import Answers
from relay.intake.reading.refusals import MAX_ROWS, FileRefused
from relay.intake.reading.sources import HERP
from relay.intake.reading.table import NamedPlace
from relay.intake.uploads import arrival, whole
from relay.intake.uploads.whole import WholeFile
from relay.intake.writing.applying import prepare_and_apply
from relay.models import (
    Actor,
    HerpCandidacy,
    HerpTrouble,
    Import,
    ImportState,
    SourceRecord,
    act_as,
    acting,
    company_locks,
    scopes,
)
from relay.models.company_locks import CompanyLock
from relay.models.upsert import upsert

CHUNK_SIZE = 500


class ToBring(NamedTuple):
    """An application that is new or changed."""

    key_hash: str
    digest: str
    row: list[str]


@scopes.in_company
def bring(session: Session, company_id: int) -> None:
    """Compare what was read with what was brought, and bring the rest; needs no transaction to be open."""
    row = connection.of_company(session, company_id)
    if row is None:
        return
    if row.stored_as is None:  # an erasure took away what was read
        connection.ask_again(session, row)
        return
    if connection.waits_for_a_look(session, company_id):
        connection.drop_read(session, row)
        return
    wanted, found, is_first = _compare(session, row.stored_as)
    user_id = row.set_by_user_id
    answers = Answers(row.basis, row.told)
    session.rollback()
    if not wanted:
        _finish(session, company_id, None, found=found)
        return
    before = acting(session)
    act_as(session, Actor("user", user_id))
    try:
        import_id = _hand_over(session, company_id, wanted, answers, user_id, look_first=is_first)
        trouble = None
    except FileRefused:
        session.rollback()
        import_id, trouble = None, HerpTrouble.FILE
    finally:
        act_as(session, before)
    _finish(session, company_id, import_id, found=found, brought=len(wanted), trouble=trouble)


def _compare(session: Session, stored_as: str) -> tuple[list[ToBring], int, bool]:
    """Return what is to be brought, how many applications were read, and whether nothing was ever brought."""
    titles: dict[str, str] = {}
    read: dict[str, list[str]] = {}
    for is_candidacy, item in _lines(stored_as):
        if is_candidacy:
            read[item["id"]] = candidacies.row_of(item, titles)
        else:
            titles[item["id"]] = str(item.get("name") or item.get("title") or "")
    applied = select(HerpCandidacy.id).join(Import, Import.id == HerpCandidacy.import_id)
    is_first = session.scalars(applied.where(Import.state == ImportState.APPLIED).limit(1)).first() is None
    wanted: list[ToBring] = []
    ids = iter(read)
    while (some := list(islice(ids, CHUNK_SIZE))) and len(wanted) < MAX_ROWS:
        wanted += _new_or_changed(session, {one: read[one] for one in some})
    return wanted[:MAX_ROWS], len(read), is_first


def _new_or_changed(session: Session, read: dict[str, list[str]]) -> Iterator[ToBring]:
    keys = {candidacies.key_of(one): one for one in read}
    columns = (HerpCandidacy.key_hash, HerpCandidacy.digest)
    applied = select(*columns).join(Import, Import.id == HerpCandidacy.import_id)
    applied = applied.where(HerpCandidacy.key_hash.in_(list(keys)), Import.state == ImportState.APPLIED)
    known = dict(session.execute(applied).all())
    here = select(SourceRecord.source_id).where(SourceRecord.source == HERP.name)
    there = set(session.scalars(here.where(SourceRecord.source_id.in_(list(read)))))
    for key_hash, one in keys.items():
        digest = candidacies.digest_of(read[one])
        if key_hash not in known or (known[key_hash] != digest and one in there):
            yield ToBring(key_hash, digest, read[one])


def _hand_over(
    session: Session, company_id: int, wanted: list[ToBring], answers: Answers, user_id: int, *, look_first: bool
) -> int:
    """Apply the file, or let it wait for a look; returns its import. Raises FileRefused, and then nothing is kept."""
    with store.nameless() as content:
        content.write(candidacies.file_of(each.row for each in wanted))
        content.flush()
        content.seek(0)
        if not look_first:
            reading = whole.read(session, company_id, WholeFile(content, HERP.name, NamedPlace()))
            if not reading.refused:
                made: list[Import] = []
                prepare_and_apply(
                    session,
                    company_id,
                    reading,
                    answers,
                    by_user_id=user_id,
                    import_id=None,
                    find_import=lambda import_id: _new_import(session, company_id, wanted, import_id, made),
                )
                return made[0].id
            content.seek(0)
        row = arrival.receive(session, company_id, content, by_user_id=user_id)
    _remember(session, company_id, wanted, row.id)
    return row.id


def _new_import(
    session: Session, company_id: int, wanted: list[ToBring], import_id: int | None, made: list[Import]
) -> Import:
    """Return a new import, with what it brings written in the same transaction."""
    with scopes.company(session, company_id):
        company_locks.wait_for(session, CompanyLock.IMPORTS, company_id)
        row = Import(id=import_id, state=ImportState.PREVIEWED, format=HERP.name, created_at=clock.now())
        session.add(row)
        session.flush()
        _remember(session, company_id, wanted, row.id)
    made.append(row)
    return row


def _remember(session: Session, company_id: int, wanted: list[ToBring], import_id: int) -> None:
    rows = iter(wanted)
    while some := list(islice(rows, CHUNK_SIZE)):
        values = [
            {"company_id": company_id, "key_hash": one.key_hash, "digest": one.digest, "import_id": import_id}
            for one in some
        ]
        adding = upsert(session, HerpCandidacy).values(values)
        renewed = {"digest": adding.excluded.digest, "import_id": adding.excluded.import_id}
        where = ["company_id", "key_hash"]
        session.execute(adding.on_conflict_do_update(index_elements=where, set_=renewed))


def _finish(
    session: Session,
    company_id: int,
    import_id: int | None,
    *,
    found: int = 0,
    brought: int = 0,
    trouble: HerpTrouble | None = None,
) -> None:
    row = connection.of_company(session, company_id, lock=True)
    if row is None:
        return
    connection.drop_read(session, row)
    row.trouble = trouble
    if trouble is None:
        row.read_at, row.found, row.brought = clock.now(), found, brought
    row.import_id = import_id or row.import_id


def _lines(stored_as: str) -> Iterator[tuple[bool, dict[str, Any]]]:
    with store.path_of(stored_as).open("rb") as file:
        for line in file:
            is_candidacy, item = json.loads(line)
            yield is_candidacy, item
