"""a company's letter about a record that ends: its acts of writing, and words that came by no relay link

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

KINDS = ('result', 'apology')
LETTER = 'record-ends'


def _kinds(*kinds: str) -> None:
    with op.batch_alter_table('message_batches') as batch:
        batch.drop_constraint(op.f('ck_message_batches_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_message_batches_kind'), sa.column('kind').in_(kinds))


def upgrade() -> None:
    with op.batch_alter_table('openings_consents') as batch:
        batch.alter_column('relay_link_id', existing_type=BigId, nullable=True)
    op.execute('UPDATE openings_consents SET relay_link_id = NULL WHERE relay_link_id = 0')
    _kinds(*KINDS, LETTER)


def downgrade() -> None:
    """Words that came by the letter name no link; they keep standing, with the number 0, which no link has."""
    op.execute(f"UPDATE message_batches SET kind = 'result' WHERE kind = '{LETTER}'")  # noqa: S608  (a word of ours)
    _kinds(*KINDS)
    op.execute('UPDATE openings_consents SET relay_link_id = 0 WHERE relay_link_id IS NULL')
    with op.batch_alter_table('openings_consents') as batch:
        batch.alter_column('relay_link_id', existing_type=BigId, nullable=False)
