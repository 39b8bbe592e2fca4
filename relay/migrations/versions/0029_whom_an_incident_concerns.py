"""whom an incident concerns, as far as the log tells

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

USER = 'fk_incidents_company_id_log_user_id'


def upgrade() -> None:
    with op.batch_alter_table('incidents') as batch:
        batch.add_column(sa.Column('log_since', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('log_until', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('log_user_id', BigId, nullable=True))
        batch.add_column(sa.Column('log_exports', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('incidents') as batch:
        batch.alter_column('log_exports', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch.create_foreign_key(op.f(USER), 'users', ['company_id', 'log_user_id'], ['company_id', 'id'])
        batch.create_check_constraint(op.f('ck_incidents_log_period'), '(log_since IS NULL) = (log_until IS NULL)')


def downgrade() -> None:
    with op.batch_alter_table('incidents') as batch:
        batch.drop_constraint(op.f('ck_incidents_log_period'), type_='check')
        batch.drop_constraint(op.f(USER), type_='foreignkey')
        batch.drop_column('log_exports')
        batch.drop_column('log_user_id')
        batch.drop_column('log_until')
        batch.drop_column('log_since')
