"""requests of people about their own data (開示等の請求)

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('data_requests',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.Enum('disclosure', 'provisions', 'correction', 'stop', 'erasure', 'complaint', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('source', sa.Enum('public-page', 'typed', name='source', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('state', sa.Enum('open', 'answered', 'refused', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('address', sa.String(length=254), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('received_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('proven_at', UtcDateTime(), nullable=True),
    sa.Column('proven_by_user_id', BigId, nullable=True),
    sa.Column('evaluations', sa.Boolean(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('closed_by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f('ck_data_requests_closed')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_data_requests_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_data_requests_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_requests')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_data_requests_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_data_requests_company_address', 'data_requests', ['company_id', 'address'], unique=False)
    op.create_index('ix_data_requests_company_candidate', 'data_requests', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_data_requests_company_closed', 'data_requests', ['company_id', 'closed_at', 'id'], unique=False)
    op.create_index('ix_data_requests_open', 'data_requests', ['company_id', 'due_on', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.create_index('uq_data_requests_open_of_address', 'data_requests', ['company_id', 'address', 'kind'], unique=True, sqlite_where=sa.text("state = 'open' AND address <> ''"), postgresql_where=sa.text("state = 'open' AND address <> ''"))


def downgrade() -> None:
    op.drop_index('uq_data_requests_open_of_address', table_name='data_requests', sqlite_where=sa.text("state = 'open' AND address <> ''"), postgresql_where=sa.text("state = 'open' AND address <> ''"))
    op.drop_index('ix_data_requests_open', table_name='data_requests', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.drop_index('ix_data_requests_company_closed', table_name='data_requests')
    op.drop_index('ix_data_requests_company_candidate', table_name='data_requests')
    op.drop_index('ix_data_requests_company_address', table_name='data_requests')
    op.drop_table('data_requests')
