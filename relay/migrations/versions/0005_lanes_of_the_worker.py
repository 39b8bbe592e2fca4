"""lanes of the worker: mails leave company after company, letters about logins first

Revision ID: 0005
Revises: 0003
"""

from alembic import op
revision = '0005'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_messages_due', table_name='messages')
    op.create_index('ix_messages_turn', 'messages', ['state', 'company_id', 'due_at', 'id'], unique=False)
    op.create_index('ix_messages_letter', 'messages', ['state', 'letter', 'due_at'], unique=False)
    op.execute("DELETE FROM heartbeats WHERE name = 'worker'")


def downgrade() -> None:
    op.execute("DELETE FROM heartbeats WHERE name IN ('mail', 'jobs', 'events')")
    op.drop_index('ix_messages_letter', table_name='messages')
    op.drop_index('ix_messages_turn', table_name='messages')
    op.create_index('ix_messages_due', 'messages', ['state', 'due_at', 'id'], unique=False)
