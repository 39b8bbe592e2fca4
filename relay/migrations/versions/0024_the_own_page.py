"""what an own page hides after its number was replaced, a pause, and items kept from a partner

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import UtcDateTime

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

ITEMS = ('name', 'kana', 'phone', 'desired_role', 'place', 'experience')
PROFILES = sa.table(
    'profiles',
    sa.column('id', sa.BigInteger),
    sa.column('visible_since', UtcDateTime()),
    sa.column('hidden_items', sa.JSON),
    *(sa.column(each, sa.Text) for each in ITEMS),
)
CONSENTS = sa.table(
    'consents', sa.column('profile_id', sa.BigInteger), sa.column('given_at', UtcDateTime()), sa.column('items', sa.JSON)
)


def upgrade() -> None:
    with op.batch_alter_table('profiles') as batch:
        batch.add_column(sa.Column('hidden_items', sa.JSON(), nullable=False, server_default='[]'))
        batch.add_column(sa.Column('paused_until', sa.Date(), nullable=True))
    with op.batch_alter_table('consents') as batch:
        batch.add_column(sa.Column('withheld', sa.JSON(), nullable=False, server_default='[]'))
    with op.batch_alter_table('consents') as batch:
        batch.alter_column('withheld', existing_type=sa.JSON(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('profiles') as batch:
        batch.alter_column('hidden_items', existing_type=sa.JSON(), existing_nullable=False, server_default=None)
    _hide()
    paused = sa.text('paused_until IS NOT NULL')
    op.create_index('ix_profiles_paused', 'profiles', ['paused_until'], unique=False, sqlite_where=paused, postgresql_where=paused)
    of_profile = sa.text('profile_id IS NOT NULL')
    op.create_index('ix_messages_profile', 'messages', ['profile_id', 'id'], unique=False, sqlite_where=of_profile, postgresql_where=of_profile)


def _hide() -> None:
    """Hide what was written before a number was replaced; what a consent of afterwards holds was written again."""
    connection = op.get_bind()
    replaced = sa.select(PROFILES).where(PROFILES.c.visible_since.is_not(None))
    for profile in connection.execute(replaced).all():
        since = sa.select(CONSENTS.c['items']).where(
            CONSENTS.c.profile_id == profile.id, CONSENTS.c.given_at >= profile.visible_since
        )
        again = {item for items in connection.scalars(since) for item in items}
        hidden = [each for each in ITEMS if getattr(profile, each) and each not in again]
        connection.execute(PROFILES.update().where(PROFILES.c.id == profile.id).values(hidden_items=hidden))


def downgrade() -> None:
    with op.batch_alter_table('consents') as batch:
        batch.drop_column('withheld')
    op.drop_index('ix_messages_profile', table_name='messages')
    op.drop_index('ix_profiles_paused', table_name='profiles')
    with op.batch_alter_table('profiles') as batch:
        batch.drop_column('paused_until')
        batch.drop_column('hidden_items')
