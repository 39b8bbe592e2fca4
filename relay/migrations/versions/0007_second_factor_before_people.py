"""a second factor before people: when a company's first candidate was stored, and no house excused but the demo

Revision ID: 0007
Revises: 0006
"""

from alembic import op
import sqlalchemy as sa

from relay.models.base import UtcDateTime
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

FIRST = 'SELECT created_at FROM candidates WHERE candidates.company_id = companies.id ORDER BY candidates.id LIMIT 1'


def upgrade() -> None:
    op.add_column('companies', sa.Column('first_person_at', UtcDateTime(), nullable=True))
    op.execute(f'UPDATE companies SET first_person_at = ({FIRST})')
    for table in ('companies', 'partners'):
        op.execute(f'UPDATE {table} SET second_factor_required = true WHERE NOT demo')


def downgrade() -> None:
    on = ' ON candidates' if op.get_context().dialect.name == 'postgresql' else ''
    op.execute(f'DROP TRIGGER IF EXISTS companies_first_person{on}')
    if on:
        op.execute('DROP FUNCTION IF EXISTS relay_first_person()')
    op.drop_column('companies', 'first_person_at')
