"""people by the day they leave, in the order they are listed in

Revision ID: 0082
Revises: 0081
"""

from alembic import op

revision = '0082'
down_revision = '0081'
branch_labels = None
depends_on = None

NAME, TABLE, COLUMNS = 'ix_candidates_company_retain', 'candidates', ['company_id', 'retain_until', 'id']


def upgrade() -> None:
    op.drop_index(NAME, table_name=TABLE)
    op.create_index(NAME, TABLE, COLUMNS)


def downgrade() -> None:
    op.drop_index(NAME, table_name=TABLE)
    op.create_index(NAME, TABLE, COLUMNS[:2])
