"""terms of what is kept: mails to staff are found by the day they ended

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

TO_STAFF = sa.text("candidate_id IS NULL AND profile_id IS NULL AND to_address <> ''")


def upgrade() -> None:
    op.create_index('ix_messages_staff', 'messages', ['settled_at'], unique=False, sqlite_where=TO_STAFF, postgresql_where=TO_STAFF)


def downgrade() -> None:
    op.drop_index('ix_messages_staff', table_name='messages', sqlite_where=TO_STAFF, postgresql_where=TO_STAFF)
