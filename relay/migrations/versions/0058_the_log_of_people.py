"""what people of a company did is found by kind and by member

Revision ID: 0058
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op

revision = '0058'
down_revision = "0057"
branch_labels = None
depends_on = None

BY_A_USER = sa.text("actor_kind = 'user' AND request_id <> ''")


def upgrade() -> None:
    op.create_index(
        'ix_events_by_users', 'events', ['company_id', 'tag', 'at', 'actor_id'],
        unique=False, sqlite_where=BY_A_USER, postgresql_where=BY_A_USER,
    )
    op.create_index(
        'ix_events_by_user', 'events', ['company_id', 'actor_id', 'tag', 'at'],
        unique=False, sqlite_where=BY_A_USER, postgresql_where=BY_A_USER,
    )


def downgrade() -> None:
    op.drop_index('ix_events_by_user', table_name='events')
    op.drop_index('ix_events_by_users', table_name='events')
