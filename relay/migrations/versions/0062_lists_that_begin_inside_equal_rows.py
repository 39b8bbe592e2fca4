"""tables of the lists' orders without a rowid on SQLite, so that a page begins inside equal values

Revision ID: 0062
Revises: 0061
"""

import sqlalchemy as sa
from alembic import op

revision = '0062'
down_revision = "0061"
branch_labels = None
depends_on = None

TABLES = ('candidate_orders', 'listed_applications')
WITHOUT = ' WITHOUT ROWID'


def upgrade() -> None:
    """The key of a table with a rowid is no column of its indexes: to get to a row, all with the same value are read."""
    _write_anew(lambda table: table.removesuffix(WITHOUT) + WITHOUT)


def downgrade() -> None:
    _write_anew(lambda table: table.removesuffix(WITHOUT))


def _write_anew(form) -> None:
    connection = op.get_bind()
    if connection.dialect.name != 'sqlite':
        return
    found = sa.text('SELECT name, sql FROM sqlite_master WHERE type = :type AND sql IS NOT NULL')
    kept = [each for each in connection.execute(found, {'type': 'trigger'}) if any(table in each.sql for table in TABLES)]
    for trigger in kept:  # they name the tables, which are away for a moment
        op.execute(f'DROP TRIGGER {trigger.name}')
    for table in TABLES:
        of_table = sa.text('SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL')
        written = connection.execute(of_table, {'table': table}).all()
        op.execute(f'ALTER TABLE {table} RENAME TO former')
        op.execute(sa.text(form(next(each.sql for each in written if each.type == 'table')).replace(':', r'\:')))
        op.execute(f'INSERT INTO {table} SELECT * FROM former')  # noqa: S608
        op.execute('DROP TABLE former')
        for index in (each.sql for each in written if each.type == 'index'):
            op.execute(sa.text(index.replace(':', r'\:')))
    for trigger in kept:
        op.execute(sa.text(trigger.sql.replace(':', r'\:')))
