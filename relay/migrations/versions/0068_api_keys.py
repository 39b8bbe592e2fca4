"""api keys, and answers kept for a request that is sent again

Revision ID: 0068
Revises: 0067
"""

import sqlalchemy as sa
from alembic import op
from relay.models.base import UtcDateTime
revision = '0068'
down_revision = '0067'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('api_keys',
    sa.Column('id', BIG, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BIG, nullable=True),
    sa.Column('partner_id', BIG, nullable=True),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('public_id', sa.String(length=8), nullable=False),
    sa.Column('secret_hash', sa.String(length=64), nullable=False),
    sa.Column('scopes', sa.String(length=300), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_by_user_id', BIG, nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('last_used_on', sa.Date(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_by_user_id', BIG, nullable=True),
    sa.CheckConstraint('(company_id IS NULL) <> (partner_id IS NULL)', name=op.f('ck_api_keys_one_home')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_api_keys_company_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_api_keys_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_api_keys_company_id_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_api_keys_public_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('api_keys', schema=None) as batch_op:
        batch_op.create_index('ix_api_keys_partner_id', ['partner_id', 'id'], unique=False)

    op.create_table('kept_answers',
    sa.Column('id', BIG, sa.Identity(always=False), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('api_key_id', BIG, nullable=False),
    sa.Column('endpoint', sa.String(length=80), nullable=False),
    sa.Column('repeated_key', sa.String(length=255), nullable=False),
    sa.Column('request_hash', sa.String(length=64), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['api_key_id'], ['api_keys.id'], name=op.f('fk_kept_answers_api_key_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_answers')),
    sa.UniqueConstraint('api_key_id', 'endpoint', 'repeated_key', name=op.f('uq_kept_answers_api_key_id_endpoint_repeated_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('kept_answers', schema=None) as batch_op:
        batch_op.create_index('ix_kept_answers_at', ['at'], unique=False)


def downgrade() -> None:
    op.drop_table('kept_answers')
    op.drop_table('api_keys')
