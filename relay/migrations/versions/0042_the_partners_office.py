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


def _roles(roles: tuple[str, ...], of_partner: str, *, before: str, after: str) -> None:
    """Let a login have these roles, and give everybody of a partner who had one of them the other."""
    with op.batch_alter_table('users') as batch:
        batch.drop_constraint(op.f('ck_users_role'), type_='check')
        batch.drop_constraint(op.f('ck_users_role_fits_home'), type_='check')
    op.execute(sa.text('UPDATE users SET role = :after WHERE role = :before').bindparams(after=after, before=before))
    with op.batch_alter_table('users') as batch:
        batch.create_check_constraint(op.f('ck_users_role'), sa.column('role').in_(roles))
        batch.create_check_constraint(op.f('ck_users_role_fits_home'), f'({of_partner}) = (partner_id IS NOT NULL)')
    with op.batch_alter_table('invitations') as batch:
        batch.drop_constraint(op.f('ck_invitations_role'), type_='check')
        batch.create_check_constraint(op.f('ck_invitations_role'), sa.column('role').in_(roles))


def upgrade() -> None:
    """Everybody of a partner could do everything until now, and goes on to: as a lead."""
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
    _roles(ROLES, "role IN ('lead', 'agent')", before='agent', after='lead')


def downgrade() -> None:
    op.drop_table('partner_incidents')
    op.drop_index('ix_provision_records_company', table_name='provision_records')
    op.drop_index('ix_provision_records_user', table_name='provision_records')
    op.execute("UPDATE invitations SET role = 'agent' WHERE role = 'lead'")
    _roles(BEFORE, "role = 'agent'", before='lead', after='agent')
