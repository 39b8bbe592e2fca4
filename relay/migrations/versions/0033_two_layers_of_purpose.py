"""two layers of purpose: the selection record, who objected to it, months before contact, a company's own words

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

PURPOSES = ('selection', 'pool', 'provision')
WITH_RECORD = ('selection', 'pool', 'record', 'provision')
OBJECTED = 'ix_candidates_objected'


def _purposes(words: tuple[str, ...]) -> None:
    with op.batch_alter_table('purpose_texts') as batch:
        batch.drop_constraint(op.f('ck_purpose_texts_purpose'), type_='check')
        batch.create_check_constraint(op.f('ck_purpose_texts_purpose'), sa.column('purpose').in_(words))


def upgrade() -> None:
    """Nothing is switched on by it: the record orders nobody, and no company has a word or months of its own."""
    _purposes(WITH_RECORD)
    with op.batch_alter_table('companies') as batch:
        batch.add_column(sa.Column('record_use_since', sa.Date(), nullable=True))
        batch.add_column(sa.Column('reapply_months', sa.Integer(), nullable=True))
        batch.create_check_constraint(
            op.f('ck_companies_reapply_months'), 'reapply_months IS NULL OR reapply_months BETWEEN 1 AND 24'
        )
    op.add_column('candidates', sa.Column('record_objected_at', UtcDateTime(), nullable=True))
    op.create_index(
        OBJECTED,
        'candidates',
        ['company_id', 'email_key'],
        unique=False,
        sqlite_where=sa.text('record_objected_at IS NOT NULL'),
        postgresql_where=sa.text('record_objected_at IS NOT NULL'),
    )
    op.create_table('company_words',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('word', sa.String(length=30), nullable=False),
    sa.Column('word_key', sa.String(length=120), nullable=False),
    sa.Column('meaning', sa.String(length=30), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('by_user_id', BigId, nullable=True),
    sa.Column('company_id', BigId, nullable=False),
    sa.CheckConstraint('length(word_key) >= 2', name=op.f('ck_company_words_long_enough')),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_company_words_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company_words')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_company_words_company_id_id')),
    sa.UniqueConstraint('company_id', 'word_key', name=op.f('uq_company_words_company_id_word_key')),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    """A purpose that an earlier version does not know goes with its wordings; published texts go on naming the others."""
    op.drop_table('company_words')
    op.execute("DELETE FROM tokens WHERE purpose = 'objection'")
    op.drop_index(OBJECTED, table_name='candidates')
    op.drop_column('candidates', 'record_objected_at')
    with op.batch_alter_table('companies') as batch:
        batch.drop_constraint(op.f('ck_companies_reapply_months'), type_='check')
        batch.drop_column('reapply_months')
        batch.drop_column('record_use_since')
    op.execute("DELETE FROM purpose_texts WHERE purpose = 'record'")
    _purposes(PURPOSES)
    _name_no_record()


def _name_no_record() -> None:
    """An earlier version stops at the name of a purpose it does not know."""
    texts = sa.table('privacy_texts', sa.column('id', BigId), sa.column('sections', sa.JSON))
    for number, sections in op.get_bind().execute(sa.select(texts.c.id, texts.c.sections)).all():
        named = sections.get('purposes', {})
        if 'record' in named:
            kept = {name: version for name, version in named.items() if name != 'record'}
            op.get_bind().execute(texts.update().where(texts.c.id == number).values(sections=sections | {'purposes': kept}))
