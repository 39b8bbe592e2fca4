"""an act of writing to many is a row

Revision ID: 0015
Revises: 0014
"""

import json

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

REASONS = ('skills', 'comparison', 'filled', 'conditions', 'documents', 'other')
PURPOSES = (
    'relay', 'own-page', 'confirm-address', 'unsubscribe', 'practice', 'setup', 'invite', 'password', 'new-email',
    'own-page-session', 'choose-pin', 'agree-address',
)  # fmt: skip
STATES = "state IN ('scheduled', 'sending', 'sent') AND NOT practice"
OF_AN_ACT = "batch <> '' AND subject_kind <> 'sample' AND company_id IS NOT NULL"
LEFT = "NOT practice AND state <> 'draft' AND message_id NOT LIKE 'draft-%'"
"""What was queued in earnest: no draft, and none that was cancelled when its person was erased."""
KNOWN_REASONS = ', '.join(f"'{word}'" for word in REASONS)


def upgrade() -> None:
    op.create_table('message_batches',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('code', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.Enum('result', name='kind', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('state', sa.Enum('draft', 'discarded', 'sent', 'stopped', name='state', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('reason', _reason(True), nullable=True),
    sa.Column('template_id', BigId, nullable=True),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint("(sent_at IS NULL) = (state IN ('draft', 'discarded'))", name=op.f('ck_message_batches_sent_or_not')),
    sa.ForeignKeyConstraint(['company_id', 'template_id'], ['mail_templates.company_id', 'mail_templates.id'], name=op.f('fk_message_batches_company_id_template_id')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_message_batches_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message_batches')),
    sa.UniqueConstraint('company_id', 'code', name=op.f('uq_message_batches_company_id_code')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_message_batches_company_id_id')),
    sqlite_autoincrement=True
    )
    op.add_column('messages', sa.Column('once_per_subject', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('messages', sa.Column('batch_id', BigId, nullable=True))
    op.add_column('messages', sa.Column('reason', _reason(False), nullable=True))
    op.add_column('messages', sa.Column('template_id', BigId, nullable=True))
    op.add_column('messages', sa.Column('rejects', sa.Boolean(), nullable=True))
    _move_into_columns()
    op.drop_index('uq_messages_one_result', table_name='messages')
    with op.batch_alter_table('messages') as batch:
        batch.alter_column('once_per_subject', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch.drop_column('batch')
        batch.create_check_constraint(op.f('ck_messages_reason'), sa.column('reason').in_(REASONS))
        batch.create_foreign_key(op.f('fk_messages_company_id_batch_id'), 'message_batches', ['company_id', 'batch_id'], ['company_id', 'id'])
        batch.create_foreign_key(op.f('fk_messages_company_id_template_id'), 'mail_templates', ['company_id', 'template_id'], ['company_id', 'id'])
    op.create_index('ix_messages_company_batch', 'messages', ['company_id', 'batch_id', 'id'], unique=False)
    _only_one('uq_messages_once_per_subject', f'once_per_subject AND {STATES}')
    with op.batch_alter_table('tokens') as batch:
        batch.drop_constraint(op.f('ck_tokens_purpose'), type_='check')


def downgrade() -> None:
    """Acts are known by the word in their mails again, and what holds for all stands in each draft."""
    op.execute(f"DELETE FROM tokens WHERE purpose NOT IN ({', '.join(repr(word) for word in PURPOSES)})")  # noqa: S608
    with op.batch_alter_table('tokens') as batch:
        batch.create_check_constraint(op.f('ck_tokens_purpose'), sa.column('purpose').in_(PURPOSES))
    op.drop_index('uq_messages_once_per_subject', table_name='messages')
    op.drop_index('ix_messages_company_batch', table_name='messages')
    op.add_column('messages', sa.Column('batch', sa.String(length=36), nullable=False, server_default=''))
    _move_into_values()
    with op.batch_alter_table('messages') as batch:
        batch.alter_column('batch', existing_type=sa.String(length=36), existing_nullable=False, server_default=None)
        batch.drop_constraint(op.f('fk_messages_company_id_template_id'), type_='foreignkey')
        batch.drop_constraint(op.f('fk_messages_company_id_batch_id'), type_='foreignkey')
        batch.drop_constraint(op.f('ck_messages_reason'), type_='check')
        for name in ('rejects', 'template_id', 'reason', 'batch_id', 'once_per_subject'):
            batch.drop_column(name)
    _only_one('uq_messages_one_result', f"letter = 'result' AND {STATES}")
    op.drop_table('message_batches')


def _reason(checked: bool) -> sa.Enum:
    return sa.Enum(*REASONS, name='reason', native_enum=False, create_constraint=checked, length=24)


def _only_one(name: str, condition: str) -> None:
    op.create_index(name, 'messages', ['company_id', 'letter', 'subject_id'], unique=True, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _move_into_columns() -> None:
    """The acts first, then what each mail says of its own; nothing of it stays behind in the values."""
    all_template = f"CAST({_value('draft', 'all_template_id')} AS BIGINT)"
    op.execute(f"""
        INSERT INTO message_batches
            (company_id, code, kind, state, reason, template_id, by_user_id, created_at, sent_at)
        SELECT
            acts.company_id, acts.batch, 'result',
            CASE WHEN sent_at IS NOT NULL THEN CASE WHEN stopped > 0 THEN 'stopped' ELSE 'sent' END
                 WHEN drafts > 0 THEN 'draft' ELSE 'discarded' END,
            CASE WHEN reason IN ({KNOWN_REASONS}) THEN reason END,
            (SELECT kept.id FROM mail_templates AS kept
             WHERE kept.company_id = acts.company_id AND kept.id = acts.template_id),
            by_user_id, created_at, sent_at
        FROM (
            SELECT
                company_id, batch,
                MIN(created_at) AS created_at,
                MIN(CASE WHEN {LEFT} THEN created_at END) AS sent_at,
                SUM(CASE WHEN {LEFT} AND state = 'cancelled' THEN 1 ELSE 0 END) AS stopped,
                SUM(CASE WHEN state = 'draft' THEN 1 ELSE 0 END) AS drafts,
                MIN(by_user_id) AS by_user_id,
                MAX({_value('draft', 'all_reason')}) AS reason,
                MAX({all_template}) AS template_id
            FROM messages
            WHERE {OF_AN_ACT}
            GROUP BY company_id, batch
        ) AS acts
    """)  # noqa: S608  (words of ours)
    op.execute(f"""
        UPDATE messages SET batch_id = (
            SELECT acts.id FROM message_batches AS acts
            WHERE acts.company_id = messages.company_id AND acts.code = messages.batch
        ) WHERE {OF_AN_ACT}
    """)  # noqa: S608
    op.execute("UPDATE messages SET once_per_subject = TRUE WHERE letter = 'result'")
    reason = f"COALESCE({_value('draft', 'reason')}, {_value('reason')})"
    op.execute(f"""
        UPDATE messages SET
            reason = CASE WHEN {reason} IN ({KNOWN_REASONS}) THEN {reason} END,
            template_id = (
                SELECT kept.id FROM mail_templates AS kept
                WHERE kept.company_id = messages.company_id
                AND kept.id = CAST({_value('draft', 'template_id')} AS BIGINT)
            ),
            rejects = CASE
                WHEN {_is('true', 'draft', 'rejecting')} OR {_is('true', 'decided_here')} THEN TRUE
                WHEN {_is('false', 'draft', 'rejecting')} OR {_is('false', 'decided_here')} THEN FALSE
            END,
            "values" = {_values_without('draft', 'decided_here', 'reason')}
        WHERE letter = 'result' AND batch_id IS NOT NULL
    """)  # noqa: S608


def _move_into_values() -> None:
    op.execute("""
        UPDATE messages SET batch = (SELECT acts.code FROM message_batches AS acts WHERE acts.id = messages.batch_id)
        WHERE batch_id IS NOT NULL
    """)
    op.execute("UPDATE messages SET batch = 'sample-' || by_user_id WHERE state = 'draft' AND subject_kind = 'sample'")
    decided = {'decided_here': 'rejects', 'reason': 'reason'}
    op.execute(f"""
        UPDATE messages SET "values" = {_values_with(decided)}
        WHERE batch_id IS NOT NULL AND state <> 'draft' AND rejects IS NOT NULL
    """)  # noqa: S608
    acts = 'SELECT {} FROM message_batches AS acts WHERE acts.id = messages.batch_id'
    typed = _object({
        'reason': 'reason',
        'template_id': 'template_id',
        'remark': f"COALESCE({_value('ひとこと')}, '')",
        'sure': _list_of_none(),
        'all_reason': f"({acts.format('acts.reason')})",
        'all_template_id': f"({acts.format('acts.template_id')})",
    })
    op.execute(f"""
        UPDATE messages SET "values" = {_values_with({'draft': typed})}, message_id = 'draft-' || id || '-' || batch
        WHERE batch_id IS NOT NULL AND state = 'draft'
    """)  # noqa: S608


def _postgresql() -> bool:
    return op.get_bind().dialect.name == 'postgresql'


def _value(*path: str) -> str:
    """What stands in the values of a message, as text."""
    if _postgresql():
        return f"(\"values\" #>> '{{{','.join(path)}}}')"
    keys = '.'.join(json.dumps(key) for key in path)  # written as it is stored: SQLite compares names letter by letter
    return f"json_extract(\"values\", '$.{keys}')"


def _is(word: str, *path: str) -> str:
    if _postgresql():
        return f"COALESCE({_value(*path)} = '{word}', FALSE)"
    keys = '.'.join(f'"{key}"' for key in path)
    return f"COALESCE(json_type(\"values\", '$.{keys}') = '{word}', FALSE)"


def _values_without(*keys: str) -> str:
    if _postgresql():
        return '(CAST("values" AS jsonb)' + ''.join(f" - '{key}'" for key in keys) + ')::json'
    return 'json_remove("values", ' + ', '.join(f"'$.{key}'" for key in keys) + ')'


def _values_with(said: dict[str, str]) -> str:
    if _postgresql():
        return f'(CAST("values" AS jsonb) || {_object(said)})::json'
    pairs = ', '.join(f"'$.{key}', {_word_of(column)}" for key, column in said.items())
    return f'json_set("values", {pairs})'


def _object(said: dict[str, str]) -> str:
    build = 'jsonb_build_object' if _postgresql() else 'json_object'
    pairs = ', '.join(f"'{key}', {column}" for key, column in said.items())
    return f'{build}({pairs})'


def _list_of_none() -> str:
    return "'[]'::jsonb" if _postgresql() else "json('[]')"


def _word_of(column: str) -> str:
    """On SQLite a truth value is a number, and would be kept as one."""
    return "json(CASE WHEN rejects THEN 'true' ELSE 'false' END)" if column == 'rejects' else column
