"""walks of applications that hold what is asked of each

Revision ID: 0081
Revises: 0080
"""

from collections.abc import Sequence

from alembic import op

revision = '0081'
down_revision = '0080'
branch_labels = None
depends_on = None

INDEXES = (
    ('ix_applications_company_candidate', 'applications', ['company_id', 'candidate_id', 'id'], ['applied_on']),
    (
        'ix_listed_applications_position', 'listed_applications', ['company_id', 'position_id', 'application_id'],
        ['status', 'stage'],
    ),
)


def upgrade() -> None:
    for name, table, columns, more in INDEXES:
        _again(name, table, [*columns, *more])


def downgrade() -> None:
    for name, table, columns, _more in INDEXES:
        _again(name, table, columns)


def _again(name: str, table: str, columns: Sequence[str]) -> None:
    op.drop_index(name, table_name=table)
    op.create_index(name, table, list(columns))
