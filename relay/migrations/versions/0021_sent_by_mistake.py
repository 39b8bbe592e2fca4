"""result mails that were sent by mistake, and the incident they are entered in

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

KINDS = ('result',)
APOLOGY = 'apology'


def _kinds(*kinds: str) -> None:
    with op.batch_alter_table('message_batches') as batch:
        batch.drop_constraint(op.f('ck_message_batches_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_message_batches_kind'), sa.column('kind').in_(kinds))


def upgrade() -> None:
    op.create_table('mistaken_invitations',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('relay_link_id', BigId, nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('profile_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_mistaken_invitations_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mistaken_invitations')),
    sa.UniqueConstraint('profile_id', 'company_id', 'relay_link_id', name=op.f('uq_mistaken_invitations_profile_id_company_id_relay_link_id')),
    sqlite_autoincrement=True
    )
    op.create_table('incidents',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('batch_id', BigId, nullable=True),
    sa.Column('noticed_at', UtcDateTime(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('closed_by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'batch_id'], ['message_batches.company_id', 'message_batches.id'], name=op.f('fk_incidents_company_id_batch_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_incidents_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_incidents_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_incidents_company', 'incidents', ['company_id', 'id'], unique=False)
    op.create_index('uq_incidents_open_of_act', 'incidents', ['company_id', 'batch_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL AND batch_id IS NOT NULL'), postgresql_where=sa.text('closed_at IS NULL AND batch_id IS NOT NULL'))
    op.create_table('mistakes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('message_id', BigId, nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('kind', sa.Enum('result', 'address', 'text', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reopened', sa.Boolean(), nullable=False),
    sa.Column('contact_name', sa.String(length=60), nullable=False),
    sa.Column('contact_phone', sa.String(length=40), nullable=False),
    sa.Column('relay_link_id', BigId, nullable=True),
    sa.Column('apology_id', BigId, nullable=True),
    sa.Column('incident_id', BigId, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'apology_id'], ['messages.company_id', 'messages.id'], name=op.f('fk_mistakes_company_id_apology_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_mistakes_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'incident_id'], ['incidents.company_id', 'incidents.id'], name=op.f('fk_mistakes_company_id_incident_id')),
    sa.ForeignKeyConstraint(['company_id', 'message_id'], ['messages.company_id', 'messages.id'], name=op.f('fk_mistakes_company_id_message_id')),
    sa.ForeignKeyConstraint(['company_id', 'relay_link_id'], ['relay_links.company_id', 'relay_links.id'], name=op.f('fk_mistakes_company_id_relay_link_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_mistakes_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mistakes')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_mistakes_company_id_id')),
    sa.UniqueConstraint('company_id', 'message_id', name=op.f('uq_mistakes_company_id_message_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_mistakes_company_candidate', 'mistakes', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_mistakes_company_incident', 'mistakes', ['company_id', 'incident_id'], unique=False)
    op.create_index('ix_mistakes_company_link', 'mistakes', ['company_id', 'relay_link_id'], unique=False)
    with op.batch_alter_table('referrals') as batch:
        batch.add_column(sa.Column('mistaken', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_check_constraint(op.f('ck_referrals_mistaken_is_voided'), 'NOT mistaken OR voided_at IS NOT NULL')
    with op.batch_alter_table('referrals') as batch:
        batch.alter_column('mistaken', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    _kinds(*KINDS, APOLOGY)


def downgrade() -> None:
    """What was declared is forgotten: frozen links stay frozen, and referrals that stopped counting stay voided."""
    op.execute(f"UPDATE message_batches SET kind = 'result' WHERE kind = '{APOLOGY}'")  # noqa: S608  (a word of ours)
    _kinds(*KINDS)
    with op.batch_alter_table('referrals') as batch:
        batch.drop_constraint(op.f('ck_referrals_mistaken_is_voided'), type_='check')
        batch.drop_column('mistaken')
    op.drop_index('ix_mistakes_company_link', table_name='mistakes')
    op.drop_index('ix_mistakes_company_incident', table_name='mistakes')
    op.drop_index('ix_mistakes_company_candidate', table_name='mistakes')
    op.drop_table('mistakes')
    op.drop_index('uq_incidents_open_of_act', table_name='incidents', sqlite_where=sa.text('closed_at IS NULL AND batch_id IS NOT NULL'), postgresql_where=sa.text('closed_at IS NULL AND batch_id IS NOT NULL'))
    op.drop_index('ix_incidents_company', table_name='incidents')
    op.drop_table('incidents')
    op.drop_table('mistaken_invitations')
