"""one word for each thing: columns, a table and closed words take the names of the glossary

Revision ID: 0016
Revises: 0015
"""

import json
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op
from relay.models.base import BigId, UtcDateTime
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

Names = dict[str, str]

COLUMNS: dict[str, Names] = {
    'applications': {'told_at': 'notified_at', 'told_by': 'notified_by'},
    'candidates': {'exit': 'follow_up', 'wished_role': 'desired_role'},
    'notes': {'way': 'contact_channel'},
    'tag_rules': {'exit': 'follow_up'},
}
"""What is renamed; all of them are tables that the journal keeps images of."""
REMEMBERED: Names = {'wished_role': 'desired_role'}
"""Keys of what a file brought about a person (source_records), which the journal keeps images of, too."""
CHECKED: dict[str, dict[str, tuple[str, ...]]] = {
    'applications': {'told_by': ('relay', 'elsewhere')},
    'candidates': {'exit': ('reapply', 'relay', 'scout')},
    'notes': {'way': ('phone', 'mail', 'meeting', 'other')},
    'tag_rules': {'exit': ('reapply', 'relay', 'scout')},
}
ACTIONS = (
    'tagged', 'untagged', 'exit-set', 'tags-merged', 'tag-dropped', 'rule-applied', 'imported', 'merged', 'edited',
    'result-recorded',
)
KINDS: Names = {'exit-set': 'follow-up-set'}
KEYS: Names = {'act': 'kind', 'exit': 'follow_up'}
"""In what is noted of a bulk action."""
IN_EVENTS: Names = {'exit': 'follow_up', 'wished_role': 'desired_role', 'way': 'contact_channel'}
CHUNK_SIZE = 500


def upgrade() -> None:
    for table in COLUMNS:
        _rename_columns(table, back=False)
    _actions(back=False)
    _images(back=False)
    _runs(back=False)
    _events(IN_EVENTS)
    _replace('source_records', 'values', REMEMBERED)


def downgrade() -> None:
    _replace('source_records', 'values', _other_way(REMEMBERED))
    _events(_other_way(IN_EVENTS))
    _runs(back=True)
    _images(back=True)
    _actions(back=True)
    for table in COLUMNS:
        _rename_columns(table, back=True)


def _other_way(names: Names) -> Names:
    return {new: old for old, new in names.items()}


def _directed(names: Names, back: bool) -> Names:
    return _other_way(names) if back else names


def _rename_columns(table: str, *, back: bool) -> None:
    """Both databases carry checks and indexes over; what is named after the column is made again under its new name."""
    renamed = _directed(COLUMNS[table], back)
    if table == 'applications':
        op.drop_index('ix_applications_company_status_' + ('notified' if back else 'told'), table_name=table)
    for old, new in renamed.items():
        op.execute(f'ALTER TABLE {table} RENAME COLUMN {old} TO {new}')
    with op.batch_alter_table(table) as batch:
        for column, words in CHECKED[table].items():
            old, new = (COLUMNS[table][column], column) if back else (column, COLUMNS[table][column])
            batch.drop_constraint(op.f(f'ck_{table}_{old}'), type_='check')
            batch.create_check_constraint(op.f(f'ck_{table}_{new}'), sa.column(new).in_(words))
        if table == 'applications':
            old, new = ('notified', 'told') if back else ('told', 'notified')
            batch.drop_constraint(op.f(f'ck_applications_{old}'), type_='check')
            batch.create_check_constraint(op.f(f'ck_applications_{new}'), f'({new}_at IS NULL) = ({new}_by IS NULL)')
    if table == 'applications':
        word = 'told' if back else 'notified'
        op.create_index(f'ix_applications_company_status_{word}', table, ['company_id', 'status', f'{word}_at', 'id'])


