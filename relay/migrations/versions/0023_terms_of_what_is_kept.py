"""terms of what is kept: a company's own months, holds, and mails to staff found by the day they were queued

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

TO_STAFF = sa.text("candidate_id IS NULL AND profile_id IS NULL AND to_address <> ''")
NOT_RELEASED = sa.text('released_at IS NULL')


def upgrade() -> None:
    op.create_table('retention_terms',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('basis', sa.Enum('selection', 'stated', 'consented', name='basis', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('months', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('months BETWEEN 2 AND 24', name=op.f('ck_retention_terms_never_for_ever')),
    sa.CheckConstraint("basis = 'consented' OR months <= 12", name=op.f('ck_retention_terms_longest_without_consent')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_retention_terms_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_retention_terms')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_retention_terms_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_retention_terms_company', 'retention_terms', ['company_id', 'id'], unique=False)
    op.create_table('holds',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('reason', sa.Enum('dispute', 'request', 'incident', 'law', name='reason', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('owner_user_id', BigId, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('released_at', UtcDateTime(), nullable=True),
    sa.Column('released_by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('(released_at IS NULL) = (released_by_user_id IS NULL)', name=op.f('ck_holds_released')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_holds_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'owner_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_holds_company_id_owner_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_holds_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holds')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_holds_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_holds_company_candidate', 'holds', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_holds_standing', 'holds', ['company_id', 'until'], unique=False, sqlite_where=NOT_RELEASED, postgresql_where=NOT_RELEASED)
    op.create_index('ix_messages_staff', 'messages', ['created_at'], unique=False, sqlite_where=TO_STAFF, postgresql_where=TO_STAFF)


def downgrade() -> None:
    op.drop_index('ix_holds_standing', table_name='holds', sqlite_where=NOT_RELEASED, postgresql_where=NOT_RELEASED)
    op.drop_index('ix_holds_company_candidate', table_name='holds')
    op.drop_table('holds')
    op.drop_index('ix_retention_terms_company', table_name='retention_terms')
    op.drop_table('retention_terms')
    op.drop_index('ix_messages_staff', table_name='messages', sqlite_where=TO_STAFF, postgresql_where=TO_STAFF)
