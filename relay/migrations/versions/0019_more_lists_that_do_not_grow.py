"""more lists that do not grow

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

OPEN = sa.text("status = 'open'")
WITHOUT_REASON = sa.text("status = 'rejected' AND reason IS NULL")


def _without_reason(*columns: str) -> None:
    where = {'sqlite_where': WITHOUT_REASON, 'postgresql_where': WITHOUT_REASON}
    op.drop_index('ix_applications_without_reason', table_name='applications', **where)
    op.create_index('ix_applications_without_reason', 'applications', list(columns), unique=False, **where)


def upgrade() -> None:
    _without_reason('company_id', 'status', 'reason', 'candidate_id')
    op.create_index('ix_messages_company_letter', 'messages', ['company_id', 'practice', 'letter', 'state', 'id'], unique=False)
    op.create_index('ix_messages_company_user', 'messages', ['company_id', 'practice', 'by_user_id', 'id'], unique=False)
    op.create_index('ix_applications_open_since', 'applications', ['company_id', 'applied_on', 'candidate_id'], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_credit_entries_company_kind', 'credit_entries', ['company_id', 'kind'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_credit_entries_company_kind', table_name='credit_entries')
    op.drop_index('ix_applications_open_since', table_name='applications', sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index('ix_messages_company_user', table_name='messages')
    op.drop_index('ix_messages_company_letter', table_name='messages')
    _without_reason('company_id', 'candidate_id')
