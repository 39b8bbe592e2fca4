"""a result and a step recorded by hand

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

KINDS = ('documents', 'first', 'second', 'final', 'offer', 'other')
ACTS = ('tagged', 'untagged', 'exit-set', 'tags-merged', 'tag-dropped', 'rule-applied', 'imported', 'merged', 'edited')
RECORDED = 'result-recorded'


def _acts(acts: tuple[str, ...]) -> None:
    with op.batch_alter_table('journal_entries') as batch:
        batch.drop_constraint(op.f('ck_journal_entries_act'), type_='check')
        batch.create_check_constraint(op.f('ck_journal_entries_act'), sa.column('act').in_(acts))


def upgrade() -> None:
    kind = sa.Enum(*KINDS, name='kind', native_enum=False, create_constraint=False, length=24)
    with op.batch_alter_table('application_steps') as batch:
        batch.add_column(sa.Column('kind', kind, nullable=True))
        batch.create_check_constraint(op.f('ck_application_steps_kind'), sa.column('kind').in_(KINDS))
    _acts((*ACTS, RECORDED))


def downgrade() -> None:
    """The steps stay under the company's word; what was recorded can no longer be taken back by one click."""
    recorded = f"(SELECT id FROM journal_entries WHERE act = '{RECORDED}')"  # noqa: S608  (a word of ours)
    op.execute(f'DELETE FROM journal_images WHERE entry_id IN {recorded}')  # noqa: S608
    op.execute(f"DELETE FROM journal_entries WHERE act = '{RECORDED}'")  # noqa: S608
    _acts(ACTS)
    with op.batch_alter_table('application_steps') as batch:
        batch.drop_constraint(op.f('ck_application_steps_kind'), type_='check')
        batch.drop_column('kind')
