"""people of a partner

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

STATES = ('new', 'contacted', 'interviewed', 'recommended', 'offered', 'joined', 'closed', 'guided', 'consulted', 'attending', 'completed')
UNOPENED = sa.text('opened_at IS NULL')
LAST = '\uffff'


def upgrade() -> None:
    op.create_table('partner_people',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.Column('role_order', _ordered(), nullable=False),
    sa.Column('place_order', _ordered(), nullable=False),
    sa.Column('work_state', sa.Enum(*STATES, name='work_state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('opened_at', UtcDateTime(), nullable=True),
    sa.Column('opened_by_user_id', BigId, nullable=True),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_partner_people_partner_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_partner_people_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_people')),
    sa.UniqueConstraint('partner_id', 'profile_id', name=op.f('uq_partner_people_partner_id_profile_id')),
    sqlite_autoincrement=True
    )
    _fill()
    for name, columns in {
        'company': ['company_id', 'since'], 'place': ['place_order'], 'role': ['role_order'],
        'since': ['since'], 'state': ['work_state', 'since'],
    }.items():  # fmt: skip
        op.create_index(f'ix_partner_people_{name}', 'partner_people', ['partner_id', *columns, 'id'], unique=False)
    op.create_index('ix_partner_people_unopened', 'partner_people', ['partner_id', 'since', 'id'], unique=False, sqlite_where=UNOPENED, postgresql_where=UNOPENED)
    op.create_index('ix_partner_people_profile', 'partner_people', ['profile_id'], unique=False)


def downgrade() -> None:
    op.drop_table('partner_people')


def _ordered() -> sa.types.TypeEngine[str]:
    return sa.String(length=100).with_variant(sa.String(length=100, collation='C'), 'postgresql')


def _fill() -> None:
    """One row for each person with a share at the partner, oldest first; what was opened is in the records."""
    said = "facts ->> '{}'" if op.get_context().dialect.name == 'postgresql' else "json_extract(facts, '$.{}')"
    role, place = (f"coalesce(nullif({said.format(item)}, ''), :last)" for item in ('desired_role', 'place'))
    op.execute(sa.text(f"""
        INSERT INTO partner_people (partner_id, profile_id, company_id, since, role_order, place_order, work_state)
        SELECT shared.partner_id, shared.profile_id, consents.via_company_id, shared.since, {role}, {place}, 'new'
        FROM (SELECT partner_id, profile_id, max(since) AS since, max(consent_id) AS consent_id
              FROM shares GROUP BY partner_id, profile_id) AS shared
        JOIN consents ON consents.id = shared.consent_id ORDER BY shared.since, shared.profile_id
    """).bindparams(last=LAST))  # noqa: S608
    op.execute("""
        UPDATE partner_people SET opened_at = viewed.at, opened_by_user_id = viewed.user_id
        FROM (SELECT partner_id, profile_id, at, user_id FROM provision_records WHERE id IN (
            SELECT max(id) FROM provision_records WHERE kind = 'viewed' GROUP BY partner_id, profile_id)) AS viewed
        WHERE viewed.partner_id = partner_people.partner_id AND viewed.profile_id = partner_people.profile_id
    """)
