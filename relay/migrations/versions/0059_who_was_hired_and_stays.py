"""whether people who were hired are still there after half a year and a year

Revision ID: 0059
Revises: 0058
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0059'
down_revision = "0058"
branch_labels = None
depends_on = None
HIRED = sa.text("status = 'hired'")


def upgrade() -> None:
    """Begin empty: until now nobody was asked; the hires that are there get their index."""
    op.create_table('stays',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('application_id', BigId, nullable=False),
    sa.Column('hired_on', sa.Date(), nullable=False),
    sa.Column('months', sa.Integer(), nullable=False),
    sa.Column('there', sa.Boolean(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('months IN (6, 12)', name=op.f('ck_stays_months')),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_stays_company_id_application_id')),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_stays_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_stays_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_stays_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stays')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_stays_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_stays_company_candidate', 'stays', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_stays_company_application', 'stays', ['company_id', 'application_id', 'months', 'id'], unique=False)
    op.create_index('ix_applications_hired', 'applications', ['company_id', 'status', 'decided_on', 'id'], unique=False, sqlite_where=HIRED, postgresql_where=HIRED)


def downgrade() -> None:
    op.drop_index('ix_applications_hired', table_name='applications')
    op.drop_table('stays')
