"""what candidates were promised: a "no" leaves no trace

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from relay.models.base import BigId, UtcDateTime
revision = '0011'
down_revision = '0010'
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
    _link_states(LINK_STATES)
    with op.batch_alter_table('pending_registrations') as batch:
        batch.add_column(sa.Column('agreed_at', UtcDateTime(), nullable=True))
    op.execute('UPDATE pending_registrations SET agreed_at = created_at')  # their letters have left already
    _purposes(PURPOSES + NEW_PURPOSES)
    _openings_consents()


def downgrade() -> None:
    op.drop_table('openings_consents')
    op.execute(f"DELETE FROM tokens WHERE purpose = '{NEW_PURPOSES[0]}'")
    _purposes(PURPOSES)
    with op.batch_alter_table('pending_registrations') as batch:
        batch.drop_column('agreed_at')
    _link_states(('issued', 'sent', 'registered', 'declined', 'expired', 'revoked'))
    with op.batch_alter_table('relay_links') as batch:
        batch.add_column(sa.Column('declined_at', UtcDateTime(), nullable=True))


def _openings_consents() -> None:
    op.create_table('openings_consents',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('relay_link_id', BigId, nullable=False),
    sa.Column('profile_id', BigId, nullable=True),
    sa.Column('basis_before', sa.Enum('selection', 'stated', 'consented', name='basis_before', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('wording_version', sa.String(length=20), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('wording_hash', sa.String(length=64), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('given_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_openings_consents_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_openings_consents_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_openings_consents')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_openings_consents_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('openings_consents') as batch:
        batch.create_index('ix_openings_consents_candidate', ['company_id', 'candidate_id'])
        batch.create_index('ix_openings_consents_profile', ['profile_id'])


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
