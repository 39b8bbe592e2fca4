"""what became of people: words of partners and people, who may read them, and numbers in full tens

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0050'
down_revision = "0049"
branch_labels = None
depends_on = None
KINDS = (
    *('interview', 'offer', 'hired-elsewhere', 'still-there-6', 'still-there-12', 'course-finished'),
    *('hired-here', 're-applied'),
)
STANDING = {'sqlite_where': sa.text('ended_at IS NULL'), 'postgresql_where': sa.text('ended_at IS NULL')}


def _kind() -> sa.Column[str]:
    words = sa.Enum(*KINDS, name='kind', native_enum=False, create_constraint=True, length=24)
    return sa.Column('kind', words, nullable=False)


def upgrade() -> None:
    """Begin empty: until now nobody was asked."""
    op.create_table('outcomes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('partner_id', BigId, nullable=True),
    sa.Column('by_user_id', BigId, nullable=True),
    _kind(),
    sa.Column('so', sa.Boolean(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('profile_id', BigId, nullable=False),
    sa.CheckConstraint('(partner_id IS NULL) = (by_user_id IS NULL)', name=op.f('ck_outcomes_one_teller')),
    sa.CheckConstraint("kind NOT IN ('hired-here', 're-applied')", name=op.f('ck_outcomes_told')),
    sa.ForeignKeyConstraint(['by_user_id'], ['users.id'], name=op.f('fk_outcomes_by_user_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_outcomes_partner_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_outcomes_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcomes')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_outcomes_kind', 'outcomes', ['kind', 'profile_id'], unique=False)
    op.create_index('ix_outcomes_profile', 'outcomes', ['profile_id', 'id'], unique=False)
    op.create_table('outcome_consents',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('wording_version', sa.String(length=20), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('wording_hash', sa.String(length=64), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('given_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_outcome_consents_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_outcome_consents_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome_consents')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_outcome_consents_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_outcome_consents_candidate', 'outcome_consents', ['company_id', 'candidate_id', 'id'], unique=False)
    op.create_index('ix_outcome_consents_profile', 'outcome_consents', ['profile_id'], unique=False)
    op.create_index('uq_outcome_consents_standing', 'outcome_consents', ['company_id', 'profile_id'], unique=True, **STANDING)
    op.create_table('counted_outcomes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    _kind(),
    sa.Column('profile_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_counted_outcomes_company_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_counted_outcomes_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_counted_outcomes')),
    sa.UniqueConstraint('company_id', 'kind', 'profile_id', name=op.f('uq_counted_outcomes_company_id_kind_profile_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_counted_outcomes_profile', 'counted_outcomes', ['profile_id'], unique=False)
    op.create_table('outcome_totals',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    _kind(),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('taken_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('people > 0 AND people / 10 * 10 = people', name=op.f('ck_outcome_totals_full_tens')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_outcome_totals_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome_totals')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_outcome_totals_company_id_id')),
    sa.UniqueConstraint('company_id', 'kind', name=op.f('uq_outcome_totals_company_id_kind')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    """What was told goes, and who let companies read it: an older version has no place for them."""
    op.drop_table('outcome_totals')
    op.drop_index('ix_counted_outcomes_profile', table_name='counted_outcomes')
    op.drop_table('counted_outcomes')
    op.drop_index('uq_outcome_consents_standing', table_name='outcome_consents', **STANDING)
    op.drop_index('ix_outcome_consents_profile', table_name='outcome_consents')
    op.drop_index('ix_outcome_consents_candidate', table_name='outcome_consents')
    op.drop_table('outcome_consents')
    op.drop_index('ix_outcomes_profile', table_name='outcomes')
    op.drop_index('ix_outcomes_kind', table_name='outcomes')
    op.drop_table('outcomes')