def _actions(*, back: bool) -> None:
    """The kind of each action in the journal, and what is noted of it."""
    old, new = ('action', 'act') if back else ('act', 'action')
    kinds = _directed(KINDS, back)
    words = ACTIONS if back else tuple(KINDS.get(word, word) for word in ACTIONS)
    op.execute(f'ALTER TABLE journal_entries RENAME COLUMN {old} TO {new}')
    with op.batch_alter_table('journal_entries') as batch:
        batch.drop_constraint(op.f(f'ck_journal_entries_{old}'), type_='check')
    for before, after in kinds.items():
        op.execute(f"UPDATE journal_entries SET {new} = '{after}' WHERE {new} = '{before}'")
    with op.batch_alter_table('journal_entries') as batch:
        batch.create_check_constraint(op.f(f'ck_journal_entries_{new}'), sa.column(new).in_(words))
    entries = sa.table('journal_entries', sa.column('id', BigId), sa.column('data', sa.JSON))
    _rewrite(entries, 'data', lambda data: _noted(data, back))


def _noted(data: dict[str, Any], back: bool) -> dict[str, Any]:
    keys, kinds = _directed(KEYS, back), _directed(KINDS, back)
    named = {keys.get(name, name): value for name, value in data.items()}
    kind = 'act' if back else 'kind'
    return named | ({kind: kinds.get(named[kind], named[kind])} if kind in named else {})


def _rewrite(table: sa.TableClause, column: str, change: Callable[[Any], Any], *only: sa.ColumnElement[bool]) -> None:
    bind, last = op.get_bind(), 0
    rows = sa.select(table.c.id, table.c[column]).where(*only).order_by(table.c.id).limit(CHUNK_SIZE)
    while part := bind.execute(rows.where(table.c.id > last)).all():
        for row_id, value in part:
            changed = change(value)
            if changed != value:
                bind.execute(sa.update(table).where(table.c.id == row_id).values({column: changed}))
        last = part[-1][0]


def _images(*, back: bool) -> None:
    """Images name columns, and their fingerprints are made in the order of names: both follow, so that undo goes on.

    A fingerprint is made anew only where the row is still what it says; where it is not, it refuses as before.
    """
    bind, last = op.get_bind(), 0
    images = sa.table('journal_images', sa.column('id', BigId), sa.column('company_id', BigId), sa.column('rows', sa.JSON))
    tables = {name: _typed(name) for name in (*COLUMNS, 'source_records')}
    wanted = sa.select(images.c.id, images.c.rows).order_by(images.c.id).limit(CHUNK_SIZE)
    while part := bind.execute(wanted.where(images.c.id > last)).all():
        ids: dict[str, set[int]] = defaultdict(set)
        for each in (each for _id, rows in part for each in rows if each['table'] in tables):
            ids[each['table']].add(each['id'])
        now = {name: _rows(tables[name], some) for name, some in ids.items()}
        for image_id, rows in part:
            changed = [_image(each, now, back) for each in rows]
            if changed != rows:
                bind.execute(sa.update(images).where(images.c.id == image_id).values(rows=changed))
        last = part[-1][0]


def _image(image: dict[str, Any], now: dict[str, dict[int, dict[str, Any]]], back: bool) -> dict[str, Any]:
    if image['table'] not in now:
        return image
    row, was, became = now[image['table']].get(image['id']), image['was'], image['became']
    if became is not None and row is not None:
        former, latter = _spelled(row, image['table'], not back), _spelled(row, image['table'], back)
        names = None if was is None else set(was)
        if _hash(former, names) == became:
            became = _hash(latter, None if was is None else set(_spelled(was, image['table'], back)))
    return image | {'was': was and _spelled(was, image['table'], back), 'became': became}


def _spelled(row: dict[str, Any], table: str, back: bool) -> dict[str, Any]:
    """The row in the names of this revision, or of the one below it; it may be in either."""
    names = _directed(COLUMNS.get(table, {}), back)
    said = {names.get(name, name): value for name, value in row.items()}
    if table == 'source_records' and isinstance(said.get('values'), dict):
        keys = _directed(REMEMBERED, back)
        said['values'] = {keys.get(name, name): value for name, value in said['values'].items()}
    return said


def _typed(name: str) -> sa.TableClause:
    found = sa.inspect(op.get_bind()).get_columns(name)
    return sa.table(name, *(sa.column(each['name'], _type(each['type'])) for each in found))


def _type(kind: Any) -> Any:
    return UtcDateTime() if isinstance(kind, sa.DateTime) else kind


