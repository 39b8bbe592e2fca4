"""orders of a partner's list in which many rows are alike go on by the person, where SQLite can begin a walk

Revision ID: 0061
Revises: 0060
"""

import sqlalchemy as sa
from alembic import op

revision = '0061'
down_revision = "0060"
branch_labels = None
depends_on = None

TABLE = 'partner_people'
STATES = ('new', 'contacted', 'interviewed', 'recommended', 'offered', 'joined', 'closed', 'guided', 'consulted', 'attending', 'completed')
RANK = '(CASE work_state ' + ' '.join(f"WHEN '{state}' THEN {rank}" for rank, state in enumerate(STATES)) + ' END)'
ORDERS = {'role': 'role_order', 'place': 'place_order', 'work': sa.text(RANK)}


def upgrade() -> None:
    _go_on_by('profile_id')


def downgrade() -> None:
    _go_on_by('id')


def _go_on_by(column: str) -> None:
    for name, order in ORDERS.items():
        op.drop_index(f'ix_partner_people_{name}', table_name=TABLE)
        op.create_index(f'ix_partner_people_{name}', TABLE, ['partner_id', order, column], unique=False)
