"""lists in any order

Revision ID: 0057
Revises: 0055
"""

import sqlalchemy as sa
from alembic import op

from relay.models.base import BigId, UtcDateTime

revision = '0057'
down_revision = "0055"
branch_labels = None
depends_on = None

RESULTS = ('open', 'rejected', 'withdrew', 'duplicate', 'hired')
PENDING = "status = 'rejected' AND notified_at IS NULL"
RUNS_WITH_A_DATE = "status = 'open' AND retain_until IS NOT NULL"
NO_DAY, LAST, NO_SCORE = "'9999-12-31'", "'\uffff'", 99
STEPS = (
    (('内定', 'オファー'), 5),
    (('最終', '役員', '社長'), 4),
    (('二次', '三次', '2次', '3次', '２次', '３次', '部長'), 3),
    (('一次', '1次', '１次', '面接', '面談'), 2),
    (('書類', '応募', 'エントリー'), 1),
)
CASES = ' '.join(
    'WHEN ' + ' OR '.join(f"a.stage LIKE '%{word}%'" for word in words) + f" THEN '{place}'" for words, place in STEPS
)
STEP = f"CASE WHEN a.stage = '' THEN {LAST} ELSE CASE {CASES} ELSE '6' END || a.stage END"
NAMED = f"CASE WHEN c.kana_key <> '' THEN c.kana_key ELSE {LAST} || c.name_key END"
APPLIED = f'coalesce(a.applied_on, {NO_DAY})'
NEWEST = 'FROM applications a WHERE a.company_id = c.company_id AND a.candidate_id = c.id ORDER BY a.id DESC LIMIT 1'
CHANGED = f'coalesce((SELECT a.updated_at {NEWEST}), c.updated_at)'
ORDERS = {
    'applied': 'applied_on', 'name': 'name_order', 'score': 'score', 'stage': 'stage_order', 'until': 'retain_until',
    'updated': 'updated_at',
}  # fmt: skip
TRIGGERS = {
    'applications': (
        'listed_applications_insert', 'listed_applications_update', 'applications_counted_insert',
        'applications_counted_update', 'applications_counted_delete', 'candidate_orders_applications_insert',
        'candidate_orders_applications_update', 'candidate_orders_applications_delete',
    ),
    'application_steps': (
        'candidate_orders_application_steps_insert', 'candidate_orders_application_steps_update',
        'candidate_orders_application_steps_delete',
    ),
    'candidates': ('listed_applications_person', 'candidate_orders_insert', 'candidate_orders_update'),
}  # fmt: skip
FUNCTIONS = ('relay_order_candidates', 'relay_order_related')


