"""requests for a free introduction, links to them, and what they lead to

Revision ID: 0046
Revises: 0045
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0046'
down_revision = "0045"
branch_labels = None
depends_on = None

WAITING = {name: sa.text('due_on IS NOT NULL') for name in ('sqlite_where', 'postgresql_where')}
REASON = '紹介の依頼の機能がない版に戻したため'
ACTOR = {'actor_kind': 'system', 'actor_id': None}


def upgrade() -> None:
    op.create_table('guarantee_terms',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('changed_by_user_id', BigId, nullable=True),
    sa.Column('guarantee', sa.Enum('casual', 'first-interview', name='guarantee', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('meets_with', sa.String(length=100), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('form', sa.Enum('online', 'on-site', 'phone', name='form', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('minutes BETWEEN 5 AND 480', name=op.f('ck_guarantee_terms_minutes')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_guarantee_terms_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guarantee_terms')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_guarantee_terms_company_id_id')),
    sa.UniqueConstraint('company_id', name=op.f('uq_guarantee_terms_company_id')),
    sqlite_autoincrement=True
    )
    op.create_table('introduction_requests',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('position_id', BigId, nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('posting', sa.JSON(), nullable=False),
    sa.Column('reservation_id', BigId, nullable=False),
    sa.Column('spent_id', BigId, nullable=True),
    sa.Column('restored_id', BigId, nullable=True),
    sa.Column('state', sa.Enum('open', 'offered', 'accepted', 'held', 'hired', 'not-hired', 'lapsed', 'cancelled', 'declined', 'failed', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_by_user_id', BigId, nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('end_reason', sa.Enum('declined', 'partner-silent', 'person-silent', 'cancelled', 'partner-closed', 'company-fault', 'person-fault', 'no-fault', 'erased', name='end_reason', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('declined_for', sa.Enum('nobody-fits', 'conditions', 'no-capacity', 'field', name='declined_for', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('advice', sa.String(length=200), nullable=False),
    sa.Column('reminded_on', sa.Date(), nullable=True),
    sa.Column('reapplied', sa.Boolean(), nullable=False),
    sa.Column('guarantee', sa.Enum('casual', 'first-interview', name='guarantee', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('meets_with', sa.String(length=100), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('form', sa.Enum('online', 'on-site', 'phone', name='form', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.CheckConstraint("(declined_for IS NOT NULL) = (state = 'declined')", name=op.f('ck_introduction_requests_decline_has_reason')),
    sa.CheckConstraint("(due_on IS NOT NULL) = (state IN ('open', 'offered', 'accepted'))", name=op.f('ck_introduction_requests_due')),
    sa.CheckConstraint("(end_reason IS NOT NULL) = (state IN ('lapsed', 'cancelled', 'declined', 'failed'))", name=op.f('ck_introduction_requests_end_has_reason')),
    sa.CheckConstraint("(spent_id IS NOT NULL) = (state IN ('accepted', 'held', 'hired', 'not-hired', 'failed') AND NOT reapplied)", name=op.f('ck_introduction_requests_spent')),
    sa.CheckConstraint("NOT reapplied OR state IN ('accepted', 'held', 'hired', 'not-hired', 'failed')", name=op.f('ck_introduction_requests_reapplied')),
    sa.CheckConstraint("restored_id IS NULL OR state = 'failed'", name=op.f('ck_introduction_requests_restored')),
    sa.CheckConstraint('(ended_at IS NOT NULL) = (due_on IS NULL)', name=op.f('ck_introduction_requests_ended')),
    sa.CheckConstraint('minutes BETWEEN 5 AND 480', name=op.f('ck_introduction_requests_minutes')),
    sa.ForeignKeyConstraint(['company_id', 'position_id'], ['positions.company_id', 'positions.id'], name=op.f('fk_introduction_requests_company_id_position_id')),
    sa.ForeignKeyConstraint(['company_id', 'reservation_id'], ['credit_entries.company_id', 'credit_entries.id'], name=op.f('fk_introduction_requests_company_id_reservation_id')),
    sa.ForeignKeyConstraint(['company_id', 'restored_id'], ['credit_entries.company_id', 'credit_entries.id'], name=op.f('fk_introduction_requests_company_id_restored_id')),
    sa.ForeignKeyConstraint(['company_id', 'spent_id'], ['credit_entries.company_id', 'credit_entries.id'], name=op.f('fk_introduction_requests_company_id_spent_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_introduction_requests_company_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_introduction_requests_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introduction_requests')),
    sa.UniqueConstraint('company_id', 'id', 'partner_id', name=op.f('uq_introduction_requests_company_id_id_partner_id')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_introduction_requests_company_id_id')),
    sa.UniqueConstraint('company_id', 'reservation_id', name=op.f('uq_introduction_requests_company_id_reservation_id')),
    sa.UniqueConstraint('company_id', 'spent_id', name=op.f('uq_introduction_requests_company_id_spent_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_introduction_requests_company', 'introduction_requests', ['company_id', 'id'], unique=False)
    op.create_index('ix_introduction_requests_company_state', 'introduction_requests', ['company_id', 'state'], unique=False)
    op.create_index('ix_introduction_requests_due', 'introduction_requests', ['due_on', 'id'], unique=False, **WAITING)
    op.create_index('ix_introduction_requests_pair', 'introduction_requests', ['company_id', 'partner_id', 'made_at'], unique=False)
    op.create_index('ix_introduction_requests_partner', 'introduction_requests', ['partner_id', 'id'], unique=False)
    op.create_index('ix_introduction_requests_partner_waiting', 'introduction_requests', ['partner_id', 'state'], unique=False, **WAITING)
    op.create_index('ix_introduction_requests_position', 'introduction_requests', ['company_id', 'position_id', 'id'], unique=False)
    op.create_table('introduction_links',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('request_id', BigId, nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('licence_number', sa.String(length=20), nullable=False),
    sa.Column('legal_identity', sa.String(length=20), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_by_user_id', BigId, nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('closed_as', sa.Enum('taken-back', 'passed', 'request-ended', 'used', name='closed_as', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.CheckConstraint('(closed_at IS NULL) = (closed_as IS NULL)', name=op.f('ck_introduction_links_closed')),
    sa.ForeignKeyConstraint(['company_id', 'request_id', 'partner_id'], ['introduction_requests.company_id', 'introduction_requests.id', 'introduction_requests.partner_id'], name=op.f('fk_introduction_links_company_id_request_id_partner_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_introduction_links_company_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_introduction_links_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introduction_links')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_introduction_links_company_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_introduction_links_token_hash')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_introduction_links_request', 'introduction_links', ['company_id', 'request_id', 'id'], unique=False)
    op.create_index('uq_introduction_links_live', 'introduction_links', ['company_id', 'request_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('introductions',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('request_id', BigId, nullable=False),
    sa.Column('link_id', BigId, nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('application_id', BigId, nullable=True),
    sa.Column('invitation_id', BigId, nullable=True),
    sa.Column('accepted_at', UtcDateTime(), nullable=False),
    sa.Column('wording_version', sa.String(length=20), nullable=False),
    sa.Column('wording_hash', sa.String(length=64), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('promise_kept', sa.Boolean(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('company_answer', sa.Text(), nullable=False),
    sa.Column('company_answered_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.CheckConstraint('(promise_kept IS NULL) = (answered_at IS NULL)', name=op.f('ck_introductions_answered')),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_introductions_company_id_application_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_introductions_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'invitation_id'], ['interview_invitations.company_id', 'interview_invitations.id'], name=op.f('fk_introductions_company_id_invitation_id')),
    sa.ForeignKeyConstraint(['company_id', 'link_id'], ['introduction_links.company_id', 'introduction_links.id'], name=op.f('fk_introductions_company_id_link_id')),
    sa.ForeignKeyConstraint(['company_id', 'request_id', 'partner_id'], ['introduction_requests.company_id', 'introduction_requests.id', 'introduction_requests.partner_id'], name=op.f('fk_introductions_company_id_request_id_partner_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_introductions_company_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_introductions_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_introductions')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_introductions_company_id_id')),
    sa.UniqueConstraint('company_id', 'request_id', name=op.f('uq_introductions_company_id_request_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_introductions_company_application', 'introductions', ['company_id', 'application_id'], unique=False)
    op.create_index('ix_introductions_company_candidate', 'introductions', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_introductions_partner', 'introductions', ['partner_id', 'id'], unique=False)


def _give_back() -> None:
    """Release what waiting requests hold, by lines and events as a request that ended would write them.

    Below nothing ends a request, so a credit that one holds would be lost.
    """
    lines = sa.table('credit_entries', *(
        sa.column(name) for name in ('id', 'company_id', 'sequence', 'kind', 'amount', 'balance', 'reservation_id', 'reason')
    ), sa.column('at', UtcDateTime()), *(sa.column(name) for name in ACTOR))  # fmt: skip
    events = sa.table('events', *(
        sa.column(name) for name in ('tag', 'company_id', 'subject_kind', 'subject_id', 'ip', 'request_id')
    ), sa.column('at', UtcDateTime()), sa.column('data', sa.JSON()), *(sa.column(name) for name in ACTOR))  # fmt: skip
    connection = op.get_bind()
    held = sa.text("SELECT company_id, reservation_id FROM introduction_requests WHERE state IN ('open', 'offered') ORDER BY id")
    newest = sa.select(lines.c.sequence, lines.c.balance, lines.c.at).order_by(lines.c.sequence.desc()).limit(1)
    for company_id, reservation_id in connection.execute(held).all():
        last = connection.execute(newest.where(lines.c.company_id == company_id)).one()
        now = datetime.now(UTC)
        line: dict[str, Any] = {'company_id': company_id, 'sequence': last.sequence + 1, 'kind': 'released', 'amount': 1}
        line |= {'balance': last.balance + 1, 'reservation_id': reservation_id, 'reason': REASON, 'at': max(now, last.at)}
        line_id = connection.scalar(sa.insert(lines).values(**line, **ACTOR).returning(lines.c.id))
        about = {'subject_kind': 'credit', 'subject_id': line_id, 'data': {'balance': last.balance + 1}}
        event = {'tag': 'credit:released', 'company_id': company_id, 'at': now, 'ip': '', 'request_id': ''}
        connection.execute(sa.insert(events).values(**event, **about, **ACTOR))


def _stop_what_is_on_its_way() -> None:
    """Cancel mails, jobs, deliveries and ways into pages that are not known below."""
    op.execute("UPDATE messages SET state = 'cancelled' WHERE letter LIKE 'introduction-%' AND state IN ('scheduled', 'sending')")
    op.execute("DELETE FROM jobs WHERE kind = 'introductions'")
    op.execute("DELETE FROM event_deliveries WHERE consumer IN ('introductions-closed', 'introduction-results')")
    op.execute("DELETE FROM tokens WHERE purpose = 'introduction-request'")


def downgrade() -> None:
    """Requests are gone below; what they spent stays spent, and what waiting ones hold is free again."""
    _give_back()
    _stop_what_is_on_its_way()
    op.drop_index('ix_introductions_partner', table_name='introductions')
    op.drop_index('ix_introductions_company_candidate', table_name='introductions')
    op.drop_index('ix_introductions_company_application', table_name='introductions')
    op.drop_table('introductions')
    op.drop_index('uq_introduction_links_live', table_name='introduction_links')
    op.drop_index('ix_introduction_links_request', table_name='introduction_links')
    op.drop_table('introduction_links')
    op.drop_index('ix_introduction_requests_position', table_name='introduction_requests')
    op.drop_index('ix_introduction_requests_partner_waiting', table_name='introduction_requests')
    op.drop_index('ix_introduction_requests_pair', table_name='introduction_requests')
    op.drop_index('ix_introduction_requests_partner', table_name='introduction_requests')
    op.drop_index('ix_introduction_requests_due', table_name='introduction_requests')
    op.drop_index('ix_introduction_requests_company_state', table_name='introduction_requests')
    op.drop_index('ix_introduction_requests_company', table_name='introduction_requests')
    op.drop_table('introduction_requests')
    op.drop_table('guarantee_terms')
