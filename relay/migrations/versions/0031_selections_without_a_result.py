"""a last day in a selection without a result is one that was set for its silence

Revision ID: 0031
Revises: 0030
"""

from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Until now such a day, left over from before, ended nobody; from now on it does, after a warning of 30 days."""
    op.execute(
        "UPDATE candidates SET retain_until = NULL WHERE retain_until IS NOT NULL AND EXISTS ("
        "SELECT 1 FROM applications a WHERE a.company_id = candidates.company_id "
        "AND a.candidate_id = candidates.id AND a.status = 'open')"
    )


def downgrade() -> None:
    """Keep everything: below, a selection without a result keeps a person whatever the day."""
