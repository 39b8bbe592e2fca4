"""the link of a position to pass on, and where one applies

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('positions') as batch:
        batch.add_column(sa.Column('apply_at', sa.String(length=300), nullable=True))
        batch.add_column(sa.Column('link_code', sa.String(length=16), nullable=True))
        batch.create_unique_constraint(op.f('uq_positions_company_id_link_code'), ['company_id', 'link_code'])


def downgrade() -> None:
    with op.batch_alter_table('positions') as batch:
        batch.drop_constraint(op.f('uq_positions_company_id_link_code'), type_='unique')
        batch.drop_column('link_code')
        batch.drop_column('apply_at')
