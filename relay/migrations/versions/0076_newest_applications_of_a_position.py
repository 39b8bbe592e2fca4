"""an index for the newest applications of a position

Revision ID: 0076
Revises: 0075
"""

from alembic import op

revision = '0076'
down_revision = '0075'
branch_labels = None
depends_on = None

NEWEST = 'ix_applications_newest_of_position'


def upgrade() -> None:
    op.create_index(NEWEST, 'applications', ['company_id', 'position_id', 'id'])


def downgrade() -> None:
    op.drop_index(NEWEST, table_name='applications')
