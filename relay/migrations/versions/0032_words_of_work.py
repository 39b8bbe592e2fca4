"""the words of work that positions are compared with

Revision ID: 0032
Revises: 0031
"""

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op

from relay.models.base import UtcDateTime

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('candidate_search', sa.Column('terms', sa.Text(), nullable=True))
    _write_rows_anew()


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'search-words' AND key LIKE 'search-words:0032:%'")
    op.drop_column('candidate_search', 'terms')


def _write_rows_anew() -> None:
    """Who is there already is compared with positions once the worker has written their search row anew."""
    now = datetime.now(timezone.utc)
    companies = op.get_bind().scalars(sa.text('SELECT id FROM companies')).all()
    names = ('kind', 'key', 'company_id', 'state', 'attempts', 'progress', 'total', 'last_error')
    op.bulk_insert(
        sa.table(
            'jobs',
            *(sa.column(name) for name in names),
            sa.column('payload', sa.JSON),
            sa.column('due_at', UtcDateTime()),
            sa.column('created_at', UtcDateTime()),
        ),
        [
            {'kind': 'search-words', 'key': f'search-words:0032:{company}', 'company_id': company, 'state': 'queued',
             'attempts': 0, 'progress': 0, 'total': 0, 'last_error': '', 'payload': {}, 'due_at': now, 'created_at': now}
            for company in companies
        ],
    )
