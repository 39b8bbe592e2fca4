"""an index of the hires recorded in Relay, whose stays are asked about

Revision ID: 0063
Revises: 0062
"""

import sqlalchemy as sa
from alembic import op

revision = '0063'
down_revision = "0062"
branch_labels = None
depends_on = None

INDEX, TABLE = 'ix_applications_hired_here', 'applications'
HIRED = "status = 'hired' AND decided_in_relay IS "


def upgrade() -> None:
    op.create_index(
        INDEX,
        TABLE,
        ['company_id', 'status', 'decided_on', 'id'],
        unique=False,
        sqlite_where=sa.text(HIRED + '1'),
        postgresql_where=sa.text(HIRED + 'true'),
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
