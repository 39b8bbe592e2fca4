"""people of a file

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

INDEX = 'ix_source_records_company_person'
DISCARD = (
    "UPDATE imports SET state = 'discarded', table_stored_as = NULL, reading_stored_as = NULL, figures = NULL, size = 0"
    " WHERE state NOT IN ('applied', 'discarded')"
)
"""What waited was read by the other version, and would be read wrong. It would live a day; its page says that it is gone."""


def upgrade() -> None:
    op.execute(DISCARD)
    with op.batch_alter_table('source_records') as batch:
        batch.add_column(sa.Column('person_id', sa.String(length=100), nullable=False, server_default=''))
    with op.batch_alter_table('source_records') as batch:
        batch.alter_column('person_id', existing_type=sa.String(length=100), existing_nullable=False, server_default=None)
        batch.create_index(
            INDEX,
            ['company_id', 'source', 'person_id'],
            unique=False,
            sqlite_where=sa.text("person_id <> ''"),
            postgresql_where=sa.text("person_id <> ''"),
        )
    with op.batch_alter_table('imports') as batch:
        batch.add_column(sa.Column('people_stored_as', sa.String(length=32), nullable=True))
        batch.create_unique_constraint(op.f('uq_imports_people_stored_as'), ['people_stored_as'])


def downgrade() -> None:
    op.execute(DISCARD)
    with op.batch_alter_table('imports') as batch:
        batch.drop_constraint(op.f('uq_imports_people_stored_as'), type_='unique')
        batch.drop_column('people_stored_as')
    with op.batch_alter_table('source_records') as batch:
        batch.drop_index(INDEX)
        batch.drop_column('person_id')
