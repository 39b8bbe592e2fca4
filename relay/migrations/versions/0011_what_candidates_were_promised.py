"""what candidates were promised: a "no" leaves no trace

Revision ID: 0011
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from relay.models.base import UtcDateTime
revision = '0011'
down_revision = '0009'
branch_labels = None
depends_on = None

LINK_STATES = ('issued', 'sent', 'registered', 'expired', 'revoked')
DECLINED = 'relay:declined'


def upgrade() -> None:
    _forget_refusals()
    with op.batch_alter_table('relay_links') as batch:
        batch.drop_column('declined_at')
    _link_states(LINK_STATES)


def downgrade() -> None:
    _link_states(('issued', 'sent', 'registered', 'declined', 'expired', 'revoked'))
    with op.batch_alter_table('relay_links') as batch:
        batch.add_column(sa.Column('declined_at', UtcDateTime(), nullable=True))


def _link_states(states: tuple[str, ...]) -> None:
    with op.batch_alter_table('relay_links') as batch:
        batch.drop_constraint(op.f('ck_relay_links_state'), type_='check')
        batch.create_check_constraint(op.f('ck_relay_links_state'), sa.column('state').in_(states))


def _forget_refusals() -> None:
    """Whoever said no becomes as one who was silent. The log refuses to forget, so its guard is lifted meanwhile;
    every guard is made anew at the end of a migration (relay/migrations/env.py)."""
    op.execute("UPDATE relay_links SET state = CASE WHEN sent_at IS NULL THEN 'issued' ELSE 'sent' END WHERE state = 'declined'")
    on = '' if op.get_bind().dialect.name == 'sqlite' else ' ON events'
    op.execute(f"DROP TRIGGER IF EXISTS events_no_delete{on}")
    op.execute(f"DELETE FROM event_deliveries WHERE event_id IN (SELECT id FROM events WHERE tag = '{DECLINED}')")
    op.execute(f"DELETE FROM events WHERE tag = '{DECLINED}'")
