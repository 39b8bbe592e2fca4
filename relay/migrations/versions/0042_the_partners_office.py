"""leads and agents of a partner; what each of them opened; people by company; incidents

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None

BEFORE = ('admin', 'recruiter', 'interviewer', 'viewer', 'agent')
ROLES = (*BEFORE[:-1], 'lead', 'agent')


FOUNDERS = """
    UPDATE users SET role = 'lead' WHERE role = 'agent' AND id IN (
        SELECT COALESCE(MIN(CASE WHEN disabled_at IS NULL THEN id END), MIN(id))
        FROM users WHERE partner_id IS NOT NULL GROUP BY partner_id
    )
"""
"""The first login of each partner that is not disabled."""


def _roles(roles: tuple[str, ...], of_partner: str, change: str) -> None:
    """Let a login have these roles, and change those of the partners' people."""
    with op.batch_alter_table('users') as batch:
        batch.drop_constraint(op.f('ck_users_role'), type_='check')
        batch.drop_constraint(op.f('ck_users_role_fits_home'), type_='check')
    op.execute(change)
    with op.batch_alter_table('users') as batch:
        batch.create_check_constraint(op.f('ck_users_role'), sa.column('role').in_(roles))
        batch.create_check_constraint(op.f('ck_users_role_fits_home'), f'({of_partner}) = (partner_id IS NOT NULL)')
    with op.batch_alter_table('invitations') as batch:
        batch.drop_constraint(op.f('ck_invitations_role'), type_='check')
        batch.create_check_constraint(op.f('ck_invitations_role'), sa.column('role').in_(roles))


def upgrade() -> None:
    """The first login of a partner is its lead, and names others: who was one before a downgrade is not kept."""
    op.create_table('partner_incidents',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('what', sa.String(length=100), nullable=False),
    sa.Column('noticed_at', UtcDateTime(), nullable=False),
    sa.Column('codes', sa.JSON(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=True),
    sa.Column('malicious', sa.Boolean(), nullable=False),
    sa.Column('measures', sa.Text(), nullable=False),
    sa.Column('reported_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('partner_id', BigId, nullable=False),
    sa.CheckConstraint('people IS NULL OR people >= 0', name=op.f('ck_partner_incidents_people')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_partner_incidents_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_incidents')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_partner_incidents_partner', 'partner_incidents', ['partner_id', 'id'], unique=False)
    op.create_index('ix_provision_records_user', 'provision_records', ['partner_id', 'user_id', 'id'], unique=False)
    op.create_index(
        'ix_provision_records_company', 'provision_records', ['partner_id', 'company_id', 'kind', 'profile_id', 'at'],
        unique=False,
    )
    _roles(ROLES, "role IN ('lead', 'agent')", FOUNDERS)


def _stop_later_mails() -> None:
    """Cancel mails of a kind that the letter did not know below: that a partner left, or reported an incident."""
    message = sa.table(
        'messages', sa.column('id', BigId), sa.column('letter', sa.String), sa.column('state', sa.String),
        sa.column('values', sa.JSON),
    )  # fmt: skip
    waiting = sa.select(message.c.id, message.c['values']).where(
        message.c.letter == 'partner-joined', message.c.state.in_(('scheduled', 'sending'))
    )
    later = [
        row.id for row in op.get_bind().execute(waiting).all() if (row[1] or {}).get('what') in ('left', 'incident')
    ]
    op.execute(sa.update(message).where(message.c.id.in_(later)).values(state='cancelled'))


def downgrade() -> None:
    _stop_later_mails()
    op.drop_table('partner_incidents')
    op.drop_index('ix_provision_records_company', table_name='provision_records')
    op.drop_index('ix_provision_records_user', table_name='provision_records')
    op.execute("UPDATE invitations SET role = 'agent' WHERE role = 'lead'")
    _roles(BEFORE, "role = 'agent'", "UPDATE users SET role = 'agent' WHERE role = 'lead'")
