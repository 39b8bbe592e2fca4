"""times that are offered for interviews, and who is invited to pick one

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

OPEN = sa.text('closed_at IS NULL')
WITHOUT_TIME = sa.text('closed_at IS NULL AND slot_id IS NULL')


def upgrade() -> None:
    op.create_table('interview_slots',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('position_id', BigId, nullable=True),
    sa.Column('starts_at', UtcDateTime(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=300), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('minutes BETWEEN 5 AND 480', name=op.f('ck_interview_slots_minutes')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_interview_slots_company_id')),
    sa.ForeignKeyConstraint(['company_id', 'position_id'], ['positions.company_id', 'positions.id'], name=op.f('fk_interview_slots_company_id_position_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interview_slots')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_interview_slots_company_id_id')),
    sa.UniqueConstraint('company_id', 'position_id', 'starts_at', 'place', name=op.f('uq_interview_slots_company_id_position_id_starts_at_place')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_interview_slots_company_start', 'interview_slots', ['company_id', 'starts_at', 'id'], unique=False)
    op.create_table('interview_invitations',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('application_id', BigId, nullable=False),
    sa.Column('slot_id', BigId, nullable=True),
    sa.Column('booked_at', UtcDateTime(), nullable=True),
    sa.Column('uid', sa.String(length=120), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('times_wanted_at', UtcDateTime(), nullable=True),
    sa.Column('reminded_at', UtcDateTime(), nullable=True),
    sa.Column('opened_at', UtcDateTime(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('(slot_id IS NULL) = (booked_at IS NULL)', name=op.f('ck_interview_invitations_booked')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_interview_invitations_company_id')),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_interview_invitations_company_id_application_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_interview_invitations_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'slot_id'], ['interview_slots.company_id', 'interview_slots.id'], name=op.f('fk_interview_invitations_company_id_slot_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_interview_invitations')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_interview_invitations_company_id_id')),
    sa.UniqueConstraint('company_id', 'slot_id', name=op.f('uq_interview_invitations_company_id_slot_id')),
    sa.UniqueConstraint('uid', name=op.f('uq_interview_invitations_uid')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_interview_invitations_application', 'interview_invitations', ['company_id', 'application_id', 'id'], unique=False)
    op.create_index('ix_interview_invitations_candidate', 'interview_invitations', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_interview_invitations_without_time', 'interview_invitations', ['company_id', 'application_id'], unique=False, sqlite_where=WITHOUT_TIME, postgresql_where=WITHOUT_TIME)
    op.create_index('uq_interview_invitations_open', 'interview_invitations', ['company_id', 'application_id'], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table('interview_invitations')
    op.drop_table('interview_slots')
