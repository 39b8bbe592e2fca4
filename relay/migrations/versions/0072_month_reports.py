"""readers of the mail of a month

Revision ID: 0072
Revises: 0071
"""

import sqlalchemy as sa
from alembic import op
revision = '0072'
down_revision = '0071'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('month_report_readers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.Identity(always=False), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mailed_for', sa.Date(), nullable=True),
    sa.Column('wanted', sa.Boolean(), nullable=True),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'user_id'], ['users.company_id', 'users.id'], name=op.f('fk_month_report_readers_company_id_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_month_report_readers_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_month_report_readers')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_month_report_readers_company_id_id')),
    sa.UniqueConstraint('company_id', 'user_id', name=op.f('uq_month_report_readers_company_id_user_id')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    op.drop_table('month_report_readers')
    op.execute("DELETE FROM jobs WHERE kind = 'month-reports'")
    op.execute("UPDATE messages SET state = 'cancelled' WHERE letter = 'month-report' AND state IN ('scheduled', 'sending')")
    op.execute("DELETE FROM tokens WHERE purpose = 'month-report'")