def _rows(table: sa.TableClause, ids: set[int]) -> dict[int, dict[str, Any]]:
    some, found = sorted(ids), {}
    for start in range(0, len(some), CHUNK_SIZE):
        chosen = sa.select(table).where(table.c.id.in_(some[start : start + CHUNK_SIZE]))
        found |= {row['id']: dict(row) for row in op.get_bind().execute(chosen).mappings()}
    return found


def _hash(row: dict[str, Any], names: set[str] | None) -> str:
    """As relay.models.journal makes it: the values in the order of their names, without the moment of the change."""
    values = [row[name] for name in sorted((set(row) if names is None else names) - {'updated_at'})]
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, default=lambda value: value.isoformat())
    return sha256(text.encode()).hexdigest()[:16]


def _runs(*, back: bool) -> None:
    """What the worker is at moves to a table of another name, ids and all; the jobs that lead to it follow."""
    old, new = ('bulk_runs', 'bulk_acts') if back else ('bulk_acts', 'bulk_runs')
    old_column, new_column = ('action', 'deed') if back else ('deed', 'action')
    bind = op.get_bind()
    _create_runs(new, new_column)
    rest = 'company_id, entry_id, conditions, below_id, seen, total, created_at, finished_at'
    op.execute(f'INSERT INTO {new} (id, {new_column}, {rest}) SELECT id, {old_column}, {rest} FROM {old}')
    if bind.dialect.name == 'sqlite':
        op.execute(f"INSERT INTO sqlite_sequence (name, seq) SELECT '{new}', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{new}')")
        op.execute(f"UPDATE sqlite_sequence SET seq = COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{old}'), 0) WHERE name = '{new}'")
    else:
        op.execute(f"SELECT setval(pg_get_serial_sequence('{new}', 'id'), nextval(pg_get_serial_sequence('{old}', 'id')))")
    op.drop_table(old)
    runs = sa.table(new, sa.column('id', BigId), sa.column(new_column, sa.JSON))
    _rewrite(runs, new_column, lambda data: _noted(data, back))
    names = {'run_id': 'act_id'} if back else {'act_id': 'run_id'}
    jobs = sa.table('jobs', sa.column('id', BigId), sa.column('kind', sa.String), sa.column('payload', sa.JSON))
    _rewrite(jobs, 'payload', lambda payload: {names.get(name, name): value for name, value in payload.items()}, jobs.c.kind == 'bulk')


def _create_runs(name: str, column: str) -> None:
    op.create_table(name,
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('entry_id', BigId, nullable=False),
    sa.Column(column, sa.JSON(), nullable=False),
    sa.Column('conditions', sa.JSON(), nullable=True),
    sa.Column('below_id', BigId, nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'entry_id'], ['journal_entries.company_id', 'journal_entries.id'], name=op.f(f'fk_{name}_company_id_entry_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f(f'fk_{name}_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
    sa.UniqueConstraint('company_id', 'id', name=op.f(f'uq_{name}_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index(f'ix_{name}_company_entry', name, ['company_id', 'entry_id'])


def _events(names: Names) -> None:
    """The log refuses to change, so its guard is lifted meanwhile; every guard is made again at the end (env.py)."""
    on = '' if op.get_bind().dialect.name == 'sqlite' else ' ON events'
    op.execute(f'DROP TRIGGER IF EXISTS events_no_update{on}')
    _replace('events', 'data', names, "AND tag IN ('candidate:changed', 'candidate:merged', 'rule:changed', 'contact:stopped', 'contact:resumed')")


def _replace(table: str, column: str, names: Names, also: str = '') -> None:
    """Replace words that JSON holds whole; inside a text its quotes would be escaped, so nothing else is met."""
    for old, new in names.items():
        held = f'CAST("{column}" AS TEXT)'
        made = f"replace({held}, '\"{old}\"', '\"{new}\"')"
        made = made if op.get_bind().dialect.name == 'sqlite' else f'CAST({made} AS JSON)'
        op.execute(sa.text(f"""UPDATE {table} SET "{column}" = {made} WHERE {held} LIKE '%"{old}"%' {also}""".replace(':', r'\:')))
