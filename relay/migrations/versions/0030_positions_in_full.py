"""positions in full: state, contents, what a posting must say, the names they had before

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

STATES = ('open', 'paused', 'closed')
EMPLOYMENTS = ('regular', 'contract', 'part-time', 'dispatched', 'intern', 'outsourced', 'other')
PERIODS = ('year', 'month', 'day', 'hour')
TEXTS = ('description', 'required_skills', 'welcome_skills', 'required_qualifications', 'welcome_qualifications')
CHECKS = {
    'state': sa.column('state').in_(STATES),
    'employment': sa.column('employment').in_(EMPLOYMENTS),
    'salary_per': sa.column('salary_per').in_(PERIODS),
    'closed': "(state = 'closed') = (closed_at IS NOT NULL)",
    'headcount': 'headcount IS NULL OR headcount BETWEEN 1 AND 9999',
    'salary_from': 'salary_from IS NULL OR salary_from > 0',
    'salary_to': 'salary_to IS NULL OR salary_to >= coalesce(salary_from, 1)',
    'salary_has_a_period': 'salary_per IS NOT NULL OR (salary_from IS NULL AND salary_to IS NULL)',
}
ACTIONS = (
    'tagged', 'untagged', 'follow-up-set', 'tags-merged', 'tag-dropped', 'rule-applied', 'imported', 'merged', 'edited',
    'result-recorded',
)  # fmt: skip
MERGED = 'positions-merged'
OF_POSITION = 'ix_applications_company_position'


def _word(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=False, length=24)


def _actions(actions: tuple[str, ...]) -> None:
    with op.batch_alter_table('journal_entries') as batch:
        batch.drop_constraint(op.f('ck_journal_entries_action'), type_='check')
        batch.create_check_constraint(op.f('ck_journal_entries_action'), sa.column('action').in_(actions))


def upgrade() -> None:
    with op.batch_alter_table('positions') as batch:
        batch.add_column(sa.Column('state', _word('state', STATES), nullable=False, server_default='open'))
        batch.add_column(sa.Column('occupation_id', sa.Integer(), nullable=True))
        for name in TEXTS:
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=''))
        batch.add_column(sa.Column('place', sa.String(length=200), nullable=False, server_default=''))
        batch.add_column(sa.Column('employment', _word('employment', EMPLOYMENTS), nullable=True))
        batch.add_column(sa.Column('salary_per', _word('salary_per', PERIODS), nullable=True))
        batch.add_column(sa.Column('salary_from', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('salary_to', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('headcount', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('posting', sa.JSON(), nullable=False, server_default='{}'))
        batch.add_column(sa.Column('confirmed_on', sa.Date(), nullable=True))
    op.execute("UPDATE positions SET state = 'closed' WHERE closed_at IS NOT NULL")
    with op.batch_alter_table('positions') as batch:
        batch.alter_column('state', existing_type=_word('state', STATES), existing_nullable=False, server_default=None)
        for name in TEXTS:
            batch.alter_column(name, existing_type=sa.Text(), existing_nullable=False, server_default=None)
        batch.alter_column('place', existing_type=sa.String(200), existing_nullable=False, server_default=None)
        batch.alter_column('posting', existing_type=sa.JSON(), existing_nullable=False, server_default=None)
        for name, condition in CHECKS.items():
            batch.create_check_constraint(op.f(f'ck_positions_{name}'), condition)
        batch.create_index('ix_positions_company_state', ['company_id', 'state', 'id'], unique=False)
    op.create_table('former_titles',
    sa.Column('id', BigId, sa.Identity(always=False), nullable=False),
    sa.Column('position_id', BigId, nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('title_key', sa.String(length=200), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['companies.id'], name=op.f('fk_former_titles_company_id')),
    sa.ForeignKeyConstraint(['company_id', 'position_id'], ['positions.company_id', 'positions.id'], name=op.f('fk_former_titles_company_id_position_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_former_titles')),
    sa.UniqueConstraint('company_id', 'id', name=op.f('uq_former_titles_company_id_id')),
    sa.UniqueConstraint('company_id', 'title_key', name=op.f('uq_former_titles_company_id_title_key')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_former_titles_company_position', 'former_titles', ['company_id', 'position_id'], unique=False)
    op.drop_index(OF_POSITION, table_name='applications')
    op.create_index(OF_POSITION, 'applications', ['company_id', 'position_id', 'candidate_id'], unique=False)
    _actions((*ACTIONS, MERGED))


def downgrade() -> None:
    """Positions keep their titles and the day they were closed; a merge can no longer be taken back by one click."""
    merged = f"(SELECT id FROM journal_entries WHERE action = '{MERGED}')"  # noqa: S608  (a word of ours)
    op.execute(f'DELETE FROM bulk_runs WHERE entry_id IN {merged}')  # noqa: S608
    op.execute(f'DELETE FROM journal_images WHERE entry_id IN {merged}')  # noqa: S608
    op.execute(f"DELETE FROM journal_entries WHERE action = '{MERGED}'")  # noqa: S608
    _actions(ACTIONS)
    op.drop_index(OF_POSITION, table_name='applications')
    op.create_index(OF_POSITION, 'applications', ['company_id', 'position_id', 'id'], unique=False)
    op.drop_table('former_titles')
    with op.batch_alter_table('positions') as batch:
        batch.drop_index('ix_positions_company_state')
        for name in CHECKS:
            batch.drop_constraint(op.f(f'ck_positions_{name}'), type_='check')
        for name in ('confirmed_on', 'posting', 'headcount', 'salary_to', 'salary_from', 'salary_per', 'employment', 'place', *reversed(TEXTS), 'occupation_id', 'state'):
            batch.drop_column(name)
