"""the legal checklist, incidents that a company enters itself, provision records by the code of their person

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

ITEMS = ('no-reward', 'uniform-rule', 'contact-again', 'selection-record')


def upgrade() -> None:
    op.create_table('legal_checks',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('item', sa.Enum(*ITEMS, name='item', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('owner', sa.String(length=60), nullable=False),
    sa.Column('confirmed_on', sa.Date(), nullable=True),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_legal_checks_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_checks')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_legal_checks_company_id_id')),
    sa.UniqueConstraint('company_id', 'item', name=op.f('uq_legal_checks_company_id_item')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('incidents') as batch:
        batch.add_column(sa.Column('what', sa.String(length=100), nullable=False, server_default=''))
        batch.add_column(sa.Column('people', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('malicious', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('incidents') as batch:
        batch.alter_column('what', existing_type=sa.String(length=100), existing_nullable=False, server_default=None)
        batch.alter_column('malicious', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    op.create_index('ix_provision_records_code', 'provision_records', ['partner_id', 'person_code', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_provision_records_code', table_name='provision_records')
    with op.batch_alter_table('incidents') as batch:
        batch.drop_column('malicious')
        batch.drop_column('people')
        batch.drop_column('what')
    op.drop_table('legal_checks')
