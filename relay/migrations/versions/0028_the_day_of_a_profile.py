"""when a profile was last confirmed, and until when the question about it is to be answered

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import UtcDateTime

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('profiles') as batch:
        batch.add_column(sa.Column('last_confirmed_at', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('confirm_by', sa.Date(), nullable=True))
    op.execute(sa.text('UPDATE profiles SET last_confirmed_at = updated_at'))  # the person's own last word
    with op.batch_alter_table('profiles') as batch:
        batch.alter_column('last_confirmed_at', existing_type=UtcDateTime(), nullable=False)
    unasked = sa.text('confirm_by IS NULL')
    op.create_index('ix_profiles_unasked', 'profiles', ['last_confirmed_at'], unique=False, sqlite_where=unasked, postgresql_where=unasked)


def downgrade() -> None:
    op.drop_index('ix_profiles_unasked', table_name='profiles')
    with op.batch_alter_table('profiles') as batch:
        batch.drop_column('confirm_by')
        batch.drop_column('last_confirmed_at')
