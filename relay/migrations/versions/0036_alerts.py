"""alerts of saved searches and positions; selections that rest are found by their index

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

OPEN = sa.text("status = 'open'")
ANNOUNCED, GONE = sa.text('announced_at IS NOT NULL'), sa.text('gone_at IS NOT NULL')
REASONS, CAUSES = ('search', 'role', 'qualifications'), ('new', 'same', 'changed')


def upgrade() -> None:
    op.create_index(
        'ix_applications_untouched', 'applications', ['company_id', 'updated_at', 'id'],
        unique=False, sqlite_where=OPEN, postgresql_where=OPEN,
    )
    op.create_table('alerts',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('search_id', BigId, nullable=True),
    sa.Column('position_id', BigId, nullable=True),
    sa.Column('criteria_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('(search_id IS NULL) <> (position_id IS NULL)', name=op.f('ck_alerts_of_one')),
    sa.ForeignKeyConstraint(['company_id', 'position_id'], ['positions.company_id', 'positions.id'], name=op.f('fk_alerts_company_id_position_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id', 'search_id'], ['saved_searches.company_id', 'saved_searches.id'], name=op.f('fk_alerts_company_id_search_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_alerts_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_alerts_company_id_id')),
    sa.UniqueConstraint('company_id', 'position_id', name=op.f('uq_alerts_company_id_position_id')),
    sa.UniqueConstraint('company_id', 'search_id', name=op.f('uq_alerts_company_id_search_id')),
    sqlite_autoincrement=True
    )
    op.create_table('alert_hits',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('alert_id', BigId, nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('reason', sa.Enum(*REASONS, name='reason', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('announced_at', UtcDateTime(), nullable=True),
    sa.Column('gone_at', UtcDateTime(), nullable=True),
    sa.Column('person_hash', sa.String(length=64), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'alert_id'], ['alerts.company_id', 'alerts.id'], name=op.f('fk_alert_hits_company_id_alert_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_alert_hits_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_hits')),
    sa.UniqueConstraint('company_id', 'alert_id', 'candidate_id', 'reason', name=op.f('uq_alert_hits_company_id_alert_id_candidate_id_reason')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_alert_hits_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_alert_hits_announced', 'alert_hits', ['company_id', 'id'], unique=False, sqlite_where=ANNOUNCED, postgresql_where=ANNOUNCED)
    op.create_index('ix_alert_hits_company_candidate', 'alert_hits', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_alert_hits_gone', 'alert_hits', ['company_id', 'gone_at'], unique=False, sqlite_where=GONE, postgresql_where=GONE)
    op.create_table('alert_checks',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('cause', sa.Enum(*CAUSES, name='cause', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_alert_checks_company_id_candidate_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_alert_checks_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_checks')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_alert_checks_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_alert_checks_company_candidate', 'alert_checks', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_alert_checks_company_id', 'alert_checks', ['company_id', 'id'], unique=False)
    op.create_table('alert_subscriptions',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('alert_id', BigId, nullable=False),
    sa.Column('user_id', BigId, nullable=False),
    sa.Column('after_hit_id', BigId, nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'alert_id'], ['alerts.company_id', 'alerts.id'], name=op.f('fk_alert_subscriptions_company_id_alert_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id', 'user_id'], ['users.company_id', 'users.id'], name=op.f('fk_alert_subscriptions_company_id_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_alert_subscriptions_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_subscriptions')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_alert_subscriptions_company_id_id')),
    sa.UniqueConstraint('company_id', 'user_id', 'alert_id', name=op.f('uq_alert_subscriptions_company_id_user_id_alert_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_alert_subscriptions_alert', 'alert_subscriptions', ['company_id', 'alert_id'], unique=False)
    op.create_table('alert_readers',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('user_id', BigId, nullable=False),
    sa.Column('mailed_on', sa.Date(), nullable=True),
    sa.Column('mailed_hit_id', BigId, nullable=False),
    sa.Column('seen_hit_id', BigId, nullable=False),
    sa.Column('mail_off_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'user_id'], ['users.company_id', 'users.id'], name=op.f('fk_alert_readers_company_id_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_alert_readers_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_readers')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_alert_readers_company_id_id')),
    sa.UniqueConstraint('company_id', 'user_id', name=op.f('uq_alert_readers_company_id_user_id')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    op.execute("DELETE FROM event_deliveries WHERE consumer = 'alerts-anew'")
    op.execute("DELETE FROM jobs WHERE kind IN ('alerts', 'alert-digests')")
    for table in ('alert_readers', 'alert_subscriptions', 'alert_checks', 'alert_hits', 'alerts'):
        op.drop_table(table)
    op.drop_index('ix_applications_untouched', table_name='applications')
