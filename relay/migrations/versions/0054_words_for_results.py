"""what a company's own words for results mean

Revision ID: 0054
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0054'
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said anything yet."""
    op.create_table(
        'result_words',
        sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
        sa.Column('word_key', sa.String(length=60), nullable=False),
        sa.Column(
            'result',
            sa.Enum(
                'open', 'rejected', 'withdrew', 'duplicate', 'hired',
                name='result', native_enum=False, create_constraint=True, length=24,
            ),
            nullable=False,
        ),
        sa.Column('changed_at', UtcDateTime(), nullable=False),
        sa.Column('by_user_id', BigId, nullable=True),
        sa.Column('company_id', BigId, nullable=False),
        sa.ForeignKeyConstraint(
            ['company_id', 'by_user_id'],
            ['users.company_id', 'users.id'],
            name=op.f('fk_result_words_company_id_by_user_id'),
        ),
        sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_result_words_company_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_result_words')),
        sa.UniqueConstraint('company_id', 'word_key', name=op.f('uq_result_words_company_id_word_key')),
        sa.UniqueConstraint('company_id', 'id', name=op.f('uq_result_words_company_id_id')),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Forget the words; files ask about them again."""
    op.drop_table('result_words')
