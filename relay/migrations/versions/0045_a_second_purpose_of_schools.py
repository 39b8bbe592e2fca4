"""a school that notified may introduce jobs, too

Revision ID: 0045
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

from relay.models import triggers

revision = '0045'
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """No school has entered a number yet, so none introduces jobs."""
    with op.batch_alter_table('partners') as batch:
        batch.add_column(sa.Column('notification_number', sa.String(length=20), nullable=True))
        batch.add_column(sa.Column('introduces_jobs', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('partners') as batch:
        batch.alter_column('introduces_jobs', server_default=None)
        batch.create_check_constraint(
            op.f('ck_partners_notified_school'),
            "NOT introduces_jobs OR (kind = 'school' AND notification_number IS NOT NULL)",
        )


def downgrade() -> None:
    """Consents keep their words; of the codes beside them the first is left, that of the courses."""
    triggers.remove(op.get_bind())  # consents are append-only; the guards are made anew after the downgrade
    op.execute("UPDATE consents SET purpose = 'present-courses' WHERE purpose = 'present-courses introduce-jobs'")
    with op.batch_alter_table('partners') as batch:
        batch.drop_constraint(op.f('ck_partners_notified_school'), type_='check')
        batch.drop_column('introduces_jobs')
        batch.drop_column('notification_number')
