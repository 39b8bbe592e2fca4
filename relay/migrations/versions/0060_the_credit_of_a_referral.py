"""the credit in force that each referral is behind, so that those behind none are found along an index

Revision ID: 0060
Revises: 0059
"""

import sqlalchemy as sa
from alembic import op

from relay.models import triggers
from relay.models.base import BigId

revision = '0060'
down_revision = "0059"
branch_labels = None
depends_on = None

TABLE, INDEX = 'referrals', 'ix_referrals_company_uncounted'
UNCOUNTED = sa.text('credit_id IS NULL AND voided_at IS NULL')


def upgrade() -> None:
    """A referral is behind the credit that was earned with it and that no voiding took back."""
    triggers.remove(op.get_bind())  # a table that is written anew loses its guards; they are made after the upgrade
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column('credit_id', BigId, nullable=True))
        batch.create_foreign_key(
            op.f('fk_referrals_company_id_credit_id'), 'credit_entries', ['company_id', 'credit_id'], ['company_id', 'id']
        )
    op.execute(
        """
        UPDATE referrals SET credit_id = (
            SELECT behind.entry_id FROM credit_referrals AS behind
            WHERE behind.company_id = referrals.company_id AND behind.referral_id = referrals.id AND NOT EXISTS (
                SELECT 1 FROM credit_entries AS gone
                WHERE gone.company_id = behind.company_id AND gone.reverses_id = behind.entry_id AND gone.kind = 'voided'
            )
        )
        """
    )
    op.create_index(
        INDEX, TABLE, ['company_id', 'number'], unique=False, sqlite_where=UNCOUNTED, postgresql_where=UNCOUNTED
    )


def downgrade() -> None:
    triggers.remove(op.get_bind())
    op.drop_index(INDEX, table_name=TABLE)
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_constraint(op.f('fk_referrals_company_id_credit_id'), type_='foreignkey')
        batch.drop_column('credit_id')
