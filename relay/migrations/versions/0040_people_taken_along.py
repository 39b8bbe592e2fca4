"""people taken along in a file

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from relay.models import triggers

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

KINDS = ('made_available', 'viewed')
EXPORTED = 'exported'


def _kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table('provision_records') as batch:
        batch.drop_constraint(op.f('ck_provision_records_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_provision_records_kind'), sa.column('kind').in_(kinds))


def upgrade() -> None:
    _kinds((*KINDS, EXPORTED))


def downgrade() -> None:
    """A file showed what an opening shows, so that is what the record says then; the rows are append-only."""
    triggers.remove(op.get_bind())  # made anew after the downgrade
    op.execute(f"UPDATE provision_records SET kind = 'viewed' WHERE kind = '{EXPORTED}'")  # noqa: S608
    _kinds(KINDS)
