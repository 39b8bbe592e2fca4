"""shares by the day they end, for the letter of the last month

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_shares_until', 'shares', ['until', 'profile_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_shares_until', table_name='shares')
