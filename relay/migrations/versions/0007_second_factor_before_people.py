"""a second factor before people: no house excused but the demo

Revision ID: 0007
Revises: 0006
"""

from alembic import op
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('companies', 'partners'):
        op.execute(f'UPDATE {table} SET second_factor_required = true WHERE NOT demo')


def downgrade() -> None:
    """Who was excused before is not remembered: they stay protected."""
