"""everybody is compared again, by other keys, and namesakes with nothing else in common leave the queue

Revision ID: 0080
Revises: 0076
"""

import sqlalchemy as sa
from alembic import op

revision = '0080'
down_revision = '0076'
branch_labels = None
depends_on = None

LIKELY = 2.0


def upgrade() -> None:
    """Let the worker find the pairs anew; what HR said of any two, and what a file named, stays."""
    pairs = sa.table('duplicate_pairs', sa.column('score', sa.Float), sa.column('by_file', sa.Boolean))
    op.execute(pairs.delete().where(pairs.c.score < LIKELY, pairs.c.by_file.is_(sa.false())))
    _compare_everybody()


def downgrade() -> None:
    """Let the worker find the pairs by the keys of before."""
    _compare_everybody()


def _compare_everybody() -> None:
    op.execute(
        'INSERT INTO match_checks (candidate_id, company_id) SELECT id, company_id FROM candidates '
        'WHERE NOT EXISTS (SELECT 1 FROM match_checks WHERE match_checks.candidate_id = candidates.id)'
    )
