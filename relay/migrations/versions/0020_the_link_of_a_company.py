"""the link of a company

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import UtcDateTime

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

ASKED_FOR = {name: sa.text("source = 'company-link'") for name in ('sqlite_where', 'postgresql_where')}
OF_LINK = {name: sa.text("subject_kind = 'relay-link'") for name in ('sqlite_where', 'postgresql_where')}
WAITING = {name: sa.text('waits_until IS NOT NULL') for name in ('sqlite_where', 'postgresql_where')}


def _source() -> sa.Column:
    kinds = sa.Enum('result-mail', 'company-link', name='source', native_enum=False, create_constraint=True, length=24)
    return sa.Column('source', kinds, nullable=False, server_default='result-mail')


def upgrade() -> None:
    """Every link so far came in a result mail, and every referral by one."""
    with op.batch_alter_table('relay_links') as batch:
        batch.add_column(_source())
        batch.add_column(sa.Column('waits_until', UtcDateTime(), nullable=True))
    with op.batch_alter_table('relay_links') as batch:
        batch.alter_column('source', server_default=None)
        batch.create_check_constraint('application_of_result_mail', "source = 'result-mail' OR application_id IS NULL")
        batch.create_index('ix_relay_links_waiting', ['company_id', 'waits_until'], unique=False, **WAITING)
        batch.create_index('uq_relay_links_asked_for', ['company_id', 'address_hash'], unique=True, **ASKED_FOR)
    with op.batch_alter_table('referrals') as batch:
        batch.add_column(_source())
        batch.add_column(sa.Column('import_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    with op.batch_alter_table('referrals') as batch:
        batch.alter_column('source', server_default=None)
        batch.create_index('ix_referrals_asked_for', ['company_id', 'source', 'import_id'], unique=False, **ASKED_FOR)
        batch.create_foreign_key(op.f('fk_referrals_company_id_import_id'), 'imports', ['company_id', 'import_id'], ['company_id', 'id'])
    op.create_index('ix_messages_relay_link', 'messages', ['subject_id'], unique=False, **OF_LINK)
    op.create_index('ix_consents_link', 'consents', ['via_company_id', 'via_relay_link_id', 'profile_id'], unique=False)


def downgrade() -> None:
    """Links that were asked for stay and open nothing: to the older version their application is gone."""
    op.drop_index('ix_messages_relay_link', table_name='messages', **OF_LINK)
    op.drop_index('ix_consents_link', table_name='consents')
    with op.batch_alter_table('referrals') as batch:
        batch.drop_constraint(op.f('fk_referrals_company_id_import_id'), type_='foreignkey')
        batch.drop_constraint(op.f('ck_referrals_source'), type_='check')
        batch.drop_index('ix_referrals_asked_for', **ASKED_FOR)
        batch.drop_column('import_id')
        batch.drop_column('source')
    with op.batch_alter_table('relay_links') as batch:
        batch.drop_index('uq_relay_links_asked_for', **ASKED_FOR)
        batch.drop_index('ix_relay_links_waiting', **WAITING)
        batch.drop_constraint(op.f('ck_relay_links_application_of_result_mail'), type_='check')
        batch.drop_constraint(op.f('ck_relay_links_source'), type_='check')
        batch.drop_column('waits_until')
        batch.drop_column('source')
