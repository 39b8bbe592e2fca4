"""what a partner keeps for itself about a person it is given: memos, and how far it is

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

STATES = ('new', 'contacted', 'interviewed', 'recommended', 'offered', 'joined', 'closed', 'guided', 'consulted', 'attending', 'completed')
ENDED = sa.text('ended_at IS NOT NULL')


def upgrade() -> None:
    op.create_table('partner_notes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['by_user_id'], ['users.id'], name=op.f('fk_partner_notes_by_user_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_partner_notes_partner_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_partner_notes_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_notes')),
    sqlite_autoincrement=True
    )
    op.create_table('work_changes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('was', sa.Enum(*STATES, name='was', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('became', sa.Enum(*STATES, name='became', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('by_user_id', BigId, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.CheckConstraint('was <> became', name=op.f('ck_work_changes_another')),
    sa.ForeignKeyConstraint(['by_user_id'], ['users.id'], name=op.f('fk_work_changes_by_user_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_work_changes_partner_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_work_changes_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_work_changes')),
    sqlite_autoincrement=True
    )
    for table in ('partner_notes', 'work_changes'):
        op.create_index(f'ix_{table}_person', table, ['partner_id', 'profile_id', 'id'], unique=False)
        op.create_index(f'ix_{table}_profile', table, ['profile_id'], unique=False)
        op.create_index(f'ix_{table}_ended', table, ['ended_at'], unique=False, sqlite_where=ENDED, postgresql_where=ENDED)


def downgrade() -> None:
    op.drop_table('work_changes')
    op.drop_table('partner_notes')
