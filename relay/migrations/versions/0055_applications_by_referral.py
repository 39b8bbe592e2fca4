"""an index of the applications that came because somebody passed the position on

Revision ID: 0055
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op

revision = '0055'
down_revision = "0054"
branch_labels = None
depends_on = None

CHANNELS = ("リファラル", "リファラル採用", "リファーラル", "社員紹介", "社員の紹介", "referral", "Referral")
PASSED_ON = sa.text(f"channel IN ({', '.join(repr(channel) for channel in CHANNELS)})")


def upgrade() -> None:
    """The page of a position counts them."""
    op.create_index(
        'ix_applications_passed_on', 'applications', ['company_id', 'position_id', 'channel'],
        sqlite_where=PASSED_ON, postgresql_where=PASSED_ON,
    )


def downgrade() -> None:
    """The count reads all applications of a position again."""
    op.drop_index('ix_applications_passed_on', table_name='applications')
