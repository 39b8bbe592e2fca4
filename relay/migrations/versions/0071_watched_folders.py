"""watched folders

Revision ID: 0071
Revises: 0070
"""

import sqlalchemy as sa
from alembic import op

revision = '0071'
down_revision = '0070'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('imports', sa.Column('digest', sa.String(length=64), nullable=True))
    op.create_index('ix_imports_digest', 'imports', ['company_id', 'digest'], unique=True)


def downgrade() -> None:
    op.drop_index('ix_imports_digest', table_name='imports')
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.drop_column('digest')
