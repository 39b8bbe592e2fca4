"""an agency's word that its fee table allows free introductions; who promised some before is asked for it (B-18)

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId

revision = '0047'
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('partnerships') as batch:
        batch.add_column(sa.Column('fee_table_allows_on', sa.Date(), nullable=True))
        batch.add_column(sa.Column('fee_table_allows_by_user_id', BigId, nullable=True))
        batch.create_check_constraint(
            op.f('ck_partnerships_allowed_for_some'), 'fee_table_allows_on IS NULL OR free_introductions_per_year > 0'
        )


def downgrade() -> None:
    with op.batch_alter_table('partnerships') as batch:
        batch.drop_constraint(op.f('ck_partnerships_allowed_for_some'), type_='check')
        batch.drop_column('fee_table_allows_by_user_id')
        batch.drop_column('fee_table_allows_on')
