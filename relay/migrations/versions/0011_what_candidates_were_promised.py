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
PURPOSES = (
    'relay', 'own-page', 'confirm-address', 'unsubscribe', 'practice', 'setup', 'invite', 'password', 'new-email',
    'own-page-session', 'choose-pin',
)
NEW_PURPOSES = ('agree-address',)


def upgrade() -> None:
    _forget_refusals()
    with op.batch_alter_table('relay_links') as batch:
        batch.drop_column('declined_at')
        batch.add_column(sa.Column('registered_elsewhere', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('relay_links') as batch:
        batch.alter_column('registered_elsewhere', server_default=None)
    _link_states(LINK_STATES)
    with op.batch_alter_table('pending_registrations') as batch:
        batch.add_column(sa.Column('agreed_at', UtcDateTime(), nullable=True))
    op.execute('UPDATE pending_registrations SET agreed_at = created_at')  # their letters have left already
    _purposes(PURPOSES + NEW_PURPOSES)


def downgrade() -> None:
    op.execute(f"DELETE FROM tokens WHERE purpose = '{NEW_PURPOSES[0]}'")
    _purposes(PURPOSES)
    with op.batch_alter_table('pending_registrations') as batch:
        batch.drop_column('agreed_at')
    _link_states(('issued', 'sent', 'registered', 'declined', 'expired', 'revoked'))
    with op.batch_alter_table('relay_links') as batch:
        batch.drop_column('registered_elsewhere')
        batch.add_column(sa.Column('declined_at', UtcDateTime(), nullable=True))


def _link_states(states: tuple[str, ...]) -> None:
    with op.batch_alter_table('relay_links') as batch:
        batch.drop_constraint(op.f('ck_relay_links_state'), type_='check')
        batch.create_check_constraint(op.f('ck_relay_links_state'), sa.column('state').in_(states))


def _purposes(purposes: tuple[str, ...]) -> None:
    with op.batch_alter_table('tokens') as batch:
        batch.drop_constraint(op.f('ck_tokens_purpose'), type_='check')
        batch.create_check_constraint(op.f('ck_tokens_purpose'), sa.column('purpose').in_(purposes))


def _forget_refusals() -> None:
    """Whoever said no becomes as one who was silent. The log refuses to forget, so its guard is lifted meanwhile;
    every guard is made anew at the end of a migration (relay/migrations/env.py)."""
    op.execute("UPDATE relay_links SET state = CASE WHEN sent_at IS NULL THEN 'issued' ELSE 'sent' END WHERE state = 'declined'")
    on = '' if op.get_bind().dialect.name == 'sqlite' else ' ON events'
    op.execute(f"DROP TRIGGER IF EXISTS events_no_delete{on}")
    op.execute(f"DELETE FROM event_deliveries WHERE event_id IN (SELECT id FROM events WHERE tag = '{DECLINED}')")
    op.execute(f"DELETE FROM events WHERE tag = '{DECLINED}'")
