"""the first tables

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from relay.models.base import BigId, UtcDateTime
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('companies',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('representative', sa.String(length=100), nullable=False),
    sa.Column('contact', sa.String(length=200), nullable=False),
    sa.Column('reply_to', sa.String(length=254), nullable=False),
    sa.Column('send_delay_minutes', sa.Integer(), nullable=False),
    sa.Column('relay_enabled', sa.Boolean(), nullable=False),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint('send_delay_minutes BETWEEN 0 AND 60', name=op.f('ck_companies_send_delay')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_companies')),
    sa.UniqueConstraint('slug', name=op.f('uq_companies_slug')),
    sqlite_autoincrement=True
    )
    op.create_table('events',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('tag', sa.String(length=40), nullable=False),
    sa.Column('company_id', BigId, nullable=True),
    sa.Column('partner_id', BigId, nullable=True),
    sa.Column('profile_id', BigId, nullable=True),
    sa.Column('actor_kind', sa.String(length=20), nullable=False),
    sa.Column('actor_id', BigId, nullable=True),
    sa.Column('subject_kind', sa.String(length=30), nullable=False),
    sa.Column('subject_id', BigId, nullable=True),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('request_id', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.create_index('ix_events_company_subject', ['company_id', 'subject_kind', 'subject_id', 'id'], unique=False)
        batch_op.create_index('ix_events_company_tag_at', ['company_id', 'tag', 'at'], unique=False)

    op.create_table('heartbeats',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeats')),
    sqlite_autoincrement=True
    )
    op.create_table('jobs',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('company_id', BigId, nullable=True),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'dead', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('progress', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.String(length=300), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs')),
    sa.UniqueConstraint('key', name=op.f('uq_jobs_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index('ix_jobs_due', ['state', 'due_at', 'id'], unique=False)

    op.create_table('partners',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.Enum('agency', 'school', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('representative', sa.String(length=100), nullable=False),
    sa.Column('contact', sa.String(length=200), nullable=False),
    sa.Column('about', sa.String(length=200), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=False),
    sa.Column('license_number', sa.String(length=20), nullable=True),
    sa.Column('license_until', sa.Date(), nullable=True),
    sa.Column('checked_on', sa.Date(), nullable=True),
    sa.Column('checked_by', sa.String(length=60), nullable=False),
    sa.Column('suspended_at', UtcDateTime(), nullable=True),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint("kind <> 'agency' OR license_number IS NOT NULL", name=op.f('ck_partners_agency_has_license')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partners')),
    sa.UniqueConstraint('license_number', name=op.f('uq_partners_license_number')),
    sa.UniqueConstraint('slug', name=op.f('uq_partners_slug')),
    sqlite_autoincrement=True
    )
    op.create_table('profiles',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('code', sa.String(length=9), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('email_key', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kana', sa.String(length=200), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('phone_key', sa.String(length=40), nullable=False),
    sa.Column('desired_role', sa.String(length=100), nullable=False),
    sa.Column('place', sa.String(length=100), nullable=False),
    sa.Column('experience', sa.Text(), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profiles')),
    sa.UniqueConstraint('code', name=op.f('uq_profiles_code')),
    sa.UniqueConstraint('email_key', name=op.f('uq_profiles_email_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('profiles', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_profiles_phone_key'), ['phone_key'], unique=False)

    op.create_table('provision_records',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.Enum('made_available', 'viewed', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('person_name', sa.String(length=200), nullable=False),
    sa.Column('person_code', sa.String(length=9), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('consent_id', BigId, nullable=False),
    sa.Column('consented_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('company_snapshot', sa.JSON(), nullable=False),
    sa.Column('partner_snapshot', sa.JSON(), nullable=False),
    sa.Column('user_id', BigId, nullable=True),
    sa.Column('keep_until', sa.Date(), nullable=False),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provision_records')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('provision_records', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provision_records_keep_until'), ['keep_until'], unique=False)
        batch_op.create_index('ix_provision_records_partner', ['partner_id', 'id'], unique=False)
        batch_op.create_index('ix_provision_records_profile', ['profile_id', 'id'], unique=False)

    op.create_table('rate_counts',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('window_start', UtcDateTime(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_rate_counts')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('rate_counts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rate_counts_window_start'), ['window_start'], unique=False)

    op.create_table('tokens',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('purpose', sa.Enum('relay', 'own-page', 'confirm-address', 'unsubscribe', name='purpose', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('subject_id', BigId, nullable=False),
    sa.Column('company_id', BigId, nullable=True),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('profile_id', BigId, nullable=True),
    sa.Column('message_id', BigId, nullable=True),
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tokens')),
    sa.UniqueConstraint('hash', name=op.f('uq_tokens_hash')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('tokens', schema=None) as batch_op:
        batch_op.create_index('ix_tokens_candidate', ['candidate_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tokens_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index('ix_tokens_profile', ['profile_id'], unique=False)
        batch_op.create_index('ix_tokens_subject', ['purpose', 'subject_id'], unique=False)

    op.create_table('candidates',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_key', sa.String(length=200), nullable=False),
    sa.Column('kana', sa.String(length=200), nullable=False),
    sa.Column('kana_key', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('email_key', sa.String(length=254), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('phone_key', sa.String(length=40), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=True),
    sa.Column('basis', sa.Enum('selection', 'stated', 'consented', name='basis', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('retain_until', sa.Date(), nullable=True),
    sa.Column('exit', sa.Enum('reapply', 'relay', 'scout', name='exit', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('under_age', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_candidates_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidates')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_candidates_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('candidates', schema=None) as batch_op:
        batch_op.create_index('ix_candidates_company_basis_id', ['company_id', 'basis', 'id'], unique=False)
        batch_op.create_index('ix_candidates_company_email', ['company_id', 'email_key'], unique=False)
        batch_op.create_index('ix_candidates_company_name', ['company_id', 'name_key'], unique=False)
        batch_op.create_index('ix_candidates_company_phone', ['company_id', 'phone_key'], unique=False)
        batch_op.create_index('ix_candidates_company_retain', ['company_id', 'retain_until'], unique=False)
        batch_op.create_index('ix_candidates_retain', ['retain_until'], unique=False)

    op.create_table('consents',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('purpose', sa.String(length=30), nullable=False),
    sa.Column('wording_version', sa.String(length=20), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('wording_hash', sa.String(length=64), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('locale', sa.String(length=5), nullable=False),
    sa.Column('given_at', UtcDateTime(), nullable=False),
    sa.Column('until', UtcDateTime(), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.Column('via_company_id', BigId, nullable=False),
    sa.Column('via_relay_link_id', BigId, nullable=False),
    sa.Column('via_token_id', BigId, nullable=True),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_consents_partner_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_consents_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents')),
    sa.UniqueConstraint('profile_id', 'id', name=op.f('uq_consents_profile_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.create_index('ix_consents_profile_partner', ['profile_id', 'partner_id', 'id'], unique=False)

    op.create_table('credit_entries',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('earned', 'reserved', 'released', 'spent', 'restored', 'expired', 'voided', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('balance', sa.Integer(), nullable=False),
    sa.Column('reservation_id', BigId, nullable=True),
    sa.Column('reverses_id', BigId, nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('actor_kind', sa.String(length=20), nullable=False),
    sa.Column('actor_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint("(kind = 'earned' AND amount = 1) OR (kind = 'reserved' AND amount = -1) OR (kind = 'released' AND amount = 1) OR (kind = 'spent' AND amount = 0) OR (kind = 'restored' AND amount = 1) OR (kind = 'expired' AND amount = -1) OR (kind = 'voided' AND amount = -1)", name=op.f('ck_credit_entries_amount_of_kind')),
    sa.CheckConstraint("(kind IN ('released', 'spent')) = (reservation_id IS NOT NULL)", name=op.f('ck_credit_entries_ends_reservation')),
    sa.CheckConstraint("(kind IN ('voided', 'restored')) = (reverses_id IS NOT NULL)", name=op.f('ck_credit_entries_reverses_a_line')),
    sa.CheckConstraint('balance >= 0', name=op.f('ck_credit_entries_never_negative')),
    sa.ForeignKeyConstraint(['company_id', 'reservation_id'], ['credit_entries.company_id', 'credit_entries.id'], name=op.f('fk_credit_entries_company_id_reservation_id')),
    sa.ForeignKeyConstraint(['company_id', 'reverses_id'], ['credit_entries.company_id', 'credit_entries.id'], name=op.f('fk_credit_entries_company_id_reverses_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_credit_entries_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_entries')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_credit_entries_company_id_id')),
    sa.UniqueConstraint('company_id', 'reverses_id', name=op.f('uq_credit_entries_company_id_reverses_id')),
    sa.UniqueConstraint('company_id', 'sequence', name=op.f('uq_credit_entries_company_id_sequence')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('credit_entries', schema=None) as batch_op:
        batch_op.create_index('uq_credit_entries_one_end', ['company_id', 'reservation_id'], unique=True, sqlite_where=sa.text("kind IN ('released', 'spent')"), postgresql_where=sa.text("kind IN ('released', 'spent')"))

    op.create_table('event_deliveries',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('event_id', BigId, nullable=False),
    sa.Column('consumer', sa.String(length=30), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_deliveries_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_deliveries')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('event_deliveries', schema=None) as batch_op:
        batch_op.create_index('ix_event_deliveries_due', ['lease_until', 'id'], unique=False)

    op.create_table('mail_templates',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('letter', sa.String(length=30), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('archived_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_mail_templates_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_templates')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_mail_templates_company_id_id')),
    sa.UniqueConstraint('company_id', 'name', name=op.f('uq_mail_templates_company_id_name')),
    sqlite_autoincrement=True
    )
    op.create_table('opt_outs',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('mail_class', sa.Enum('transactional', 'relay', 'promo', name='mail_class', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('via', sa.String(length=20), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_opt_outs_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_opt_outs')),
    sa.UniqueConstraint('company_id', 'address_hash', 'mail_class', name=op.f('uq_opt_outs_company_id_address_hash_mail_class')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_opt_outs_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_table('partnerships',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('rules_version', sa.String(length=20), nullable=False),
    sa.Column('accepted_on', sa.Date(), nullable=False),
    sa.Column('free_introductions_per_year', sa.Integer(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_partnerships_company_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_partnerships_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partnerships')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_partnerships_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('partnerships', schema=None) as batch_op:
        batch_op.create_index('uq_partnerships_standing', ['company_id', 'partner_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('positions',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('title_key', sa.String(length=200), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_positions_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_positions')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_positions_company_id_id')),
    sa.UniqueConstraint('company_id', 'title_key', name=op.f('uq_positions_company_id_title_key')),
    sqlite_autoincrement=True
    )
    op.create_table('tags',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('kind', sa.Enum('skill', 'role', 'evaluation', 'reason', 'free', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('name_key', sa.String(length=60), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_tags_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tags')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_tags_company_id_id')),
    sa.UniqueConstraint('company_id', 'name_key', name=op.f('uq_tags_company_id_name_key')),
    sqlite_autoincrement=True
    )
    op.create_table('users',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=True),
    sa.Column('partner_id', BigId, nullable=True),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('email_key', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('role', sa.Enum('admin', 'recruiter', 'interviewer', 'viewer', 'agent', name='role', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('disabled_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("(role = 'agent') = (partner_id IS NOT NULL)", name=op.f('ck_users_role_fits_home')),
    sa.CheckConstraint('(company_id IS NULL) <> (partner_id IS NULL)', name=op.f('ck_users_one_home')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_users_company_id')),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_users_partner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_users_company_id_id')),
    sa.UniqueConstraint('email_key', name=op.f('uq_users_email_key')),
    sqlite_autoincrement=True
    )
    op.create_table('applications',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('position_id', BigId, nullable=True),
    sa.Column('channel', sa.String(length=100), nullable=False),
    sa.Column('channel_detail', sa.String(length=100), nullable=False),
    sa.Column('stage', sa.String(length=100), nullable=False),
    sa.Column('status', sa.Enum('open', 'rejected', 'withdrew', 'duplicate', 'hired', name='status', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('applied_on', sa.Date(), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('decided_by_user_id', BigId, nullable=True),
    sa.Column('decided_in_relay', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.Enum('skills', 'comparison', 'filled', 'conditions', 'documents', 'other', name='reason', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('told_at', UtcDateTime(), nullable=True),
    sa.Column('told_by', sa.Enum('relay', 'elsewhere', name='told_by', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint("(status = 'open') = (decided_on IS NULL)", name=op.f('ck_applications_decided')),
    sa.CheckConstraint("reason IS NULL OR status = 'rejected'", name=op.f('ck_applications_reason_of_rejection')),
    sa.CheckConstraint('(told_at IS NULL) = (told_by IS NULL)', name=op.f('ck_applications_told')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_applications_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'position_id'], ['positions.company_id', 'positions.id'], name=op.f('fk_applications_company_id_position_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_applications_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_applications')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_applications_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('applications', schema=None) as batch_op:
        batch_op.create_index('ix_applications_company_candidate', ['company_id', 'candidate_id', 'id'], unique=False)
        batch_op.create_index('ix_applications_company_position', ['company_id', 'position_id', 'id'], unique=False)
        batch_op.create_index('ix_applications_company_status_told', ['company_id', 'status', 'told_at', 'id'], unique=False)

    op.create_table('candidate_search',
    sa.Column('candidate_id', BigId, autoincrement=False, nullable=False),
    sa.Column('company', sa.String(length=24), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('tsv', postgresql.TSVECTOR().with_variant(sa.Text(), 'sqlite'), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_candidate_search_company_id_candidate_id')),
    sa.PrimaryKeyConstraint('candidate_id', name=op.f('pk_candidate_search'))
    )
    with op.batch_alter_table('candidate_search', schema=None) as batch_op:
        batch_op.create_index('ix_candidate_search_company', ['company_id', 'candidate_id'], unique=False)

    op.create_table('candidate_tags',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('tag_id', BigId, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_candidate_tags_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'tag_id'], ['tags.company_id', 'tags.id'], name=op.f('fk_candidate_tags_company_id_tag_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_candidate_tags_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidate_tags')),
    sa.UniqueConstraint('company_id', 'candidate_id', 'tag_id', name=op.f('uq_candidate_tags_company_id_candidate_id_tag_id')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_candidate_tags_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('candidate_tags', schema=None) as batch_op:
        batch_op.create_index('ix_candidate_tags_company_tag', ['company_id', 'tag_id', 'candidate_id'], unique=False)

    op.create_table('consent_withdrawals',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('consent_id', BigId, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('way', sa.String(length=20), nullable=False),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['profile_id', 'consent_id'], ['consents.profile_id', 'consents.id'], name=op.f('fk_consent_withdrawals_profile_id_consent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_withdrawals')),
    sa.UniqueConstraint('consent_id', name=op.f('uq_consent_withdrawals_consent_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('consent_withdrawals', schema=None) as batch_op:
        batch_op.create_index('ix_consent_withdrawals_profile', ['profile_id'], unique=False)

    op.create_table('imports',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('state', sa.Enum('previewed', 'applied', 'discarded', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('format', sa.String(length=20), nullable=False),
    sa.Column('basis', sa.Enum('selection', 'stated', 'consented', name='basis', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('applied_at', UtcDateTime(), nullable=True),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_imports_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_imports_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imports')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_imports_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.create_index('ix_imports_company_id', ['company_id', 'id'], unique=False)

    op.create_table('mail_template_versions',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('template_id', BigId, nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'template_id'], ['mail_templates.company_id', 'mail_templates.id'], name=op.f('fk_mail_template_versions_company_id_template_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_mail_template_versions_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_template_versions')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_mail_template_versions_company_id_id')),
    sa.UniqueConstraint('company_id', 'template_id', 'version', name=op.f('uq_mail_template_versions_company_id_template_id_version')),
    sqlite_autoincrement=True
    )
    op.create_table('notes',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('imported', sa.Boolean(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_notes_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_notes_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notes')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_notes_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('notes', schema=None) as batch_op:
        batch_op.create_index('ix_notes_company_candidate', ['company_id', 'candidate_id', 'id'], unique=False)

    op.create_table('shares',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('relay_link_id', BigId, nullable=False),
    sa.Column('consent_id', BigId, nullable=False),
    sa.Column('since', UtcDateTime(), nullable=False),
    sa.Column('until', UtcDateTime(), nullable=False),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['partner_id'], ['partners.id'], name=op.f('fk_shares_partner_id')),
    sa.ForeignKeyConstraint(['profile_id', 'consent_id'], ['consents.profile_id', 'consents.id'], name=op.f('fk_shares_profile_id_consent_id')),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_shares_profile_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shares')),
    sa.UniqueConstraint('profile_id', 'partner_id', 'company_id', name=op.f('uq_shares_profile_id_partner_id_company_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('shares', schema=None) as batch_op:
        batch_op.create_index('ix_shares_partner_since', ['partner_id', 'since', 'id'], unique=False)

    op.create_table('user_sessions',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('user_id', BigId, nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('last_seen_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('agent', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_sessions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_sessions')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_user_sessions_token_hash')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('user_sessions', schema=None) as batch_op:
        batch_op.create_index('ix_user_sessions_user_id', ['user_id'], unique=False)

    op.create_table('messages',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=True),
    sa.Column('letter', sa.String(length=30), nullable=False),
    sa.Column('mail_class', sa.Enum('transactional', 'relay', 'promo', name='mail_class', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('subject_kind', sa.String(length=30), nullable=False),
    sa.Column('subject_id', BigId, nullable=True),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('profile_id', BigId, nullable=True),
    sa.Column('to_address', sa.String(length=254), nullable=False),
    sa.Column('template_version_id', BigId, nullable=True),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('batch', sa.String(length=36), nullable=False),
    sa.Column('state', sa.Enum('draft', 'scheduled', 'sending', 'sent', 'bounced', 'failed', 'cancelled', 'suppressed', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('message_id', sa.String(length=120), nullable=False),
    sa.Column('last_error', sa.String(length=300), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('settled_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_messages_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'template_version_id'], ['mail_template_versions.company_id', 'mail_template_versions.id'], name=op.f('fk_messages_company_id_template_version_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_messages_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_messages_company_id_id')),
    sa.UniqueConstraint('message_id', name=op.f('uq_messages_message_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index('ix_messages_company_candidate', ['company_id', 'candidate_id', 'id'], unique=False)
        batch_op.create_index('ix_messages_company_state', ['company_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_messages_due', ['state', 'due_at', 'id'], unique=False)
        batch_op.create_index('ix_messages_to_address', ['to_address'], unique=False)
        batch_op.create_index('uq_messages_one_result', ['company_id', 'letter', 'subject_id'], unique=True, sqlite_where=sa.text("letter = 'result' AND state IN ('scheduled', 'sending', 'sent')"), postgresql_where=sa.text("letter = 'result' AND state IN ('scheduled', 'sending', 'sent')"))

    op.create_table('relay_links',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('application_id', BigId, nullable=True),
    sa.Column('address_hash', sa.String(length=64), nullable=True),
    sa.Column('state', sa.Enum('issued', 'sent', 'registered', 'declined', 'expired', 'revoked', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('issued_at', UtcDateTime(), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('visited_at', UtcDateTime(), nullable=True),
    sa.Column('registered_at', UtcDateTime(), nullable=True),
    sa.Column('declined_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_relay_links_company_id_application_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_relay_links_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_relay_links_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_relay_links')),
    sa.UniqueConstraint('company_id', 'application_id', name=op.f('uq_relay_links_company_id_application_id')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_relay_links_company_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('relay_links', schema=None) as batch_op:
        batch_op.create_index('ix_relay_links_company_candidate', ['company_id', 'candidate_id'], unique=False)
        batch_op.create_index('ix_relay_links_company_state', ['company_id', 'state'], unique=False)

    op.create_table('source_records',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('source_id', sa.String(length=100), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('application_id', BigId, nullable=True),
    sa.Column('import_id', BigId, nullable=True),
    sa.Column('values', sa.JSON(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_source_records_company_id_application_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_source_records_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'import_id'], ['imports.company_id', 'imports.id'], name=op.f('fk_source_records_company_id_import_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_source_records_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_records')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_source_records_company_id_id')),
    sa.UniqueConstraint('company_id', 'source', 'source_id', name=op.f('uq_source_records_company_id_source_source_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('source_records', schema=None) as batch_op:
        batch_op.create_index('ix_source_records_company_candidate', ['company_id', 'candidate_id'], unique=False)

    op.create_table('pending_registrations',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.Column('relay_link_id', BigId, nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('email_key', sa.String(length=254), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'relay_link_id'], ['relay_links.company_id', 'relay_links.id'], name=op.f('fk_pending_registrations_company_id_relay_link_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pending_registrations')),
    sa.UniqueConstraint('relay_link_id', name=op.f('uq_pending_registrations_relay_link_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('pending_registrations', schema=None) as batch_op:
        batch_op.create_index('ix_pending_registrations_candidate', ['candidate_id'], unique=False)
        batch_op.create_index('ix_pending_registrations_email', ['email_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_pending_registrations_expires_at'), ['expires_at'], unique=False)

    op.create_table('referrals',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('relay_link_id', BigId, nullable=True),
    sa.Column('completed_at', UtcDateTime(), nullable=False),
    sa.Column('voided_at', UtcDateTime(), nullable=True),
    sa.Column('void_reason', sa.String(length=200), nullable=False),
    sa.Column('voided_by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint("(voided_at IS NULL) = (void_reason = '')", name=op.f('ck_referrals_void_has_reason')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_referrals_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id', 'relay_link_id'], ['relay_links.company_id', 'relay_links.id'], name=op.f('fk_referrals_company_id_relay_link_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_referrals_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referrals')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_referrals_company_id_id')),
    sa.UniqueConstraint('company_id', 'number', name=op.f('uq_referrals_company_id_number')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('referrals', schema=None) as batch_op:
        batch_op.create_index('ix_referrals_company_candidate', ['company_id', 'candidate_id'], unique=False)

    op.create_table('credit_referrals',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('entry_id', BigId, nullable=False),
    sa.Column('referral_id', BigId, nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'entry_id'], ['credit_entries.company_id', 'credit_entries.id'], name=op.f('fk_credit_referrals_company_id_entry_id')),
    sa.ForeignKeyConstraint(['company_id', 'referral_id'], ['referrals.company_id', 'referrals.id'], name=op.f('fk_credit_referrals_company_id_referral_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_credit_referrals_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_referrals')),
    sa.UniqueConstraint('company_id', 'entry_id', 'referral_id', name=op.f('uq_credit_referrals_company_id_entry_id_referral_id')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_credit_referrals_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_table('referral_addresses',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('referral_id', BigId, nullable=False),
    sa.Column('address_hash', sa.String(length=64), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'referral_id'], ['referrals.company_id', 'referrals.id'], name=op.f('fk_referral_addresses_company_id_referral_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_referral_addresses_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_referral_addresses')),
    sa.UniqueConstraint('company_id', 'address_hash', name=op.f('uq_referral_addresses_company_id_address_hash')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_referral_addresses_company_id_id')),
    sqlite_autoincrement=True
    )

    if op.get_bind().dialect.name == "sqlite":
        op.execute(FTS_TABLE)
    else:
        op.create_index('ix_candidate_search_tsv', 'candidate_search', ['tsv'], postgresql_using='gin')


FTS_TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS candidate_fts USING fts5(
  body, company, content='candidate_search', content_rowid='candidate_id',
  tokenize='unicode61 remove_diacritics 0'
)
"""


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE candidate_fts")

    op.drop_table('referral_addresses')
    op.drop_table('credit_referrals')
    with op.batch_alter_table('referrals', schema=None) as batch_op:
        batch_op.drop_index('ix_referrals_company_candidate')

    op.drop_table('referrals')
    with op.batch_alter_table('pending_registrations', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pending_registrations_expires_at'))
        batch_op.drop_index('ix_pending_registrations_email')
        batch_op.drop_index('ix_pending_registrations_candidate')

    op.drop_table('pending_registrations')
    with op.batch_alter_table('source_records', schema=None) as batch_op:
        batch_op.drop_index('ix_source_records_company_candidate')

    op.drop_table('source_records')
    with op.batch_alter_table('relay_links', schema=None) as batch_op:
        batch_op.drop_index('ix_relay_links_company_state')
        batch_op.drop_index('ix_relay_links_company_candidate')

    op.drop_table('relay_links')
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.drop_index('uq_messages_one_result', sqlite_where=sa.text("letter = 'result' AND state IN ('scheduled', 'sending', 'sent')"), postgresql_where=sa.text("letter = 'result' AND state IN ('scheduled', 'sending', 'sent')"))
        batch_op.drop_index('ix_messages_to_address')
        batch_op.drop_index('ix_messages_due')
        batch_op.drop_index('ix_messages_company_state')
        batch_op.drop_index('ix_messages_company_candidate')

    op.drop_table('messages')
    with op.batch_alter_table('user_sessions', schema=None) as batch_op:
        batch_op.drop_index('ix_user_sessions_user_id')

    op.drop_table('user_sessions')
    with op.batch_alter_table('shares', schema=None) as batch_op:
        batch_op.drop_index('ix_shares_partner_since')

    op.drop_table('shares')
    with op.batch_alter_table('notes', schema=None) as batch_op:
        batch_op.drop_index('ix_notes_company_candidate')

    op.drop_table('notes')
    op.drop_table('mail_template_versions')
    with op.batch_alter_table('imports', schema=None) as batch_op:
        batch_op.drop_index('ix_imports_company_id')

    op.drop_table('imports')
    with op.batch_alter_table('consent_withdrawals', schema=None) as batch_op:
        batch_op.drop_index('ix_consent_withdrawals_profile')

    op.drop_table('consent_withdrawals')
    with op.batch_alter_table('candidate_tags', schema=None) as batch_op:
        batch_op.drop_index('ix_candidate_tags_company_tag')

    op.drop_table('candidate_tags')
    with op.batch_alter_table('candidate_search', schema=None) as batch_op:
        batch_op.drop_index('ix_candidate_search_company')

    op.drop_table('candidate_search')
    with op.batch_alter_table('applications', schema=None) as batch_op:
        batch_op.drop_index('ix_applications_company_status_told')
        batch_op.drop_index('ix_applications_company_position')
        batch_op.drop_index('ix_applications_company_candidate')

    op.drop_table('applications')
    op.drop_table('users')
    op.drop_table('tags')
    op.drop_table('positions')
    with op.batch_alter_table('partnerships', schema=None) as batch_op:
        batch_op.drop_index('uq_partnerships_standing', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('partnerships')
    op.drop_table('opt_outs')
    op.drop_table('mail_templates')
    with op.batch_alter_table('event_deliveries', schema=None) as batch_op:
        batch_op.drop_index('ix_event_deliveries_due')

    op.drop_table('event_deliveries')
    with op.batch_alter_table('credit_entries', schema=None) as batch_op:
        batch_op.drop_index('uq_credit_entries_one_end', sqlite_where=sa.text("kind IN ('released', 'spent')"), postgresql_where=sa.text("kind IN ('released', 'spent')"))

    op.drop_table('credit_entries')
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.drop_index('ix_consents_profile_partner')

    op.drop_table('consents')
    with op.batch_alter_table('candidates', schema=None) as batch_op:
        batch_op.drop_index('ix_candidates_retain')
        batch_op.drop_index('ix_candidates_company_retain')
        batch_op.drop_index('ix_candidates_company_phone')
        batch_op.drop_index('ix_candidates_company_name')
        batch_op.drop_index('ix_candidates_company_email')
        batch_op.drop_index('ix_candidates_company_basis_id')

    op.drop_table('candidates')
    with op.batch_alter_table('tokens', schema=None) as batch_op:
        batch_op.drop_index('ix_tokens_subject')
        batch_op.drop_index('ix_tokens_profile')
        batch_op.drop_index(batch_op.f('ix_tokens_expires_at'))
        batch_op.drop_index('ix_tokens_candidate')

    op.drop_table('tokens')
    with op.batch_alter_table('rate_counts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rate_counts_window_start'))

    op.drop_table('rate_counts')
    with op.batch_alter_table('provision_records', schema=None) as batch_op:
        batch_op.drop_index('ix_provision_records_profile')
        batch_op.drop_index('ix_provision_records_partner')
        batch_op.drop_index(batch_op.f('ix_provision_records_keep_until'))

    op.drop_table('provision_records')
    with op.batch_alter_table('profiles', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_profiles_phone_key'))

    op.drop_table('profiles')
    op.drop_table('partners')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_due')

    op.drop_table('jobs')
    op.drop_table('heartbeats')
    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_index('ix_events_company_tag_at')
        batch_op.drop_index('ix_events_company_subject')

    op.drop_table('events')
    op.drop_table('companies')
