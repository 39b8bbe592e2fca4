"""files that wait lie on the disk

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

STATES = ('previewed', 'queued', 'applied', 'discarded')
NEW_STATES = ('reading', 'previewed', 'queued', 'applied', 'discarded')
DISCARD = "UPDATE imports SET state = 'discarded' WHERE state NOT IN ('applied', 'discarded')"
"""What waited lies where the other version does not look. It would live a day; its page says that it is gone."""


def _states(states: tuple[str, ...]) -> None:
    with op.batch_alter_table('imports') as batch:
        batch.drop_constraint(op.f('ck_imports_state'), type_='check')
        batch.create_check_constraint(op.f('ck_imports_state'), sa.column('state').in_(states))


def upgrade() -> None:
    op.execute(DISCARD)
    op.execute('UPDATE imports SET content = NULL')
    with op.batch_alter_table('imports') as batch:
        batch.drop_column('content')
        batch.add_column(sa.Column('table_stored_as', sa.String(length=32), nullable=True))
        batch.add_column(sa.Column('reading_stored_as', sa.String(length=32), nullable=True))
        batch.add_column(sa.Column('size', sa.BigInteger(), nullable=False, server_default='0'))
        batch.add_column(sa.Column('figures', sa.JSON(), nullable=True))
        batch.create_unique_constraint(op.f('uq_imports_table_stored_as'), ['table_stored_as'])
        batch.create_unique_constraint(op.f('uq_imports_reading_stored_as'), ['reading_stored_as'])
    with op.batch_alter_table('imports') as batch:
        batch.alter_column('size', existing_type=sa.BigInteger(), existing_nullable=False, server_default=None)
    _states(NEW_STATES)


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'read-import'")
    op.execute(DISCARD)
    _states(STATES)
    with op.batch_alter_table('imports') as batch:
        batch.drop_constraint(op.f('uq_imports_reading_stored_as'), type_='unique')
        batch.drop_constraint(op.f('uq_imports_table_stored_as'), type_='unique')
        for column in ('figures', 'size', 'reading_stored_as', 'table_stored_as'):
            batch.drop_column(column)
        batch.add_column(sa.Column('content', sa.LargeBinary(), nullable=True))
