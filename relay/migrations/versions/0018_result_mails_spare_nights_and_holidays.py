"""result mails spare nights and holidays

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

SWITCHES = ('daytime_only', 'day_after_application')


def upgrade() -> None:
    """Every company spares them from now on; mails that wait keep their time, unless it falls into the night."""
    with op.batch_alter_table('companies') as batch:
        for name in SWITCHES:
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('companies') as batch:
        for name in SWITCHES:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('companies') as batch:
        for name in SWITCHES:
            batch.drop_column(name)
