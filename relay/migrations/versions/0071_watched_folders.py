"""watched folders, and the connection with HERP

Revision ID: 0071
Revises: 0070
"""

import sqlalchemy as sa
from alembic import op
from relay.models.base import UtcDateTime

revision = '0071'
down_revision = '0070'
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
BASES = ('selection', 'stated', 'consented')
TROUBLES = (
    'key', 'permission', 'sealed', 'address', 'away', 'busy', 'limit', 'shape', 'size', 'file',
)


def upgrade() -> None:
    op.add_column('imports', sa.Column('digest', sa.String(length=64), nullable=True))
    op.create_index('ix_imports_digest', 'imports', ['company_id', 'digest'], unique=True)
    op.create_table(
        'herp_connections',
        sa.Column('id', NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column('key', sa.String(length=1000), nullable=False),
        sa.Column('basis', sa.Enum(*BASES, name='basis', native_enum=False, create_constraint=True, length=24), nullable=False),
        sa.Column('told', sa.Boolean(), nullable=False),
        sa.Column('set_at', UtcDateTime(), nullable=False),
        sa.Column('set_by_user_id', NUMBER, nullable=False),
        sa.Column('page', sa.Integer(), nullable=False),
        sa.Column('names_read', sa.Boolean(), nullable=False),
        sa.Column('begun_at', UtcDateTime(), nullable=True),
        sa.Column('stored_as', sa.String(length=32), nullable=True),
        sa.Column('stored_bytes', NUMBER, nullable=False),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('not_before', UtcDateTime(), nullable=True),
        sa.Column('minute_at', UtcDateTime(), nullable=True),
        sa.Column('asked', sa.Integer(), nullable=False),
        sa.Column('answered_at', UtcDateTime(), nullable=True),
        sa.Column('read_at', UtcDateTime(), nullable=True),
        sa.Column('found', sa.Integer(), nullable=False),
        sa.Column('brought', sa.Integer(), nullable=False),
        sa.Column('import_id', NUMBER, nullable=True),
        sa.Column('trouble', sa.Enum(*TROUBLES, name='trouble', native_enum=False, create_constraint=True, length=24), nullable=True),
        sa.Column('company_id', NUMBER, nullable=False),
        sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_herp_connections_company_id')),
        sa.ForeignKeyConstraint(
            ['company_id', 'import_id'], ['imports.company_id', 'imports.id'],
            name=op.f('fk_herp_connections_company_id_import_id'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_herp_connections')),
        sa.UniqueConstraint('company_id', 'id', name=op.f('uq_herp_connections_company_id_id')),
        sa.UniqueConstraint('company_id', name=op.f('uq_herp_connections_company_id')),
        sa.UniqueConstraint('stored_as', name=op.f('uq_herp_connections_stored_as')),
        sqlite_autoincrement=True,
    )
    op.create_table(
        'herp_candidacies',
        sa.Column('id', NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column('key_hash', sa.String(length=64), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('import_id', NUMBER, nullable=False),
        sa.Column('company_id', NUMBER, nullable=False),
        sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_herp_candidacies_company_id')),
        sa.ForeignKeyConstraint(
            ['company_id', 'import_id'], ['imports.company_id', 'imports.id'],
            name=op.f('fk_herp_candidacies_company_id_import_id'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_herp_candidacies')),
        sa.UniqueConstraint('company_id', 'id', name=op.f('uq_herp_candidacies_company_id_id')),
        sa.UniqueConstraint('company_id', 'key_hash', name=op.f('uq_herp_candidacies_company_id_key_hash')),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table('herp_candidacies')
    op.drop_table('herp_connections')
    op.drop_index('ix_imports_digest', table_name='imports')
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.drop_column('digest')
