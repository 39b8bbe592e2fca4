"""answers to the one question after a registration, and stays with and without a word

Revision ID: 0073
Revises: 0072
"""

import sqlalchemy as sa
from alembic import op
from relay.models.base import UtcDateTime
revision = '0073'
down_revision = '0072'
branch_labels = None
depends_on = None

KINDS = (
    'applied', 'completed', 'running', 'interviewed', 'entered', 'hired', 'hired-from-pool', 'reached-6', 'there-6',
    'reached-12', 'there-12', 'rejected', 'rejected-returned', 'rejected-reused', 'reapplied', 'step', 'notified',
    'waiting', 'contacted', 'pooled', 'open-to-return', 'referred', 'credit-earned', 'credit-used', 'introduced',
    'introduced-hired',
)
STAYS = ('said-6', 'unsaid-6', 'said-12', 'unsaid-12')


def _kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table('month_counts') as batch:
        batch.drop_constraint(op.f('ck_month_counts_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_month_counts_kind'), sa.column('kind').in_(kinds))


def upgrade() -> None:
    """What was counted before lacks the new kinds: the worker counts large companies again, and pages wait for it."""
    _kinds((*KINDS[:9], *STAYS[:2], *KINDS[9:11], *STAYS[2:], *KINDS[11:]))
    op.execute('DELETE FROM recounts')
    op.execute("DELETE FROM jobs WHERE kind = 'recount'")
    op.add_column('relay_links', sa.Column('rated', sa.Boolean(), nullable=True))
    op.create_table('relay_ratings',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), sa.Identity(always=False), nullable=False),
    sa.Column('answer', sa.Enum('yes', 'partly', 'no', name='answer', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('waiting', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('taken_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('waiting >= 0 AND people >= 0 AND people % 10 = 0', name=op.f('ck_relay_ratings_counts')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_relay_ratings_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relay_ratings')),
    sa.UniqueConstraint('company_id', 'answer', name=op.f('uq_relay_ratings_company_id_answer')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_relay_ratings_company_id_id')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    op.drop_table('relay_ratings')
    with op.batch_alter_table('relay_links') as batch:
        batch.drop_column('rated')
    op.execute("DELETE FROM jobs WHERE kind = 'relay-ratings'")
    op.execute(f"DELETE FROM month_counts WHERE kind IN {STAYS}")  # noqa: S608  (words of ours)
    _kinds(KINDS)
