"""a pin for the own page: the 暗証番号, what the page shows since when, erasures that were asked for

Who is registered already has no number: the worker asks them by mail to choose one.

Revision ID: 0008
Revises: 0007
"""

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op
from relay.models.base import BigId, UtcDateTime
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

PURPOSES = ('relay', 'own-page', 'confirm-address', 'unsubscribe', 'practice', 'setup', 'invite', 'password', 'new-email')
NEW_PURPOSES = ('own-page-session', 'choose-pin')
JOBS = ('ask-for-pins', 'erase-profile')


def upgrade() -> None:
    op.create_table('pins',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('hash', sa.String(length=200), nullable=False),
    sa.Column('wrong_in_a_row', sa.Integer(), nullable=False),
    sa.Column('wrong_in_all', sa.Integer(), nullable=False),
    sa.Column('locked_until', UtcDateTime(), nullable=True),
    sa.Column('chosen_at', UtcDateTime(), nullable=False),
    sa.Column('profile_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_pins_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pins')),
    sa.UniqueConstraint('profile_id', name=op.f('uq_pins_profile_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('profiles') as batch:
        batch.add_column(sa.Column('visible_since', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('erase_at', UtcDateTime(), nullable=True))
    with op.batch_alter_table('pending_registrations') as batch:
        batch.add_column(sa.Column('pin_hash', sa.String(length=200), nullable=False, server_default=''))
        batch.add_column(sa.Column('pin_failures', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('pending_registrations') as batch:
        batch.alter_column('pin_hash', server_default=None)
        batch.alter_column('pin_failures', server_default=None)
    _purposes(PURPOSES + NEW_PURPOSES)
    _ask_for_pins()


def downgrade() -> None:
    op.execute(f"DELETE FROM jobs WHERE kind IN {JOBS}")
    op.execute(f"DELETE FROM tokens WHERE purpose IN {NEW_PURPOSES}")
    _purposes(PURPOSES)
    with op.batch_alter_table('pending_registrations') as batch:
        batch.drop_column('pin_failures')
        batch.drop_column('pin_hash')
    with op.batch_alter_table('profiles') as batch:
        batch.drop_column('erase_at')
        batch.drop_column('visible_since')
    op.drop_table('pins')


def _purposes(purposes: tuple[str, ...]) -> None:
    with op.batch_alter_table('tokens') as batch:
        batch.drop_constraint(op.f('ck_tokens_purpose'), type_='check')
        batch.create_check_constraint(op.f('ck_tokens_purpose'), sa.column('purpose').in_(purposes))


def _ask_for_pins() -> None:
    """One job, which works in portions; none where nobody is registered."""
    if op.get_bind().scalar(sa.text('SELECT id FROM profiles LIMIT 1')) is None:
        return
    now = datetime.now(timezone.utc)
    op.bulk_insert(
        sa.table('jobs', *(sa.column(name) for name in ('kind', 'key', 'state', 'attempts', 'progress', 'total', 'last_error')),
            sa.column('payload', sa.JSON), sa.column('due_at', UtcDateTime()), sa.column('created_at', UtcDateTime())),
        [{'kind': 'ask-for-pins', 'key': 'ask-for-pins:0008', 'state': 'queued', 'attempts': 0, 'progress': 0, 'total': 0,
          'last_error': '', 'payload': {}, 'due_at': now, 'created_at': now}],
    )
