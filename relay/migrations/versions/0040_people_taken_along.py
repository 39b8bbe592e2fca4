"""people taken along in a file, and references that ended

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from relay import clock
from relay.models import triggers
from relay.models.base import BigId, UtcDateTime
from relay.models.retention import PROVISION

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

KINDS = ('made_available', 'viewed')
EXPORTED = 'exported'
ENDED_BEFORE = """
INSERT INTO ended_references
  (profile_id, partner_id, person_code, partner_name, registered_at, ended_at, keep_until)
SELECT consents.profile_id, consents.partner_id, profiles.code, MAX(consents.partner_name), MIN(consents.given_at),
  MAX(consent_withdrawals.at), :keep_until
FROM consents
JOIN profiles ON profiles.id = consents.profile_id
JOIN consent_withdrawals ON consent_withdrawals.consent_id = consents.id
WHERE NOT EXISTS (
  SELECT 1 FROM shares WHERE shares.profile_id = consents.profile_id AND shares.partner_id = consents.partner_id
)
GROUP BY consents.profile_id, consents.partner_id, profiles.code
"""


def _kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table('provision_records') as batch:
        batch.drop_constraint(op.f('ck_provision_records_kind'), type_='check')
        batch.create_check_constraint(op.f('ck_provision_records_kind'), sa.column('kind').in_(kinds))


def upgrade() -> None:
    """A reference that ended before gets its line where its person is still known: the day it ended is known too."""
    _kinds((*KINDS, EXPORTED))
    op.create_table(
        'ended_references',
        sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
        sa.Column('person_code', sa.String(length=9), nullable=False),
        sa.Column('partner_name', sa.String(length=200), nullable=False),
        sa.Column('registered_at', UtcDateTime(), nullable=False),
        sa.Column('ended_at', UtcDateTime(), nullable=False),
        sa.Column('deleted_at', UtcDateTime(), nullable=True),
        sa.Column('deleted_by_user_id', BigId, nullable=True),
        sa.Column('keep_until', sa.Date(), nullable=False),
        sa.Column('profile_id', BigId, nullable=False),
        sa.Column('partner_id', BigId, nullable=False),
        sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_ended_references_partner_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ended_references')),
        sqlite_autoincrement=True,
    )
    unanswered = sa.text('deleted_at IS NULL')
    table = 'ended_references'
    op.create_index('ix_ended_references_code', table, ['partner_id', 'person_code', 'id'])
    op.create_index(op.f('ix_ended_references_keep_until'), table, ['keep_until'])
    op.create_index('ix_ended_references_partner', table, ['partner_id', 'id'])
    op.create_index('ix_ended_references_profile', table, ['profile_id', 'id'])
    op.create_index(
        'ix_ended_references_unanswered',
        table,
        ['partner_id', 'id'],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )
    op.execute(sa.text(ENDED_BEFORE).bindparams(sa.bindparam('keep_until', clock.today() + PROVISION.length, sa.Date())))


def downgrade() -> None:
    """A file showed what an opening shows, so that is what the record says then; the rows are append-only."""
    op.drop_table('ended_references')
    triggers.remove(op.get_bind())  # made anew after the downgrade
    op.execute(f"UPDATE provision_records SET kind = 'viewed' WHERE kind = '{EXPORTED}'")  # noqa: S608
    _kinds(KINDS)
