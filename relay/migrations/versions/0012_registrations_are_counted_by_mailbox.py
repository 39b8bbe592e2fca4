"""registrations are counted by mailbox; hints at farming; kept totals; age by the birth date

Hashes of addresses stay as they are: a hash cannot be computed from a hash. New registrations write both, and the
worker adds those of the mailboxes that are still known.
Addresses that a server did not take for their form were put down as not in use, and got no mail since; they may again.

Revision ID: 0012
Revises: 0011
"""

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op
from relay.models.base import BigId, UtcDateTime
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

JOBS = ('count-by-mailbox', 'relay-totals')
HINTS = ('own-domain', 'other-address', 'same-network', 'same-minute')
OF_SYNTAX = "state = 'bounced' AND (last_error LIKE '501 %' OR last_error LIKE '___ 5.1.3 %')"


def upgrade() -> None:
    op.create_table('referral_hints',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('referral_id', BigId, nullable=False),
    sa.Column('kind', sa.Enum(*HINTS, name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('noted_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'referral_id'], ['referrals.company_id', 'referrals.id'], name=op.f('fk_referral_hints_company_id_referral_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_referral_hints_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_hints')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_referral_hints_company_id_id')),
    sa.UniqueConstraint('company_id', 'referral_id', 'kind', name=op.f('uq_referral_hints_company_id_referral_id_kind')),
    sqlite_autoincrement=True
    )
    op.create_table('relay_totals',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('taken_at', UtcDateTime(), nullable=False),
    sa.Column('told', sa.Integer(), nullable=False),
    sa.Column('viewed', sa.Integer(), nullable=False),
    sa.Column('completed', sa.Integer(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_relay_totals_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relay_totals')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_relay_totals_company_id_id')),
    sa.UniqueConstraint('company_id', name=op.f('uq_relay_totals_company_id')),
    sqlite_autoincrement=True
    )
    op.add_column('referrals', sa.Column('network_hash', sa.String(length=64), nullable=True))
    known = sa.text('network_hash IS NOT NULL')
    op.create_index('ix_referrals_network', 'referrals', ['completed_at'], sqlite_where=known, postgresql_where=known)
    op.add_column('messages', sa.Column('failure', sa.String(length=20), nullable=True))
    op.execute(f"UPDATE messages SET state = 'failed', failure = 'malformed' WHERE {OF_SYNTAX}")
    op.drop_column('candidates', 'under_age')
    _count_by_mailbox()


def downgrade() -> None:
    op.execute(f"DELETE FROM jobs WHERE kind IN {JOBS}")
    op.add_column('candidates', sa.Column('under_age', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_column('messages', 'failure')
    op.drop_index('ix_referrals_network', 'referrals')
    op.drop_column('referrals', 'network_hash')
    op.drop_table('relay_totals')
    op.drop_table('referral_hints')


def _count_by_mailbox() -> None:
    """One job, which works in portions; none where nobody was counted."""
    if op.get_bind().scalar(sa.text('SELECT id FROM referrals LIMIT 1')) is None:
        return
    now = datetime.now(timezone.utc)
    op.bulk_insert(
        sa.table('jobs', *(sa.column(name) for name in ('kind', 'key', 'state', 'attempts', 'progress', 'total', 'last_error')),
            sa.column('payload', sa.JSON), sa.column('due_at', UtcDateTime()), sa.column('created_at', UtcDateTime())),
        [{'kind': 'count-by-mailbox', 'key': 'count-by-mailbox:0012', 'state': 'queued', 'attempts': 0, 'progress': 0, 'total': 0,
          'last_error': '', 'payload': {}, 'due_at': now, 'created_at': now}],
    )
