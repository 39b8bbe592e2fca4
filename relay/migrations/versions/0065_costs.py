"""costs of hiring, files of costs, baseline and targets

Revision ID: 0065
Revises: 0064
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import UtcDateTime

revision = '0065'
down_revision = '0064'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cost_files',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.Identity(always=False), nullable=False),
    sa.Column('state', sa.Enum('previewed', 'applied', 'undone', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reading', sa.JSON(), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('by_user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('applied_at', UtcDateTime(), nullable=True),
    sa.Column('undone_at', UtcDateTime(), nullable=True),
    sa.Column('undone_by_user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_cost_files_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id', 'undone_by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_cost_files_company_id_undone_by_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_cost_files_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cost_files')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_cost_files_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('cost_files', schema=None) as batch_op:
        batch_op.create_index('ix_cost_files_company', ['company_id', 'id'], unique=False)

    op.create_table('hiring_baselines',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.Identity(always=False), nullable=False),
    sa.Column('advertising_yen', sa.BigInteger(), nullable=True),
    sa.Column('agency_fee_yen', sa.BigInteger(), nullable=True),
    sa.Column('hires', sa.Integer(), nullable=True),
    sa.Column('fee_rate_hundredths', sa.Integer(), nullable=True),
    sa.Column('by_user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_hiring_baselines_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_hiring_baselines_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hiring_baselines')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_hiring_baselines_company_id_id')),
    sa.UniqueConstraint('company_id', name=op.f('uq_hiring_baselines_company_id')),
    sqlite_autoincrement=True
    )
    op.create_table('kpi_targets',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.Identity(always=False), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('target_hundredths', sa.BigInteger(), nullable=True),
    sa.Column('action', sa.String(length=200), nullable=False),
    sa.Column('by_user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_kpi_targets_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_kpi_targets_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kpi_targets')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_kpi_targets_company_id_id')),
    sa.UniqueConstraint('company_id', 'key', name=op.f('uq_kpi_targets_company_id_key')),
    sqlite_autoincrement=True
    )
    op.create_table('costs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.Identity(always=False), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('kind', sa.Enum('advertising', 'agency_fee', 'relay', 'other', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('channel', sa.String(length=100), nullable=False),
    sa.Column('yen', sa.BigInteger(), nullable=False),
    sa.Column('of_hire', sa.Boolean(), nullable=False),
    sa.Column('candidate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('by_user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('(candidate_id IS NULL) = (application_id IS NULL)', name=op.f('ck_costs_one_person')),
    sa.CheckConstraint('of_hire OR application_id IS NULL', name=op.f('ck_costs_of_hire')),
    sa.CheckConstraint('yen >= 0', name=op.f('ck_costs_yen')),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_costs_company_id_application_id')),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_costs_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_costs_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'file_id'], ['cost_files.company_id', 'cost_files.id'], name=op.f('fk_costs_company_id_file_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_costs_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_costs')),
    sa.UniqueConstraint('company_id', 'application_id', name=op.f('uq_costs_company_id_application_id')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_costs_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('costs', schema=None) as batch_op:
        batch_op.create_index('ix_costs_company_candidate', ['company_id', 'candidate_id'], unique=False)
        batch_op.create_index('ix_costs_company_file', ['company_id', 'file_id'], unique=False)
        batch_op.create_index('ix_costs_company_month', ['company_id', 'month', 'kind', 'channel', 'yen'], unique=False)
        batch_op.create_index('uq_costs_of_month', ['company_id', 'month', 'kind', 'channel'], unique=True, sqlite_where=sa.text('NOT of_hire'), postgresql_where=sa.text('NOT of_hire'))



def downgrade() -> None:
    with op.batch_alter_table('costs', schema=None) as batch_op:
        batch_op.drop_index('uq_costs_of_month', sqlite_where=sa.text('NOT of_hire'), postgresql_where=sa.text('NOT of_hire'))
        batch_op.drop_index('ix_costs_company_month')
        batch_op.drop_index('ix_costs_company_file')
        batch_op.drop_index('ix_costs_company_candidate')

    op.drop_table('costs')
    op.drop_table('kpi_targets')
    op.drop_table('hiring_baselines')
    with op.batch_alter_table('cost_files', schema=None) as batch_op:
        batch_op.drop_index('ix_cost_files_company')

    op.drop_table('cost_files')
