"""selections that rest are found by their index

Revision ID: 0036
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0032'
branch_labels = None
depends_on = None

OPEN = sa.text("status = 'open'")


def upgrade() -> None:
    op.create_index(
        'ix_applications_untouched', 'applications', ['company_id', 'updated_at', 'id'],
        unique=False, sqlite_where=OPEN, postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index('ix_applications_untouched', table_name='applications')
