"""related companies, the words of people about them, and the records of what was told

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0043'
down_revision = "0042"
branch_labels = None
depends_on = None

ITEM = 'related-companies'
ITEMS = ('no-reward', 'uniform-rule', 'contact-again', 'selection-record')
NAMED = {name: sa.text('removed_at IS NULL') for name in ('sqlite_where', 'postgresql_where')}
STANDING = {name: sa.text('ended_at IS NULL') for name in ('sqlite_where', 'postgresql_where')}


def _items(*items: str) -> None:
    with op.batch_alter_table('legal_checks') as batch:
        batch.drop_constraint(op.f('ck_legal_checks_item'), type_='check')
        batch.create_check_constraint(op.f('ck_legal_checks_item'), sa.column('item').in_(items))


def upgrade() -> None:
    """No company names a related one yet, and nobody is asked."""
    _items(*ITEMS, ITEM)
    op.create_table('related_companies',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('corporate_number', sa.String(length=13), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('representative', sa.String(length=100), nullable=False),
    sa.Column('contact', sa.String(length=200), nullable=False),
    sa.Column('added_at', UtcDateTime(), nullable=False),
    sa.Column('removed_at', UtcDateTime(), nullable=True),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_related_companies_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_related_companies')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_related_companies_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('uq_related_companies_named', 'related_companies', ['company_id', 'corporate_number'], unique=True, **NAMED)
    op.create_table('related_consents',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('profile_id', BigId, nullable=True),
    sa.Column('related_company_id', BigId, nullable=False),
    sa.Column('recipient', sa.JSON(), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('wording_version', sa.String(length=20), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('wording_hash', sa.String(length=64), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('given_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('ended_by', sa.Enum('taken-back', 'heard', 'removed', name='ended_by', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_by IS NULL)', name=op.f('ck_related_consents_ended')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_related_consents_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'related_company_id'], ['related_companies.company_id', 'related_companies.id'], name=op.f('fk_related_consents_company_id_related_company_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_related_consents_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_related_consents')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_related_consents_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_related_consents_candidate', 'related_consents', ['company_id', 'candidate_id', 'id'], unique=False)
    op.create_index('ix_related_consents_profile', 'related_consents', ['profile_id'], unique=False)
    op.create_index('ix_related_consents_standing', 'related_consents', ['company_id', 'related_company_id', 'id'], unique=False, **STANDING)
    op.create_table('related_provisions',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('profile_id', BigId, nullable=True),
    sa.Column('consent_id', BigId, nullable=False),
    sa.Column('consented_at', UtcDateTime(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person_name', sa.String(length=200), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('company_snapshot', sa.JSON(), nullable=False),
    sa.Column('recipient', sa.JSON(), nullable=False),
    sa.Column('user_id', BigId, nullable=True),
    sa.Column('keep_until', sa.Date(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_related_provisions_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_related_provisions')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_related_provisions_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_related_provisions_consent', 'related_provisions', ['company_id', 'consent_id', 'id'], unique=False)
    op.create_index('ix_related_provisions_profile', 'related_provisions', ['profile_id', 'id'], unique=False)
    op.create_index(op.f('ix_related_provisions_keep_until'), 'related_provisions', ['keep_until'], unique=False)


def downgrade() -> None:
    """The records of provision go too: an older version has no place for them. Keep the register first."""
    op.drop_index(op.f('ix_related_provisions_keep_until'), table_name='related_provisions')
    op.drop_index('ix_related_provisions_profile', table_name='related_provisions')
    op.drop_index('ix_related_provisions_consent', table_name='related_provisions')
    op.drop_table('related_provisions')
    op.drop_index('ix_related_consents_standing', table_name='related_consents', **STANDING)
    op.drop_index('ix_related_consents_profile', table_name='related_consents')
    op.drop_index('ix_related_consents_candidate', table_name='related_consents')
    op.drop_table('related_consents')
    op.drop_index('uq_related_companies_named', table_name='related_companies', **NAMED)
    op.drop_table('related_companies')
    op.execute(f"DELETE FROM legal_checks WHERE item = '{ITEM}'")  # noqa: S608  (a word of ours)
    _items(*ITEMS)