def upgrade() -> None:
    """Make what triggers keep from what is there; they are made anew when the migration ends (env.py)."""
    op.create_index('ix_applications_company_applied', 'applications', ['company_id', 'applied_on', 'candidate_id'], unique=False)
    op.drop_table('listed_applications')
    _listed(_columns())
    op.execute(f"""
        INSERT INTO listed_applications (application_id, candidate_id, company_id, position_id, stage, status, retain_until,
            applied_on, name_order, stage_order)
        SELECT a.id, a.candidate_id, a.company_id, coalesce(a.position_id, 0), a.stage, a.status, c.retain_until,
            {APPLIED}, {NAMED}, {STEP}
        FROM applications a JOIN candidates c ON c.id = a.candidate_id
        WHERE a.status = 'open' OR c.basis = 'selection'
    """)  # noqa: S608
    _index()
    for name, column in (('applied', 'applied_on'), ('name', 'name_order'), ('step', 'stage_order')):
        op.create_index(f'ix_listed_applications_{name}', 'listed_applications', ['company_id', column, 'application_id'], unique=False)
    op.create_index('ix_listed_applications_until', 'listed_applications', ['company_id', sa.text(f'coalesce(retain_until, {NO_DAY})'), 'application_id'], unique=False)
    op.create_table('candidate_orders',
    sa.Column('candidate_id', BigId, autoincrement=False, nullable=False),
    sa.Column('in_pool', sa.Boolean(), nullable=False),
    sa.Column('applied_on', sa.Date(), nullable=False),
    sa.Column('name_order', _sorted(), nullable=False),
    sa.Column('stage_order', _sorted(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('retain_until', sa.Date(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'candidate_id'], ['candidates.company_id', 'candidates.id'], name=op.f('fk_candidate_orders_company_id_candidate_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('candidate_id', name=op.f('pk_candidate_orders'))
    )
    op.execute(f"""
        INSERT INTO candidate_orders (candidate_id, company_id, in_pool, applied_on, name_order, stage_order, score,
            retain_until, updated_at)
        SELECT c.id, c.company_id, c.basis <> 'selection', coalesce((SELECT {APPLIED} {NEWEST}), {NO_DAY}), {NAMED},
            coalesce((SELECT {STEP} {NEWEST}), {LAST}),
            coalesce((SELECT max(s.score) FROM application_steps s
                WHERE s.company_id = c.company_id AND s.candidate_id = c.id), {NO_SCORE}),
            coalesce(c.retain_until, {NO_DAY}), CASE WHEN {CHANGED} > c.updated_at THEN {CHANGED} ELSE c.updated_at END
        FROM candidates c
    """)  # noqa: S608
    for name, column in ORDERS.items():
        op.create_index(f'ix_candidate_orders_{name}', 'candidate_orders', ['company_id', 'in_pool', column, 'candidate_id'], unique=False)
    _count()


def downgrade() -> None:
    """Keep the list of 選考 without its orders."""
    on_postgresql = op.get_context().dialect.name == 'postgresql'
    for table, names in TRIGGERS.items():
        for name in names:
            op.execute(f'DROP TRIGGER IF EXISTS {name}' + (f' ON {table}' if on_postgresql else ''))
    op.drop_table('candidate_orders')
    for name in FUNCTIONS if on_postgresql else ():
        op.execute(f'DROP FUNCTION IF EXISTS {name}()')
    op.drop_table('listed_applications')
    _listed([])
    op.execute("""
        INSERT INTO listed_applications (application_id, candidate_id, company_id, position_id, stage, status, retain_until)
        SELECT a.id, a.candidate_id, a.company_id, coalesce(a.position_id, 0), a.stage, a.status, c.retain_until
        FROM applications a JOIN candidates c ON c.id = a.candidate_id
        WHERE a.status = 'open' OR c.basis = 'selection'
    """)
    _index()
    op.drop_index('ix_applications_company_applied', table_name='applications')


def _listed(columns: list[sa.Column]) -> None:
    op.create_table('listed_applications',
    sa.Column('application_id', BigId, autoincrement=False, nullable=False),
    sa.Column('candidate_id', BigId, nullable=False),
    sa.Column('position_id', BigId, nullable=False),
    sa.Column('stage', sa.String(length=100), nullable=False),
    sa.Column('status', sa.Enum(*RESULTS, name='status', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('retain_until', sa.Date(), nullable=True),
    *columns,
    sa.Column('company_id', BigId, nullable=False),
    sa.ForeignKeyConstraint(['company_id', 'application_id'], ['applications.company_id', 'applications.id'], name=op.f('fk_listed_applications_company_id_application_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_listed_applications'))
    )


def _columns() -> list[sa.Column]:
    return [
        sa.Column('applied_on', sa.Date(), nullable=False),
        sa.Column('name_order', _sorted(), nullable=False),
        sa.Column('stage_order', _sorted(), nullable=False),
    ]


def _index() -> None:
    op.create_index('ix_listed_applications_company', 'listed_applications', ['company_id', 'application_id'], unique=False)
    for name in ('position', 'status', 'stage'):
        column = 'position_id' if name == 'position' else name
        op.create_index(f'ix_listed_applications_{name}', 'listed_applications', ['company_id', column, 'application_id'], unique=False)
    op.create_index('ix_listed_applications_dated', 'listed_applications', ['company_id', 'retain_until', 'candidate_id'], unique=False, sqlite_where=sa.text(RUNS_WITH_A_DATE), postgresql_where=sa.text(RUNS_WITH_A_DATE))


def _count() -> None:
    """Count anew: below this revision nothing counts what a migration changes."""
    into = 'INSERT INTO application_counts (company_id, position_id, stage, status, listed, pending, n)'
    op.execute('DELETE FROM application_counts')
    op.execute(f"""
        {into} SELECT company_id, coalesce(position_id, 0), stage, status, FALSE, ({PENDING}), count(*)
        FROM applications GROUP BY 1, 2, 3, 4, 6
    """)  # noqa: S608
    op.execute(f"""
        {into} SELECT company_id, position_id, stage, status, TRUE, FALSE, count(*)
        FROM listed_applications GROUP BY 1, 2, 3, 4
    """)  # noqa: S608


def _sorted() -> sa.types.TypeEngine[str]:
    return sa.String(length=202).with_variant(sa.String(length=202, collation='C'), 'postgresql')
