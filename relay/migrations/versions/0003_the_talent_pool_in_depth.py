"""the talent pool in depth: acts that can be taken back

Revision ID: 0003
Revises: 0002
"""

from datetime import datetime, timezone

import sqlalchemy as sa
from alembic import op
from relay.models.base import BigId, UtcDateTime
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _journal()
    _tags()
    _bulk_acts()
    _intake()
    _saved_searches()
    _record()
    _duplicates()
    _rules()
    _gaps()
    _search_words()


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE kind = 'search-words'")
    _without_gaps()
    for table in ('rule_checks', 'rule_hits', 'tag_rules'):
        op.drop_table(table)
    _without_duplicates()
    _without_record()
    op.drop_index('ix_referrals_company_voided', table_name='referrals')
    op.drop_table('saved_searches')
    _without_intake()
    op.drop_table('bulk_acts')
    with op.batch_alter_table('tags') as batch:
        batch.drop_constraint(op.f('ck_tags_colour'), type_='check')
        batch.drop_column('colour')
    op.drop_table('journal_images')
    op.drop_table('journal_entries')


IMPORT_STATES = ('previewed', 'applied', 'discarded')
NEW_IMPORT_STATES = ('previewed', 'queued', 'applied', 'discarded')


def _import_states(states: tuple[str, ...]) -> None:
    with op.batch_alter_table('imports') as batch:
        batch.drop_constraint(op.f('ck_imports_state'), type_='check')
        batch.create_check_constraint(op.f('ck_imports_state'), sa.column('state').in_(states))


