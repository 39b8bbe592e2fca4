"""a company starts: practice, second factor, invitations, privacy texts, checked partnerships, erasure keys

Companies that are there are live and keep signing in as they did; everyone gets a random erasure key.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from relay.models.base import BigId, UtcDateTime
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

PURPOSES = ('relay', 'own-page', 'confirm-address', 'unsubscribe')
NEW_PURPOSES = ('practice', 'setup', 'invite', 'password', 'new-email')
ONE_RESULT = "letter = 'result' AND state IN ('scheduled', 'sending', 'sent')"

ADDED = {
    'candidates': ('erasure_key',),
    'companies': ('live_since', 'sending_stopped_at', 'second_factor_required', 'results_from', 'ats_name', 'mail_tested_at', 'runs_installation'),
    'messages': ('practice',),
    'partners': ('license_since', 'office', 'manager', 'complaints', 'notices_url', 'fees_url', 'register_url', 'second_factor_required'),
    'partnerships': ('company_accepted_on', 'company_accepted_by_user_id', 'partner_accepted_on', 'partner_accepted_by_user_id', 'checked_on', 'checked_by_user_id', 'checked_note'),
    'profiles': ('erasure_key',),
    'user_sessions': ('awaits_code', 'proven_at'),
    'users': ('new_email', 'totp_secret', 'totp_pending', 'totp_last_step', 'totp_enrolled_at', 'confidentiality_at'),
}


def upgrade() -> None:
    _tables()
    _columns()
    _fill()
    _settle()
    _purposes(PURPOSES + NEW_PURPOSES)
    _one_result(ONE_RESULT + ' AND NOT practice')


def downgrade() -> None:
    op.drop_table('practice_registrations')
    op.execute("DELETE FROM messages WHERE practice")
    op.execute(f"DELETE FROM tokens WHERE purpose IN {NEW_PURPOSES}")
    _one_result(ONE_RESULT)
    _purposes(PURPOSES)
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                if column == 'results_from':
                    batch.drop_constraint(op.f('ck_companies_results_from'), type_='check')
                batch.drop_column(column)
    for table in ('recovery_codes', 'purpose_texts', 'privacy_texts', 'mail_servers', 'invitations', 'mailed_codes', 'installation', 'erased_keys'):
        op.drop_table(table)


def _tables() -> None:
    op.create_table('erased_keys',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('key_hash', sa.String(length=64), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erased_keys')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_erased_keys_key_hash')),
    sqlite_autoincrement=True
    )
    op.create_table('installation',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('operator_name', sa.String(length=200), nullable=False),
    sa.Column('operator_address', sa.String(length=300), nullable=False),
    sa.Column('operator_contact', sa.String(length=200), nullable=False),
    sa.Column('notification_number', sa.String(length=20), nullable=False),
    sa.Column('waiver_with', sa.String(length=200), nullable=False),
    sa.Column('waiver_on', sa.Date(), nullable=True),
    sa.Column('answered_by_user_id', BigId, nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('report_year', sa.Integer(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_installation_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_installation')),
    sqlite_autoincrement=True
    )
    op.create_table('mailed_codes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('purpose', sa.Enum('mail-test', name='purpose', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('subject_id', BigId, nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mailed_codes')),
    sa.UniqueConstraint('purpose', 'subject_id', name=op.f('uq_mailed_codes_purpose_subject_id')),
    sqlite_autoincrement=True
    )
    op.create_table('invitations',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=True),
    sa.Column('partner_id', BigId, nullable=True),
    sa.Column('kind', sa.Enum('member', 'agent', 'partner', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('role', sa.Enum('admin', 'recruiter', 'interviewer', 'viewer', 'agent', name='role', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('rules_version', sa.String(length=20), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('accepted_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("(kind = 'agent') = (partner_id IS NOT NULL)", name=op.f('ck_invitations_kind_fits_house')),
    sa.CheckConstraint("(kind = 'partner') = (role IS NULL)", name=op.f('ck_invitations_people_have_roles')),
    sa.CheckConstraint('(company_id IS NULL) <> (partner_id IS NULL)', name=op.f('ck_invitations_one_house')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_invitations_company_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_invitations_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitations')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_invitations_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_invitations_company', 'invitations', ['company_id', 'id'], unique=False)
    op.create_index('ix_invitations_partner', 'invitations', ['partner_id', 'id'], unique=False)
    op.create_table('mail_servers',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('host', sa.String(length=200), nullable=False),
    sa.Column('port', sa.Integer(), nullable=False),
    sa.Column('tls', sa.Enum('starttls', 'tls', 'none', name='tls', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('username', sa.String(length=254), nullable=False),
    sa.Column('password', sa.String(length=1000), nullable=False),
    sa.Column('sender', sa.String(length=254), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('changed_by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_mail_servers_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_servers')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_mail_servers_company_id_id')),
    sa.UniqueConstraint('company_id', name=op.f('uq_mail_servers_company_id')),
    sqlite_autoincrement=True
    )
    op.create_table('privacy_texts',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('sections', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('published_at', UtcDateTime(), nullable=True),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_privacy_texts_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_texts')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_privacy_texts_company_id_id')),
    sa.UniqueConstraint('company_id', 'version', name=op.f('uq_privacy_texts_company_id_version')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_privacy_texts_published', 'privacy_texts', ['company_id', 'published_at'], unique=False)
    op.create_table('purpose_texts',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('purpose', sa.Enum('selection', 'pool', 'provision', name='purpose', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_purpose_texts_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purpose_texts')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_purpose_texts_company_id_id')),
    sa.UniqueConstraint('company_id', 'purpose', 'version', name=op.f('uq_purpose_texts_company_id_purpose_version')),
    sqlite_autoincrement=True
    )
    op.create_table('recovery_codes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('user_id', BigId, nullable=False),
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes')),
    sa.UniqueConstraint('user_id', 'code_hash', name=op.f('uq_recovery_codes_user_id_code_hash')),
    sqlite_autoincrement=True
    )
    op.create_table('practice_registrations',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('message_id', BigId, nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('partners', sa.JSON(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'message_id'], ['messages.company_id', 'messages.id'], name=op.f('fk_practice_registrations_company_id_message_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_practice_registrations_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practice_registrations')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_practice_registrations_company_id_id')),
    sa.UniqueConstraint('company_id', 'message_id', name=op.f('uq_practice_registrations_company_id_message_id')),
    sqlite_autoincrement=True
    )


def _columns() -> None:
    """The new columns of tables that are there, empty."""
    with op.batch_alter_table('candidates') as batch:
        batch.add_column(sa.Column('erasure_key', sa.String(length=32), nullable=True))
    with op.batch_alter_table('companies') as batch:
        batch.add_column(sa.Column('live_since', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('sending_stopped_at', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('second_factor_required', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('results_from', sa.Enum('ats', 'mail', 'relay', name='results_from', native_enum=False, create_constraint=True, length=24), nullable=True))
        batch.add_column(sa.Column('ats_name', sa.String(length=60), nullable=False, server_default=''))
        batch.add_column(sa.Column('mail_tested_at', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('runs_installation', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('messages') as batch:
        batch.add_column(sa.Column('practice', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('partners') as batch:
        batch.add_column(sa.Column('license_since', sa.Date(), nullable=True))
        batch.add_column(sa.Column('office', sa.String(length=300), nullable=False, server_default=''))
        batch.add_column(sa.Column('manager', sa.String(length=100), nullable=False, server_default=''))
        batch.add_column(sa.Column('complaints', sa.String(length=200), nullable=False, server_default=''))
        batch.add_column(sa.Column('notices_url', sa.String(length=300), nullable=False, server_default=''))
        batch.add_column(sa.Column('fees_url', sa.String(length=300), nullable=False, server_default=''))
        batch.add_column(sa.Column('register_url', sa.String(length=300), nullable=False, server_default=''))
        batch.add_column(sa.Column('second_factor_required', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('partnerships') as batch:
        batch.add_column(sa.Column('company_accepted_on', sa.Date(), nullable=True))
        batch.add_column(sa.Column('company_accepted_by_user_id', BigId, nullable=True))
        batch.add_column(sa.Column('partner_accepted_on', sa.Date(), nullable=True))
        batch.add_column(sa.Column('partner_accepted_by_user_id', BigId, nullable=True))
        batch.add_column(sa.Column('checked_on', sa.Date(), nullable=True))
        batch.add_column(sa.Column('checked_by_user_id', BigId, nullable=True))
        batch.add_column(sa.Column('checked_note', sa.String(length=200), nullable=False, server_default=''))
    with op.batch_alter_table('profiles') as batch:
        batch.add_column(sa.Column('erasure_key', sa.String(length=32), nullable=True))
    with op.batch_alter_table('user_sessions') as batch:
        batch.add_column(sa.Column('awaits_code', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('proven_at', UtcDateTime(), nullable=True))
    with op.batch_alter_table('users') as batch:
        batch.add_column(sa.Column('new_email', sa.String(length=254), nullable=False, server_default=''))
        batch.add_column(sa.Column('totp_secret', sa.String(length=400), nullable=False, server_default=''))
        batch.add_column(sa.Column('totp_pending', sa.String(length=400), nullable=False, server_default=''))
        batch.add_column(sa.Column('totp_last_step', BigId, nullable=False, server_default='0'))
        batch.add_column(sa.Column('totp_enrolled_at', UtcDateTime(), nullable=True))
        batch.add_column(sa.Column('confidentiality_at', UtcDateTime(), nullable=True))


def _fill() -> None:
    """What the new columns hold for rows that are there."""
    key = "lower(hex(randomblob(16)))" if op.get_bind().dialect.name == 'sqlite' else "replace(CAST(gen_random_uuid() AS text), '-', '')"
    for table in ('candidates', 'profiles'):
        op.execute(f"UPDATE {table} SET erasure_key = {key}")
    op.execute("UPDATE companies SET live_since = created_at")
    op.execute("UPDATE companies SET runs_installation = (id = (SELECT id FROM companies ORDER BY demo, id LIMIT 1))")
    op.execute("UPDATE partnerships SET company_accepted_on = accepted_on, partner_accepted_on = accepted_on")
    op.execute("UPDATE user_sessions SET proven_at = created_at")


def _settle() -> None:
    """From here on the new columns must be given."""
    with op.batch_alter_table('candidates') as batch:
        batch.alter_column('erasure_key', existing_type=sa.String(length=32), nullable=False)
    with op.batch_alter_table('companies') as batch:
        batch.alter_column('second_factor_required', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch.alter_column('ats_name', existing_type=sa.String(length=60), existing_nullable=False, server_default=None)
        batch.alter_column('runs_installation', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('messages') as batch:
        batch.alter_column('practice', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('partners') as batch:
        batch.alter_column('office', existing_type=sa.String(length=300), existing_nullable=False, server_default=None)
        batch.alter_column('manager', existing_type=sa.String(length=100), existing_nullable=False, server_default=None)
        batch.alter_column('complaints', existing_type=sa.String(length=200), existing_nullable=False, server_default=None)
        batch.alter_column('notices_url', existing_type=sa.String(length=300), existing_nullable=False, server_default=None)
        batch.alter_column('fees_url', existing_type=sa.String(length=300), existing_nullable=False, server_default=None)
        batch.alter_column('register_url', existing_type=sa.String(length=300), existing_nullable=False, server_default=None)
        batch.alter_column('second_factor_required', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('partnerships') as batch:
        batch.alter_column('checked_note', existing_type=sa.String(length=200), existing_nullable=False, server_default=None)
    with op.batch_alter_table('profiles') as batch:
        batch.alter_column('erasure_key', existing_type=sa.String(length=32), nullable=False)
    with op.batch_alter_table('user_sessions') as batch:
        batch.alter_column('awaits_code', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch.alter_column('proven_at', existing_type=UtcDateTime(), nullable=False)
    with op.batch_alter_table('users') as batch:
        batch.alter_column('new_email', existing_type=sa.String(length=254), existing_nullable=False, server_default=None)
        batch.alter_column('totp_secret', existing_type=sa.String(length=400), existing_nullable=False, server_default=None)
        batch.alter_column('totp_pending', existing_type=sa.String(length=400), existing_nullable=False, server_default=None)
        batch.alter_column('totp_last_step', existing_type=BigId, existing_nullable=False, server_default=None)


def _purposes(known: tuple[str, ...]) -> None:
    with op.batch_alter_table('tokens') as batch:
        batch.drop_constraint(op.f('ck_tokens_purpose'), type_='check')
        batch.create_check_constraint(op.f('ck_tokens_purpose'), sa.column('purpose').in_(known))


def _one_result(condition: str) -> None:
    op.drop_index('uq_messages_one_result', table_name='messages')
    op.create_index('uq_messages_one_result', 'messages', ['company_id', 'letter', 'subject_id'], unique=True, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
