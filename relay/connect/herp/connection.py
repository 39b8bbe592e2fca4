"""The connection of a company with HERP: its key, a reading that is begun, and the end of both."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from relay import clock
from relay.candidates.files import store
from relay.connect.herp import client
from relay.connect.herp.client import HerpFailed
from relay.errors import DomainError
from relay.infra import jobs, vault
from relay.infra.vault import SealBroken
from relay.intake.uploads import waiting
from relay.models import EventTag, HerpConnection, HerpTrouble, Import, RetentionBasis, record, scopes
from relay.models.locking import lock_company

READ = "read-herp"
"""The kind of the jobs that read, one portion of pages after the other."""
MAX_KEY = 400
"""Characters."""
A_MINUTE = timedelta(minutes=1)
ASKED_A_MINUTE = 90
"""Of the 100 requests that HERP gives a tenant; its other tools need some too."""


class HerpRefused(DomainError):
    """Raise where the key is not taken; what was kept before stays."""

    code = "herp-refused"

    def __init__(self, trouble: HerpTrouble) -> None:
        self.trouble = trouble
        super().__init__(trouble.label)


class HerpKeyMissing(DomainError):
    """Raise where there is no key yet."""

    code = "herp-key-missing"
    message = _l("APIキーを入力してください。まだ連携していません。")


_CONNECTION = select(HerpConnection).execution_options(populate_existing=True)


@scopes.in_company
def of_company(session: Session, company_id: int, *, lock: bool = False) -> HerpConnection | None:
    """Return the connection as it is now."""
    return session.scalars(_CONNECTION.with_for_update() if lock else _CONNECTION).one_or_none()


@scopes.in_company
def connect(
    session: Session, company_id: int, key: str, basis: RetentionBasis, *, told: bool, by_user_id: int
) -> HerpConnection:
    """Keep a key that HERP takes, and begin to read; without one the answers alone change.

    Raises HerpRefused, HerpKeyMissing.
    """
    if key:
        session.rollback()
        _try(key)
    lock_company(session, company_id)
    row = of_company(session, company_id, lock=True)
    if row is None and not key:
        raise HerpKeyMissing
    if row is None:
        row = HerpConnection(company_id=company_id, key="", set_at=clock.now(), set_by_user_id=by_user_id)
        session.add(row)
    row.basis, row.told, row.set_by_user_id = basis, told, by_user_id
    if key:
        row.key, row.set_at, row.answered_at, row.trouble = vault.seal(key), clock.now(), clock.now(), None
    session.flush()
    record(session, EventTag.HERP_CONNECTED, company_id=company_id, subject=("herp-connection", row.id))
    if key:
        begin(session, company_id)
    return row


def test(session: Session, company_id: int) -> HerpTrouble | None:
    """Ask HERP whether it takes the key, outside any transaction, and note it; returns what is wrong."""
    row = of_company(session, company_id)
    if row is None:
        return None
    sealed = row.key
    session.rollback()
    try:
        _try(vault.unseal(sealed))
        trouble = None
    except SealBroken:
        trouble = HerpTrouble.SEALED
    except HerpRefused as refused:
        trouble = refused.trouble
    row = of_company(session, company_id, lock=True)
    if row is not None:
        row.trouble = trouble
        row.answered_at = clock.now() if trouble is None else row.answered_at
        row.asked += 1
    return trouble


@scopes.in_company
def begin(session: Session, company_id: int) -> bool:
    """Begin to read all pages, or go on where a reading stopped; returns whether it does.

    Nothing is read while what the last reading brought waits for a person.
    """
    row = of_company(session, company_id, lock=True)
    if row is None or waits_for_a_look(session, company_id):
        return False
    row.tries = 0
    if row.page == 0:
        restart(session, row)
    ask_again(session, row)
    return True


@scopes.in_company
def waits_for_a_look(session: Session, company_id: int) -> bool:
    """Return whether what the last reading brought still waits for a person: until then nothing is read."""
    wanted = select(Import.id).join(HerpConnection, HerpConnection.import_id == Import.id)
    return session.scalars(wanted.where(Import.state.in_(waiting.STATES))).first() is not None


@scopes.in_company
def disconnect(session: Session, company_id: int) -> bool:
    """Forget the key and what was read so far; who was brought stays, and is known again after another key."""
    row = of_company(session, company_id, lock=True)
    if row is None:
        return False
    drop_read(session, row)
    record(session, EventTag.HERP_DISCONNECTED, company_id=company_id, subject=("herp-connection", row.id))
    session.delete(row)
    session.flush()
    return True


def restart(session: Session, row: HerpConnection) -> None:
    """Read from the first page on."""
    drop_read(session, row)
    row.page, row.names_read, row.begun_at = 1, False, clock.now()


def drop_read(session: Session, row: HerpConnection) -> None:
    """Forget what was read so far; it leaves the disk once the transaction holds."""
    if row.stored_as is not None:
        store.remove_after_commit(session, [row.stored_as])
    row.stored_as, row.stored_bytes, row.page, row.names_read, row.begun_at = None, 0, 0, False, None


def ask_again(session: Session, row: HerpConnection) -> None:
    """Queue the next portion, not before HERP may be asked again."""
    now = clock.now()
    due = max(now, row.not_before or now)
    key = f"{READ}:{row.company_id}:{due:%Y%m%dT%H%M%S%f}"
    jobs.enqueue(session, READ, key=key, company_id=row.company_id, due_at=due)


def may_ask(row: HerpConnection) -> bool:
    """Count a request that is about to be made; returns whether it may be, else `not_before` says when."""
    now = clock.now()
    if row.not_before is not None and now < row.not_before:
        return False
    if row.minute_at is None or now >= row.minute_at + A_MINUTE:
        row.minute_at, row.asked, row.not_before = now, 0, None
    if row.asked >= ASKED_A_MINUTE:
        row.not_before = row.minute_at + A_MINUTE
        return False
    row.asked += 1
    return True


def _try(key: str) -> None:
    try:
        client.page_of(key, "candidacies", 1)
    except HerpFailed as failed:
        raise HerpRefused(failed.trouble) from failed
