"""the words of introduced people on their interview, found by when they were said

Revision ID: 0051
Revises: 0050
"""

from alembic import op

revision = '0051'
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_introductions_company_answered', 'introductions', ['company_id', 'answered_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_introductions_company_answered', table_name='introductions')
