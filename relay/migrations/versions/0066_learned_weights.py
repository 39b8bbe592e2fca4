"""points that a company learned from the answers to its own mails

Revision ID: 0066
Revises: 0065
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0066'
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Begin empty: what is known today of people who were written to before is not what was known then."""
    op.create_table('learned_weights',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('part', sa.String(length=20), nullable=False),
    sa.Column('thousandths', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('agreed', sa.Integer(), nullable=False),
    sa.Column('fitted_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('agreed BETWEEN 0 AND people', name=op.f('ck_learned_weights_agreed')),
    sa.CheckConstraint('thousandths >= 0', name=op.f('ck_learned_weights_thousandths')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_learned_weights_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learned_weights')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_learned_weights_company_id_id')),
    sa.UniqueConstraint('company_id', 'part', name=op.f('uq_learned_weights_company_id_part')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('companies') as batch:
        batch.add_column(sa.Column('learning_stopped_at', UtcDateTime(), nullable=True))
    with op.batch_alter_table('rescouts') as batch:
        batch.add_column(sa.Column('shares', sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column('record_since', sa.Date(), nullable=True))
        batch.create_check_constraint(op.f('ck_rescouts_shares_of_record'), 'record_since IS NULL OR shares IS NOT NULL')


def downgrade() -> None:
    with op.batch_alter_table('rescouts') as batch:
        batch.drop_constraint(op.f('ck_rescouts_shares_of_record'), type_='check')
        batch.drop_column('record_since')
        batch.drop_column('shares')
    with op.batch_alter_table('companies') as batch:
        batch.drop_column('learning_stopped_at')
    op.drop_table('learned_weights')