def _intake() -> None:
    with op.batch_alter_table('candidates') as batch:
        batch.add_column(sa.Column('qualifications', sa.Text(), nullable=False, server_default=''))
        batch.add_column(sa.Column('wished_role', sa.String(length=200), nullable=False, server_default=''))
        batch.add_column(sa.Column('reapply', sa.Enum('yes', 'maybe', 'no', name='reapply', native_enum=False, create_constraint=True, length=24), nullable=True))
    with op.batch_alter_table('candidates') as batch:
        batch.alter_column('qualifications', server_default=None)
        batch.alter_column('wished_role', server_default=None)
    _import_states(NEW_IMPORT_STATES)
    with op.batch_alter_table('imports') as batch:
        batch.add_column(sa.Column('journal_entry_id', BigId, nullable=True))
    op.create_table('application_steps',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('application_id', BigId, nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('on', sa.Date(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('result', sa.String(length=100), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('imported', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('score IS NULL OR score BETWEEN 1 AND 5', name=op.f('ck_application_steps_score')),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_application_steps_company_id_application_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_application_steps_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_application_steps_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_steps')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_application_steps_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_application_steps_company_candidate', 'application_steps', ['company_id', 'candidate_id', 'application_id', 'place'], unique=False)
    op.create_index('ix_application_steps_company_application', 'application_steps', ['company_id', 'application_id'], unique=False)
    op.create_index('ix_application_steps_company_score', 'application_steps', ['company_id', 'score', 'candidate_id'], unique=False)
    op.create_table('import_mappings',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_import_mappings_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_import_mappings_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_mappings')),
    sa.UniqueConstraint('company_id', 'fingerprint', name=op.f('uq_import_mappings_company_id_fingerprint')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_import_mappings_company_id_id')),
    sqlite_autoincrement=True
    )


def _without_intake() -> None:
    op.drop_table('import_mappings')
    op.drop_table('application_steps')
    op.execute("UPDATE imports SET state = 'discarded', content = NULL WHERE state = 'queued'")
    with op.batch_alter_table('imports') as batch:
        batch.drop_column('journal_entry_id')
    _import_states(IMPORT_STATES)
    with op.batch_alter_table('candidates') as batch:
        batch.drop_constraint(op.f('ck_candidates_reapply'), type_='check')
        batch.drop_column('reapply')
        batch.drop_column('wished_role')
        batch.drop_column('qualifications')


def _journal() -> None:
    op.create_table('journal_entries',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('act', sa.Enum('tagged', 'untagged', 'exit-set', 'tags-merged', 'tag-dropped', 'rule-applied', 'imported', 'merged', 'edited', name='act', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('undo_until', UtcDateTime(), nullable=False),
    sa.Column('undone_at', UtcDateTime(), nullable=True),
    sa.Column('undone_by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_journal_entries_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_journal_entries_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_entries')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_journal_entries_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_journal_entries_company_at', 'journal_entries', ['company_id', 'at', 'id'], unique=False)
    op.create_table('journal_images',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('entry_id', BigId, nullable=False),
    sa.Column('candidate_id', BigId, nullable=True),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'entry_id'], ['journal_entries.company_id', 'journal_entries.id'], name=op.f('fk_journal_images_company_id_entry_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_journal_images_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_images')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_journal_images_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_journal_images_company_candidate', 'journal_images', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_journal_images_company_entry', 'journal_images', ['company_id', 'entry_id', 'id'], unique=False)


def _tags() -> None:
    colour = sa.Enum('plain', 'green', 'blue', 'violet', 'rose', 'ochre', name='colour', native_enum=False, create_constraint=True, length=24)
    with op.batch_alter_table('tags') as batch:
        batch.add_column(sa.Column('colour', colour, nullable=False, server_default='plain'))
    with op.batch_alter_table('tags') as batch:
        batch.alter_column('colour', existing_type=colour, existing_nullable=False, server_default=None)


def _bulk_acts() -> None:
    op.create_table('bulk_acts',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('entry_id', BigId, nullable=False),
    sa.Column('deed', sa.JSON(), nullable=False),
    sa.Column('conditions', sa.JSON(), nullable=True),
    sa.Column('below_id', BigId, nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'entry_id'], ['journal_entries.company_id', 'journal_entries.id'], name=op.f('fk_bulk_acts_company_id_entry_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_bulk_acts_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_acts')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_bulk_acts_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_bulk_acts_company_entry', 'bulk_acts', ['company_id', 'entry_id'], unique=False)


def _saved_searches() -> None:
    op.create_table('saved_searches',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('user_id', BigId, nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('name_key', sa.String(length=60), nullable=False),
    sa.Column('conditions', sa.JSON(), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'user_id'], ['users.company_id', 'users.id'], name=op.f('fk_saved_searches_company_id_user_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_saved_searches_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_searches')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_saved_searches_company_id_id')),
    sa.UniqueConstraint('company_id', 'user_id', 'name_key', name=op.f('uq_saved_searches_company_id_user_id_name_key')),
    sqlite_autoincrement=True
    )
    voided = sa.text('voided_at IS NOT NULL')
    op.create_index('ix_referrals_company_voided', 'referrals', ['company_id'], unique=False, sqlite_where=voided, postgresql_where=voided)
    op.create_index('ix_saved_searches_company_shared', 'saved_searches', ['company_id', 'shared', 'name_key'], unique=False)


def _record() -> None:
    with op.batch_alter_table('candidates') as batch:
        batch.add_column(sa.Column('contact_stopped_at', UtcDateTime(), nullable=True))
    with op.batch_alter_table('notes') as batch:
        batch.add_column(sa.Column('way', sa.Enum('phone', 'mail', 'meeting', 'other', name='way', native_enum=False, create_constraint=True, length=24), nullable=True))
    op.create_table('attachments',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('kind', sa.Enum('pdf', 'docx', 'xlsx', 'jpg', 'png', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('stored_as', sa.String(length=32), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'read', 'none', 'unreadable', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_attachments_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_attachments_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_attachments_company_id_id')),
    sa.UniqueConstraint('stored_as', name=op.f('uq_attachments_stored_as')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_attachments_company_candidate', 'attachments', ['company_id', 'candidate_id', 'id'], unique=False)


def _without_record() -> None:
    op.drop_table('attachments')
    with op.batch_alter_table('notes') as batch:
        batch.drop_constraint(op.f('ck_notes_way'), type_='check')
        batch.drop_column('way')
    with op.batch_alter_table('candidates') as batch:
        batch.drop_column('contact_stopped_at')


def _duplicates() -> None:
    op.create_table('different_people',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('one_id', BigId, nullable=False),
    sa.Column('other_id', BigId, nullable=False),
    sa.Column('by_file', sa.Boolean(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_different_people_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id', 'one_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_different_people_company_id_one_id')),
    sa.ForeignKeyConstraint(['company_id', 'other_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_different_people_company_id_other_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_different_people_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_different_people')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_different_people_company_id_id')),
    sa.UniqueConstraint('company_id', 'one_id', 'other_id', name=op.f('uq_different_people_company_id_one_id_other_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_different_people_company_other', 'different_people', ['company_id', 'other_id'], unique=False)

    op.create_table('duplicate_pairs',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('one_id', BigId, nullable=False),
    sa.Column('other_id', BigId, nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('rank', sa.Double(), nullable=False),
    sa.Column('by_file', sa.Boolean(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('found_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'one_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_duplicate_pairs_company_id_one_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id', 'other_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_duplicate_pairs_company_id_other_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_duplicate_pairs_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duplicate_pairs')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_duplicate_pairs_company_id_id')),
    sa.UniqueConstraint('company_id', 'one_id', 'other_id', name=op.f('uq_duplicate_pairs_company_id_one_id_other_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_duplicate_pairs_company_other', 'duplicate_pairs', ['company_id', 'other_id'], unique=False)
    op.create_index('ix_duplicate_pairs_company_rank', 'duplicate_pairs', ['company_id', 'rank', 'id'], unique=False)

    op.create_table('match_checks',
    sa.Column('candidate_id', BigId, autoincrement=False, nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_match_checks_company_id_candidate_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('candidate_id', name=op.f('pk_match_checks'))
    )
    op.create_index('ix_match_checks_company', 'match_checks', ['company_id', 'candidate_id'], unique=False)

    op.create_table('match_keys',
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('key', sa.BigInteger(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_match_keys_company_id_candidate_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('candidate_id', 'key', name=op.f('pk_match_keys'))
    )
    op.create_index('ix_match_keys_company_key', 'match_keys', ['company_id', 'key', 'candidate_id'], unique=False)

    op.create_table('merges',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('merged_id', BigId, nullable=False),
    sa.Column('erasure_key', sa.String(length=32), nullable=False),
    sa.Column('email_key', sa.String(length=254), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_merges_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_merges_company_id_candidate_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_merges_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merges')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_merges_company_id_id')),
    sa.UniqueConstraint('company_id', 'merged_id', name=op.f('uq_merges_company_id_merged_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_merges_company_candidate', 'merges', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_merges_email', 'merges', ['email_key'], unique=False)
    op.execute('INSERT INTO match_checks (candidate_id, company_id) SELECT id, company_id FROM candidates')


def _without_duplicates() -> None:
    on = ' ON candidates' if op.get_context().dialect.name == 'postgresql' else ''
    for name in ('match_checks_insert', 'match_checks_update'):
        op.execute(f'DROP TRIGGER IF EXISTS {name}{on}')
    if on:
        op.execute('DROP FUNCTION IF EXISTS relay_to_compare()')
    for table in ('merges', 'match_keys', 'match_checks', 'duplicate_pairs', 'different_people'):
        op.drop_table(table)


def _rules() -> None:
    op.create_table('tag_rules',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('condition', sa.String(length=200), nullable=False),
    sa.Column('tag_id', BigId, nullable=True),
    sa.Column('exit', sa.Enum('reapply', 'relay', 'scout', name='exit', native_enum=False, create_constraint=True, length=24), nullable=True),
    sa.Column('switched_on_at', UtcDateTime(), nullable=True),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('tag_id IS NOT NULL OR exit IS NOT NULL', name=op.f('ck_tag_rules_does_something')),
    sa.ForeignKeyConstraint(['company_id', 'by_user_id'], ['users.company_id', 'users.id'], name=op.f('fk_tag_rules_company_id_by_user_id')),
    sa.ForeignKeyConstraint(['company_id', 'tag_id'], ['tags.company_id', 'tags.id'], name=op.f('fk_tag_rules_company_id_tag_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_tag_rules_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tag_rules')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_tag_rules_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_tag_rules_company_on', 'tag_rules', ['company_id', 'switched_on_at'], unique=False)
    op.create_index('ix_tag_rules_company_tag', 'tag_rules', ['company_id', 'tag_id'], unique=False)
    op.create_table('rule_hits',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('rule_id', BigId, nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_rule_hits_company_id_candidate_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id', 'rule_id'], ['tag_rules.company_id', 'tag_rules.id'], name=op.f('fk_rule_hits_company_id_rule_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_rule_hits_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_hits')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_rule_hits_company_id_id')),
    sa.UniqueConstraint('company_id', 'rule_id', 'candidate_id', name=op.f('uq_rule_hits_company_id_rule_id_candidate_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_rule_hits_company_candidate', 'rule_hits', ['company_id', 'candidate_id'], unique=False)
    op.create_table('rule_checks',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_rule_checks_company_id_candidate_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_rule_checks_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_checks')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_rule_checks_company_id_id')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_rule_checks_company_candidate', 'rule_checks', ['company_id', 'candidate_id'], unique=False)
    op.create_index('ix_rule_checks_company_id', 'rule_checks', ['company_id', 'id'], unique=False)


GAPS = (
    ('ix_candidates_without_kana', 'candidates', 'id', "kana_key = ''"),
    ('ix_applications_without_reason', 'applications', 'candidate_id', "status = 'rejected' AND reason IS NULL"),
    ('ix_applications_open', 'applications', 'candidate_id', "status = 'open'"),
)


def _gaps() -> None:
    for name, table, column, condition in GAPS:
        where = sa.text(condition)
        op.create_index(name, table, ['company_id', column], sqlite_where=where, postgresql_where=where)


def _search_words() -> None:
    """Who is there already is found by readings in Latin letters too, once the worker has written their words anew."""
    now = datetime.now(timezone.utc)
    companies = op.get_bind().scalars(sa.text('SELECT id FROM companies')).all()
    op.bulk_insert(
        sa.table('jobs', *(sa.column(name) for name in ('kind', 'key', 'company_id', 'state', 'attempts', 'progress', 'total', 'last_error')),
            sa.column('payload', sa.JSON), sa.column('due_at', UtcDateTime()), sa.column('created_at', UtcDateTime())),
        [
            {'kind': 'search-words', 'key': f'search-words:0003:{company}', 'company_id': company, 'state': 'queued',
             'attempts': 0, 'progress': 0, 'total': 0, 'last_error': '', 'payload': {}, 'due_at': now, 'created_at': now}
            for company in companies
        ],
    )


def _without_gaps() -> None:
    for name, table, _column, _condition in GAPS:
        op.drop_index(name, table)
