"""people of a partner, and the words they are found by

Revision ID: 0038
Revises: 0037
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from relay.models.base import BigId, UtcDateTime
from relay.text.partner_words import word_row

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

STATES = ('new', 'contacted', 'interviewed', 'recommended', 'offered', 'joined', 'closed', 'guided', 'consulted', 'attending', 'completed')
UNOPENED = sa.text('opened_at IS NULL')
LAST = '\uffff'
RANK = '(CASE work_state ' + ' '.join(f"WHEN '{state}' THEN {rank}" for rank, state in enumerate(STATES)) + ' END)'
CHUNK_SIZE = 500
FTS_TABLE = """
CREATE VIRTUAL TABLE IF NOT EXISTS partner_people_fts USING fts5(
  body, partner, content='partner_people_words', content_rowid='person_id',
  tokenize='unicode61 remove_diacritics 0'
)
"""


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
    op.create_index('ix_partner_people_work', 'partner_people', ['partner_id', sa.text(RANK), 'id'], unique=False)
    op.create_index('ix_partner_people_profile', 'partner_people', ['profile_id'], unique=False)
    op.create_table('partner_people_words',
    sa.Column('person_id', BigId, autoincrement=False, nullable=False),
    sa.Column('consent_id', BigId, nullable=False),
    sa.Column('partner', sa.String(length=24), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('tsv', TSVECTOR().with_variant(sa.Text(), 'sqlite'), nullable=True),
    sa.Column('profile_id', BigId, nullable=False),
    sa.Column('partner_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['partner_people.id'], name=op.f('fk_partner_people_words_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_partner_people_words'))
    )
    _fill_words()
    op.create_index('ix_partner_people_words_partner', 'partner_people_words', ['partner_id', 'person_id'], unique=False)
    op.create_index('ix_partner_people_words_profile', 'partner_people_words', ['profile_id'], unique=False)
    if op.get_context().dialect.name == 'sqlite':
        op.execute(FTS_TABLE)
        op.execute("INSERT INTO partner_people_fts(partner_people_fts) VALUES ('rebuild')")
    else:
        op.create_index('ix_partner_people_words_tsv', 'partner_people_words', ['tsv'], postgresql_using='gin')
    for name in ('people_seen_at', 'people_news_since'):
        op.add_column('users', sa.Column(name, UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('users', schema=None) as batch:
        for name in ('people_news_since', 'people_seen_at'):
            batch.drop_column(name)
    if op.get_context().dialect.name == 'sqlite':
        op.execute('DROP TABLE partner_people_fts')
    op.drop_table('partner_people_words')
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


def _fill_words() -> None:
    """Tokens are made in Python, the same for both databases; a portion at a time."""
    connection = op.get_bind()
    vector = connection.dialect.name == 'postgresql'
    people = sa.text("""
        SELECT person.id, person.partner_id, person.profile_id, profiles.code, consents.id AS consent_id, consents.facts
        FROM partner_people AS person JOIN profiles ON profiles.id = person.profile_id
        JOIN consents ON consents.id = (SELECT max(consent_id) FROM shares
            WHERE shares.partner_id = person.partner_id AND shares.profile_id = person.profile_id)
        WHERE person.id > :after ORDER BY person.id LIMIT :most
    """)
    words = sa.text(f"""
        INSERT INTO partner_people_words (person_id, partner_id, profile_id, consent_id, partner, body, tsv)
        VALUES (:person_id, :partner_id, :profile_id, :consent_id, :partner, :body, {'CAST(:tsv AS tsvector)' if vector else ':tsv'})
    """)  # noqa: S608
    after = 0
    while found := connection.execute(people, {'after': after, 'most': CHUNK_SIZE}).all():
        connection.execute(words, [_words(row, vector=vector) for row in found])
        after = found[-1].id


def _words(row: sa.Row, *, vector: bool) -> dict[str, object]:
    facts = json.loads(row.facts) if isinstance(row.facts, str) else row.facts
    whose = {'person_id': row.id, 'partner_id': row.partner_id, 'profile_id': row.profile_id, 'consent_id': row.consent_id}
    return whose | word_row(row.partner_id, row.code, facts, vector=vector)
