"""people that programs of partners read, and the log with what keys did

Revision ID: 0075
Revises: 0073
"""

import sqlalchemy as sa
from alembic import op

from relay.models import triggers
from relay.models.base import BigId

revision = '0075'
down_revision = '0073'
branch_labels = None
depends_on = None

KINDS = ('made_available', 'viewed', 'exported')
READ_BY_API = 'read_by_api'
BY_A_KEY = sa.text('api_key_id IS NOT NULL')
BY_A_USER = sa.text("actor_kind = 'user' AND request_id <> ''")
OF_ITS_OWN = sa.text("actor_kind IN ('user', 'api-key') AND request_id <> ''")


def _kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table('provision_records') as batch:
        batch.drop_constraint(op.f('ck_provision_records_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_provision_records_kind'), sa.column('kind').in_(kinds))


def upgrade() -> None:
    _kinds((*KINDS, READ_BY_API))
    op.add_column('provision_records', sa.Column('api_key_id', BigId, nullable=True))
    op.create_index(
        'ix_provision_records_api_key', 'provision_records', ['partner_id', 'api_key_id', 'id'],
        sqlite_where=BY_A_KEY, postgresql_where=BY_A_KEY,
    )
    op.drop_index('ix_events_by_user', table_name='events')
    op.drop_index('ix_events_by_users', table_name='events')
    op.create_index(
        'ix_events_by_users', 'events', ['company_id', 'tag', 'at', 'actor_kind', 'actor_id'],
        sqlite_where=OF_ITS_OWN, postgresql_where=OF_ITS_OWN,
    )
    op.create_index(
        'ix_events_by_user', 'events', ['company_id', 'actor_kind', 'actor_id', 'tag', 'at'],
        sqlite_where=OF_ITS_OWN, postgresql_where=OF_ITS_OWN,
    )


def downgrade() -> None:
    """A program read what an opening shows, so that is what the record says then; the rows are append-only."""
    op.drop_index('ix_events_by_user', table_name='events')
    op.drop_index('ix_events_by_users', table_name='events')
    op.create_index(
        'ix_events_by_users', 'events', ['company_id', 'tag', 'at', 'actor_id'],
        sqlite_where=BY_A_USER, postgresql_where=BY_A_USER,
    )
    op.create_index(
        'ix_events_by_user', 'events', ['company_id', 'actor_id', 'tag', 'at'],
        sqlite_where=BY_A_USER, postgresql_where=BY_A_USER,
    )
    triggers.remove(op.get_bind())  # made anew after the downgrade
    op.execute(f"UPDATE provision_records SET kind = 'viewed' WHERE kind = '{READ_BY_API}'")  # noqa: S608
    op.drop_index('ix_provision_records_api_key', table_name='provision_records')
    _kinds(KINDS)
    op.drop_column('provision_records', 'api_key_id')
