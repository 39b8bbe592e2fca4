"""which credits are free, kept beside the ledger, and referrals found in what they are behind

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId

revision = '0049'
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A credit is free where nothing was written about it, or last that it was given back."""
    op.create_table(
        'free_credits',
        sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
        sa.Column('credit_id', BigId, nullable=False),
        sa.Column('company_id', BigId, nullable=False),
        sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_free_credits_company_id')),
        sa.ForeignKeyConstraint(
            ['company_id', 'credit_id'],
            ['credit_entries.company_id', 'credit_entries.id'],
            name=op.f('fk_free_credits_company_id_credit_id'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_free_credits')),
        sa.UniqueConstraint('company_id', 'credit_id', name=op.f('uq_free_credits_company_id_credit_id')),
        sa.UniqueConstraint('company_id', 'id', name=op.f('uq_free_credits_company_id_id')),
        sqlite_autoincrement=True,
    )
    op.execute(
        """
        INSERT INTO free_credits (company_id, credit_id)
        SELECT earned.company_id, earned.id FROM credit_entries AS earned
        WHERE earned.kind = 'earned' AND coalesce(
            (
                SELECT about.kind FROM credit_entries AS about
                WHERE about.company_id = earned.company_id AND about.credit_id = earned.id
                ORDER BY about.sequence DESC LIMIT 1
            ),
            'released'
        ) IN ('released', 'restored')
        ORDER BY earned.company_id, earned.id
        """
    )
    op.create_index(
        'ix_credit_referrals_company_referral', 'credit_referrals', ['company_id', 'referral_id'], unique=False
    )


def downgrade() -> None:
    op.drop_index('ix_credit_referrals_company_referral', table_name='credit_referrals')
    op.drop_table('free_credits')
