"""agents are told in the morning how many people came; who is an agent by now has been told until today

Revision ID: 0041
Revises: 0040
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

WITHDRAWN = sa.text("tag = 'consent:withdrawn'")


def upgrade() -> None:
    op.create_table('morning_readers',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('user_id', BigId, nullable=False),
    sa.Column('mailed_on', sa.Date(), nullable=True),
    sa.Column('told_until', UtcDateTime(), nullable=True),
    sa.Column('off_at', UtcDateTime(), nullable=True),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_morning_readers_partner_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_morning_readers_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_morning_readers')),
    sa.UniqueConstraint('user_id', name=op.f('uq_morning_readers_user_id')),
    sqlite_autoincrement=True
    )
    op.create_index(
        'ix_events_withdrawn', 'events', ['partner_id', 'at'],
        unique=False, sqlite_where=WITHDRAWN, postgresql_where=WITHDRAWN,
    )
    now = sa.bindparam('now', datetime.now(UTC), type_=UtcDateTime())
    users = sa.table('users', sa.column('id', BigId), sa.column('partner_id', BigId))
    readers = sa.table(
        'morning_readers',
        sa.column('partner_id', BigId), sa.column('user_id', BigId), sa.column('told_until', UtcDateTime()),
    )
    agents = sa.select(users.c.partner_id, users.c.id, now).where(users.c.partner_id.is_not(None))
    op.execute(readers.insert().from_select(['partner_id', 'user_id', 'told_until'], agents))


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'morning-mails'")
    op.execute("DELETE FROM tokens WHERE purpose = 'morning'")
    op.execute("UPDATE messages SET state = 'cancelled' WHERE letter = 'morning-mail' AND state IN ('scheduled', 'sending')")
    op.drop_index('ix_events_withdrawn', table_name='events')
    op.drop_table('morning_readers')
